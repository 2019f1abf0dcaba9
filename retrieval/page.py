"""The page of `akd retrieve`: each photo with its keypoints, its nearest renders with theirs, and why they are near.

One HTML file that needs no network. Pictures are cut out around the vehicle and are inside the page; where there are
many, they lie beside it in `pictures/`.
"""

import base64
import json
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

import numpy as np
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from numpy.typing import NDArray

from pipeline import report
from pipeline.errors import ImageError
from pipeline.files import write_bytes_atomic, write_text_atomic
from pipeline.images import Image, encode_image, read_image
from pipeline.keypoints import KeypointSchema
from pipeline.report_schema import drawn_keypoints
from retrieval.crop import cut_out
from retrieval.options import Options
from retrieval.result import Match, Retrieval
from retrieval.sampled import said, sampled

PARTS = Path(__file__).parent / "page_parts"
SIDE = 420
"""Longer side of a picture, pixels."""
EMBEDDED = 400
"""Pictures that the page holds itself: about 10 MB."""
QUALITY = 82

Place = Callable[[bytes], str]


def write_page(page: Path, schema: KeypointSchema, found: Sequence[Retrieval], options: Options) -> Path:
    """Write the page for what was found; returns it.

    Raises:
        ImageError: a query's image cannot be read.
    """
    pictures = Pictures(page, embed=sum(1 + len(one.matches) for one in found) <= EMBEDDED)
    content = {
        "keypoints": drawn_keypoints(schema.names, _category(schema)),
        "sides": [_side(schema, name) for name in schema.names],
        "search": _search(found, options),
        "queries": [_query(one, pictures, page) for one in found],
    }
    environment = Environment(loader=FileSystemLoader(PARTS), autoescape=True, undefined=StrictUndefined)
    text = environment.get_template("page.html").render(
        title=f"Matches of {len(found)} {'photo' if len(found) == 1 else 'photos'}",
        style="\n".join((file / "page.css").read_text(encoding="utf-8") for file in (report.PARTS, PARTS)),
        scripts=[file.read_text(encoding="utf-8") for file in (report.PARTS / "elements.js", PARTS / "page.js")],
        data=report.script_safe(json.dumps(content, separators=(",", ":"), ensure_ascii=False, allow_nan=False)),
    )
    write_text_atomic(page, text)
    return page


class Pictures:
    """Cut-out pictures by file and box, each stored once."""

    def __init__(self, page: Path, *, embed: bool) -> None:
        self._page, self._embed = page, embed
        self._known: dict[tuple[Path, bytes], dict[str, Any]] = {}

    def of(self, path: Path, pixels: Image | None, keypoints: NDArray, bbox: NDArray) -> dict[str, Any]:
        """Address and size of a picture, and the keypoints (3 K,) in it: x, y, v; a grey one where the file is gone."""
        key = path, np.asarray(bbox, dtype=np.float64).tobytes()
        if key not in self._known:
            there = pixels is not None
            if pixels is None:
                x, y, width, height = (float(v) for v in bbox)
                pixels = np.full((max(1, round(y + height)), max(1, round(x + width)), 3), 90, np.uint8)
            part, low, scale = cut_out(pixels, bbox, SIDE)
            height, width = part.shape[:2]
            address = self._stored(encode_image(part, ".jpg", QUALITY))
            self._known[key] = {
                "src": address, "width": width, "height": height, "there": there, "low": low, "scale": scale,
            }  # fmt: skip
        known = self._known[key]
        points = np.asarray(keypoints, dtype=np.float64).copy()
        points[:, :2] = (points[:, :2] - known["low"]) * known["scale"]
        points[~np.isfinite(points).all(axis=1) | (points[:, 2] <= 0)] = 0
        flat = [round(float(v), 1) for v in points.ravel()]
        return {name: known[name] for name in ("src", "width", "height", "there")} | {"points": flat}

    def _stored(self, jpeg: bytes) -> str:
        if self._embed:
            return "data:image/jpeg;base64," + base64.b64encode(jpeg).decode("ascii")
        name = f"pictures/{len(self._known):05d}.jpg"
        write_bytes_atomic(self._page.parent / name, jpeg)
        return name


def _query(one: Retrieval, pictures: Pictures, page: Path) -> dict[str, Any]:
    pixels = read_image(one.image)
    whole = np.array([0, 0, pixels.shape[1], pixels.shape[0]], dtype=np.float64)
    query = one.query
    keypoints = np.zeros((0, 3)) if query is None else query.keypoints
    certain = None if query is None or query.keypoint_scores is None else query.keypoint_scores
    return {
        "name": one.name,
        "note": one.note,
        "score": None if query is None else round(float(query.score), 3),
        "certain": None if certain is None else [round(float(v), 2) for v in certain],
        "link": _address(one.image, page),
        "picture": pictures.of(one.image, pixels, keypoints, whole if query is None else query.bbox),
        "matches": [_match(match, pictures, page) for match in one.matches],
    }


def _match(match: Match, pictures: Pictures, page: Path) -> dict[str, Any]:
    try:
        pixels = read_image(match.path)
    except ImageError:
        pixels = None  # the index outlives its images: what it knows is shown all the same
    return {
        "name": match.path.name,
        "rank": match.rank,
        "score": round(match.score, 4),
        "mirrored": match.mirrored,
        "link": _address(match.path, page) if pixels is not None else None,
        "picture": pictures.of(match.path, pixels, match.keypoints, match.bbox),
        "terms": {name: round(value, 4) for name, value in match.contributions.items()},
        "facts": {"image": said(match.extra), **sampled(match.path)},
    }


def _address(path: Path, page: Path) -> str:
    """Of a file as the page links to it: both may be moved together."""
    return quote(Path(os.path.relpath(path.resolve(), page.parent.resolve())).as_posix())


def _search(found: Sequence[Retrieval], options: Options) -> dict[str, Any]:
    where = "; ".join(f"{name} {' or '.join(values)}" for name, values in options.where.items())
    indexes = sorted({str(match.index) for one in found for match in one.matches} or {str(one.index) for one in found})
    facts = [["Similarity", options.similarity], ["Index", ", ".join(indexes)], ["Matches per query", str(options.k)]]
    facts.append(["Search", "exact" if options.recall == 1 else f"recall {options.recall}"])
    if where:
        facts.append(["Only", where])
    if options.mirrored:
        facts.append(["Mirror images", "searched too"])
    return {"facts": facts}


def _category(schema: KeypointSchema) -> dict[str, Any]:
    """As a COCO category says it: the skeleton counts from 1."""
    return {
        "skeleton": [[a + 1, b + 1] for a, b in schema.skeleton_index],
        "flip_pairs": [list(p) for p in schema.flip],
    }


def _side(schema: KeypointSchema, name: str) -> str:
    return (
        "left" if any(name == a for a, _ in schema.flip) else "right" if any(name == b for _, b in schema.flip) else ""
    )
