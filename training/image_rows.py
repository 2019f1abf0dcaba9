"""What each image adds to the scores: enough to score a resampled dataset, and to compare two detectors on it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.coco import CocoDataset
from pipeline.errors import DatasetError
from training.coco_eval import THRESHOLDS, AveragePrecision, Matches, sorted_matches
from training.pck import LEVELS, Errors


@dataclass(frozen=True)
class ImageRows:
    """I images. Scores are named by their place in the report: "pck/0.1", "keypoints/AP".

    Attributes:
        ids: (I,) of the images.
        vehicles: (I,) what is resampled together: the image's vehicle, or the image where vehicles are not known.
        by: "vehicle" or "image".
        ratios: per score, (I, 2): what counts for it, and of how much. The score is the quotient of the sums.
        curves: per AP, the matches it is accumulated from.
    """

    ids: tuple[int, ...]
    vehicles: tuple[str, ...]
    by: str
    ratios: Mapping[str, NDArray[np.float64]]
    curves: Mapping[str, Matches]

    def scores(self, weights: NDArray[np.float64] | None = None) -> dict[str, float]:
        """Each score of a dataset that holds image i `weights[i]` times (once by default); nan where nothing counts."""
        weights = np.ones(len(self.ids)) if weights is None else weights
        scores = {}
        for name, each in self.ratios.items():
            counts, of = weights @ each
            scores[name] = float(counts / of) if of else float("nan")
        done: dict[int, AveragePrecision] = {}  # a schema's own sigmas may be one of the uniform ones
        for name, matches in self.curves.items():
            if id(matches) not in done:
                done[id(matches)] = matches.average_precision(weights)
            found = done[id(matches)]
            scores |= {f"{name}/AP": found.ap, f"{name}/AR": found.ar}
        return scores

    def as_json(self) -> list[dict[str, Any]]:
        """One plain row per image; at which thresholds a detection is right is a bit each, the lowest first."""
        curves = {name: _curve_rows(matches, len(self.ids)) for name, matches in self.curves.items()}
        return [
            {
                "image": self.ids[i],
                self.by: self.vehicles[i],
                "ratios": {name: each[i].tolist() for name, each in self.ratios.items()},
                "curves": {name: rows[i] for name, rows in curves.items()},
            }
            for i in range(len(self.ids))
        ]


def image_rows(
    dataset: CocoDataset, errors: Errors, swaps: Mapping[str, NDArray[np.float64]], curves: Mapping[str, Matches]
) -> ImageRows:
    """The rows of a dataset's images; `swaps` are per object, from `count_swaps`."""
    vehicles = [image.extra.get("vehicle") for image in dataset.images]
    by = "vehicle" if vehicles and all(one is not None for one in vehicles) else "image"
    ids = tuple(image.id for image in dataset.images)

    def sums(counts: NDArray, of: NDArray) -> NDArray[np.float64]:
        return np.stack([errors.per_image(counts, len(ids)), errors.per_image(of, len(ids))], axis=1)

    labelled = errors.labelled.sum(axis=1)
    known = errors.labelled & errors.found[:, None]
    ratios = {
        f"pck/{level}": sums(((errors.error <= float(level)) & errors.labelled).sum(axis=1), labelled)
        for level in LEVELS
    }
    ratios["nme/mean"] = sums(np.where(known, errors.error, 0.0).sum(axis=1), known.sum(axis=1))
    for name, count in swaps.items():
        ratios["swap_rate" if name == "rate" else f"swap_{name}"] = sums(count[:, 0], count[:, 1])
    return ImageRows(ids, tuple(map(str, vehicles if by == "vehicle" else ids)), by, ratios, curves)


def read_rows(rows: Sequence[Mapping[str, Any]], where: str) -> ImageRows:
    """The rows that `as_json` made.

    Raises:
        DatasetError: they are damaged.
    """
    try:
        by = "vehicle" if all("vehicle" in row for row in rows) else "image"
        return ImageRows(
            ids=tuple(int(row["image"]) for row in rows),
            vehicles=tuple(str(row[by]) for row in rows),
            by=by,
            ratios={
                name: np.array([row["ratios"][name] for row in rows], dtype=np.float64).reshape(-1, 2)
                for name in rows[0]["ratios"]
            },
            curves={name: _curve([row["curves"][name] for row in rows]) for name in rows[0]["curves"]},
        )
    except (KeyError, TypeError, ValueError, IndexError) as error:
        raise DatasetError(f"{where}: per_image is damaged: {type(error).__name__}: {error}") from error


def _curve_rows(matches: Matches, images: int) -> list[dict[str, Any]]:
    bits = 1 << np.arange(len(THRESHOLDS))
    hit, ignored = bits @ matches.hit, bits @ matches.ignored
    rows: list[dict[str, Any]] = [{"n": int(n), "score": [], "hit": [], "ignored": []} for n in matches.positives]
    for place, score, one, other in zip(matches.image, matches.score, hit, ignored, strict=True):
        row = rows[int(place)]
        row["score"].append(float(score))
        row["hit"].append(int(one))
        row["ignored"].append(int(other))
    return rows


def _curve(rows: Sequence[Mapping[str, Any]]) -> Matches:
    def flags(name: str) -> NDArray[np.bool_]:
        bits = np.array([int(value) for row in rows for value in row[name]], dtype=np.int64)
        return (bits[None] >> np.arange(len(THRESHOLDS))[:, None] & 1).astype(bool)

    image = np.repeat(np.arange(len(rows)), [len(row["score"]) for row in rows])
    score = np.array([float(value) for row in rows for value in row["score"]], dtype=np.float64)
    positives = np.array([int(row["n"]) for row in rows], dtype=np.int64)
    hit, ignored = flags("hit"), flags("ignored")
    if not hit.shape == ignored.shape == (len(THRESHOLDS), len(score)):
        raise ValueError("as many hits as scores are needed")
    return sorted_matches(image, score, hit, ignored, positives)
