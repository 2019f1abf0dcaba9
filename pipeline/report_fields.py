"""What a report can say of an image beside its labels, and where that is written: the COCO row or the shot's record."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from pipeline.coco import SPLITS, ImageRecord
from pipeline.errors import DatasetError
from pipeline.json_file import read_json
from pipeline.record import read_record

Kind = Literal["choice", "number", "color"]


@dataclass(frozen=True)
class Field:
    """One fact about an image.

    Attributes:
        key: the page's name for it.
        label: as a person reads it.
        kind: a few words, a number, or an sRGB colour 0..1.
        path: where the value lies in {"image": the COCO row, "shot": the record's shot}.
        filter: the page offers it as a filter.
        digits: decimals of a number.
    """

    key: str
    label: str
    kind: Kind
    path: str
    filter: bool = False
    digits: int = 0


FIELDS = (
    Field("split", "Split", "choice", "image.split", filter=True),
    Field("style", "Style", "choice", "image.style", filter=True),
    Field("vehicle", "Vehicle", "choice", "image.vehicle"),
    Field("light", "Light", "choice", "shot.light.kind", filter=True),
    Field("ground", "Ground", "choice", "shot.ground.kind", filter=True),
    Field("azimuth", "Azimuth, °", "number", "image.azimuth_deg", digits=1),
    Field("elevation", "Elevation, °", "number", "image.elevation_deg", digits=1),
    Field("lens", "Lens, mm", "number", "shot.camera.lens_mm"),
    Field("fill", "Fill of the frame", "number", "shot.camera.fill", digits=2),
    Field("paint", "Paint", "color", "shot.appearance.paint_rgb"),
    Field("finish", "Finish", "choice", "shot.appearance.paint_finish"),
    Field("livery", "Livery", "choice", "shot.appearance.livery"),
    Field("dirt", "Dirt, 0 to 1", "number", "shot.appearance.dirt", digits=2),
    Field("dust", "Dust, 0 to 1", "number", "shot.appearance.dust", digits=2),
    Field("rain", "Rain, 0 to 1", "number", "shot.appearance.rain", digits=2),
)


def field_columns(images: Sequence[ImageRecord], folder: Path) -> list[dict[str, Any]]:
    """A column for each field that any image has a value of; `values` are in order of `images`, null where unknown.

    A column of kind "choice" holds places in its `choices`.
    """
    splits = _splits_by_name(folder)
    facts = [_facts(image, folder, splits) for image in images]
    columns = []
    for field in FIELDS:
        values = [_value(field, fact) for fact in facts]
        if any(value is not None for value in values):
            columns.append(_column(field, values))
    return columns


def _column(field: Field, values: list[Any]) -> dict[str, Any]:
    column: dict[str, Any] = {"key": field.key, "label": field.label, "kind": field.kind, "filter": field.filter}
    if field.kind == "choice":
        found = {value for value in values if value is not None}
        ordered = sorted(found, key=lambda v: (SPLITS.index(v) if v in SPLITS else len(SPLITS), v))
        place = {value: i for i, value in enumerate(ordered)}
        return {**column, "choices": ordered, "values": [place.get(value) for value in values]}
    return {**column, "values": values}


def _facts(image: ImageRecord, folder: Path, splits: Mapping[str, str]) -> dict[str, Any]:
    row = {"split": splits.get(image.file_name), **image.extra}
    stem = Path(image.file_name).stem
    if not (stem.isdecimal() and (folder / "shots" / f"{stem}.json").is_file()):
        return {"image": row}
    record = read_record(folder, int(stem))
    return {"image": row, "shot": record.get("shot") if isinstance(record, dict) else None}


def _value(field: Field, fact: Any) -> Any:
    for part in field.path.split("."):
        fact = fact.get(part) if isinstance(fact, Mapping) else None
    if field.kind == "choice":
        return str(fact) if isinstance(fact, str | int) else None
    if field.kind == "color":
        return _hex(fact)
    return round(fact, field.digits or None) if type(fact) in (int, float) and abs(fact) < 1e9 else None


def _hex(rgb: Any) -> str | None:
    if not (isinstance(rgb, list) and len(rgb) == 3 and all(type(v) in (int, float) and 0 <= v <= 1 for v in rgb)):
        return None
    return "#" + "".join(f"{round(255 * v):02x}" for v in rgb)


def _splits_by_name(folder: Path) -> dict[str, str]:
    """Which split's file lists an image, for datasets whose rows do not say; without what cannot be read."""
    found: dict[str, str] = {}
    for split in SPLITS:
        path = folder / f"{split}.json"
        if not path.is_file():
            continue
        content = read_json(path, DatasetError)
        try:
            found |= {str(row["file_name"]): split for row in content["images"]}
        except (LookupError, TypeError) as error:
            raise DatasetError(f"{path}: is not a COCO file with images") from error
    return found
