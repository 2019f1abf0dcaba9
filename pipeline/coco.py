"""COCO keypoint files, ours and anybody's: read into plain typed records.

Standard: https://cocodataset.org/#format-data (keypoints: x, y, v triples; skeleton counts from 1).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.errors import DatasetError
from pipeline.file_names import escapes, is_file
from pipeline.geometry import readonly
from pipeline.image_header import MAX_PIXELS
from pipeline.json_file import read_json
from pipeline.keypoints import KeypointSchema
from pipeline.plain_values import fault_of, is_text

SPLITS = ("train", "val", "test")
FARTHEST_PX = 1e7
"""From the image's corner, of any label: fixed-point drawing and 32-bit numbers hold so much."""
LAST_ID = 2**63 - 1
MAX_KEYPOINTS = 1000
"""Of a category; what compares names pair by pair takes a second for so many."""


@dataclass(frozen=True)
class Instance:
    """One labelled object.

    Attributes:
        bbox: x, y, width, height in pixels, (4,).
        keypoints: (K, 3): x, y in pixels and COCO's visibility 0/1/2.
        area: pixels squared; what OKS takes as the object's size.
        segmentation: COCO's RLE or polygons, or None.
        azimuth_deg: where the camera stands round the vehicle, by the annotation's own pose: 0 ahead of it, 90 on its
            left; None where no pose is given.
    """

    id: int
    image_id: int
    bbox: NDArray[np.float64]
    keypoints: NDArray[np.float64]
    area: float
    iscrowd: bool = False
    segmentation: Any = None
    azimuth_deg: float | None = None


@dataclass(frozen=True)
class ImageRecord:
    """One image of a dataset: where it is, how large, and what else its file says of it."""

    id: int
    path: Path
    file_name: str
    width: int
    height: int
    instances: tuple[Instance, ...]
    extra: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class CocoDataset:
    """A keypoint dataset: images in order of id, each with its instances.

    `category_ids` are those of all categories with keypoints; empty where the file gives them none.
    """

    source: Path
    keypoint_names: tuple[str, ...]
    images: tuple[ImageRecord, ...]
    category_ids: tuple[int, ...] = ()

    def require_schema(self, schema: KeypointSchema) -> None:
        """Raise DatasetError unless the dataset's keypoints are those of `schema`, in its order."""
        if self.keypoint_names != schema.names:
            ours, theirs = set(schema.names), set(self.keypoint_names)
            difference = sorted(ours ^ theirs) or ["their order"]
            raise DatasetError(
                f"{self.source}: keypoints differ from schema {schema.name} in {', '.join(difference[:5])}"
            )


def load_coco(dataset: Path, split: str | None = None) -> CocoDataset:
    """A dataset folder (annotations.json, or SPLIT.json where a split is asked for) or a COCO JSON file.

    Image files are looked for beside the JSON, in its images/ and in its parent's images/.

    Raises:
        DatasetError: the file is missing, damaged, has no keypoint category, or refers to what is not there.
    """
    source = annotation_file(dataset, split)
    content = read_coco_json(source)
    category = _keypoint_category(content, source)
    names = tuple(category["keypoints"])
    by_image: dict[int, list[Instance]] = {}
    for number, annotation in enumerate(content["annotations"]):
        instance = _instance(annotation, len(names), f"{source}: annotations[{number}]")
        by_image.setdefault(instance.image_id, []).append(instance)
    images = tuple(
        _image_record(image, by_image, f"{source}: images[{number}]", source.parent)
        for number, image in enumerate(content["images"])
    )
    known = {image.id for image in images}
    if len(known) < len(images):
        raise DatasetError(f"{source}: image ids repeat")
    if orphans := sorted(set(by_image) - known):
        raise DatasetError(f"{source}: annotations refer to image {orphans[0]}, which the file does not list")
    categories = tuple(c["id"] for c in content["categories"] if c.get("keypoints") and isinstance(c.get("id"), int))
    return CocoDataset(source, names, tuple(sorted(images, key=lambda image: image.id)), categories)


def is_dataset(path: Path) -> bool:
    """Whether a path that may also be of images is of a dataset: a folder with annotations.json, or a .json file."""
    return (path / "annotations.json").is_file() if path.is_dir() else path.suffix.lower() == ".json"


def annotation_file(dataset: Path, split: str | None) -> Path:
    """The JSON that `dataset` (a folder or a file) means for a split.

    Raises:
        DatasetError: it is not there.
    """
    if dataset.is_file():
        return dataset
    if not dataset.is_dir():
        raise DatasetError(f"{dataset}: no such dataset; give a folder with annotations.json, or a COCO JSON file")
    source = dataset / ("annotations.json" if split is None else f"{split}.json")
    if not source.is_file():
        there = ", ".join(sorted(p.name for p in dataset.glob("*.json"))) or "no JSON file"
        raise DatasetError(f"{dataset}: has no {source.name}; it holds {there}")
    return source


def read_coco_json(source: Path) -> dict[str, Any]:
    """The JSON with the three lists that every COCO file has.

    Raises:
        DatasetError: it cannot be read, is not JSON, or lacks a list.
    """
    content = read_json(source, DatasetError)
    if not isinstance(content, dict):
        raise DatasetError(f"{source}: must be an object with images, annotations and categories")
    for key in ("images", "annotations", "categories"):
        rows = content.get(key)
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            raise DatasetError(f"{source}: must have a list of objects called {key!r}")
    return content


def _keypoint_category(content: dict[str, Any], source: Path) -> dict[str, Any]:
    for category in content["categories"]:
        names = category.get("keypoints")
        if isinstance(names, list) and names and all(isinstance(name, str) for name in names):
            if len(names) > MAX_KEYPOINTS:
                raise DatasetError(f"{source}: a category has {len(names)} keypoints; allowed: {MAX_KEYPOINTS}")
            if not all(map(is_text, names)):
                raise DatasetError(f"{source}: names of keypoints must be Unicode text")
            return category
    raise DatasetError(f"{source}: no category has keypoints; this is a COCO file, but not of keypoints")


def _instance(annotation: dict[str, Any], count: int, where: str) -> Instance:
    try:
        flat = np.array(annotation["keypoints"], dtype=np.float64)
        if flat.shape != (3 * count,):
            raise ValueError(f"keypoints must be {3 * count} numbers ({count} times x, y, v); got {flat.size}")
        bbox = readonly(annotation["bbox"], (4,), "bbox")
        keypoints = readonly(flat.reshape(count, 3), (count, 3), "keypoints")
        if max(np.abs(bbox).max(), np.abs(keypoints).max()) > FARTHEST_PX:
            raise ValueError(f"bbox and keypoints must lie within {FARTHEST_PX:g} pixels")
        return Instance(
            id=_id(annotation["id"]),
            image_id=_id(annotation["image_id"]),
            bbox=bbox,
            keypoints=keypoints,
            area=float(annotation.get("area", bbox[2] * bbox[3])),
            iscrowd=bool(annotation.get("iscrowd", 0)),
            segmentation=annotation.get("segmentation"),
            azimuth_deg=_azimuth_deg(annotation.get("pose")),
        )
    except KeyError as error:
        raise DatasetError(f"{where}: lacks {error}") from error
    except (TypeError, ValueError, OverflowError) as error:
        raise DatasetError(f"{where}: {error}") from error


def _id(value: Any) -> int:
    number = int(value)
    if abs(number) > LAST_ID:
        raise ValueError(f"an id must have at most 64 bits; got one of {number.bit_length()}")
    return number


def _azimuth_deg(pose: Any) -> float | None:
    """Of the camera in the vehicle's frame (x forward, y left), from our annotations' camera_from_vehicle."""
    try:
        rotation = readonly(pose["rotation"], (3, 3), "pose.rotation")
        camera = -rotation.T @ readonly(pose["translation_m"], (3,), "pose.translation_m")
    except (LookupError, TypeError, ValueError, OverflowError):
        return None  # it has none, or another tool's, which may mean anything
    return float(np.degrees(np.arctan2(camera[1], camera[0])) % 360)


def _image_record(image: dict[str, Any], by_image: dict[int, list[Instance]], where: str, folder: Path) -> ImageRecord:
    try:
        known = ("id", "file_name", "width", "height")
        image_id, name = _id(image["id"]), str(image["file_name"])
        width, height = int(image["width"]), int(image["height"])
        if not (0 <= width <= MAX_PIXELS and 0 <= height <= MAX_PIXELS and width * height <= MAX_PIXELS):
            raise ValueError(f"width and height must be of at most {MAX_PIXELS} pixels; got {width:.3g} x {height:.3g}")
        extra = {key: value for key, value in image.items() if key not in known}
        if fault := fault_of(extra):
            raise ValueError(fault)
        return ImageRecord(
            id=image_id,
            path=_image_path(folder, name, where),
            file_name=name,
            width=width,
            height=height,
            instances=tuple(by_image.get(image_id, ())),
            extra=extra,
        )
    except KeyError as error:
        raise DatasetError(f"{where}: lacks {error}") from error
    except (TypeError, ValueError, OverflowError) as error:
        raise DatasetError(f"{where}: {error}") from error


def _image_path(folder: Path, name: str, where: str) -> Path:
    """Where an image of a COCO file in `folder` lies; the file's own name must not lead out of the dataset."""
    if fault := escapes(name):
        raise DatasetError(f"{where}: file_name {name!r:.80} {fault}")
    for base in (folder / "images", folder, folder.parent / "images"):
        if is_file(base / name):
            return base / name
    return folder / "images" / name
