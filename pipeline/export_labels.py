"""What the objects of a dataset are called, and how their keypoints mirror, connect and are scored: for any COCO file.

A category may say all of it (ours do), or only names. What it leaves out comes from a schema that the user names, or
is concluded, and then said in `notes`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.check_category import mirrored_name
from pipeline.coco import read_coco_json
from pipeline.errors import DatasetError
from pipeline.keypoints import KeypointSchema


@dataclass(frozen=True)
class LabelSet:
    """One kind of object.

    Attributes:
        category: what an object is called.
        names: its keypoints, in order, (K,).
        flip_pairs: (left, right) names.
        skeleton: edges as 0-based index pairs.
        sigmas: (K,) OKS standard deviations.
        notes: what the dataset did not say, a line each.
    """

    category: str
    names: tuple[str, ...]
    flip_pairs: tuple[tuple[str, str], ...]
    skeleton: tuple[tuple[int, int], ...]
    sigmas: tuple[float, ...]
    notes: tuple[str, ...] = ()

    def flip_index(self) -> NDArray[np.int64]:
        """(K,) permutation: after mirroring an image, keypoint i is what keypoint flip_index[i] was."""
        order = np.arange(len(self.names))
        for left, right in self.flip_pairs:
            i, j = self.names.index(left), self.names.index(right)
            order[i], order[j] = j, i
        return order


def read_label_set(source: Path, schema: KeypointSchema | None = None) -> LabelSet:
    """The keypoint category of a COCO file, completed by `schema` where one is given.

    Raises:
        DatasetError: the file's keypoint names, flip pairs, skeleton or sigmas do not fit together.
    """
    category = next(c for c in read_coco_json(source)["categories"] if c.get("keypoints"))
    where = f"{source}: category {category.get('name')!r}"
    names = tuple(category["keypoints"])
    if len(set(names)) < len(names):
        raise DatasetError(f"{where}: keypoint names repeat; they must differ")
    if schema is not None:
        edges, sigmas = schema.skeleton_index, tuple(schema.sigmas.tolist())
        return LabelSet(_category_name(category), schema.names, schema.flip, edges, sigmas)
    pairs, pairs_note = _flip_pairs(category, names, where)
    values, values_note = _sigmas(category, len(names), where)
    notes = tuple(note for note in (pairs_note, values_note) if note)
    return LabelSet(_category_name(category), names, pairs, _skeleton(category, len(names), where), values, notes)


def _category_name(category: Mapping[str, Any]) -> str:
    return str(category.get("name") or "object")


def _flip_pairs(
    category: Mapping[str, Any], names: Sequence[str], where: str
) -> tuple[tuple[tuple[str, str], ...], str]:
    if "flip_pairs" in category:
        given = category["flip_pairs"]
        if not isinstance(given, list) or not all(_is_pair_of(pair, names) for pair in given):
            raise DatasetError(f"{where}: flip_pairs must be pairs of its keypoints' names; got {given!r:.80}")
        flat = [name for pair in given for name in pair]
        if len(set(flat)) < len(flat):
            raise DatasetError(f"{where}: flip_pairs must not share a keypoint")
        return tuple((left, right) for left, right in given), ""
    found = [(name, mirrored_name(name)) for name in names]
    pairs = tuple((a, b) for a, b in found if b in names and names.index(a) < names.index(b))
    return pairs, f"no flip_pairs in the file: {len(pairs)} left/right pairs taken from the keypoints' names"


def _is_pair_of(pair: Any, names: Sequence[str]) -> bool:
    return isinstance(pair, list) and len(pair) == 2 and all(name in names for name in pair)


def _skeleton(category: Mapping[str, Any], count: int, where: str) -> tuple[tuple[int, int], ...]:
    edges = category.get("skeleton") or []
    if not isinstance(edges, list) or not all(_is_edge(edge, count) for edge in edges):
        raise DatasetError(f"{where}: skeleton must be pairs of numbers 1..{count}; got {edges!r:.80}")
    return tuple((a - 1, b - 1) for a, b in edges)


def _is_edge(edge: Any, count: int) -> bool:
    return isinstance(edge, list) and len(edge) == 2 and all(isinstance(end, int) and 1 <= end <= count for end in edge)


def _sigmas(category: Mapping[str, Any], count: int, where: str) -> tuple[tuple[float, ...], str]:
    if "sigmas" not in category:
        # What Ultralytics assumes of any keypoints but COCO's persons.
        return (1 / count,) * count, f"no sigmas in the file: 1/{count} for each keypoint"
    values = category["sigmas"]
    sound = isinstance(values, list) and all(isinstance(v, int | float) and 0 < v <= 1 for v in values)
    if not sound or len(values) != count:
        raise DatasetError(f"{where}: sigmas must be {count} numbers above 0, at most 1; got {values!r:.80}")
    return tuple(float(value) for value in values), ""
