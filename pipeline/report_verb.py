"""The verb of the command line that shows a dataset as a page."""

import argparse
from collections.abc import Callable
from pathlib import Path

Verb = Callable[..., argparse.ArgumentParser]


def add_report_verb(verb: Verb, positive: Callable[[str], int]) -> None:
    """`akd report`."""
    parser = verb(
        "report",
        _report,
        "show a dataset as an HTML page: images, labels, charts, where it came from",
        "akd report datasets/demo -o report.html",
    )
    parser.add_argument("dataset", type=Path, help="a dataset's folder, or any COCO keypoints JSON file")
    parser.add_argument("-o", "--out", type=Path, help="the page (DATASET/report/index.html)")
    parser.add_argument(
        "--workers", type=positive, metavar="N", help="processes that make thumbnails (default: one per core)"
    )
    parser.add_argument("--force", action="store_true", help="write over a page that exists")


def _report(arguments: argparse.Namespace) -> None:
    from pipeline.report import write_report

    folder = arguments.dataset if arguments.dataset.is_dir() else arguments.dataset.parent
    page = arguments.out or folder / "report" / "index.html"
    print(f"wrote {write_report(arguments.dataset, page, arguments.workers, arguments.force)}")
