"""Changes to text that a parser is likely to stumble over: values of other kinds, of other sizes, in other places."""

import json
import re
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import yaml

TOKEN = re.compile(rb"\"[^\"\n]*\"|[A-Za-z_][\w./]*|-?[\d.]+|[^\s\w]|\s+")
NASTY = (
    b"null",
    b"true",
    b"[]",
    b"{}",
    b'""',
    b"-1",
    b"0",
    b"1",
    b"1e999",
    b"-1e308",
    b"NaN",
    b"Infinity",
    b".nan",
    b".inf",
    b"9" * 30,
    b"1" + b"0" * 400,
    b"0x" + b"f" * 90,
    b"9223372036854775808",
    b"2147483648",
    b"1:2:3",
    b"2001-13-45",
    b'"\\ud800"',
    b'"\\u0000"',
    b'"../../etc/passwd"',
    b'"/etc/passwd"',
    b'"' + b"a" * 300 + b'"',
    b'"<script>"',
    b"[[[[[[[[[[1]]]]]]]]]]",
    b"[" * 30,
    b'{"a":' * 30,
    b"&a [*a]",
    b"*a",
    b"!!bool x",
    b"!!timestamp x",
    b"!!int ''",
    b"!!python/object/apply:os.system [id]",
    b"? [a] : b",
    b"<<: *c",
    b"\xff\xfe",
    b"\x00",
    b"\xe2\x80\xa8",
    b"- ",
    b"'",
)


VALUES: tuple[Any, ...] = (
    None,
    True,
    False,
    [],
    {},
    "",
    "x",
    0,
    1,
    -1,
    2,
    0.5,
    -0.0,
    1e300,
    -1e15,
    float("nan"),
    float("inf"),
    2**31,
    2**63,
    10**400,
    "../up.png",
    "/etc/passwd",
    "a\0b",
    "\ud800",
    "9" * 300,
    "1",
    "wheel_FL",
    "<b>\n",
    [[1, 2], [3]],
    [1, 2, 3, 4],
    {"a": 1},
    {"size": [40, 60], "counts": "abc"},
    {"size": [40, 60], "counts": [2400]},
    [0.5] * 18,
    59,
    60,
    40,
    1000,
    "sky",
    "train",
)


def mutated(data: bytes, seed: int) -> bytes:
    """`data` with one to four changes; the same for the same seed. Most changes leave JSON and YAML what they are."""
    rng = np.random.default_rng(seed)
    if rng.random() < 0.7:
        head, load, dump = _language(data)
        try:
            return data[:head] + dump(_other_values(load(data[head:]), rng)).encode(errors="surrogatepass")
        except (yaml.YAMLError, LookupError, AttributeError, TypeError, ValueError, RecursionError):
            pass  # it has been damaged before
    for _ in range(int(rng.integers(1, 5))):
        data = _by_byte(data, rng) if rng.random() < 0.2 else _by_token(data, rng)
    return data


def _language(data: bytes) -> tuple[int, Callable[[bytes], Any], Callable[[Any], str]]:
    """Where the text begins, and how it is read and written: inputs for indexes begin with a byte of their own."""
    if data[:1] == b"{" or data[1:2] == b"{":
        return int(data[:1] != b"{"), json.loads, json.dumps
    return 0, yaml.safe_load, partial(yaml.safe_dump, default_flow_style=None)


def _other_values(value: Any, rng: np.random.Generator) -> Any:
    """Plain values with one to three of its values replaced, left out, or put in another's place."""
    for _ in range(int(rng.integers(1, 4))):
        places = list(_places(value))
        if not places:
            break
        parent, key = places[int(rng.integers(len(places)))]
        kind = rng.random()
        if kind < 0.15:
            del parent[key]
        elif kind < 0.35:
            other, its_key = places[int(rng.integers(len(places)))]
            parent[key] = json.loads(json.dumps(other[its_key])) if its_key in other or isinstance(other, list) else 0
        else:
            parent[key] = json.loads(json.dumps(VALUES[int(rng.integers(len(VALUES)))]))
    return value


def _places(value: Any) -> Any:
    """(container, key) of every value below."""
    for key, child in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        yield value, key
        yield from _places(child)


def _by_byte(data: bytes, rng: np.random.Generator) -> bytes:
    place = int(rng.integers(0, len(data) + 1))
    change = bytes([int(rng.integers(0, 256))])
    return data[:place] + change + data[place + int(rng.integers(0, 2)) :]


def _by_token(data: bytes, rng: np.random.Generator) -> bytes:
    """One token is replaced by a nasty one or by another token, left out, doubled, or cut off with all that follows."""
    spans = [found.span() for found in TOKEN.finditer(data)]
    if not spans:
        return NASTY[int(rng.integers(len(NASTY)))]
    start, end = spans[int(rng.integers(len(spans)))]
    other = slice(*spans[int(rng.integers(len(spans)))])
    replacements = (NASTY[int(rng.integers(len(NASTY)))], data[other], b"", 2 * data[start:end])
    kind = int(rng.choice(5, p=(0.5, 0.2, 0.14, 0.14, 0.02)))
    return data[:start] if kind == 4 else data[:start] + replacements[kind] + data[end:]
