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
        mirrored: it is the query's mirror image that it is like.
        index: the folder of the index that it is in.
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
    mirrored: bool = False
    index: Path | None = None


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
        query: the instance that was searched for; None where none was detected.
        matches: best first; empty where there is nothing to search for.
        note: why there is no match, or "".
        number: of the instance among those of its image that were searched for, the most certain first, from 1.
        of: how many of its image were searched for.
    """

    image: Path
    index: Path
    query: Query | None
    matches: tuple[Match, ...]
    note: str = ""
    number: int = 1
    of: int = 1

    @property
    def name(self) -> str:
        """The image's name, and which of its vehicles where there are several."""
        return self.image.name + (f", vehicle {self.number} of {self.of}" if self.of > 1 else "")
