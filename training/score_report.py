"""What an evaluation found, as JSON for programs and as tables for people: each score with what it depends on."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from pipeline.keypoints import KeypointSchema
from training.bootstrap import Interval
from training.coco_eval import AveragePrecision
from training.image_rows import ImageRows
from training.pck import LEVELS, MIN_IOU, MeanError, Pck
from training.swaps import Swaps
from training.visibility_scores import Visibility

MATCH = f"in order of score, each detection takes the free object of greatest IoU >= {MIN_IOU}; a miss is wrong"
SIZE = "max(box width, height)"
SWAPS = {
    "left or right twin": "swap_left_right",
    "front or back twin": "swap_front_back",
    "either of these": "swap_rate",
    "diagonal twin": "swap_diagonal",
    "any twin": "swap_anywhere",
}
"""In words, and by their names in the JSON."""


@dataclass(frozen=True)
class Report:
    """The scores, and beside them what they were measured on and how.

    Attributes:
        labels: digest of the labels: reports with the same one are of the same data, wherever it lies.
        trained_on: what the weights' training is known to have seen, in words.
        images_with_detections: of `images`, those in which anything was found.
        instances: objects that are no crowd: what box AP is of.
        keypoint_objects: those with a labelled keypoint: what keypoint AP is of.
        uniform: keypoint AP with one sigma for all keypoints, by that sigma.
        visibility: None where the detector gives no keypoint scores.
        rows: per image, what the scores are made of.
        intervals: of the scores in `rows`, by name; empty where none were asked for, or can be told.
        resamples, seed: of the intervals.
    """

    source: str
    labels: str
    trained_on: str
    images: int
    images_with_detections: int
    instances: int
    keypoint_objects: int
    schema: KeypointSchema
    area: str
    box_source: str
    box: AveragePrecision
    keypoints: AveragePrecision
    uniform: Mapping[str, AveragePrecision]
    pck: Pck
    nme: MeanError
    swaps: Swaps
    visibility: Visibility | None
    rows: ImageRows
    intervals: Mapping[str, Interval]
    resamples: int
    seed: int

    def as_json(self) -> dict[str, Any]:
        """Plain values; what cannot be told (nothing to find) is null. The rows are not in it: see `rows.as_json`."""
        return _plain(
            {
                "dataset": self.source,
                "labels": self.labels,
                "trained_on": self.trained_on,
                "images": self.images,
                "images_with_detections": self.images_with_detections,
                "instances": self.instances,
                "sigma": self._sigma(),
                "area": self.area,
                "box_source": self.box_source,
                "box": {**self.box.as_json(), "box_source": self.box_source, "n": self.instances},
                "keypoints": self._keypoints(self.keypoints, self._sigma()),
                "keypoints_at_sigma": {
                    sigma: self._keypoints(score, float(sigma)) for sigma, score in self.uniform.items()
                },
                "pck": self.pck.overall,
                "pck_seen": self.pck.seen,
                "pck_hidden": self.pck.hidden,
                "pck_n": self.pck.counts,
                "pck_size": SIZE,
                "pck_match": MATCH,
                "swap_rate": self.swaps.rate,
                "swap_left_right": self.swaps.left_right,
                "swap_front_back": self.swaps.front_back,
                "swap_diagonal": self.swaps.diagonal,
                "swap_anywhere": self.swaps.anywhere,
                "swap_n": {name: self._could_swap(name) for name in SWAPS.values()},
                "nme": asdict(self.nme),
                "visibility": asdict(self.visibility) if self.visibility else None,
                "intervals_95": {name: list(ends) for name, ends in self.intervals.items()},
                "bootstrap": self._bootstrap(),
                "pck_per_view": self.pck.per_view,
                "view_source": self.pck.view_source,
                "pck_per_keypoint": self.pck.per_keypoint,
            }
        )

    def as_text(self) -> str:
        """Tables for the terminal."""
        return "\n".join([*self._head(), "", *self._precision(), "", *self._pck(), "", *self._rest()])

    def _keypoints(self, score: AveragePrecision, sigma: float | dict[str, float]) -> dict[str, Any]:
        measured = {"sigma": sigma, "area": self.area, "box_source": self.box_source, "n": self.keypoint_objects}
        return {**score.as_json(), **measured}

    def _bootstrap(self) -> dict[str, Any] | None:
        if not self.intervals:
            return None
        groups = len(set(self.rows.vehicles))
        return {"by": self.rows.by, "groups": groups, "resamples": self.resamples, "seed": self.seed}

    def _head(self) -> list[str]:
        return [
            f"{self.source}: {self.images} images, all that it lists, {self.images_with_detections} with a detection; "
            f"{self.instances} instances",
            f"trained on: {self.trained_on}",
        ]

    def _precision(self) -> list[str]:
        sigma = self._sigma()
        own = f"sigma: {sigma if isinstance(sigma, float) else 'as below'}, by {self.schema.name}"
        rows = [("box", "box", self.box, self.instances, "")]
        rows += [("keypoints", "keypoints", self.keypoints, self.keypoint_objects, own)]
        for at, score in self.uniform.items():
            name = f"keypoints_at_sigma/{at}"
            rows.append(("keypoints", name, score, self.keypoint_objects, f"sigma: {at} for all"))
        lines = [f"{'':12}" + "".join(f"{name:>8}" for name in ("AP", "AP50", "AP75", "AR", "n")) + "   AP, 95 %"]
        for title, name, score, count, note in rows:
            numbers = "".join(f"{shown(number):>8}" for number in (score.ap, score.ap50, score.ap75, score.ar))
            lines.append(f"{title:12}{numbers}{count:>8}   {self._interval(f'{name}/AP'):16}{note}".rstrip())
        if np.isnan(self.box.ap) and self.instances:
            lines.append("box AP is not given: the results file has no boxes")
        return [*lines, f"boxes: {self.box_source}; OKS area: {self.area}"]

    def _pck(self) -> list[str]:
        sigma = self._sigma()
        lines = [f"{'':20}" + "".join(f"{'PCK@' + level:>14}" for level in LEVELS) + f"{'n':>8}"]
        total = {"all": self.pck.overall, "seen": self.pck.seen, "hidden": self.pck.hidden}
        lines += [_pck_row(name, {**shares, "n": self.pck.counts[name]}) for name, shares in total.items()]
        if self.intervals:
            ends = "".join(f"{self._interval(f'pck/{level}'):>14}" for level in LEVELS)
            lines.insert(2, f"{'all, 95 %':20}{ends}")
        lines += [_pck_row(f"view {name}", one) for name, one in self.pck.per_view.items()]
        for name, one in self.pck.per_keypoint.items():
            lines.append(_pck_row(name, one) + ("" if isinstance(sigma, float) else f"   sigma {sigma[name]}"))
        lines += ["", f"PCK: share of labelled keypoints within a share of {SIZE}; {MATCH}"]
        return lines + ([f"views: by {self.pck.view_source}"] if self.pck.view_source else [])

    def _rest(self) -> list[str]:
        nme = self.nme
        lines = [f"{'swapped with its':20}{'share':>8}{'n':>8}   95 %"]
        for words, name in SWAPS.items():
            share = shown(getattr(self.swaps, name.removeprefix("swap_")))
            lines.append(f"{words:20}{share:>8}{self._could_swap(name):>8}   {self._interval(name)}".rstrip())
        ends = f" [{self._interval('nme/mean')}]" if "nme/mean" in self.intervals else ""
        lines += [
            "n: keypoints with such a twin, on objects that were found",
            "",
            f"NME: {shown(nme.mean)}{ends}, mean distance over {SIZE} of {nme.keypoints} keypoints on "
            f"{nme.objects_found} objects that were found; {nme.objects_missed} were missed",
            self._visibility(),
        ]
        if drawn := self._bootstrap():
            what = "images" if drawn["by"] == "image" else f"{drawn['by']}s, each with all its images"
            how = f"{drawn['resamples']} resamples of {drawn['groups']} {what}"
            lines.append(f"95 %: {how}, seed {drawn['seed']}; a miss is wrong in them too")
        return lines

    def _visibility(self) -> str:
        one = self.visibility
        if one is None:
            return "visibility: no keypoint scores were given"
        return (
            f"visibility: AUROC {shown(one.auroc)}, ECE {shown(one.ece)} (10 bins) of keypoint scores, {one.seen} "
            f"keypoints seen (v = 2) against {one.unseen} not seen or not labelled, on objects that were found"
        )

    def _could_swap(self, name: str) -> int:
        return int(self.rows.ratios[name][:, 1].sum())

    def _interval(self, name: str) -> str:
        return interval_text(self.intervals[name]) if name in self.intervals else ""

    def _sigma(self) -> float | dict[str, float]:
        """The schema's: one number where all keypoints share it."""
        sigmas = {k.name: k.sigma for k in self.schema.keypoints}
        values = set(sigmas.values())
        return values.pop() if len(values) == 1 else sigmas


def shown(value: float) -> str:
    """To three places; a dash for what cannot be told."""
    return "-" if np.isnan(value) else f"{value:.3f}"


def interval_text(ends: Interval) -> str:
    """low..high."""
    return f"{shown(ends[0])}..{shown(ends[1])}"


def _pck_row(name: str, one: Mapping[str, float]) -> str:
    return f"{name:20}" + "".join(f"{shown(one[level]):>14}" for level in LEVELS) + f"{one['n']:>8}"


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _plain(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_plain(one) for one in value]
    return None if isinstance(value, float) and np.isnan(value) else value
