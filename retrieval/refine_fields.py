"""The fields of a spec that photos say something of: each with the change that a report asks for, or why there is none.

A sentence of each change gives its numbers.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.camera_spec import CameraSpec
from pipeline.config import Config
from pipeline.distributions import Normal, NormalParameters, Number, OnValue, Uniform, limits_of
from pipeline.sampling import sample
from pipeline.seeds import stream_rng
from pipeline.sensor_spec import SensorSpec
from pipeline.spec import DatasetSpec
from retrieval.differences import wilson
from retrieval.refine_target import LEAST_NEW, MOST_NEW, Target, fill_in, uniform_edges
from retrieval.refine_text import Change
from retrieval.shift_parts import PropertyRecord
from retrieval.shift_record import ShiftRecord
from retrieval.shift_views import DETECTED

LEAST_PHOTOS = 20
LEAST_KNOWN = 10
"""Renders, or photos, of known view that reading is judged by."""
LEAST_READ = 0.6
"""Share of known views that must be read right for viewpoints to be changed."""
WORST_FILL = 0.25
"""Median relative error of the size in the image above which sizes are not changed."""
LEAST_EV = 0.15
"""Stops of brightness that are worth a change: a third of what a camera's dial does."""
TRUNCATE_STD = 2.5


@dataclass(frozen=True)
class Proposal:
    """What becomes of one field: a change, or a note why it stays; `judged` is False where nothing could be told."""

    field: str
    change: Change | None
    note: str
    judged: bool = True


@dataclass(frozen=True)
class _View:
    """A field of the camera that is read from keypoints."""

    name: str
    title: str
    edges: tuple[float, ...]
    unit: str
    period: float | None = None


VIEWS = (
    _View("azimuth_deg", "viewpoints round the vehicle", uniform_edges(-15, 345, 30), "°", 360.0),
    _View("elevation_deg", "heights of the camera", uniform_edges(-5, 85, 5), "°"),
    _View(
        "fill",
        "sizes in the image (above 1: cut off)",
        (0.02, 0.15, 0.25, 0.35, 0.45, 0.55, 0.65, 0.75, 0.85, 0.95, 1.05, 1.2, 1.4, 1.7, 2.2, 4.0),
        "",
    ),
    _View("shift_x", "places off the middle, sideways", uniform_edges(-0.55, 0.55, 0.1), ""),
    _View("shift_y", "places off the middle, upright", uniform_edges(-0.55, 0.55, 0.1), ""),
)
LENSES = (4.0, 12.0, 16.0, 22.0, 30.0, 42.0, 60.0, 85.0, 120.0, 200.0, 400.0, 1200.0)


def camera_proposals(spec: DatasetSpec, record: ShiftRecord) -> Iterator[Proposal]:
    """Viewpoints, sizes, places and lenses."""
    real, renders = record.real_views, record.synthetic_views
    if len(real.names) < LEAST_PHOTOS:
        yield Proposal("camera", None, f"only {len(real.names)} photos could be read; {LEAST_PHOTOS} are needed", False)
        return
    refused = _not_trusted(record)
    for view in VIEWS:
        where = f"camera.{view.name}"
        said = refused.get(view.name)
        if said:
            yield Proposal(where, None, said, judged=False)
            continue
        target = fill_in(
            getattr(spec.camera, view.name),
            np.array(getattr(real, view.name)),
            view.edges,
            limits_of(CameraSpec, view.name),
            np.array(getattr(renders, view.name)),
            view.period,
        )
        yield _proposal(where, view.title, view.unit, target, len(real.names), real.keypoints)
    lenses = np.array([one for one in real.lens_mm if one is not None])
    if len(lenses) < LEAST_PHOTOS:
        said = f"{len(lenses)} photos say their focal length; {LEAST_PHOTOS} are needed"
        yield Proposal("camera.lens_mm", None, said, judged=False)
        return
    target = fill_in(spec.camera.lens_mm, lenses, LENSES, limits_of(CameraSpec, "lens_mm"))
    yield _proposal("camera.lens_mm", "lenses", " mm", target, len(lenses), "EXIF")


def sensor_proposals(spec: DatasetSpec, record: ShiftRecord) -> Iterator[Proposal]:
    """Brightness and blur."""
    by_name = {one.name: one for one in record.properties}
    yield _exposure(spec, record, by_name["brightness_ev"])
    yield _blur(spec, record, by_name["blur"])


def _not_trusted(record: ShiftRecord) -> dict[str, str]:
    """Fields that are not to be changed, and why."""
    one = record.view_trust
    refused: dict[str, str] = {}
    by_photos = one.n_named >= LEAST_KNOWN
    count, right = (one.n_named, one.same_named) if by_photos else (one.n, one.within_30)
    if right is None or count < LEAST_KNOWN or right < LEAST_READ:
        what = "photos" if by_photos else "renders"
        said = f"right in {right:.0%} of {count} {what}" if right is not None else f"known of {count} {what}"
        for name in ("azimuth_deg", "elevation_deg"):
            refused[name] = f"reading viewpoints is {said}; {LEAST_READ:.0%} of at least {LEAST_KNOWN} are needed"
    if one.fill_error is not None and one.fill_error > WORST_FILL:
        for name in ("fill", "shift_x", "shift_y"):
            refused[name] = f"sizes are read {one.fill_error:.0%} wrong on renders; {WORST_FILL:.0%} is allowed"
    return refused


def _proposal(where: str, title: str, unit: str, target: Target | None, photos: int, source: str) -> Proposal:
    if target is None:
        return Proposal(where, None, f"nothing that the {photos} photos have is lacking")
    parts = [
        f"{p.low:g} to {p.high:g}{unit}: {p.photos:.0%} of photos, {p.before:.0%} of draws before, "
        f"{p.after(target.new):.0%} now"
        for p in target.pieces
    ]
    held = f" (the excess asked for {target.wanted:.0%})" if target.wanted > target.new else ""
    why = [
        f"{title[0].upper()}{title[1:]}: {photos} photos (by {source}) have what was lacking: {'; '.join(parts)}.",
        f"{target.new:.0%} of the draws go there{held}, {1 - target.new:.0%} stay as they were, for photos at hand are "
        "a sample and are read with error.",
    ]
    if source == DETECTED:
        why.append(
            "The detector itself read them: a view that it never learned it may take for another one. Labels of some "
            "photos, or akd shift --views-by with a detector that knows all views, are surer."
        )
    return Proposal(where, _change(where, target.number, tuple(why)), parts[0])


def _exposure(spec: DatasetSpec, record: ShiftRecord, found: PropertyRecord) -> Proposal:
    where = "sensor.exposure_ev"
    sure = found.interval[0] > 0 or found.interval[1] < 0
    new = min(MOST_NEW, abs(2 * found.superiority - 1))
    if not sure or abs(found.shift) < LEAST_EV or new < LEAST_NEW:
        ends = f"[{found.interval[0]:+.2f}, {found.interval[1]:+.2f}]"
        return Proposal(where, None, f"brightness differs by {found.shift:+.2f} stops {ends}: nothing to mend")
    old = spec.sensor.exposure_ev
    mean, spread = _moments(old)
    wider = np.var(record.brightness_values) - np.var(record.synthetic_brightness_values)
    goal = NormalParameters(**_bell(mean + found.shift, float(np.sqrt(spread**2 + max(wider, 0.05**2))), where))
    number = OnValue(probability=round(1 - new, 4), value=old, otherwise=Normal(normal=goal))
    more = "brighter" if found.shift > 0 else "darker"
    why = (
        f"Brightness: the vehicle is {abs(found.shift):.2f} stops {more} on {found.n_real} photos "
        f"[{found.interval[0]:+.2f}, {found.interval[1]:+.2f}] than on {found.n_synthetic} renders; {new:.0%} of the "
        "draws are exposed so, as many as the two differ by in rank.",
    )
    return Proposal(where, _change(where, number, why), why[0])


def _blur(spec: DatasetSpec, record: ShiftRecord, found: PropertyRecord) -> Proposal:
    """Photos more blurred than 95 % of renders, as radii: what blurring renders does to the measure is known."""
    where = "sensor.blur_px"
    values, usual = np.array(record.blur_values), found.synthetic[-1]
    soft = values[values > usual]
    low, _ = wilson(np.array([len(soft)]), max(len(values), 1))
    excess = len(soft) / max(len(values), 1) - 0.05
    if low[0] <= 0.05 or excess < LEAST_NEW:
        return Proposal(where, None, f"{len(soft) / max(len(values), 1):.0%} of photos are softer than 95 % of renders")
    radii = np.interp(soft, record.blur_curve.blur, record.blur_curve.radius_px)
    most = limits_of(SensorSpec, "blur_px")[1]
    ends = np.clip(np.quantile(radii, [0.05, 0.95]), 0.1, most)
    if ends[1] - ends[0] < 1e-3:
        ends = np.array([max(ends[0] * 0.75, 0.1), ends[1]])
    new = min(MOST_NEW, excess)
    drawn = Uniform(uniform=(round(float(ends[0]), 2), round(float(ends[1]), 2)))
    number = OnValue(probability=round(1 - new, 4), value=spec.sensor.blur_px, otherwise=drawn)
    why = (
        f"Blur: {len(soft)} of {len(values)} photos are softer than 95 % of renders; renders that are blurred by "
        f"{ends[0]:.1f} to {ends[1]:.1f} px measure alike ({record.blur_curve.n} were), so {new:.0%} of the draws are.",
    )
    return Proposal(where, _change(where, number, why), why[0])


def _change(where: str, number: Number, why: tuple[str, ...]) -> Change:
    value = number.model_dump(mode="json") if isinstance(number, Config) else number
    return Change(tuple(where.split(".")), value, why)


def _moments(number: Number) -> tuple[float, float]:
    rng = stream_rng(0, 0, "refine.moments")
    draws: NDArray[np.float64] = np.array([sample(number, rng) for _ in range(4000)])
    return float(draws.mean()), float(draws.std())


def _bell(mean: float, std: float, where: str) -> dict[str, float]:
    low, high = limits_of(SensorSpec, where.split(".")[1])
    centre = float(np.clip(mean, low, high))
    ends = np.clip([centre - TRUNCATE_STD * std, centre + TRUNCATE_STD * std], low, high)
    return {
        "mean": round(centre, 3),
        "std": round(std, 3),
        "min": round(float(ends[0]), 3),
        "max": round(float(ends[1]), 3),
    }
