"""How long does a page take to make, and to open? Run by hand: python -m tests.benchmarks.bench_report

The images are small noise (128 px), so that what is timed is the page and not the reading of large files; each has one
vehicle of vehicle20 with random labels. Opened in headless Chromium from the disk. Bounds, not figures, carry over to
another machine: the page must open within 2 s and hold few of its thumbnails at a time.
"""

import argparse
import json
import tempfile
import time
from pathlib import Path

import numpy as np

from pipeline.images import write_image
from pipeline.keypoints import load_schema
from pipeline.report import write_report
from pipeline.seeds import stream_rng
from tests.browser import chromium

SCHEMA = load_schema("vehicle20")
SIDE = 128
PICTURES = 200
"""Different pictures on the disk; the images are hard links to them."""
OPEN_SECONDS = 2.0
MOST_CARDS = 120


def noise_dataset(folder: Path, count: int) -> None:
    """A dataset of `count` images of noise with vehicles at random in them."""
    rng = stream_rng(0, 0, "bench_report")
    for i in range(count):
        path = folder / "images" / f"{i:06d}.jpg"
        if i < PICTURES:
            write_image(path, rng.integers(0, 256, (SIDE, SIDE, 3), dtype=np.uint8))
        else:
            path.hardlink_to(folder / "images" / f"{i % PICTURES:06d}.jpg")
    category = {
        "id": 1,
        "name": "vehicle",
        "keypoints": list(SCHEMA.names),
        "skeleton": [[a + 1, b + 1] for a, b in SCHEMA.skeleton_index],
        "flip_pairs": [list(pair) for pair in SCHEMA.flip],
    }
    content = {
        "images": [_image_row(rng, i) for i in range(count)],
        "annotations": [_annotation_row(rng, i) for i in range(count)],
        "categories": [category],
    }
    (folder / "annotations.json").write_text(json.dumps(content))


def _image_row(rng: np.random.Generator, i: int) -> dict[str, object]:
    return {
        "id": i + 1,
        "file_name": f"{i:06d}.jpg",
        "width": SIDE,
        "height": SIDE,
        "split": ("train", "val", "test")[i % 3],
        "style": ("sedan", "suv", "van")[i // 3 % 3],
        "vehicle": f"car-{i // 4}",
        "azimuth_deg": round(rng.uniform(0, 360), 4),
        "elevation_deg": round(rng.uniform(-1, 40), 4),
    }


def _annotation_row(rng: np.random.Generator, i: int) -> dict[str, object]:
    left, top, width, height = (round(float(v), 1) for v in rng.uniform([0, 0, 30, 20], [60, 70, 60, 50]))
    state = rng.integers(0, 3, len(SCHEMA))
    points = rng.uniform([left, top], [left + width, top + height], (len(SCHEMA), 2)) * (state > 0)[:, None]
    return {
        "id": i + 1,
        "image_id": i + 1,
        "category_id": 1,
        "bbox": [left, top, width, height],
        "keypoints": np.column_stack([points.round(3), state]).ravel().tolist(),
    }


def open_seconds(page: Path) -> tuple[float, float, int]:
    """Seconds until the page is drawn, seconds until its charts are, and how many cards the document then holds."""
    with chromium() as tab:
        begin = time.perf_counter()
        tab.open(page)
        tab.wait_for("document.querySelector('.card .thumb')")
        tab.settle()
        opened = time.perf_counter()
        cards = tab.evaluate("document.querySelectorAll('.card').length")
        tab.click("#tab-charts")
        tab.wait_for("document.querySelector('.chart')")
        charts = time.perf_counter()
        assert not tab.problems, tab.problems
    return opened - begin, charts - opened, cards


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--images", type=int, default=10_000)
    parser.add_argument("--workers", type=int, default=2)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        noise_dataset(folder, arguments.images)
        begin = time.perf_counter()
        page = write_report(folder, folder / "report.html", arguments.workers)
        made = time.perf_counter() - begin
        sheets = list((folder / "report_files").glob("*.jpg"))
        opened, charts, cards = open_seconds(page)
        print(f"{arguments.images} images, {arguments.workers} workers")
        print(f"page made in       {made:8.1f} s")
        print(f"page               {page.stat().st_size / 1e6:8.1f} MB")
        print(f"thumbnails         {sum(s.stat().st_size for s in sheets) / 1e6:8.1f} MB in {len(sheets)} sheets")
        print(f"page opens in      {opened:8.2f} s (bound {OPEN_SECONDS:g})")
        print(f"charts drawn in    {charts:8.2f} s")
        print(f"cards in document  {cards:8d} (bound {MOST_CARDS})")
        if opened > OPEN_SECONDS or cards > MOST_CARDS:
            raise SystemExit("slower than the bounds")


if __name__ == "__main__":
    main()
