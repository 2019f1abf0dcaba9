"""How to search: which similarity, how many, how surely, and among what."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, get_args

Similarity = Literal["box-oks", "coco-oks", "pixel-oks"]
SIMILARITIES: tuple[Similarity, ...] = get_args(Similarity)


@dataclass(frozen=True)
class Options:
    """What a search is asked for.

    Attributes:
        k: how many matches, at least 1.
        similarity: see `retrieval.similarity` (box-oks) and `retrieval.oks_search` (the other two).
        recall: which share of the ten best must be found, on average; 1 is exact. For box-oks only; the others are
            always exact.
        mirrored: also find what shows the query's mirror image, and say so.
        where: field of `retrieval.segment.FIELDS` to the values that an image may have there.
        min_score: search for every detection with at least this score; None: for the most certain alone.
        stale: search even if what the index was made from has changed.

    Raises:
        ValueError: a value is out of its range.
    """

    k: int = 5
    similarity: Similarity = "box-oks"
    recall: float = 1.0
    mirrored: bool = False
    where: Mapping[str, Sequence[str]] = field(default_factory=dict)
    min_score: float | None = None
    stale: bool = False

    def __post_init__(self) -> None:
        if self.k < 1:
            raise ValueError(f"k must be at least 1; got {self.k}")
        if not 0 < self.recall <= 1:
            raise ValueError(f"recall must be above 0 and at most 1; got {self.recall}")
        if self.similarity not in SIMILARITIES:
            raise ValueError(f"similarity must be one of {', '.join(SIMILARITIES)}; got {self.similarity!r}")
