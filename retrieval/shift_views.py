"""Where each image was taken from: viewpoint, size in the image and place in it, read from keypoints; lens by EXIF.

Keypoints are labels where most photos have them, else the detector's. Renders are read in the very same way, so that
what the reading itself gets wrong is in both; how wrong it is, is measured on renders, whose viewpoint is known.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import ExifTags
from PIL import Image as PilImage

from pipeline.keypoints import KeypointSchema
from retrieval.shift_images import Picture, Pictures
from retrieval.shift_measure import Measured
from retrieval.shift_parts import EstimatesRecord, ViewTrust
from retrieval.view_atlas import ViewAtlas
from retrieval.view_match import LEAST, Seen, ViewEstimate, estimate_views
from retrieval.viewpoint import VIEWS, geodesic_deg, off_middle_deg, view_rotation, viewpoint

LABELS, DETECTED = "the photos' own labels", "the detector's own"
NAMED_DEG = 45.0
"""A named view is an eighth of the circle, and named by eye: within so much of its middle it is the same."""


@dataclass(frozen=True)
class Readable:
    """Images to read: each as `Seen`, or None where there is nothing to read."""

    pictures: Sequence[Picture]
    seen: Sequence[Seen | None]


def from_detections(pictures: Pictures, measured: Measured) -> Readable:
    """The best detection of each."""
    return Readable(pictures.pictures, [measured.seen(i) if ok else None for i, ok in enumerate(measured.found)])


def from_labels(pictures: Pictures, hidden: bool = True) -> Readable:
    """The largest labelled object of each; without `hidden`, as if hidden keypoints had not been labelled."""
    images = pictures.dataset.images if pictures.dataset else ()
    seen: list[Seen | None] = []
    for picture, image in zip(pictures.pictures, images, strict=True):
        one = picture.target
        if one is None:
            seen.append(None)
            continue
        points = one.keypoints if hidden else np.where(one.keypoints[:, 2:] >= 2, one.keypoints, 0.0)
        seen.append(Seen(points, one.bbox, (image.width, image.height)))
    return Readable(pictures.pictures, seen)


def mostly_labelled(pictures: Pictures) -> bool:
    """Whether at least half of the images have as many labelled keypoints as a view needs."""
    labelled = [0 if one.target is None else (one.target.keypoints[:, 2] > 0).sum() for one in pictures.pictures]
    return bool(np.mean(np.array(labelled) >= LEAST) >= 0.5)


def labelled_keypoints(readable: Readable, schema: KeypointSchema) -> tuple[NDArray[np.bool_], bool]:
    """Which keypoints (K,) are labelled anywhere, and whether hidden ones are."""
    v = np.array([one.keypoints[:, 2] for one in readable.seen if one is not None]).reshape(-1, len(schema))
    return (v > 0).any(axis=0), bool((v == 1).any())


def read_views(
    atlas: ViewAtlas, readable: Readable, schema: KeypointSchema, known: NDArray | None, keypoints: str
) -> tuple[EstimatesRecord, list[ViewEstimate | None]]:
    """The record of the images that could be read, and each image's estimate or None."""
    there = [one for one in readable.seen if one is not None]
    found = iter(estimate_views(atlas, there, schema.sigmas, known))
    each = [None if one is None else next(found) for one in readable.seen]
    rows = [
        (picture, seen, one)
        for picture, seen, one in zip(readable.pictures, readable.seen, each, strict=True)
        if seen is not None and one is not None
    ]
    frames = np.array([seen.size for _, seen, _ in rows], dtype=np.float64).reshape(-1, 2)
    boxes = np.array([one.box for *_, one in rows]).reshape(-1, 4)
    fill = (boxes[:, 2:] / frames).max(axis=1) if len(rows) else np.zeros(0)
    middle = (boxes[:, :2] + boxes[:, 2:] / 2) / frames - 0.5
    record = EstimatesRecord(
        keypoints=keypoints,
        unread=len(each) - len(rows),
        names=tuple(picture.name for picture, _, _ in rows),
        azimuth_deg=tuple(round(one.azimuth_deg, 2) for *_, one in rows),
        elevation_deg=tuple(round(one.elevation_deg, 2) for *_, one in rows),
        fill=_rounded(fill),
        shift_x=_rounded(middle[:, 0]),
        shift_y=_rounded(middle[:, 1]),
        similarity=tuple(round(one.similarity, 4) for *_, one in rows),
        lens_mm=tuple(lens_mm(picture.path) for picture, _, _ in rows),
    )
    return record, each


def trust(
    renders: Sequence[tuple[Readable, Sequence[ViewEstimate | None]]],
    photos: tuple[Readable, Sequence[ViewEstimate | None]],
) -> ViewTrust:
    """What is right of viewpoints that are known: of renders by their records, of photos by the name of their view."""
    errors, fills = [], []
    for readable, each in renders:
        for picture, seen, one in zip(readable.pictures, readable.seen, each, strict=True):
            azimuth, elevation = viewpoint(picture.said)
            if seen is None or one is None or np.isnan(azimuth):
                continue
            rotations = view_rotation([azimuth, one.azimuth_deg], [elevation, one.elevation_deg])
            errors.append(float(geodesic_deg(rotations[0], rotations[1])))
            if isinstance(drawn := picture.said.get("fill"), int | float):
                fills.append(abs(float((one.box[2:] / seen.size).max()) / max(drawn, 1e-6) - 1))
    named = [
        (str(picture.said.get("view")), one.azimuth_deg)
        for picture, one in zip(photos[0].pictures, photos[1], strict=True)
        if one is not None and picture.said.get("view") in VIEWS
    ]
    same = [off_middle_deg(azimuth, view) <= NAMED_DEG for view, azimuth in named]
    return ViewTrust(
        n=len(errors),
        median_deg=float(np.median(errors)) if errors else None,
        within_30=float(np.mean(np.array(errors) < 30)) if errors else None,
        fill_error=float(np.median(fills)) if fills else None,
        n_named=len(named),
        same_named=float(np.mean(same)) if named else None,
    )


def lens_mm(path: Path) -> float | None:
    """The focal length for 35 mm film that a photo's EXIF says, in millimetres; None where it says none."""
    try:
        with PilImage.open(path) as header:
            value = header.getexif().get_ifd(ExifTags.IFD.Exif).get(ExifTags.Base.FocalLengthIn35mmFilm)
    except (OSError, ValueError, SyntaxError, KeyError):
        return None
    return float(value) if isinstance(value, int | float) and 4 <= float(value) <= 1200 else None


def _rounded(values: NDArray) -> tuple[float, ...]:
    return tuple(round(float(value), 4) for value in values)
