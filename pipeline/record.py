"""One file per finished image, shots/NNNNNN.json: written last, so that where it is, the image is whole."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pipeline.annotations_spec import MapKind
from pipeline.camera import Camera
from pipeline.errors import DatasetError
from pipeline.files import write_json_atomic
from pipeline.json_file import read_json
from pipeline.plan import Shot
from pipeline.spec import ImageSpec

REMEDY = "delete it and generate again"


def image_path(dataset: Path, index: int, image: ImageSpec) -> Path:
    """Where a shot's picture lies."""
    return dataset / "images" / f"{index:06d}.{image.format}"


def record_path(dataset: Path, index: int) -> Path:
    """Where a shot's record lies."""
    return dataset / "shots" / f"{index:06d}.json"


def write_record(
    dataset: Path,
    shot: Shot,
    image: ImageSpec,
    camera: Camera,
    parameters: dict[str, Any],
    annotations: list[dict[str, Any]],
    maps: Mapping[MapKind, str] | None = None,
    occluders: Sequence[dict[str, Any]] = (),
    rejected: Sequence[Sequence[str]] = (),
    breaks: Sequence[str] = (),
) -> None:
    """Write the record of a finished shot; nothing in it depends on when or where it was made.

    `maps`: kind to file, relative to the dataset's folder, of an image that has maps. `occluders` are those that found
    a place; they are only told of where some were drawn. `rejected`: the limits that each earlier attempt at the shot
    broke; `breaks`: those that the last one does, which was kept for all that.
    """
    record = {
        "index": shot.index,
        "image": {
            "file_name": image_path(dataset, shot.index, image).name,
            "width": camera.width,
            "height": camera.height,
            "split": shot.split,
            "vehicle": shot.vehicle.id,
            "style": shot.vehicle.style,
            "azimuth_deg": round(shot.camera.azimuth_deg % 360, 4),
            "elevation_deg": round(shot.camera.elevation_deg, 4),
            **({"maps": dict(maps)} if maps else {}),
        },
        "camera": camera.to_json(),
        "shot": shot.model_dump(mode="json"),
        "vehicle_parameters": parameters,
        "annotations": annotations,
    }
    if shot.occluders:
        record["occluders"] = list(occluders)
    record |= {"rejected": [list(names) for names in rejected]} if rejected else {}
    record |= {"breaks": list(breaks)} if breaks else {}
    write_json_atomic(record_path(dataset, shot.index), record)


def read_record(dataset: Path, index: int) -> dict[str, Any]:
    """A finished shot's record.

    Raises:
        DatasetError: it is missing or damaged.
    """
    path = record_path(dataset, index)
    record = read_json(path, DatasetError, REMEDY)
    sound = isinstance(record, dict) and isinstance(record.get("image"), dict)
    annotations = record.get("annotations") if sound else None
    if not isinstance(annotations, list) or not all(isinstance(one, dict) for one in annotations):
        raise DatasetError(f"{path}: must be an object with an image and annotations; {REMEDY}")
    return record


def finished_shots(dataset: Path) -> set[int]:
    """The indices of the shots that have a record."""
    return {int(path.stem) for path in (dataset / "shots").glob("[0-9]*.json")}
