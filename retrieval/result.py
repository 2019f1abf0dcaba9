"""What a search gives back."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from numpy.typing import NDArray


@dataclass(frozen=True)
class Match:
    """One entry that was found.

    Attributes:
        rank: from 1.
        entry: its number in the index.
        path: of its image, as it lies now.
        score: similarity with the query, 0..1.
        contributions: what each keypoint that both have adds to the score, in the schema's order; they sum to it.
        keypoints: (K, 3) x, y in pixels and v.
        bbox: (4,) x, y, width, height in pixels.
        extra: what the dataset says of the image.
    """

    rank: int
    entry: int
    path: Path
    image_id: int
    score: float
    contributions: Mapping[str, float]
    keypoints: NDArray
    bbox: NDArray
    extra: Mapping[str, Any]


@dataclass(frozen=True)
class Query:
    """The instance that is searched for: as `Match`, with the detection's score, and each keypoint's (K,) or None."""

    keypoints: NDArray
    bbox: NDArray
    score: float = 1.0
    keypoint_scores: NDArray | None = None


@dataclass(frozen=True)
class Retrieval:
    """What was found for one image.

    Attributes:
        image: the query's file.
        index: the folder of the index that was searched.
        query: the instance that was searched for, the one detected with the highest score; None where none was.
        matches: best first; empty where there is nothing to search for.
        note: why there is no match, or "".
    """

    image: Path
    index: Path
    query: Query | None
    matches: tuple[Match, ...]
    note: str = ""
