"""A few hundred seeded inputs for each parser; `python -m tests.fuzz` feeds a hundred thousand."""

from pathlib import Path

import pytest

from pipeline.errors import AkdError
from tests.fuzz.mutate import mutated
from tests.fuzz.targets import TARGETS

INPUTS = {"spec": 60, "sidecar": 80, "coco": 150, "index": 120}


@pytest.mark.parametrize("name", TARGETS)
def test_only_our_own_errors_come_out(name: str, tmp_path: Path):
    target = TARGETS[name]
    seeds = target.seeds(tmp_path)
    messages = []
    for number in range(INPUTS[name]):
        try:
            target.feed(mutated(seeds[number % len(seeds)], number), tmp_path)
        except AkdError as error:
            messages.append(str(error))
    assert all(text.strip() and "\n" not in text for text in messages), "an error is one line"
    assert len(messages) > INPUTS[name] // 3, "the changes must break something"


@pytest.mark.parametrize("name", TARGETS)
def test_the_seeds_are_sound(name: str, tmp_path: Path):
    target = TARGETS[name]
    fed = [data for data in target.seeds(tmp_path) if not _refused(target.feed, data, tmp_path)]
    assert fed, "a fuzzer that begins with nothing sound finds nothing"


def _refused(feed: object, data: bytes, folder: Path) -> bool:
    try:
        feed(data, folder)  # type: ignore[operator]
    except AkdError:
        return True
    return False
