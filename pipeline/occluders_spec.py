"""What stands between the camera and the target vehicle, as a spec says it and as it was drawn."""

from pathlib import Path
from typing import Annotated, Self

from pydantic import Field, model_validator

from pipeline.config import Config
from pipeline.distributions import Choice, Name, NameChoice, Number, OnSwitch, Switch, Uniform, names_of, one_of, within
from pipeline.errors import SpecError
from pipeline.sampling import sample, sample_fields
from pipeline.seeds import stream_rng

CUTOUT = "cutout"
KINDS = ("person", "pole", "bin", "plant", "cone", "bicycle", "sign", CUTOUT)
USUAL = NameChoice(choice=KINDS[:-1], weights=(8, 2, 2, 2, 1, 2, 2))
WITH_ALPHA = (4, 6)
"""Colour types of a PNG file that have an alpha channel."""


class OccludersSpec(Config):
    """Things that hide a part of the target: each stands on the ground before it, or close to the camera.

    `cover` is the share of the target's silhouette in the image that one of them may hide at most; what of the target
    is seen never falls below `traffic.target_visible`. One for which there is no such place is left out. `cutouts` is
    a folder of PNG pictures with alpha, for the kind "cutout", `cutout_height_m` how high they stand.
    """

    count: Annotated[Number, within(0, 6)] = 0.0
    kind: Annotated[Name, one_of(*KINDS)] = USUAL
    cover: Annotated[Number, within(0.005, 0.9)] = Uniform(uniform=(0.05, 0.4))
    near_camera: Switch = OnSwitch(probability=0.15)
    cutouts: Path | None = None
    cutout_height_m: Annotated[Number, within(0.1, 5)] = Uniform(uniform=(1.2, 1.8))

    @model_validator(mode="after")
    def _pictures_for_cutouts(self) -> Self:
        if CUTOUT in self.possible_kinds and self.cutouts is None:
            raise ValueError("cutouts must be a folder of PNG pictures with alpha where the kind can be 'cutout'")
        return self

    @property
    def possible_kinds(self) -> tuple[str, ...]:
        """Those of which one can be drawn."""
        names = names_of(self.kind)
        weights = self.kind.weights if isinstance(self.kind, Choice) else None
        return names if weights is None else tuple(n for n, w in zip(names, weights, strict=True) if w > 0)


class OccluderDraw(Config):
    """One of them, as drawn; `seed` is for its shape and its place."""

    kind: str
    cover: float
    near_camera: bool
    seed: int
    picture: str | None = Field(default=None, exclude_if=lambda picture: picture is None)
    height_m: float | None = Field(default=None, exclude_if=lambda height: height is None)


def plan_occluders(group: OccludersSpec, seed: int, index: int) -> tuple[OccluderDraw, ...]:
    """The occluders of one shot, each from streams of its own."""
    count = round(sample(group.count, stream_rng(seed, index, "occluders.count")))
    return tuple(_plan_one(group, seed, index, f"occluders.{number}") for number in range(count))


def _plan_one(group: OccludersSpec, seed: int, index: int, stream: str) -> OccluderDraw:
    values = sample_fields(group, seed, index, stream)
    own = int(stream_rng(seed, index, f"{stream}.seed").integers(2**31))
    drawn = {name: values[name] for name in ("kind", "cover", "near_camera")}
    if values["kind"] != CUTOUT or group.cutouts is None:
        return OccluderDraw(**drawn, seed=own)
    pictures = list_cutouts(group.cutouts)
    picture = pictures[int(stream_rng(seed, index, f"{stream}.picture").integers(len(pictures)))]
    return OccluderDraw(**drawn, seed=own, picture=str(picture), height_m=values["cutout_height_m"])


def list_cutouts(folder: Path) -> list[Path]:
    """The PNG pictures with an alpha channel in a folder, in order of name; none where there is no such folder."""
    if not folder.is_dir():
        return []
    return sorted(p for p in folder.iterdir() if p.suffix.lower() == ".png" and p.is_file() and _has_alpha(p))


def with_cutouts(group: OccludersSpec, folder: Path, where: str) -> OccludersSpec:
    """The group with its folder of pictures made absolute; a relative one counts from `folder`.

    Raises:
        SpecError: it is not there, or holds no picture with alpha.
    """
    if group.cutouts is None:
        return group
    pictures = folder / group.cutouts
    if not list_cutouts(pictures):
        raise SpecError(f"{where}.cutouts: {pictures} must be a folder with PNG pictures that have alpha")
    return group.model_copy(update={"cutouts": pictures.resolve()})


def _has_alpha(file: Path) -> bool:
    """By the header alone: the colour type is its 26th byte."""
    with file.open("rb") as stream:
        head = stream.read(26)
    return len(head) == 26 and head.startswith(b"\x89PNG") and head[25] in WITH_ALPHA
