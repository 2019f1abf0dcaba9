"""A report of akd shift, made by hand: photos and renders that agree in everything, but for what a test changes."""

import numpy as np

from pipeline.dataset_folder import distributions_hash
from pipeline.sampling import sample
from pipeline.spec import load_spec
from retrieval.manifest import FileStamp
from retrieval.shift_parts import (
    ClassesRecord,
    CoverageRecord,
    CurveRecord,
    EstimatesRecord,
    PropertyRecord,
    SideRecord,
    ViewTrust,
)
from retrieval.shift_record import ShiftRecord

LEVELS = (0.05, 0.25, 0.5, 0.75, 0.95)
PHOTOS = 200


def estimates(seed, spec="demo", count=PHOTOS, **changes) -> EstimatesRecord:
    """Views drawn from a spec's own distributions."""
    rng, camera = np.random.default_rng(seed), load_spec(spec).camera
    fields = {
        name: tuple(float(sample(getattr(camera, name), rng)) for _ in range(count))
        for name in ("azimuth_deg", "elevation_deg", "fill", "shift_x", "shift_y")
    }
    usual = {"keypoints": "the photos' own labels", "unread": 0, "names": tuple(f"{i}.jpg" for i in range(count)),
             "similarity": (0.9,) * count, "lens_mm": (None,) * count}  # fmt: skip
    return EstimatesRecord(**usual | fields | changes)


def alike(name, label, value, **changes) -> PropertyRecord:
    """A number that does not differ."""
    spread = tuple(value + 0.1 * one for one in (-2, -1, 0, 1, 2))
    return PropertyRecord(**{
        "name": name, "label": label, "unit": "", "statistic": "median", "n_synthetic": PHOTOS, "n_real": PHOTOS,
        "levels": LEVELS, "synthetic": spread, "real": spread, "synthetic_value": value, "real_value": value,
        "shift": 0.0, "interval": (-0.1, 0.1), "superiority": 0.5, "p_value": 0.9,
    } | changes)  # fmt: skip


def classes(name, known, real, **changes) -> ClassesRecord:
    """Shares of a property with names; intervals of a tenth to each side."""
    return ClassesRecord(**{
        "name": name, "classes": tuple(known), "n_known": 300, "n_real": PHOTOS, "accuracy": 0.8,
        "accuracy_interval": (0.75, 0.85), "chance": 0.3, "synthetic": tuple(known.values()),
        "real": tuple(real.values()),
        "interval": tuple((max(share - 0.1, 0.0), min(share + 0.1, 1.0)) for share in real.values()),
    } | changes)  # fmt: skip


def record(spec="demo", **changes) -> ShiftRecord:
    """The whole report."""
    side = {"source": "there", "what": "all", "images": PHOTOS, "groups": PHOTOS, "by": "image", "found": PHOTOS,
            "labelled": PHOTOS}  # fmt: skip
    flat = (1 / 20,) * 20
    rng = np.random.default_rng(9)
    soft = tuple(float(v) for v in 0.3 + 0.05 * rng.normal(size=PHOTOS))
    light = tuple(float(v) for v in rng.normal(size=PHOTOS))
    usual = {
        "weights": FileStamp(path="best.pt", sha256="0" * 64),
        "keypoint_schema": "vehicle20",
        "input_px": 256,
        "seed": 0,
        "synthetic": SideRecord(**side, spec=distributions_hash(load_spec(spec))),
        "reference": SideRecord(**side),
        "real": SideRecord(**side),
        "scores": None,
        "coverage": CoverageRecord(
            reference=9, n_synthetic=PHOTOS, n_real=PHOTOS, keypoints="", levels=LEVELS, synthetic=LEVELS, real=LEVELS,
            synthetic_histogram=flat, real_histogram=flat, below=0.3, uncovered=0.05, uncovered_interval=(0.02, 0.08),
            superiority=0.5, p_value=1.0, worst=(),
        ),
        "appearance": None,
        "properties": (alike("brightness_ev", "brightness", 0.0), alike("blur", "blur", 0.3)),
        "view_trust": ViewTrust(
            n=100, median_deg=6.0, within_30=0.97, fill_error=0.04, n_named=100, same_named=0.96
        ),
        "synthetic_views": estimates(1, spec),
        "real_views": estimates(2, spec),
        "classes": (),
        "blur_curve": CurveRecord(n=40, radius_px=(0.0, 1.0, 2.0, 4.0), blur=(0.3, 0.4, 0.5, 0.7)),
        "blur_values": soft,
        "brightness_values": light,
        "synthetic_brightness_values": light,
        "prepared": None,
        "findings": (),
    }  # fmt: skip
    return ShiftRecord(**usual | changes)
