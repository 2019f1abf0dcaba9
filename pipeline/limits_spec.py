"""What an image must be to be kept, as a spec says it: a shot that falls short is drawn again."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from pipeline.config import Config
from pipeline.images import Image

DARK, BRIGHT = 8, 247
"""8-bit luma below and above which a pixel says nothing of the vehicle."""
LUMA = np.array([0.299, 0.587, 0.114])  # ITU-R BT.601, as JPEG has it

type Share = Annotated[float, Field(ge=0, le=1)]


class LimitsSpec(Config):
    """Limits of the target vehicle in its image; the defaults refuse nothing.

    Attributes:
        visible_fraction: least share of the whole vehicle's pixels that is seen.
        visible_pixels: least number of its pixels that are seen.
        visible_keypoints: least number of its keypoints that are seen.
        dark, bright: greatest share of its pixels that may be black, or blown out.
        attempts: how often a shot is drawn before the last is kept as it is, and said to break a limit.
    """

    visible_fraction: Share = 0.0
    visible_pixels: Annotated[int, Field(ge=0)] = 0
    visible_keypoints: Annotated[int, Field(ge=0)] = 0
    dark: Share = 1.0
    bright: Share = 1.0
    attempts: Annotated[int, Field(ge=1, le=100)] = 8

    def broken_by_labels(self, target: Mapping[str, Any] | None) -> list[str]:
        """The limits that the target's annotation breaks; None where nothing of it is seen."""
        seen = {
            "visible_fraction": target["visible_fraction"] if target else 0.0,
            "visible_pixels": target["area"] if target else 0,
            "visible_keypoints": target["keypoint_reasons"].count("seen") if target else 0,
        }
        return [name for name, value in seen.items() if value < getattr(self, name)]

    def broken_by_pixels(self, image: Image, mask: NDArray[np.bool_]) -> list[str]:
        """The limits that the target's pixels break: `image` (H, W, 3) uint8 where `mask` (H, W)."""
        if not mask.any() or (self.dark == 1 and self.bright == 1):
            return []
        luma = image[mask] @ LUMA
        shares = {"dark": (luma < DARK).mean(), "bright": (luma > BRIGHT).mean()}
        return [name for name, share in shares.items() if share > getattr(self, name)]


def rejection_counts(records: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    """How often each limit made a shot of those records be drawn again; `kept` counts shots that break one still."""
    counts: dict[str, int] = {}
    for record in records:
        for name in [name for broken in record.get("rejected", ()) for name in broken]:
            counts[name] = counts.get(name, 0) + 1
        if record.get("breaks"):
            counts["kept"] = counts.get("kept", 0) + 1
    return counts
