"""`akd report`: a dataset as one HTML page that needs no network.

Thumbnails of a small dataset are inside the page; those of a larger one lie beside it, in PAGE_files/, so that the
browser reads only the sheets that it shows. Full images stay where the dataset has them; the page links to them.
"""

import base64
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any
from urllib.parse import quote

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from pipeline.cores import usable_cores
from pipeline.errors import AkdError
from pipeline.files import write_bytes_atomic, write_text_atomic
from pipeline.report_content import report_content
from pipeline.report_thumbs import CELL, COLUMNS, PER_SHEET, Sheet, thumbnail_sheets

PARTS = Path(__file__).parent / "report_page"
SCRIPTS = ("elements.js", "data.js", "labels.js", "gallery.js", "charts.js", "zoom.js", "filters.js", "main.js")
EMBEDDED = 400
"""Datasets of up to so many images have their thumbnails in the page: about 4 MB of it."""


def write_report(target: Path, page: Path, workers: int | None = None, force: bool = False) -> Path:
    """Write the page (and PAGE_files/ beside it) for a dataset folder or COCO file; returns the page.

    Raises:
        DatasetError: the dataset is missing or damaged.
        AkdError: the page exists and `force` is not given.
    """
    files = page.with_name(f"{page.stem}_files")
    for path in (page, files):
        if path.exists() and not force:
            raise AkdError(f"{path}: exists already; give another name, or --force to write over it")
    dataset, content = report_content(target, page)
    sheets = thumbnail_sheets([image.path for image in dataset.images], workers or usable_cores())
    for old in files.glob("[0-9][0-9][0-9][0-9][0-9].jpg"):
        old.unlink()
    content["thumbnails"] = _place_sheets(sheets, files if len(dataset.images) > EMBEDDED else None)
    write_text_atomic(page, _render(content))
    return page


def _place_sheets(sheets: Iterable[Sheet], folder: Path | None) -> dict[str, Any]:
    """Where the page finds each thumbnail, with the sheets written to `folder`, or in the page if there is none."""
    addresses: list[str] = []
    sizes: list[tuple[int, int]] = []
    brightness: list[float | None] = []
    for number, sheet in enumerate(sheets):
        if folder is None:
            addresses.append("data:image/jpeg;base64," + base64.b64encode(sheet.jpeg).decode("ascii"))
        else:
            write_bytes_atomic(folder / f"{number:05d}.jpg", sheet.jpeg)
            addresses.append(quote(f"{folder.name}/{number:05d}.jpg"))
        sizes += sheet.sizes
        brightness += sheet.brightness
    grid = {"cell": CELL, "columns": COLUMNS, "perSheet": PER_SHEET}
    return {**grid, "sheets": addresses, "sizes": sizes, "brightness": brightness}


def _render(content: dict[str, Any]) -> str:
    environment = Environment(loader=FileSystemLoader(PARTS), autoescape=True, undefined=StrictUndefined)
    return environment.get_template("page.html").render(
        title=content["title"],
        style=(PARTS / "page.css").read_text(encoding="utf-8"),
        scripts=[(PARTS / name).read_text(encoding="utf-8") for name in SCRIPTS],
        data=script_safe(json.dumps(content, separators=(",", ":"), ensure_ascii=False, allow_nan=False)),
    )


def script_safe(text: str) -> str:
    """JSON that can stand in a script element: a name in a dataset must not be able to end it."""
    return text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")
