"""The parts of `shift.json`, each validated when it is read back. Every number has its N beside it."""

from typing import Annotated, Literal

from pydantic import Field

from pipeline.config import Config

Count = Annotated[int, Field(ge=0)]
Share = Annotated[float, Field(ge=0, le=1)]
Ends = tuple[float, float]


class SideRecord(Config):
    """One set of images.

    Attributes:
        source: the dataset or folder.
        what: which part of it.
        images, groups: and of how many vehicles (or images, where vehicles are not known: `by`).
        found: images in which the detector found something.
        labelled: images with a labelled keypoint.
        spec: fingerprint of the distributions that it was drawn from; None of what is not a dataset of ours.
    """

    source: str
    what: str
    images: Count
    groups: Count
    by: Literal["vehicle", "image"]
    found: Count
    labelled: Count
    spec: str | None = None


class GapRecord(Config):
    """One score on both sides; None where a side has nothing that it counts. The gap is real - synthetic."""

    name: str
    n_synthetic: Count
    n_real: Count
    synthetic: float | None
    real: float | None
    gap: float | None
    synthetic_interval: Ends | None
    real_interval: Ends | None
    gap_interval: Ends | None


class ScoresRecord(Config):
    """AP and PCK on both sides, and what they depend on."""

    sigma: float | dict[str, float]
    area_synthetic: str
    area_real: str
    box_source: str
    trained_on: str
    resamples: Count
    pck_size: str
    view_source: str | None
    scores: tuple[GapRecord, ...]
    keypoints: tuple[GapRecord, ...]
    views: tuple[GapRecord, ...]


class MatchRecord(Config):
    """A photo beside the rendered image most like it, in keypoints (0..1) or in looks (a distance)."""

    photo: str
    render: str
    value: float


class CoverageRecord(Config):
    """Best similarity (box OKS, 0..1) with the images that were learned from: of photos, and of held-out images.

    Attributes:
        reference: labelled instances that were searched.
        levels, synthetic, real: quantiles.
        synthetic_histogram, real_histogram: shares in twenty bins from 0 to 1.
        below: the 5 % quantile of held-out images; `uncovered` is the share of photos below it: 0.05 is no shift.
        superiority: chance that a photo's best is above a held-out image's; 0.5 is no shift.
        worst: photos with the lowest best similarity.
    """

    reference: Count
    n_synthetic: Count
    n_real: Count
    keypoints: str
    levels: tuple[float, ...]
    synthetic: tuple[float, ...]
    real: tuple[float, ...]
    synthetic_histogram: tuple[Share, ...]
    real_histogram: tuple[Share, ...]
    below: float
    uncovered: Share
    uncovered_interval: Ends
    superiority: Share
    p_value: Share
    worst: tuple[MatchRecord, ...]


class DiscrepancyRecord(Config):
    """An unbiased squared MMD with KID's kernel, on standardised features; the p-value by permutation."""

    mmd2: float
    interval: Ends
    p_value: Share
    permutations: Count
    n: tuple[Count, Count]


class AppearanceRecord(Config):
    """How photos look to the detector beside held-out renders, by its backbone's features inside found boxes.

    Attributes:
        layer: which features.
        all: one image per vehicle of each side.
        like_pose: photos paired with renders of like keypoints, one to one: what pose explains is taken out.
        null: two halves of the renders: what no difference looks like; None of fewer than 6 vehicles.
        proxy_distance, proxy_interval, proxy_error: 2 (1 - 2 error) of a linear classifier on held-out folds.
        least_alike: photos that look least like renders, each with the render that it looks most like.
    """

    layer: str
    all: DiscrepancyRecord
    like_pose: DiscrepancyRecord | None
    null: DiscrepancyRecord | None
    proxy_distance: float | None
    proxy_interval: Ends | None
    proxy_error: Share | None
    proxy_folds: Count
    least_alike: tuple[MatchRecord, ...]


class PropertyRecord(Config):
    """One number of images, compared; quantiles at `levels`, the shift is real - synthetic in medians (or means)."""

    name: str
    label: str
    unit: str
    statistic: Literal["median", "mean"]
    n_synthetic: Count
    n_real: Count
    levels: tuple[float, ...]
    synthetic: tuple[float, ...]
    real: tuple[float, ...]
    synthetic_value: float
    real_value: float
    shift: float
    interval: Ends
    superiority: Share
    p_value: Share


class ViewTrust(Config):
    """How far viewpoints read from images can be believed, where they are known.

    Attributes:
        n: held-out renders with known angles.
        median_deg, within_30: of the angle between read and known viewpoint; None without any.
        fill_error: median of |read / known - 1| of the vehicle's size in the image.
        n_named, same_named: photos whose label names their view, and the share within 45 degrees of it.
    """

    n: Count
    median_deg: float | None
    within_30: Share | None
    fill_error: float | None
    n_named: Count
    same_named: Share | None


class EstimatesRecord(Config):
    """What was read of each image: what the next spec is made from. Lists are of equal length, in order of `names`.

    Attributes:
        keypoints: where they are from, in words.
        fill: the whole vehicle's size in the image: above 1 it is cut off.
        shift_x, shift_y: of its middle from the image's, shares of the image.
        lens_mm: by EXIF, for 35 mm film; null where the photo does not say.
        similarity: with the matched view, 0..1.
    """

    keypoints: str
    unread: Count
    names: tuple[str, ...]
    azimuth_deg: tuple[float, ...]
    elevation_deg: tuple[float, ...]
    fill: tuple[float, ...]
    shift_x: tuple[float, ...]
    shift_y: tuple[float, ...]
    similarity: tuple[float, ...]
    lens_mm: tuple[float | None, ...]


class ClassesRecord(Config):
    """In what shares a property with names (style, light) occurs, voted by the renders that look most alike.

    Attributes:
        accuracy: of the vote on held-out renders, one vehicle's images never voting for one another; `n_known` of them.
        chance: accuracy of always naming the most frequent.
        synthetic: shares among all renders; `real`: among photos, the vote's usual mistakes taken out.
        interval: 95 %, bootstrap over photos and over the renders that the mistakes are known from.
    """

    name: str
    classes: tuple[str, ...]
    n_known: Count
    n_real: Count
    accuracy: Share
    accuracy_interval: Ends
    chance: Share
    synthetic: tuple[Share, ...]
    real: tuple[Share, ...]
    interval: tuple[Ends, ...]


class CurveRecord(Config):
    """What blurring renders by a radius does to the blur measure: the median over `n` renders at each radius."""

    n: Count
    radius_px: tuple[float, ...]
    blur: tuple[float, ...]
