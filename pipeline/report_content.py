"""What a report's page holds, as plain JSON values: columns over images and instances, and where the data came from."""

import os
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

import numpy as np
import yaml
from numpy.typing import NDArray

from pipeline.coco import CocoDataset, ImageRecord, load_coco, read_coco_json
from pipeline.config import read_yaml
from pipeline.report_fields import field_columns
from pipeline.report_schema import drawn_keypoints

REASONS = ("seen", "absent")
"""Reasons that a keypoint's visibility already says; the others say what hides it."""


def report_content(target: Path, page: Path) -> tuple[CocoDataset, dict[str, Any]]:
    """The dataset of `target` (a folder or a COCO file), and what a page at `page` says of it but for thumbnails.

    Raises:
        DatasetError: the dataset is missing or damaged.
    """
    dataset = load_coco(target)
    raw = read_coco_json(dataset.source)
    folder = dataset.source.parent
    category = next(c for c in raw["categories"] if c.get("keypoints") == list(dataset.keypoint_names))
    fields = field_columns(dataset.images, folder)
    content = {
        "title": _title(dataset.source, raw),
        "keypoints": drawn_keypoints(dataset.keypoint_names, category),
        "images": _images(dataset.images, page),
        "fields": fields,
        "instances": _instances(dataset.images, _reasons(raw["annotations"])),
        "about": _about(dataset, raw),
    }
    return dataset, content


def _title(source: Path, raw: Mapping[str, Any]) -> str:
    folder = source.resolve().parent
    return folder.name if source.name == "annotations.json" else f"{folder.name}/{source.name}"


def _images(images: Sequence[ImageRecord], page: Path) -> dict[str, list[Any]]:
    base = page.resolve().parent
    return {
        "id": [image.id for image in images],
        "name": [image.file_name for image in images],
        "href": [quote(os.path.relpath(image.path.resolve(), base)) for image in images],
        "width": [image.width for image in images],
        "height": [image.height for image in images],
    }


def _instances(images: Sequence[ImageRecord], reasons: Mapping[int, list[str]]) -> dict[str, Any]:
    """Columns over all instances, in order of image: `image` is the image's place, `keypoints` flat x, y, v in pixels.

    `hidden_by` holds places in `reasons`, a list per instance, or null.
    """
    words = sorted({word for row in reasons.values() for word in row if word not in REASONS})
    place = {word: i for i, word in enumerate(words)}
    rows = [(number, instance) for number, image in enumerate(images) for instance in image.instances]
    return {
        "image": [number for number, _ in rows],
        "bbox": [_short(instance.bbox) for _, instance in rows],
        "keypoints": [_short(_drawable(instance.keypoints).ravel()) for _, instance in rows],
        "reasons": words,
        "hidden_by": [
            [place.get(word, -1) for word in reasons[instance.id]] if instance.id in reasons else None
            for _, instance in rows
        ]
        if words
        else [],
    }


def _drawable(keypoints: NDArray[np.float64]) -> NDArray[np.float64]:
    """A copy whose visibility is one of COCO's 0, 1, 2: files of other hands have more."""
    states = keypoints[:, 2].clip(0, 2).round()
    return np.column_stack([keypoints[:, :2], states])


def _short(values: Any) -> list[float | int]:
    """A tenth of a pixel is finer than a page shows, and half the bytes."""
    return [int(v) if v == int(v) else v for v in values.round(1).tolist()]


def _reasons(annotations: Sequence[Mapping[str, Any]]) -> dict[int, list[str]]:
    """Why each keypoint is as it is, by annotation; akd writes that beside COCO's own fields."""
    found = {}
    for annotation in annotations:
        words = annotation.get("keypoint_reasons")
        if isinstance(words, list) and all(isinstance(word, str) for word in words):
            found[int(annotation["id"])] = words
    return found


def _about(dataset: CocoDataset, raw: Mapping[str, Any]) -> dict[str, Any]:
    """Provenance: rows of (name, value), and the spec as YAML where dataset.yaml says it."""
    folder = dataset.source.parent
    rows: list[tuple[str, str]] = [("Labels", dataset.source.name)]
    rows += [(f"COCO info, {key}", str(value)) for key, value in _info(raw).items() if value not in (None, "")]
    rows += [("Licence", name) for name in _licences(raw)]
    description = read_yaml(folder / "dataset.yaml") if (folder / "dataset.yaml").is_file() else None
    if not isinstance(description, dict) or not isinstance(description.get("spec"), dict):
        return {"rows": rows, "spec": None}
    spec = description["spec"]
    rows += [
        ("Spec", str(spec.get("name"))),
        ("Seed", str(spec.get("seed"))),
        ("Images planned", str(spec.get("images"))),
    ]
    rows.append(("Spec's fingerprint", str(description.get("spec_sha256"))))
    rows += [(f"Version of {name}", str(version)) for name, version in _mapping(description, "versions")]
    rows += [(f"SHA-256 of {Path(name).name}", str(digest)) for name, digest in _mapping(description, "assets")]
    rows += [(f"Licence of {Path(name).name}", str(text)) for name, text in _mapping(description, "licences")]
    return {"rows": rows, "spec": yaml.safe_dump(spec, sort_keys=False, allow_unicode=True, width=100)}


def _info(raw: Mapping[str, Any]) -> dict[str, Any]:
    info = raw.get("info")
    return {k: v for k, v in info.items() if isinstance(v, str | int | float)} if isinstance(info, dict) else {}


def _licences(raw: Mapping[str, Any]) -> list[str]:
    rows = raw.get("licenses")
    named = [row.get("name") for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []
    return [name for name, _ in Counter(str(name) for name in named if name).items()]


def _mapping(description: Mapping[str, Any], key: str) -> list[tuple[Any, Any]]:
    value = description.get(key)
    return list(value.items()) if isinstance(value, dict) else []
