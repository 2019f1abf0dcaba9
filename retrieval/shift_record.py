"""`shift.json`: what `akd shift` found, read back and validated."""

from pathlib import Path
from typing import Literal

from pipeline.config import Config
from pipeline.errors import AkdError
from retrieval.manifest import FileStamp
from retrieval.own_json import read_own
from retrieval.shift_parts import (
    AppearanceRecord,
    ClassesRecord,
    Count,
    CoverageRecord,
    CurveRecord,
    Ends,
    EstimatesRecord,
    PropertyRecord,
    ScoresRecord,
    Share,
    SideRecord,
    ViewTrust,
)


class PreparedRecord(Config):
    """The same photos after `akd prepare`: what became of the scores and of the looks.

    `helped` is said where the interval of the difference in PCK@0.1 leaves out 0, None where there are no labels.
    """

    source: str
    images: Count
    found: Count
    pck: float | None
    pck_difference: float | None
    pck_interval: Ends | None
    mmd2: float | None
    mmd2_before: float | None
    uncovered: Share
    uncovered_before: Share
    helped: bool | None
    said: str


class ShiftRecord(Config):
    """All of `shift.json`."""

    format: Literal["akd-shift"] = "akd-shift"
    version: Literal[1] = 1
    weights: FileStamp
    keypoint_schema: str
    input_px: Count
    seed: Count
    synthetic: SideRecord
    reference: SideRecord
    real: SideRecord
    scores: ScoresRecord | None
    coverage: CoverageRecord
    appearance: AppearanceRecord | None
    properties: tuple[PropertyRecord, ...]
    view_trust: ViewTrust
    synthetic_views: EstimatesRecord
    real_views: EstimatesRecord
    classes: tuple[ClassesRecord, ...]
    blur_curve: CurveRecord
    blur_values: tuple[float, ...]
    brightness_values: tuple[float, ...]
    synthetic_brightness_values: tuple[float, ...]
    prepared: PreparedRecord | None
    findings: tuple[str, ...]


def read_shift(path: Path) -> ShiftRecord:
    """The report in a file, or in the folder that `akd shift` wrote.

    Raises:
        AkdError: it is missing, damaged or of another version.
    """
    file = path / "shift.json" if path.is_dir() else path
    return read_own(file, ShiftRecord, "a report of akd shift", AkdError, "akd shift writes one")
