"""What a plan would make, in words: counts, coverage of viewpoints, and how long it would take."""

from collections import Counter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.cores import usable_cores
from pipeline.plan import Shot
from pipeline.spec import DatasetSpec

VIEWS = ("front", "front left", "left", "rear left", "rear", "rear right", "right", "front right")
SECONDS_PER_SAMPLE = 1.9e-6
"""One Cycles sample of one pixel on one core (bpy 5.2.3, 256x256 to 640x480, 2 cores of 2026's build machine)."""
SECONDS_PER_IMAGE = 0.45
"""Sync, denoising, labels and encoding of a 256x256 image on one core."""
SECONDS_PER_VEHICLE = 1.1
"""Building a vehicle and handing it to Cycles."""


def summarize_plan(spec: DatasetSpec, shots: list[Shot]) -> str:
    """Tables of images per split and style and per viewpoint, and an estimated time."""
    vehicles = {shot.vehicle.id: shot for shot in shots}
    lines = [
        f"{spec.name}: {len(shots)} images of {len(vehicles)} vehicles, "
        f"{spec.image.width}x{spec.image.height}, {spec.render.samples} samples, seed {spec.seed}",
        "",
        *_split_table(shots, vehicles),
        "",
        *_coverage(shots),
        "",
        f"estimated time: {format_seconds(estimate_seconds(spec, len(shots)))} with {usable_cores()} workers "
        "on the CPU (measured on another machine: take it as a guide)",
    ]
    return "\n".join(lines)


def plan_as_json(spec: DatasetSpec, shots: list[Shot]) -> dict[str, Any]:
    """The same for programs."""
    vehicles = {shot.vehicle.id: shot for shot in shots}
    return {
        "name": spec.name,
        "images": len(shots),
        "vehicles": len(vehicles),
        "width": spec.image.width,
        "height": spec.image.height,
        "samples": spec.render.samples,
        "seed": spec.seed,
        "images_by_split": dict(Counter(shot.split for shot in shots)),
        "vehicles_by_split": dict(Counter(shot.split for shot in vehicles.values())),
        "images_by_style": dict(sorted(Counter(shot.vehicle.style for shot in shots).items())),
        "images_by_view": {name: int(count) for name, count in zip(VIEWS, _views(shots), strict=True)},
        "estimated_s": round(estimate_seconds(spec, len(shots)), 1),
        "workers": usable_cores(),
    }


def _split_table(shots: list[Shot], vehicles: dict[str, Shot]) -> list[str]:
    styles = sorted({shot.vehicle.style for shot in shots})
    images = Counter((shot.split, shot.vehicle.style) for shot in shots)
    distinct = Counter(shot.split for shot in vehicles.values())
    rows = [f"{'split':8}{'vehicles':>10}{'images':>8}" + "".join(f"{style:>12}" for style in styles)]
    for split in ("train", "val", "test"):
        counts = [images[split, style] for style in styles]
        rows.append(f"{split:8}{distinct[split]:>10}{sum(counts):>8}" + "".join(f"{count:>12}" for count in counts))
    return rows


def _views(shots: list[Shot]) -> NDArray[np.int64]:
    """How many are seen from each of VIEWS."""
    azimuth = np.array([shot.camera.azimuth_deg for shot in shots])
    sector = np.floor((azimuth + 22.5) % 360 / 45).astype(int)
    return np.bincount(sector, minlength=len(VIEWS))


def _coverage(shots: list[Shot]) -> list[str]:
    counts = _views(shots)
    widest = max(int(counts.max()), 1)
    bars = [
        f"  {name:12}{count:>6}  {'#' * round(30 * count / widest)}" for name, count in zip(VIEWS, counts, strict=True)
    ]
    lines = ["viewpoints (seen from)", *bars]
    for name in ("elevation_deg", "lens_mm", "fill"):
        values = np.array([getattr(shot.camera, name) for shot in shots])
        low, middle, high = np.percentile(values, [5, 50, 95])
        lines.append(f"  {name:14} 5 % {low:8.2f}   median {middle:8.2f}   95 % {high:8.2f}")
    return lines


def estimate_seconds(spec: DatasetSpec, images: int) -> float:
    """Wall time with one worker per core, in seconds."""
    pixels = spec.image.width * spec.image.height
    each = pixels * spec.render.samples * SECONDS_PER_SAMPLE + SECONDS_PER_IMAGE * max(1.0, pixels / 256**2) ** 0.7
    vehicles = -(-images // spec.vehicles.views_per_vehicle)
    return (images * each + vehicles * SECONDS_PER_VEHICLE) / usable_cores()


def format_seconds(seconds: float) -> str:
    """A duration as a person would say it."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    if seconds < 5400:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.1f} h"
