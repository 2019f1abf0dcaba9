"""What was found, to read and to look at: JSON, and the query beside its matches."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.draw import DrawnInstance, contact_sheet, draw_instances
from pipeline.errors import ImageError
from pipeline.files import write_json_atomic
from pipeline.images import Image, read_image, write_image
from pipeline.keypoints import KeypointSchema
from pipeline.one_line import one_line
from retrieval.crop import window
from retrieval.result import Match, Query, Retrieval

CELL = (640, 480)
"""Width and height of one picture of a sheet, pixels: room for twenty names."""
COLUMNS = 3
TEXT_PX = 14.0


def results_as_json(found: Sequence[Retrieval]) -> dict[str, Any]:
    """Everything that was found, as plain JSON values.

    The boxes are x, y, width, height and the keypoints x, y, v triples, as in COCO, in pixels of their own image.
    """
    return {
        "queries": [
            {
                "image": str(one.image),
                "index": str(one.index),
                "vehicle": one.number,
                "detection": None if one.query is None else _query_json(one.query),
                "note": one.note,
                "matches": [_match_json(match) for match in one.matches],
            }
            for one in found
        ],
    }


def results_as_text(found: Sequence[Retrieval]) -> str:
    """A line per match, under a line per query."""
    lines: list[str] = []
    for one in found:
        which = f", vehicle {one.number} of {one.of}" if one.of > 1 else ""
        lines.append(f"{one.image}{which}" + (f": {one.note}" if one.note else ""))
        for match in one.matches:
            lines.append(f"  {match.rank:3d}  {match.score:.3f}  {match.path}{'  mirrored' if match.mirrored else ''}")
    return "\n".join(map(one_line, lines))


def write_results(path: Path, found: Sequence[Retrieval]) -> None:
    """Write `results_as_json` to a file."""
    write_json_atomic(path, results_as_json(found), indent=1)


def write_pictures(folder: Path, schema: KeypointSchema, found: Sequence[Retrieval]) -> list[Path]:
    """One picture per query, named by its image; a number is added where two queries have one name.

    Raises:
        ImageError: a query's image cannot be read.
    """
    written: list[Path] = []
    for one in found:
        path = folder / f"{one.image.stem}.jpg"
        count = 2
        while path in written:
            path = folder / f"{one.image.stem}-{count}.jpg"
            count += 1
        write_image(path, picture(schema, one))
        written.append(path)
    return written


def picture(schema: KeypointSchema, found: Retrieval) -> Image:
    """The query with its keypoints, then its matches with theirs, each cut out around its box, with their scores.

    Raises:
        ImageError: the query's image cannot be read. One of a match that is gone is shown as its keypoints alone.
    """
    pixels = read_image(found.image)
    query = pixels
    caption = f"query  {found.name}"
    if found.query is not None:
        drawn = DrawnInstance(found.query.keypoints, found.query.bbox, None, found.query.keypoint_scores)
        query = _cut_out(pixels, drawn, schema)
    cells = [query] + [_match_picture(match, schema) for match in found.matches]
    captions = [caption + (f"  ({found.note})" if found.note else "")]
    captions += [_caption(match) for match in found.matches]
    return contact_sheet(cells, COLUMNS, captions, CELL)


def _match_picture(match: Match, schema: KeypointSchema) -> Image:
    try:
        pixels = read_image(match.path)
    except ImageError:
        x, y, width, height = (float(v) for v in match.bbox)
        pixels = np.full((max(1, round(y + height)), max(1, round(x + width)), 3), 90, np.uint8)
    return _cut_out(pixels, DrawnInstance(match.keypoints, match.bbox), schema)


def _cut_out(pixels: Image, instance: DrawnInstance, schema: KeypointSchema) -> Image:
    """The instance drawn on its part of the picture, so that small ones are compared at the size of large ones."""
    low, high = window(pixels.shape, np.asarray(instance.bbox))
    shifted = np.asarray(instance.keypoints, dtype=np.float64) - [*low, 0]
    moved = DrawnInstance(shifted, _moved_box(np.asarray(instance.bbox), low), instance.score, instance.keypoint_scores)
    part = np.ascontiguousarray(pixels[low[1] : high[1], low[0] : high[0]])
    # drawn at the size it is shown in, so that text keeps its own
    scale = float((CELL / (high - low)).min())
    return draw_instances(part, [moved], schema, side=max(1, round(scale * max(high - low))), text_px=TEXT_PX)


def _moved_box(box: NDArray, low: NDArray) -> NDArray[np.float64]:
    return np.array([*(box[:2] - low), *box[2:]])


def _caption(match: Match) -> str:
    words = [f"{match.rank}:  {match.score:.3f}", match.path.name]
    if match.mirrored:
        words.append("mirrored")
    azimuth, elevation = match.extra.get("azimuth_deg"), match.extra.get("elevation_deg")
    if isinstance(azimuth, (int, float)) and isinstance(elevation, (int, float)):
        words.append(f"azimuth {azimuth:.0f}°, elevation {elevation:.0f}°")
    if not match.path.is_file():
        words.append("(file is gone)")
    return "  ".join(words)


def _query_json(query: Query) -> dict[str, Any]:
    return {
        "bbox": _numbers(query.bbox),
        "score": round(float(query.score), 6),
        "keypoints": _numbers(query.keypoints),
        "keypoint_scores": None if query.keypoint_scores is None else _numbers(query.keypoint_scores),
    }


def _match_json(match: Match) -> dict[str, Any]:
    return {
        "rank": match.rank,
        "score": round(match.score, 6),
        "image": str(match.path),
        "image_id": match.image_id,
        "index": str(match.index),
        "entry": match.entry,
        "mirrored": match.mirrored,
        "contributions": {name: round(value, 6) for name, value in match.contributions.items()},
        "bbox": _numbers(match.bbox),
        "keypoints": _numbers(match.keypoints),
        "extra": dict(match.extra),
    }


def _numbers(values: NDArray) -> list[float]:
    return [round(float(v), 3) for v in np.asarray(values).ravel()]
