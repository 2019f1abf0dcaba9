"""The examples for Slurm and Kubernetes do what they say, with a scheduler that is a folder of small programs."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from pipeline.generate import generate_dataset
from pipeline.record import finished_shots
from tests.conftest import ROOT
from tests.farm.conftest import SPEC, digest, fake_spec

SLURM = ROOT / "configs" / "cluster" / "slurm.sh"
KUBERNETES = ROOT / "configs" / "cluster" / "kubernetes.yaml"


@pytest.fixture
def programs(tmp_path: Path) -> Path:
    """`akd` with fake workers; `sbatch` notes what it is given."""
    folder = tmp_path / "bin"
    folder.mkdir()
    (folder / "akd").write_text(f'#!/bin/sh\ncd {ROOT}\nexec {sys.executable} -m tests.farm.fake_akd "$@"\n')
    (folder / "sbatch").write_text(f'#!/bin/sh\necho "$@" >> {tmp_path}/submitted\n')
    for program in folder.iterdir():
        program.chmod(0o755)
    (tmp_path / "fake.yaml").write_text(yaml.safe_dump(SPEC))
    return folder


def run(command: list[str], programs: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    changed = {**os.environ, "PATH": f"{programs}:{os.environ['PATH']}", **environment}
    return subprocess.run(command, env=changed, capture_output=True, text=True, check=False)


def test_a_slurm_array_renders_its_shards_and_the_job_after_it_finishes(tmp_path: Path, programs: Path):
    spec, out = str(tmp_path / "fake.yaml"), str(tmp_path / "d")
    for task in ("1", "2", "3"):
        slurm = {"SLURM_ARRAY_TASK_ID": task, "SLURM_ARRAY_TASK_COUNT": "3", "SLURM_ARRAY_JOB_ID": "77"}
        done = run([str(SLURM), spec, out], programs, SLURM_CPUS_PER_TASK="1", **slurm)
        assert done.returncode == 0, done.stderr
        assert len(finished_shots(tmp_path / "d")) == 4 * int(task)
    [submitted] = (tmp_path / "submitted").read_text().splitlines()
    assert "--dependency=afterany:77" in submitted
    after = submitted.partition("--wrap ")[2].removeprefix("srun ")
    assert run(["bash", "-c", after], programs).returncode == 0
    generate_dataset(fake_spec(), tmp_path / "whole", workers=1)
    assert digest(tmp_path / "d") == digest(tmp_path / "whole")


def test_the_slurm_example_says_how_it_is_used(programs: Path):
    done = run([str(SLURM)], programs)
    assert done.returncode != 0
    assert "usage: sbatch slurm.sh SPEC FOLDER" in done.stderr


def test_a_kubernetes_pod_renders_the_shard_of_its_index(tmp_path: Path, programs: Path):
    job = yaml.safe_load(KUBERNETES.read_text(encoding="utf-8"))["spec"]
    assert job["completionMode"] == "Indexed"
    [container] = job["template"]["spec"]["containers"]
    [script] = container["args"]
    assert f"/{job['completions']} " in script, "as many shards as pods"
    script = script.replace("/datasets/street", str(tmp_path / "d")).replace(" street ", f" {tmp_path / 'fake.yaml'} ")
    script = script.replace(f"/{job['completions']} ", "/3 ")
    for index in range(3):
        done = run([*container["command"], script], programs, JOB_COMPLETION_INDEX=str(index))
        assert done.returncode == 0, done.stderr
    assert finished_shots(tmp_path / "d") == set(range(12))
