"""A batch job gets the cores it was given."""

import os

import pytest

from pipeline.cores import usable_cores


def test_what_is_said_outright_counts(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PYTHON_CPU_COUNT", "3")
    assert usable_cores() == 3


@pytest.mark.parametrize("said", ["", "0", "default", "-2"])
def test_what_is_no_number_does_not(said: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PYTHON_CPU_COUNT", said)
    assert 1 <= usable_cores() <= (os.cpu_count() or 1)


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="only Linux binds processes to cores")
def test_a_bound_process_has_fewer(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("PYTHON_CPU_COUNT", raising=False)
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(before)})
    try:
        assert usable_cores() == 1
    finally:
        os.sched_setaffinity(0, before)


def test_where_affinity_is_unknown_the_machine_counts(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("PYTHON_CPU_COUNT", raising=False)
    monkeypatch.delattr(os, "sched_getaffinity", raising=False)
    assert usable_cores() == (os.cpu_count() or 1)
