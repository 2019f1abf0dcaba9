"""Several processes that train one model, really started by torchrun, over gloo on loopback."""

import os
import subprocess
import sys

import pytest
import torch
import yaml

from pipeline.errors import AkdError, SpecError
from tests.conftest import ROOT
from training.loop import train
from training.nano import NanoDetector
from training.run_folder import write_config
from training.team import Team, started_as

from .conftest import write_dataset
from .test_loop import state_of, stop_in_step

PROGRAM = """
import sys
import akd
from training.nano import NanoDetector

NanoDetector.train = lambda self, mode=True: super(NanoDetector, self).train(False)
sys.exit(akd.main())
"""
"""The command line, but batch norms keep their statistics: nothing is left then that processes do not share."""


def torchrun(folder, *arguments):
    program = folder / "program.py"
    program.write_text(PROGRAM)
    # by number: where a machine's own name leads nowhere, as in a bare chroot, torchrun waits ten minutes for itself
    alone = ["--standalone", "--local-addr", "127.0.0.1"]
    command = [sys.executable, "-m", "torch.distributed.run", *alone, "--nproc-per-node", "2"]
    environment = os.environ | {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1", "CUDA_VISIBLE_DEVICES": ""}
    return subprocess.run(
        [*command, str(program), *map(str, arguments)],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=1200,
    )


def test_two_processes_go_on_with_a_run_and_end_where_one_would(tmp_path, tiny, schema, monkeypatch):
    """5 images: of the last batch's single one the first process gets none."""
    dataset = write_dataset(tmp_path / "cars", schema, splits=(("train", 5), ("val", 2)))
    config = tiny.model_copy(update={"accumulate": 2, "optimizer": "sgd", "lr": 0.01, "seed": 1})
    monkeypatch.setattr(NanoDetector, "train", lambda self, mode=True: super(NanoDetector, self).train(False))
    train(config, dataset, tmp_path / "alone")
    with monkeypatch.context() as patch:
        stop_in_step(patch, 3)
        with pytest.raises(KeyboardInterrupt):
            train(config, dataset, tmp_path / "team")
    begun = state_of(tmp_path / "team")["training"]["model"]
    write_config(tmp_path / "given", config)
    done = torchrun(
        tmp_path, "train", tmp_path / "given" / "config.yaml", "-d", dataset, "-o", tmp_path / "team", "--resume"
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert done.stdout.count("wrote ") == done.stdout.count("epoch 2/2: loss") == 1, "one process speaks"
    ours, theirs = state_of(tmp_path / "team"), state_of(tmp_path / "alone")
    for name, value in theirs["training"]["model"].items():
        torch.testing.assert_close(ours["training"]["model"][name], value, rtol=1e-3, atol=1e-5, msg=name)
    assert max(float((value - begun[name]).abs().max()) for name, value in ours["training"]["model"].items()) > 1e-3
    rows = [(tmp_path / name / "metrics.csv").read_text().splitlines()[2].split(",") for name in ("team", "alone")]
    assert [float(x) for x in rows[0]] == pytest.approx([float(x) for x in rows[1]], rel=1e-3, nan_ok=True)
    assert yaml.safe_load((tmp_path / "team" / "versions.yaml").read_text())["from epoch 2"]["processes"] == 2


@pytest.mark.slow
def test_what_the_user_got_wrong_is_said_once_and_ends_all_processes(tmp_path, tiny):
    write_config(tmp_path / "given", tiny)
    done = torchrun(
        tmp_path, "train", tmp_path / "given" / "config.yaml", "-d", tmp_path / "none", "-o", tmp_path / "run"
    )
    assert done.returncode == 1
    assert (done.stdout + done.stderr).count("akd: ") == 1


def test_shares_in_order_are_the_whole_and_as_even_as_can_be():
    for count in range(8):
        items = list(range(count))
        shares = [Team(rank, 3).share(items) for rank in range(3)]
        assert [item for share in shares for item in share] == items
        assert max(map(len, shares)) - min(map(len, shares)) <= 1


def test_an_environment_that_torchrun_did_not_make_is_refused(monkeypatch):
    assert started_as() == Team(0, 1)
    monkeypatch.setenv("WORLD_SIZE", "2")
    with pytest.raises(AkdError, match=r"WORLD_SIZE says 2 processes, but RANK, .*; start with torchrun"):
        started_as()


def test_a_batch_must_have_an_image_for_each_process(tmp_path, tiny, monkeypatch):
    for name, value in {
        "RANK": 0,
        "LOCAL_RANK": 0,
        "WORLD_SIZE": 8,
        "MASTER_ADDR": "127.0.0.1",
        "MASTER_PORT": 1,
    }.items():
        monkeypatch.setenv(name, str(value))
    monkeypatch.setattr("torch.distributed.init_process_group", lambda *_, **__: None)
    monkeypatch.setattr("torch.distributed.destroy_process_group", lambda: None)
    with pytest.raises(SpecError, match="batch_size 4 is less than 8 processes need"):
        train(tiny, tmp_path, tmp_path / "run")
