"""Does a worker's memory stay flat? python -m tests.benchmarks.bench_memory -o out/memory.png [--images 500]

One worker renders so many images of the street spec, small, without ever being replaced; two more render a tenth of
them at full size, side by side. Prints the resident memory of the first and draws it, and the peak of the two together.

With --log, nothing is rendered: it reads what a run wrote that had to be done anyway,

    akd generate SPEC -o D --json --worker-images 1000000 --worker-memory 1000000 > run.jsonl
    python -m tests.benchmarks.bench_memory -o out/memory.png --log run.jsonl
"""

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path

import cv2
import numpy as np
import yaml
from numpy.typing import NDArray

from pipeline.images import Image, write_image
from pipeline.spec import load_spec
from tests.conftest import ROOT

NEVER = ("--worker-images", "1000000", "--worker-memory", "1000000")
WIDTH, HEIGHT, MARGIN = 900, 420, 60


def main() -> None:
    """Render, print, draw."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("-o", "--out", type=Path, required=True)
    parser.add_argument("--images", type=int, default=500)
    parser.add_argument("--spec", default="street")
    parser.add_argument("--log", type=Path, help="read this, render nothing")
    given = parser.parse_args()
    if given.log:
        workers = memory_by_worker(given.log.read_text(encoding="utf-8").splitlines())
        for used in workers:
            tell(used)
        print(f"{len(workers)} workers together: {sum(one.max() for one in workers):.0f} MB at most")
        write_image(given.out, draw(max(workers, key=len)))
        return
    with tempfile.TemporaryDirectory() as folder:
        [used] = memory_by_worker(run(given.spec, given.images, 96, Path(folder) / "one", 1))
        tell(used)
        write_image(given.out, draw(used))
        both = memory_by_worker(run(given.spec, given.images // 10, 512, Path(folder) / "two", 2))
        print(f"two workers at 512x512, {given.images // 10} images: {sum(one.max() for one in both):.0f} MB at most")


def tell(used: NDArray[np.float64]) -> None:
    """One worker's memory in words."""
    tenth, half = len(used) // 10, len(used) // 2
    count = np.arange(len(used))
    slope, late = (np.polyfit(count[start:], used[start:], 1)[0] for start in (tenth, half))
    print(f"one worker, {len(used)} images: {used[0]:.0f} MB after the first, {used[tenth]:.0f} after {tenth},")
    print(f"{used[half]:.0f} after {half}, {used[-1]:.0f} after the last, {used.max():.0f} at most;")
    print(f"{slope:+.3f} MB per image after the first tenth, {late:+.3f} in the second half")


def run(spec: str, images: int, size: int, folder: Path, workers: int) -> list[str]:
    """The lines of `akd generate --json`."""
    content = load_spec(spec).model_dump(mode="json", exclude_unset=True)
    content["images"] = images
    content["image"] |= {"width": size, "height": size}
    if size < 256:
        content["render"] |= {"samples": 1}
    folder.mkdir(parents=True)
    (folder / "spec.yaml").write_text(yaml.safe_dump(content))
    command = [sys.executable, str(ROOT / "akd.py"), "generate", str(folder / "spec.yaml"), "-o", str(folder / "d")]
    options = ["--workers", str(workers), *NEVER, "--json"]
    return subprocess.run([*command, *options], check=True, capture_output=True, text=True).stdout.splitlines()


def memory_by_worker(lines: Iterable[str]) -> list[NDArray[np.float64]]:
    """Resident memory after each image, MB, of each worker of a run."""
    found: dict[int, list[float]] = {}
    for line in lines:
        event = json.loads(line)
        if event["event"] == "rendered":
            found.setdefault(event["worker"], []).append(event["rss_mb"])
    return [np.array(values) for values in found.values()]


def draw(used: NDArray[np.float64]) -> Image:
    """The memory over the images, from zero."""
    picture = np.full((HEIGHT, WIDTH, 3), 255, dtype=np.uint8)
    top = 1.15 * used.max()
    x = MARGIN + np.arange(len(used)) * (WIDTH - 2 * MARGIN) / max(1, len(used) - 1)
    y = HEIGHT - MARGIN - used / top * (HEIGHT - 2 * MARGIN)
    grey, blue, font = (120, 120, 120), (30, 90, 180), cv2.FONT_HERSHEY_SIMPLEX
    for share in (0.0, 0.25, 0.5, 0.75, 1.0):
        row = int(HEIGHT - MARGIN - share * (HEIGHT - 2 * MARGIN))
        cv2.line(picture, (MARGIN, row), (WIDTH - MARGIN, row), (225, 225, 225), 1, cv2.LINE_AA)
        cv2.putText(picture, f"{share * top:.0f}", (8, row + 5), font, 0.45, grey, 1, cv2.LINE_AA)
    line = np.stack([x, y], axis=1).astype(np.int32)
    cv2.polylines(picture, [line], False, blue, 2, cv2.LINE_AA)
    cv2.putText(picture, "resident memory of one worker, MB", (MARGIN, 32), font, 0.55, (40, 40, 40), 1, cv2.LINE_AA)
    cv2.putText(picture, f"{len(used)} images", (WIDTH - 170, HEIGHT - 22), font, 0.5, grey, 1, cv2.LINE_AA)
    return picture


if __name__ == "__main__":
    main()
