"""Render while everything goes wrong: python -m tests.benchmarks.farm_chaos -o out/chaos [--images 300] [--every 20]

A dataset is rendered unbroken, and again while a worker is killed at random every 20 seconds, the run itself is killed
twice, and its disk is filled once (a file takes all the room that is left on it; as root, on a small disk in memory).
Each time the same command is given again. Then both must be the same: labels byte for byte, images pixel for pixel.
"""

import argparse
import contextlib
import hashlib
import random
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import yaml

from pipeline.images import read_image
from pipeline.record import finished_shots
from tests.conftest import ROOT

SPEC = {
    "name": "chaos",
    "seed": 8,
    "image": {"width": 96, "height": 64, "format": "png"},
    "render": {"samples": 2, "device": "cpu"},
    "vehicles": {"views_per_vehicle": 3, "sources": [{"parametric": {"choice": ["sedan", "suv", "van"]}}]},
    "camera": {"azimuth_deg": {"uniform": [0, 360]}},
    "light": {"kind": {"choice": ["sky", "hdri", "overcast"]}},
    "traffic": {"arrangement": {"choice": ["none", "parking"]}},
}
DISK_MB = 64


def main() -> int:
    """0 if both datasets are the same."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("-o", "--out", type=Path, required=True)
    parser.add_argument("--images", type=int, default=300)
    parser.add_argument("--every", type=float, default=20.0, help="seconds between two killed workers")
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    given.out.mkdir(parents=True, exist_ok=True)
    spec = given.out / "chaos.yaml"
    spec.write_text(yaml.safe_dump({**SPEC, "images": given.images}))
    begin = time.monotonic()
    end_code = akd(spec, given.out / "unbroken").wait()
    assert end_code == 0, "the unbroken run must end well"
    print(f"unbroken: {time.monotonic() - begin:.0f} s", flush=True)
    with small_disk(given.out / "broken") as folder:
        begin = time.monotonic()
        break_and_go_on(spec, folder / "d", given.images, given.every, random.Random(given.seed))
        print(f"broken: {time.monotonic() - begin:.0f} s", flush=True)
        differing = differences(given.out / "unbroken", folder / "d")
    print(f"{given.images} images: {len(differing)} files differ {differing[:5]}")
    return 1 if differing else 0


def break_and_go_on(spec: Path, dataset: Path, images: int, every: float, chance: random.Random) -> None:
    """Kill the run at a third and at two thirds, fill the disk at half, and workers all the time."""
    events = {images // 3: "kill", images // 2: "fill", 2 * images // 3: "kill"}
    while True:
        process = akd(spec, dataset)
        stop = threading.Event()
        killer = threading.Thread(target=_kill_workers, args=(process.pid, every, chance, stop))
        killer.start()
        try:
            _until_it_ends(process, dataset, events)
        finally:
            stop.set()
            killer.join()
        if process.returncode == 0:
            return
        print(f"ended with {process.returncode} at {len(finished_shots(dataset))} images; going on", flush=True)
        (dataset.parent / "ballast").unlink(missing_ok=True)


def _until_it_ends(process: subprocess.Popen[bytes], dataset: Path, events: dict[int, str]) -> None:
    while process.poll() is None:
        done = len(finished_shots(dataset))
        due = [at for at in events if at <= done]
        for at in due:
            if events.pop(at) == "kill":
                print(f"killing the run at {done} images", flush=True)
                process.kill()
            else:
                print(f"filling the disk at {done} images", flush=True)
                _fill(dataset.parent)
        time.sleep(0.1)


def _kill_workers(pid: int, every: float, chance: random.Random, stop: threading.Event) -> None:
    while not stop.wait(every):
        with contextlib.suppress(psutil.NoSuchProcess):
            workers = [p for p in psutil.Process(pid).children() if "blender_scenes" in p.cmdline()]
            if workers:
                victim = chance.choice(workers)
                print(f"killing worker {victim.pid}", flush=True)
                victim.send_signal(signal.SIGKILL)


def _fill(folder: Path) -> None:
    free = shutil.disk_usage(folder).free
    with (folder / "ballast").open("wb") as file:
        file.write(b"\0" * max(0, free - 4096))


@contextlib.contextmanager
def small_disk(folder: Path) -> Iterator[Path]:
    """A disk of its own in memory, so that it can be filled without harm."""
    folder.mkdir(parents=True, exist_ok=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={DISK_MB}m", "tmpfs", str(folder)], check=True)
    try:
        yield folder
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def akd(spec: Path, dataset: Path) -> subprocess.Popen[bytes]:
    """`akd generate`, begun."""
    command = [sys.executable, str(ROOT / "akd.py"), "generate", str(spec), "-o", str(dataset), "--json"]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL)


def differences(a: Path, b: Path) -> list[str]:
    """Files of labels that differ in a byte and images that differ in a pixel, or that only one has."""
    return sorted(name for name, _ in digest(a).items() ^ digest(b).items())


def digest(dataset: Path) -> dict[str, str]:
    """A hash of every label file and record, and of the pixels of every image."""
    files = [*dataset.glob("*.json"), *dataset.glob("*.yaml"), *dataset.glob("shots/*.json")]
    hashes = {str(file.relative_to(dataset)): hashlib.sha256(file.read_bytes()).hexdigest() for file in files}
    for file in (dataset / "images").glob("[0-9]*"):
        hashes[file.name] = hashlib.sha256(read_image(file).tobytes()).hexdigest()
    return hashes


if __name__ == "__main__":
    sys.exit(main())
