"""Two workers against one, each of one thread: python -m tests.benchmarks.bench_workers [--images 24] [--repeat 2]

The first images of a spec at 512x512 and 8 samples, with one worker and with two in turn. The rate is that of the
wall's clock from the first finished image to the last, so that starting Blender is left out; the whole time is printed
too. Two cores that share memory and heat are never quite two: run it on a machine that does nothing else.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from tests.benchmarks.bench_straightforward import SAMPLES, SIZE, write_spec
from tests.conftest import ROOT

AIM = 1.8


def main() -> None:
    """Measure, and print the ratio."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--images", type=int, default=24)
    parser.add_argument("--repeat", type=int, default=2)
    parser.add_argument("--spec", default="demo")
    given = parser.parse_args()
    whole: dict[int, list[float]] = {1: [], 2: []}
    rates: dict[int, list[float]] = {1: [], 2: []}
    with tempfile.TemporaryDirectory() as folder:
        spec = write_spec(Path(folder) / "spec.yaml", given.spec, given.images, SIZE, SAMPLES)
        for turn in range(given.repeat):
            for workers in whole:
                seconds, rate = run(spec, Path(folder) / f"{turn}-{workers}", workers)
                whole[workers].append(seconds)
                rates[workers].append(rate)
                print(
                    f"{workers} worker{'s' * (workers > 1)}: {seconds:6.1f} s, {60 * rate:5.1f} images/min", flush=True
                )
    print(f"two workers over one: {np.mean(rates[2]) / np.mean(rates[1]):.2f} times the rate (aim: {AIM});")
    print(f"{np.mean(whole[1]) / np.mean(whole[2]):.2f} with starting and finishing")


def run(spec: Path, out: Path, workers: int) -> tuple[float, float]:
    """Seconds of the whole command, and images per second after the first."""
    command = [sys.executable, str(ROOT / "akd.py"), "generate", str(spec), "-o", str(out), "--workers", str(workers)]
    begin, finished = time.monotonic(), []
    # one worker alone would take all cores
    environment = {**os.environ, "PYTHON_CPU_COUNT": str(workers)}
    with subprocess.Popen([*command, "--json"], stdout=subprocess.PIPE, text=True, env=environment) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if json.loads(line)["event"] == "rendered":
                finished.append(time.monotonic())
    assert process.returncode == 0, "the dataset must be made"
    return time.monotonic() - begin, (len(finished) - 1) / (finished[-1] - finished[0])


if __name__ == "__main__":
    main()
