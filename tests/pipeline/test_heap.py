"""Freed memory goes back to the system."""

import sys

import numpy as np
import psutil
import pytest

from pipeline.heap import give_back_freed

BLOCK, BLOCKS = 64 * 1024, 3200


@pytest.mark.skipif(sys.platform != "linux", reason="only glibc has malloc_trim")
def test_memory_below_a_block_in_use_is_given_back() -> None:
    blocks = [np.ones(BLOCK, dtype=np.uint8) for _ in range(BLOCKS)]
    pins = blocks[::100] + blocks[-1:]
    del blocks
    before = psutil.Process().memory_info().rss
    give_back_freed()
    assert before - psutil.Process().memory_info().rss > 0.8 * BLOCK * BLOCKS
    assert all(pin.all() for pin in pins)
