"""Randomness as an argument: one independent stream per (seed, index, name)."""

import hashlib

import numpy as np


def stream_key(name: str) -> int:
    """A stable 32-bit key for a stream's name (Python's own hash() differs between processes)."""
    return int.from_bytes(hashlib.blake2b(name.encode(), digest_size=4).digest(), "little")


def stream_rng(seed: int, index: int, stream: str) -> np.random.Generator:
    """The generator of one stream of one item.

    Streams are independent (numpy's SeedSequence spawning): drawing more numbers from one, or adding a new
    one, changes no other.
    """
    return np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(index, stream_key(stream))))
