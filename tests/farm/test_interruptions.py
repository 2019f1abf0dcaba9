"""However `akd generate` ends, the same command goes on, and the dataset is that of an unbroken run."""

import contextlib
import functools
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest
import yaml

from pipeline.generate import generate_dataset
from pipeline.record import finished_shots
from tests.conftest import ROOT
from tests.farm.conftest import SPEC, Mischief, digest, fake_spec

DEADLINE_S = 60.0
LASTING = {"all": "slow", **{str(index): "very slow" for index in range(6, 12)}}
"""It lasts so long that tests on a slow machine come in time."""


def begin(tmp_path: Path, *options: str, ignored: tuple[signal.Signals, ...] = ()) -> subprocess.Popen[str]:
    """`akd generate` into tmp_path/d, in a process of its own."""
    (tmp_path / "fake.yaml").write_text(yaml.safe_dump(SPEC))
    command = [sys.executable, "-m", "tests.farm.fake_akd", "generate", str(tmp_path / "fake.yaml")]
    return subprocess.Popen(
        [*command, "-o", str(tmp_path / "d"), *options],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=functools.partial(set_signals, ignored),
    )


def set_signals(ignored: tuple[signal.Signals, ...]) -> None:
    """As a terminal starts a program, whoever runs the tests: a shell's background job, nohup."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN if number in ignored else signal.SIG_DFL)


def go_on(tmp_path: Path) -> None:
    process = begin(tmp_path)
    _, told = process.communicate(timeout=DEADLINE_S)
    assert process.returncode == 0, told


def done(tmp_path: Path) -> int:
    return len(finished_shots(tmp_path / "d"))


def until(true: Callable[[], object]) -> None:
    deadline = time.monotonic() + DEADLINE_S
    while not true():
        assert time.monotonic() < deadline, "it never came true"
        time.sleep(0.01)


def workers_of(process: subprocess.Popen[str]) -> list[psutil.Process]:
    return [one for one in psutil.Process(process.pid).children() if "tests.farm.fake_worker" in one.cmdline()]


@pytest.fixture
def unbroken(tmp_path: Path) -> dict[str, str]:
    generate_dataset(fake_spec(), tmp_path / "unbroken", workers=1)
    return digest(tmp_path / "unbroken")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGKILL])
def test_a_signal_ends_the_run_and_its_workers_and_it_can_go_on(
    number: signal.Signals, tmp_path: Path, mischief: Mischief, unbroken: dict[str, str]
):
    mischief(LASTING)
    process = begin(tmp_path, "--workers", "2")
    until(lambda: done(tmp_path) >= 3)
    workers = workers_of(process)
    process.send_signal(number)
    _, told = process.communicate(timeout=DEADLINE_S)
    if number != signal.SIGKILL:
        assert process.returncode == 1
        assert "interrupted; generate and demo go on where they were" in told
        assert json.loads((tmp_path / "d" / ".akd" / "progress.json").read_text())["state"] == "stopped"
    assert 0 < len(workers) <= 2
    psutil.wait_procs(workers, timeout=10)
    assert not [one for one in workers if one.is_running()], "workers do not outlive the run"
    assert not (tmp_path / "d" / "annotations.json").exists()
    mischief({})
    go_on(tmp_path)
    assert digest(tmp_path / "d") == unbroken


def test_under_nohup_it_outlives_the_terminal(tmp_path: Path, mischief: Mischief, unbroken: dict[str, str]):
    mischief({"all": "slow"})
    process = begin(tmp_path, "--workers", "2", ignored=(signal.SIGHUP,))
    until(lambda: done(tmp_path) >= 3)
    process.send_signal(signal.SIGHUP)
    _, told = process.communicate(timeout=DEADLINE_S)
    assert process.returncode == 0, told
    assert digest(tmp_path / "d") == unbroken


def test_a_second_run_into_the_folder_is_turned_away(tmp_path: Path, mischief: Mischief):
    mischief(LASTING)
    process = begin(tmp_path, "--workers", "1")
    until(lambda: finished_shots(tmp_path / "d"))
    second = begin(tmp_path)
    _, told = second.communicate(timeout=DEADLINE_S)
    assert second.returncode == 1
    assert told == f"akd: {tmp_path / 'd'}: another akd generate is at work in it; wait for it, or stop it\n"
    process.terminate()
    process.communicate(timeout=DEADLINE_S)


def further(process: subprocess.Popen[str], tmp_path: Path, before: int) -> bool:
    return process.poll() is not None or done(tmp_path) > before


def test_killed_again_and_again_it_ends_with_the_same_dataset(
    tmp_path: Path, mischief: Mischief, unbroken: dict[str, str]
):
    """Workers are killed at random, and the run itself several times."""
    mischief({"all": "slow"})
    chance, killed = random.Random(5), 0
    for _ in range(3):
        process, before = begin(tmp_path, "--workers", "2"), done(tmp_path)
        until(functools.partial(further, process, tmp_path, before))
        for worker in workers_of(process):
            if chance.random() < 0.7:
                killed += 1
                with contextlib.suppress(psutil.NoSuchProcess):
                    worker.send_signal(signal.SIGKILL)
        until(functools.partial(further, process, tmp_path, before + 1))
        process.kill()
        process.communicate()
    assert killed > 0
    go_on(tmp_path)
    assert digest(tmp_path / "d") == unbroken


def test_what_was_half_written_does_not_count(tmp_path: Path, unbroken: dict[str, str]):
    """An image without its record is one that was killed between the two."""
    generate_dataset(fake_spec(), tmp_path / "d", workers=1)
    (tmp_path / "d" / "shots" / "000004.json").unlink()
    (tmp_path / "d" / "images" / "000004.png").write_bytes(b"half")
    (tmp_path / "d" / "images" / f".000007.png.{os.getpid()}.tmp").write_bytes(b"half")
    assert generate_dataset(fake_spec(), tmp_path / "d", workers=1).rendered == 1
    assert digest(tmp_path / "d") == unbroken
