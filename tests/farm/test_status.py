"""What a user hears while a dataset renders, and afterwards."""

import json
import time
from pathlib import Path

import pytest

from pipeline.dataset_folder import only_writer
from pipeline.errors import DatasetError, RenderError
from pipeline.farm_events import Ended, Quarantined, Ready, Rendered, Retried, as_json, from_json
from pipeline.generate import FarmOptions, generate_dataset
from pipeline.progress import Progress, StatusFile, status_path
from pipeline.shards import Shard
from pipeline.status import dataset_status
from tests.farm.conftest import Mischief, fake_spec


def progress_of_two() -> Progress:
    progress = Progress(total=10, found=3)
    progress(Ready(7, "CPU, 1 thread"))
    progress(Rendered(3, 7, {"render": 3.0, "scene": 1.0}, 512.0))
    progress(Rendered(4, 7, {"render": 5.0, "scene": 1.0}, 600.0))
    return progress


def test_progress_counts_images_time_and_memory():
    progress = progress_of_two()
    assert (progress.done, progress.rendered) == (5, 2)
    assert progress.shares == {"render": 0.8, "scene": 0.2}
    assert progress.stages_as_text() == "render 80 %, scene 20 %"
    assert progress.workers[7] == {"device": "CPU, 1 thread", "images": 2, "rss_mb": 600.0}
    progress(Retried(5, "x"))
    progress(Quarantined(5, "x"))
    progress(Ended(7, "nothing is left to do"))
    assert (progress.retried, progress.failures, progress.workers) == (1, {5: "x"}, {})


def test_the_time_left_is_that_of_what_is_left(monkeypatch: pytest.MonkeyPatch):
    now = 100.0
    monkeypatch.setattr("pipeline.progress.time.monotonic", lambda: now)
    progress = Progress(total=10, found=3)
    assert progress.left_s is None
    progress(Ready(7, "CPU"))
    for index in (3, 4):
        now += 2.0
        progress(Rendered(index, 7))
    assert progress.images_per_s == 0.5
    assert progress.left_s == 10.0
    progress(Quarantined(5, "x"))
    assert progress.left_s == 8.0


@pytest.mark.parametrize(
    "event", [Ready(1, "CPU"), Rendered(3, 1, {"a": 0.5}, 9.0), Retried(1, "e"), Quarantined(1, "e"), Ended(1, "w")]
)
def test_events_survive_json(event: Ready):
    assert from_json(json.loads(json.dumps(as_json(event)))) == event


def test_status_of_a_run_at_work_dead_and_finished(tmp_path: Path):
    generate_dataset(fake_spec(), tmp_path / "d", workers=1)
    assert dataset_status(tmp_path / "d").state == "finished"
    (tmp_path / "d" / "shots" / "000004.json").unlink()
    (tmp_path / "d" / "annotations.json").unlink()
    StatusFile(progress_of_two(), tmp_path / "d", None).write("running")
    with only_writer(tmp_path / "d"):
        status = dataset_status(tmp_path / "d")
        assert (status.state, status.done, status.total) == ("rendering", 11, 12)
        assert "generate: running, 5 of 10" in status.as_text()
        assert "1 workers of up to 0.6 GB" in status.as_text()
    status = dataset_status(tmp_path / "d")
    assert status.state == "stopped"
    assert status.as_json()["runs"][0]["state"] == "dead"
    assert "11 of 12 images; the same akd generate goes on" in status.as_text()


def test_status_names_what_is_set_aside(tmp_path: Path, mischief: Mischief):
    mischief({"4": "raise"})
    with pytest.raises(RenderError):
        generate_dataset(fake_spec(), tmp_path / "d", workers=1)
    status = dataset_status(tmp_path / "d")
    assert status.quarantined == (4,)
    assert "11 of 12 images, 1 set aside in quarantine/ (4); the same akd generate goes on" in status.as_text()
    assert "2 tried again" not in status.as_text()
    assert "1 tried again, 1 failed" in status.as_text()


def test_each_shard_tells_of_itself(tmp_path: Path):
    for number in (1, 2):
        generate_dataset(fake_spec(), tmp_path / "d", options=FarmOptions(workers=1, shard=Shard(number, 3)))
    status = dataset_status(tmp_path / "d")
    assert [run.name for run in status.runs] == ["shard 1/3", "shard 2/3"]
    assert (status.done, status.state) == (8, "stopped")


def test_a_folder_that_is_none_of_ours_is_refused(tmp_path: Path):
    with pytest.raises(DatasetError, match="is no dataset of ours"):
        dataset_status(tmp_path)
    (tmp_path / "dataset.yaml").write_text("- 1\n")
    with pytest.raises(DatasetError, match="is damaged; it must be a mapping with a spec"):
        dataset_status(tmp_path)


def test_the_status_file_is_not_written_for_each_image(tmp_path: Path):
    progress = progress_of_two()
    file = StatusFile(progress, tmp_path, None)
    file.write("running")
    before = status_path(tmp_path, None).stat().st_mtime_ns
    file(Rendered(5, 7))
    assert status_path(tmp_path, None).stat().st_mtime_ns == before
    file._next = time.monotonic()
    file(Rendered(6, 7))
    assert status_path(tmp_path, None).stat().st_mtime_ns > before


def test_json_lines_are_all_that_is_on_stdout(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    generate_dataset(fake_spec(), tmp_path / "d", options=FarmOptions(workers=2, json_lines=True))
    captured = capsys.readouterr()
    events = [json.loads(line) for line in captured.out.splitlines()]
    assert {one["event"] for one in events} == {"ready", "rendered", "ended"}
    assert captured.err == ""
