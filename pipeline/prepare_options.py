"""What `akd prepare` does to a photo: which steps, in which order, how strongly."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal, get_args

from pipeline.config import nearest
from pipeline.errors import SpecError

Step = Literal["resize", "background", "denoise", "contrast", "sharpen"]
STEPS: tuple[Step, ...] = get_args(Step)
STRENGTHS = ("denoise", "contrast", "sharpen")
"""Steps of which there is more and less."""


@dataclass(frozen=True)
class PrepareOptions:
    """The steps, done in the order given; the defaults are all of them, gently.

    Attributes:
        size: longer side after `resize`, pixels.
        letterbox: pad to a square of that size.
        fill: what lies where a background was, and beside a letterboxed photo; as in a spec's `background`.
        denoise: filter strength h of non-local means (Buades et al. 2005), in grey levels.
        contrast: clip limit of CLAHE (Zuiderveld 1994) on the lightness; 1 hardly changes anything.
        sharpen: share of the unsharp mask that is added.
        seed: of GrabCut's colour models, the only step that draws anything.
    """

    steps: tuple[Step, ...] = STEPS
    size: int = 512
    letterbox: bool = True
    fill: Literal["grey", "white"] = "grey"
    denoise: float = 3.0
    contrast: float = 1.5
    sharpen: float = 0.5
    seed: int = 0

    def __post_init__(self) -> None:
        for step in self.steps:
            if step not in STEPS:
                raise SpecError(f"--steps: {step!r} is no step; allowed: {nearest(step, STEPS)}")
        if not self.steps or len(set(self.steps)) < len(self.steps):
            raise SpecError(f"--steps: each step once, and one at least; got {','.join(self.steps) or 'none'}")
        for name in STRENGTHS:
            if not 0 < getattr(self, name) <= 100:
                raise SpecError(f"--strength: {name} must be above 0, at most 100; got {getattr(self, name):g}")

    def as_json(self) -> dict[str, Any]:
        """Plain values; strengths only of steps that are done."""
        return {key: value for key, value in asdict(self).items() if key not in STRENGTHS or key in self.steps}


def parse_strengths(assignments: Sequence[str]) -> dict[str, float]:
    """STEP=NUMBER, as the command line takes them.

    Raises:
        SpecError: it is no number, or of a step that has no strength.
    """
    found: dict[str, float] = {}
    for text in assignments:
        name, _, value = text.partition("=")
        if name not in STRENGTHS:
            raise SpecError(f"--strength: {name!r} has none; allowed: {nearest(name, STRENGTHS)}")
        try:
            found[name] = float(value)
        except ValueError:
            raise SpecError(f"--strength: {text!r} must be STEP=NUMBER, such as denoise=5") from None
    return found
