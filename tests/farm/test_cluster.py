"""A dataset rendered by a Dask cluster of this machine, bound to loopback: lost workers and all."""

import json
import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from distributed import LocalCluster

from pipeline.cluster import bundle
from pipeline.errors import RenderError
from pipeline.generate import FarmOptions, generate_dataset
from pipeline.quarantine import quarantined_shots
from pipeline.record import finished_shots
from tests.farm.conftest import FAKE_COMMAND, Mischief, digest, fake_spec

pytestmark = pytest.mark.slow


@pytest.fixture
def cluster(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Iterator[LocalCluster]:
    """Two worker processes, one task each."""
    request.getfixturevalue("mischief")({"all": "slow"})
    monkeypatch.setattr("pipeline.cluster.WORKER_COMMAND", FAKE_COMMAND)
    with LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, host="127.0.0.1", dashboard_address=None
    ) as made:
        yield made


def whole(folder: Path) -> dict[str, str]:
    generate_dataset(fake_spec(), folder, workers=1)
    return digest(folder)


def test_bundles_hold_every_group_in_order():
    groups = [[0, 1], [2, 3], [4, 5, 6], [7]]
    assert bundle(groups, 4) == [[0, 1, 2, 3], [4, 5, 6, 7]]
    assert bundle(groups, 1) == groups
    assert bundle([], 5) == []


def test_a_cluster_makes_the_same_dataset(cluster: LocalCluster, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    options = FarmOptions(cluster=cluster.scheduler_address, json_lines=True)
    assert generate_dataset(fake_spec(), tmp_path / "d", options=options).rendered == 12
    assert digest(tmp_path / "d") == whole(tmp_path / "whole")
    rendered = [one for one in _lines(capsys) if one["event"] == "rendered"]
    assert sorted(one["index"] for one in rendered) == list(range(12))
    assert rendered[-1]["done"] == 12


def test_a_worker_that_is_killed_is_made_up_for(cluster: LocalCluster, tmp_path: Path):
    victims = [worker.process.pid for worker in cluster.workers.values()]  # type: ignore[attr-defined]

    def kill_one() -> None:
        deadline = time.monotonic() + 60
        while len(finished_shots(tmp_path / "d")) < 2 and time.monotonic() < deadline:
            time.sleep(0.02)
        os.kill(victims[0], 9)

    killer = threading.Thread(target=kill_one)
    killer.start()
    generate_dataset(fake_spec(), tmp_path / "d", options=FarmOptions(cluster=cluster.scheduler_address))
    killer.join()
    assert digest(tmp_path / "d") == whole(tmp_path / "whole")


def test_a_shot_that_fails_on_the_cluster_is_set_aside(cluster: LocalCluster, tmp_path: Path, mischief: Mischief):
    mischief({"4": "raise"})
    options = FarmOptions(cluster=cluster.scheduler_address)
    with pytest.raises(RenderError, match=r"1 of 12 images failed, all others are done: 4; the first: ValueError"):
        generate_dataset(fake_spec(), tmp_path / "d", options=options)
    assert quarantined_shots(tmp_path / "d") == {4}
    assert len(finished_shots(tmp_path / "d")) == 11


def test_no_scheduler_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("pipeline.cluster.CONNECT_S", 0.5)
    with pytest.raises(RenderError, match=r"--cluster tcp://127\.0\.0\.1:1: no Dask scheduler answers there"):
        generate_dataset(fake_spec(), tmp_path / "d", options=FarmOptions(cluster="tcp://127.0.0.1:1"))
    with pytest.raises(RenderError, match=r"--cluster gone\.json: there is no such scheduler file"):
        generate_dataset(fake_spec(), tmp_path / "d", options=FarmOptions(cluster="gone.json"))


def _lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]
