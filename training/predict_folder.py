"""`akd predict`: detections as files that others read, and as pictures."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from shutil import rmtree
from typing import Any

from tqdm import tqdm

from pipeline.coco import is_dataset, load_coco
from pipeline.draw import draw_instances
from pipeline.errors import AkdError, DatasetError
from pipeline.files import write_json_atomic
from pipeline.images import find_images, read_image, write_image
from pipeline.keypoints import KeypointSchema
from training.checkpoint import load_model
from training.predict import Detection, predict_arrays

DRAWN_SCORE = 0.25
"""Detections below this are in the files, but in no picture; F1 of `akd-nano` on renders: 0.982 (at 0.4: 0.979)."""
CHUNK = 4
"""Images that are in memory at once, at their full size, for the pictures."""


@dataclass(frozen=True)
class _Wanted:
    id: int
    path: Path
    file_name: str


def predict_to_folder(weights: Path, images: list[Path], out: Path, split: str | None = None) -> Path:
    """Write predictions.json, results.json and pictures/ of image files, folders, or one dataset; returns the first.

    `out` appears when all is done: a broken image leaves nothing behind.

    Raises:
        WeightsError: the weights cannot be loaded.
        DatasetError: the dataset cannot be used.
        ImageError: an image is missing or cannot be read.
        AkdError: `out` is there and not empty.
    """
    refuse_filled(out)
    loaded = load_model(weights)
    wanted = _wanted(images, split)
    for one in wanted:
        read_image(one.path)  # the last of a thousand is known to be broken before the first is predicted
    part = out.with_name(f".{out.name}.part")
    rmtree(part, ignore_errors=True)
    try:
        _predict(loaded, wanted, part)
        if out.is_dir():
            out.rmdir()  # it is empty
        part.rename(out)
    finally:
        rmtree(part, ignore_errors=True)
    return out / "predictions.json"


def refuse_filled(out: Path) -> None:
    """Raise AkdError where `out` is a file, or a folder that holds something."""
    if out.is_dir() and any(out.iterdir()):
        raise AkdError(f"{out}: is not empty; give another folder, or delete it first")
    if out.exists() and not out.is_dir():
        raise AkdError(f"{out}: is a file; give a folder")


def _wanted(paths: Sequence[Path], split: str | None) -> list[_Wanted]:
    """The images, numbered from 1 in the order given; a dataset's keep their ids and names."""
    if len(paths) == 1 and _is_dataset(paths[0], split):
        images = load_coco(paths[0], split).images
        if not images:
            raise DatasetError(f"{paths[0]}: lists no images to predict on")
        return [_Wanted(image.id, image.path, image.file_name) for image in images]
    if split is not None:
        raise DatasetError(f"{paths[0]}: only a dataset has a split; it must be given alone")
    return [_Wanted(number, path, str(path)) for number, path in enumerate(find_images(list(paths)), start=1)]


def _is_dataset(path: Path, split: str | None) -> bool:
    return is_dataset(path) or (split is not None and path.is_dir())


def _predict(loaded: Any, wanted: Sequence[_Wanted], out: Path) -> None:
    images: list[dict[str, Any]] = []
    annotations: list[dict[str, Any]] = []
    names = picture_names([one.file_name for one in wanted])
    with tqdm(total=len(wanted), desc="predict", unit="image", mininterval=1) as bar:
        for start in range(0, len(wanted), CHUNK):
            chunk = wanted[start : start + CHUNK]
            pixels = [read_image(one.path) for one in chunk]
            for offset, found in enumerate(predict_arrays(loaded, pixels)):
                one, image = chunk[offset], pixels[offset]
                height, width = image.shape[:2]
                images.append({"id": one.id, "file_name": one.file_name, "width": width, "height": height})
                annotations += [row(detection, one.id, len(annotations) + n) for n, detection in enumerate(found, 1)]
                write_image(
                    out / "pictures" / names[start + offset], draw_instances(image, drawn(found), loaded.schema)
                )
            bar.update(len(chunk))
    write_predictions(out, loaded.schema, images, annotations)


def drawn(found: Sequence[Detection]) -> list[Detection]:
    """The detections that pictures show."""
    return [one for one in found if one.score >= DRAWN_SCORE]


def write_predictions(
    out: Path, schema: KeypointSchema, images: list[dict[str, Any]], annotations: list[dict[str, Any]]
) -> None:
    """Write predictions.json, a COCO file, and results.json, in COCO's results format."""
    write_json_atomic(out / "predictions.json", _coco_file(schema, images, annotations))
    write_json_atomic(out / "results.json", [_result(row) for row in annotations])


def row(detection: Detection, image_id: int, number: int) -> dict[str, Any]:
    """A detection as an annotation."""
    x, y, width, height = (round(float(v), 2) for v in detection.bbox)
    points = [
        value for px, py, v in detection.keypoints for value in (round(float(px), 2), round(float(py), 2), int(v))
    ]
    return {
        "id": number,
        "image_id": image_id,
        "category_id": 1,
        "bbox": [x, y, width, height],
        "area": round(width * height, 2),
        "iscrowd": 0,
        "score": round(detection.score, 5),
        "keypoints": points,
        "num_keypoints": int((detection.keypoints[:, 2] > 0).sum()),
        "keypoint_scores": [round(float(s), 4) for s in detection.keypoint_scores],
    }


def _result(row: dict[str, Any]) -> dict[str, Any]:
    """COCO's results format: https://cocodataset.org/#format-results."""
    return {key: row[key] for key in ("image_id", "category_id", "bbox", "keypoints", "score")}


def _coco_file(
    schema: KeypointSchema, images: list[dict[str, Any]], annotations: list[dict[str, Any]]
) -> dict[str, Any]:
    category = {
        "id": 1,
        "name": "vehicle",
        "supercategory": "vehicle",
        "keypoints": list(schema.names),
        "skeleton": [[a + 1, b + 1] for a, b in schema.skeleton_index],
    }
    return {
        "info": {"description": "keypoints found by akd"},
        "licenses": [],
        "categories": [category],
        "images": images,
        "annotations": annotations,
    }


def picture_names(file_names: Sequence[str]) -> list[str]:
    """A .jpg name for each image; the second of the same name is numbered."""
    taken: set[str] = set()
    names = []
    for file_name in file_names:
        stem = Path(file_name).stem
        number, name = 1, f"{stem}.jpg"
        while name in taken:
            number += 1
            name = f"{stem}-{number}.jpg"
        taken.add(name)
        names.append(name)
    return names
