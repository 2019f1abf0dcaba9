"""Whatever happens to a worker, the others' images are there, and the user hears which are not and why."""

import json
import re
from pathlib import Path

import pytest

from pipeline.errors import DatasetError, RenderError
from pipeline.generate import FarmOptions, generate_dataset
from pipeline.quarantine import quarantined_shots
from pipeline.record import finished_shots
from tests.farm.conftest import FAKE_COMMAND, Mischief, digest, fake_spec


@pytest.fixture(scope="module")
def unbroken(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("pipeline.generate.WORKER_COMMAND", FAKE_COMMAND)
        folder = tmp_path_factory.mktemp("unbroken") / "d"
        generate_dataset(fake_spec(), folder, workers=1)
        return digest(folder)


@pytest.mark.parametrize("kind", ["crash", "kill", "raise", "exit"])
def test_a_fault_that_comes_once_leaves_no_trace(
    kind: str, unbroken: dict[str, str], mischief: Mischief, tmp_path: Path
):
    mischief({"5": f"{kind} once"})
    summary = generate_dataset(fake_spec(), tmp_path / "d", workers=2)
    assert (tmp_path / "mischief.json.5.done").exists()
    assert summary.rendered == 12
    assert digest(tmp_path / "d") == unbroken


@pytest.mark.parametrize(
    ("kind", "told"),
    [
        ("crash", "the worker died of SIGSEGV"),
        ("kill", "the worker was killed by SIGKILL; was there too little memory"),
        ("raise", "ValueError: the bonnet is inside out"),
        ("exit", "the worker ended with exit code 7"),
    ],
)
def test_a_shot_that_always_fails_is_set_aside_with_plan_and_log(
    kind: str, told: str, unbroken: dict[str, str], mischief: Mischief, tmp_path: Path
):
    mischief({"4": kind, "9": kind})
    with pytest.raises(RenderError, match=rf"2 of 12 images failed, all others are done: 4, 9; the first: {told}"):
        generate_dataset(fake_spec(), tmp_path / "d", workers=2)
    assert finished_shots(tmp_path / "d") == set(range(12)) - {4, 9}
    assert quarantined_shots(tmp_path / "d") == {4, 9}
    note = json.loads((tmp_path / "d" / "quarantine" / "000004.json").read_text())
    assert told in note["error"]
    assert note["shot"]["index"] == 4
    assert "rendering 4" in (tmp_path / "d" / "quarantine" / "000004.log").read_text()
    assert not (tmp_path / "d" / "annotations.json").exists()
    mischief({})
    generate_dataset(fake_spec(), tmp_path / "d", workers=2)
    assert digest(tmp_path / "d") == unbroken
    assert not (tmp_path / "d" / "quarantine").exists()


def test_a_crash_leaves_the_stack_in_the_log(mischief: Mischief, tmp_path: Path):
    mischief({"0": "crash"})
    with pytest.raises(RenderError):
        generate_dataset(fake_spec(), tmp_path / "d", workers=1)
    log = (tmp_path / "d" / "quarantine" / "000000.log").read_text()
    assert "Segmentation fault" in log
    assert "fake_worker.py" in log


def test_a_shot_that_hangs_is_given_up_and_its_log_says_where(mischief: Mischief, tmp_path: Path):
    mischief({"3": "hang"})
    options = FarmOptions(workers=2, timeout_s=1.5)
    with pytest.raises(RenderError, match=r"1 of 12 images failed, all others are done: 3; .*took longer than 1.5 s"):
        generate_dataset(fake_spec(), tmp_path / "d", options=options)
    assert "fake_worker.py" in (tmp_path / "d" / "quarantine" / "000003.log").read_text()


def test_a_worker_that_stops_answering_is_killed(mischief: Mischief, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Its own watch cannot end it: it has been stopped."""
    monkeypatch.setattr("pipeline.worker_process.GRACE_S", 0.5)
    mischief({"2": "stop once"})
    summary = generate_dataset(fake_spec(), tmp_path / "d", options=FarmOptions(workers=1, timeout_s=4))
    assert (tmp_path / "mischief.json.2.done").exists()
    assert summary.rendered == 12


def test_a_full_disk_stops_at_once_and_making_room_goes_on(
    unbroken: dict[str, str], mischief: Mischief, tmp_path: Path
):
    mischief({"6": "full disk"})
    with pytest.raises(DatasetError, match="No space left on device; what is finished is kept"):
        generate_dataset(fake_spec(), tmp_path / "d", workers=1)
    assert finished_shots(tmp_path / "d") == set(range(6))
    assert not (tmp_path / "d" / "quarantine").exists()
    mischief({})
    assert generate_dataset(fake_spec(), tmp_path / "d", workers=1).found == 6
    assert digest(tmp_path / "d") == unbroken


def test_a_folder_that_may_not_be_written_is_named(mischief: Mischief, tmp_path: Path):
    mischief({"1": "not allowed"})
    with pytest.raises(
        DatasetError, match=r"images/000001\.png cannot be written: Permission denied; what is finished"
    ):
        generate_dataset(fake_spec(), tmp_path / "d", workers=1)
    assert finished_shots(tmp_path / "d") == {0}


def test_a_disk_that_is_full_when_a_shot_fails_is_the_reason(
    mischief: Mischief, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """Blender says only that it could not save."""
    monkeypatch.setattr("pipeline.farm.MIN_FREE_BYTES", 2**62)
    mischief({"1": "raise"})
    with pytest.raises(DatasetError, match="the disk is full"):
        generate_dataset(fake_spec(), tmp_path / "d", workers=1)
    assert not (tmp_path / "d" / "quarantine").exists()


def test_workers_that_do_not_come_up_are_not_started_for_ever(mischief: Mischief, tmp_path: Path):
    mischief({"start": "raise"})
    with pytest.raises(RenderError, match="no render worker comes up: ValueError: the bonnet is inside out"):
        generate_dataset(fake_spec(images=400), tmp_path / "d", workers=2)


def test_a_farm_in_which_nothing_works_gives_up(mischief: Mischief, tmp_path: Path):
    mischief({"all": "raise"})
    with pytest.raises(RenderError, match="the first 8 images all failed: ValueError"):
        generate_dataset(fake_spec(images=400), tmp_path / "d", workers=1)


def test_a_worker_is_replaced_after_its_images_and_when_it_is_too_large(
    unbroken: dict[str, str], mischief: Mischief, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    options = FarmOptions(workers=1, images_per_worker=5, json_lines=True)
    generate_dataset(fake_spec(), tmp_path / "counted", options=options)
    assert [m["why"] for m in _events(capsys, "ended")] == ["it has rendered 5 images"] * 2 + ["nothing is left to do"]
    assert digest(tmp_path / "counted") == unbroken
    mischief({"3": "grow"})
    options = FarmOptions(workers=1, memory_mb=350, json_lines=True)
    generate_dataset(fake_spec(), tmp_path / "large", options=options)
    first, last = [m["why"] for m in _events(capsys, "ended")]
    assert re.fullmatch(r"it uses \d+ MB of 350", first)
    assert last == "nothing is left to do"
    assert digest(tmp_path / "large") == unbroken


def _events(capsys: pytest.CaptureFixture[str], kind: str) -> list[dict]:
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    return [line for line in lines if line["event"] == kind]
