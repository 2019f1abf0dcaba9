"""One dataset made in four ways: python -m tests.benchmarks.same_dataset -o out/same [--images 24]

By one worker, by two, as three shards that are merged, and by a Dask cluster of two workers of which one is killed. All
four must be the same: labels byte for byte, images pixel for pixel.
"""

import argparse
import sys
import threading
import time
from pathlib import Path

import psutil
from distributed import LocalCluster

from pipeline.config import parse_config
from pipeline.generate import FarmOptions, generate_dataset
from pipeline.merge import merge_shards
from pipeline.record import finished_shots
from pipeline.shards import Shard
from pipeline.spec import DatasetSpec
from tests.benchmarks.farm_chaos import SPEC, differences


def main() -> int:
    """0 if all are the same."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("-o", "--out", type=Path, required=True)
    parser.add_argument("--images", type=int, default=24)
    given = parser.parse_args()
    spec = parse_config({**SPEC, "images": given.images}, DatasetSpec, "same")
    first = given.out / "one worker"
    begin = time.monotonic()
    generate_dataset(spec, first, options=FarmOptions(workers=1))
    print(f"one worker: {time.monotonic() - begin:.0f} s", flush=True)
    failed = False
    for name, make in (("two workers", two_workers), ("three shards", three_shards), ("cluster", cluster)):
        begin = time.monotonic()
        make(spec, given.out / name)
        differing = differences(first, given.out / name)
        failed |= bool(differing)
        print(f"{name}: {time.monotonic() - begin:.0f} s, {len(differing)} files differ {differing[:5]}", flush=True)
    return int(failed)


def two_workers(spec: DatasetSpec, out: Path) -> None:
    generate_dataset(spec, out, options=FarmOptions(workers=2))


def three_shards(spec: DatasetSpec, out: Path) -> None:
    parts = [out.with_name(f"part {number}") for number in (1, 2, 3)]
    for number, part in enumerate(parts, 1):
        generate_dataset(spec, part, options=FarmOptions(workers=1, shard=Shard(number, 3)))
    merge_shards(parts, out)


def cluster(spec: DatasetSpec, out: Path) -> None:
    with LocalCluster(n_workers=2, threads_per_worker=1, host="127.0.0.1", dashboard_address=None) as made:
        victim = next(iter(made.workers.values())).process.pid

        def kill_it() -> None:
            while len(finished_shots(out)) < spec.images // 4:
                time.sleep(0.1)
            psutil.Process(victim).kill()
            print(f"killed a worker of the cluster at {len(finished_shots(out))} images", flush=True)

        killer = threading.Thread(target=kill_it, daemon=True)
        killer.start()
        generate_dataset(spec, out, options=FarmOptions(cluster=made.scheduler_address))
        killer.join(1)


if __name__ == "__main__":
    sys.exit(main())
