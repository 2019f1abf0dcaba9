"""The keypoint schema: which points, in which order, how they mirror, connect and are scored. Data, never code."""

from functools import cached_property
from typing import Annotated, Literal, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, model_validator

from pipeline.config import Config, find_config, load_config


class Keypoint(Config):
    """One semantic keypoint.

    Attributes:
        sigma: OKS standard deviation as a share of the object's size, sqrt(area); COCO's k is 2 sigma.
        kind: "surface" lies on the skin; "volume" lies inside its own part, which does not hide it.
        tolerance_m: how far in front of the keypoint a surface may lie without hiding it.
        definition: where the point is, in words for the person who labels.
        same_as: the point's name in `vehicle20`, or among the generated vehicles' further points
            (blender_scenes/vehicle/further_labels.py), where a vehicle has no label of this keypoint's own name.
    """

    name: Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_]*$")]
    sigma: Annotated[float, Field(gt=0, le=1)]
    kind: Literal["surface", "volume"]
    tolerance_m: Annotated[float, Field(ge=0)]
    definition: str
    same_as: str | None = None


class KeypointSchema(Config):
    """An ordered set of keypoints with left/right pairs and a skeleton to draw."""

    name: str
    keypoints: Annotated[tuple[Keypoint, ...], Field(min_length=1)]
    flip: tuple[tuple[str, str], ...] = ()
    skeleton: tuple[tuple[str, str], ...] = ()

    @model_validator(mode="after")
    def _names_are_known(self) -> Self:
        names = [k.name for k in self.keypoints]
        if len(set(names)) < len(names):
            raise ValueError(f"keypoint names must differ; {sorted({n for n in names if names.count(n) > 1})} repeat")
        for where, pairs in (("flip", self.flip), ("skeleton", self.skeleton)):
            for pair in pairs:
                for name in pair:
                    if name not in names:
                        raise ValueError(f"{where} names {name!r}, which is not a keypoint of {self.name}")
        flipped = [name for pair in self.flip for name in pair]
        if len(set(flipped)) < len(flipped):
            raise ValueError("flip pairs must not share a keypoint")
        return self

    def __len__(self) -> int:
        return len(self.keypoints)

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Names in order."""
        return tuple(k.name for k in self.keypoints)

    @cached_property
    def sigmas(self) -> NDArray[np.float64]:
        """OKS sigmas, (K,)."""
        return np.array([k.sigma for k in self.keypoints])

    @cached_property
    def flip_index(self) -> NDArray[np.int64]:
        """(K,) permutation: after mirroring an image, keypoint i is what keypoint flip_index[i] was."""
        order = np.arange(len(self))
        for left, right in self.flip:
            i, j = self.index(left), self.index(right)
            order[i], order[j] = j, i
        return order

    @cached_property
    def skeleton_index(self) -> tuple[tuple[int, int], ...]:
        """The skeleton's edges as 0-based index pairs (COCO files count from 1)."""
        return tuple((self.index(a), self.index(b)) for a, b in self.skeleton)

    def index(self, name: str) -> int:
        """The position of a keypoint.

        Raises:
            ValueError: the schema has no keypoint of that name.
        """
        return self.names.index(name)


def load_schema(name: str) -> KeypointSchema:
    """A schema from a YAML file, or by the name of one that ships (such as "vehicle20").

    Raises:
        SpecError: there is no such schema, or it is wrong.
    """
    return load_config(find_config(name, "keypoints"), KeypointSchema)
