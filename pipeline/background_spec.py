"""What is behind the vehicle in an image, as a spec says it and as it was drawn."""

from pathlib import Path
from typing import Annotated, Self

from pydantic import model_validator

from pipeline.config import Config
from pipeline.distributions import Name, names_of, one_of
from pipeline.errors import ImageError, SpecError
from pipeline.images import find_images
from pipeline.sampling import sample
from pipeline.seeds import stream_rng

BACKGROUNDS = ("scene", "white", "grey", "plate", "picture")
FROM_FOLDER = ("plate", "picture")


class BackgroundSpec(Config):
    """The rendered scene, or something that is put behind the vehicles afterwards.

    `scene` is the ground, the surroundings and the sky. `white` and `grey` are plain, with the vehicle's shadow.
    `plate` and `picture` are crops of pictures from `folder`: on a plate the vehicle casts its shadow, on a picture it
    is pasted without one. Only `scene` has a ground of its kind, surroundings and weather.
    """

    kind: Annotated[Name, one_of(*BACKGROUNDS)] = "scene"
    folder: Path | None = None

    @model_validator(mode="after")
    def _pictures_where_needed(self) -> Self:
        wanted = [name for name in names_of(self.kind) if name in FROM_FOLDER]
        if wanted and self.folder is None:
            raise ValueError(f"folder must be one with pictures where the kind can be {wanted[0]!r}")
        return self


class BackgroundDraw(Config):
    """What was drawn from `BackgroundSpec`: a file where the kind needs one; `seed` is for its crop."""

    kind: str
    picture: str | None
    seed: int

    @property
    def takes_shadow(self) -> bool:
        """Whether the vehicle's shadow falls on it."""
        return self.kind != "picture"


def plan_background(group: BackgroundSpec, seed: int, index: int) -> BackgroundDraw | None:
    """The background of one shot, from streams of its own; None for the scene."""
    kind = sample(group.kind, stream_rng(seed, index, "background.kind"))
    if kind == "scene":
        return None
    rng = stream_rng(seed, index, "background.picture")
    picture = None
    if kind in FROM_FOLDER and group.folder is not None:
        files = find_images([group.folder])
        picture = str(files[int(rng.integers(len(files)))])
    return BackgroundDraw(kind=kind, picture=picture, seed=int(rng.integers(2**31)))


def with_pictures(group: BackgroundSpec, folder: Path, where: str) -> BackgroundSpec:
    """The group with its folder made absolute; a relative one counts from `folder`.

    Raises:
        SpecError: it is not there, or holds no picture.
    """
    if group.folder is None:
        return group
    pictures = folder / group.folder
    try:
        if not pictures.is_dir():
            raise ImageError(f"{pictures}: no such folder")
        find_images([pictures])
    except ImageError as error:
        raise SpecError(f"{where}.folder: {error}") from error
    return group.model_copy(update={"folder": pictures.resolve()})
