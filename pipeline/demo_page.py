"""The demo's page: pictures, numbers and commands, read from the files that the stages wrote."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from pipeline.coco import CocoDataset, ImageRecord, load_coco
from pipeline.draw import contact_sheet, draw_instance
from pipeline.files import write_text_atomic
from pipeline.image_header import read_header
from pipeline.images import Image, read_image, write_image
from pipeline.keypoints import KeypointSchema, load_schema

SHEET = 18
PICTURES = 9
CELL = (420, 420)


@dataclass(frozen=True)
class Picture:
    """A picture of the page, with its size: nothing moves while it loads."""

    address: str
    width: int
    height: int


def write_page(out: Path, steps: list[dict[str, Any]], has_real: bool) -> Path:
    """Write index.html and the pictures it needs into `out`; returns the page."""
    dataset = load_coco(out / "dataset")
    schema = load_schema("vehicle20")
    reports = _reports(out, has_real)
    context = {
        "cards": _cards(dataset, reports),
        "protocol": _protocol(reports),
        "dataset_note": _dataset_note(dataset),
        **_sheets(out, dataset, schema),
        "predictions": _pictures(out, "predictions"),
        "predictions_real": _pictures(out, "predictions_real") if has_real else [],
        "columns": list(reports),
        "scores": _scores(reports),
        "keypoints": _keypoint_rows(reports, schema),
        "matches": _pictures(out, "matches", limit=8),
        "steps": steps,
        "total": round(sum(step["seconds"] for step in steps)),
    }
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent), autoescape=True, undefined=StrictUndefined
    )
    page = out / "index.html"
    write_text_atomic(page, environment.get_template("demo.html").render(context))
    return page


def _reports(out: Path, has_real: bool) -> dict[str, dict[str, Any]]:
    files = {"rendered, unseen cars": out / "evaluation.json"}
    if has_real and (out / "evaluation_real.json").is_file():
        files["real photos"] = out / "evaluation_real.json"
    return {name: json.loads(file.read_text(encoding="utf-8")) for name, file in files.items()}


def _cards(dataset: CocoDataset, reports: dict[str, dict[str, Any]]) -> list[dict[str, str]]:
    first = next(iter(reports.values()))
    vehicles = {image.extra["vehicle"] for image in dataset.images}
    cards = [
        {"value": str(len(dataset.images)), "name": f"rendered images of {len(vehicles)} vehicles"},
        {"value": _number(first["keypoints"]["AP"]), "name": "keypoint AP on unseen vehicles"},
        {"value": _number(first["pck"]["0.1"]), "name": "PCK@0.1 on unseen vehicles"},
        {"value": _number(first["box"]["AP"]), "name": "box AP on unseen vehicles"},
    ]
    if "real photos" in reports:
        cards.append({"value": _number(reports["real photos"]["pck"]["0.1"]), "name": "PCK@0.1 on real photos"})
    return cards


def _protocol(reports: dict[str, dict[str, Any]]) -> str:
    return " ".join(
        f"{name[0].upper() + name[1:]}: {report['images']} images with {report['instances']} vehicles; "
        f"OKS with sigma {report['sigma']}, area: {report['area']}, boxes: {report['box_source']}."
        for name, report in reports.items()
    )


def _dataset_note(dataset: CocoDataset) -> str:
    counts = {
        split: sum(image.extra["split"] == split for image in dataset.images) for split in ("train", "val", "test")
    }
    listed = ", ".join(f"{count} to {split}" for split, count in counts.items())
    return f"Whole vehicles go to one split: {listed}."


def _sheets(out: Path, dataset: CocoDataset, schema: KeypointSchema) -> dict[str, Picture]:
    chosen = _one_per_vehicle(dataset)[:SHEET]
    labels, images = out / "pictures" / "labels.jpg", out / "pictures" / "images.jpg"
    labelled = [_labelled(record, schema) for record in chosen]
    write_image(labels, contact_sheet(labelled[: SHEET // 2], 3, cell=CELL), quality=85)
    plain = [read_image(record.path) for record in chosen]
    write_image(images, contact_sheet(plain, 6, cell=(256, 256)), quality=85)
    return {"sheet_labels": _picture(labels, out), "sheet_plain": _picture(images, out)}


def _one_per_vehicle(dataset: CocoDataset) -> list[ImageRecord]:
    first: dict[str, ImageRecord] = {}
    for record in dataset.images:
        first.setdefault(record.extra["vehicle"], record)
    return list(first.values())


def _labelled(record: ImageRecord, schema: KeypointSchema) -> Image:
    image = read_image(record.path)
    for instance in record.instances:
        image = draw_instance(image, instance.keypoints, schema, instance.bbox)
    return image


def _pictures(out: Path, folder: str, limit: int = PICTURES) -> list[Picture]:
    """Pictures that a stage wrote, spread over all of them."""
    found = sorted(p for p in (out / folder).rglob("*") if p.suffix in (".jpg", ".png"))
    chosen = [found[i] for i in np.unique(np.linspace(0, len(found) - 1, limit).astype(int))] if found else []
    return [_picture(path, out) for path in chosen]


def _picture(path: Path, out: Path) -> Picture:
    header = read_header(path)
    return Picture(path.relative_to(out).as_posix(), header.width, header.height)


def _scores(reports: dict[str, dict[str, Any]]) -> list[dict[str, Any]]:
    rows = [
        ("keypoint AP, OKS 0.50 to 0.95", "keypoints", "AP"),
        ("keypoint AP at OKS 0.50", "keypoints", "AP50"),
        ("keypoint AP at OKS 0.75", "keypoints", "AP75"),
        ("keypoint AR, OKS 0.50 to 0.95", "keypoints", "AR"),
        ("PCK@0.05", "pck", "0.05"),
        ("PCK@0.1", "pck", "0.1"),
        ("box AP, IoU 0.50 to 0.95", "box", "AP"),
        ("box AP at IoU 0.50", "box", "AP50"),
    ]
    return [
        {"name": name, "numbers": [_number(report[group][key]) for report in reports.values()]}
        for name, group, key in rows
    ]


def _keypoint_rows(reports: dict[str, dict[str, Any]], schema: KeypointSchema) -> list[dict[str, Any]]:
    return [
        {"name": name, "cells": [_cell(report["pck_per_keypoint"].get(name)) for report in reports.values()]}
        for name in schema.names
    ]


def _cell(score: dict[str, Any] | None) -> dict[str, Any]:
    if not score or not score["n"]:
        return {"text": "not labelled", "percent": 0}
    return {"text": f"{score['0.1']:.2f} of {score['n']}", "percent": round(100 * score["0.1"])}


def _number(value: float | None) -> str:
    return "none" if value is None else f"{value:.2f}"
