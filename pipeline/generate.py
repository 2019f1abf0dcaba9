"""From a spec to a finished, checked dataset on disk: plan, render what is missing, collect, check."""

import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from tqdm import tqdm

from pipeline.check import check_dataset
from pipeline.collect import Collected, collect_annotations
from pipeline.dataset_folder import only_writer, open_dataset, write_plan
from pipeline.errors import DatasetError, RenderError
from pipeline.farm import Farm
from pipeline.keypoints import load_schema
from pipeline.map_files import maps_are_there
from pipeline.plan import plan_dataset
from pipeline.record import finished_shots
from pipeline.spec import DatasetSpec

BYTES_PER_PIXEL = 1.0
"""Of a finished image with its record, generously."""
MAP_BYTES_PER_PIXEL = {"depth": 4.0, "normals": 6.0, "instances": 0.2}
"""Of its maps: those of smooth surfaces pack well, those of gravel and leaves do not."""


@dataclass(frozen=True)
class GenerateSummary:
    """What `generate_dataset` made: images rendered now, found from before, and what the dataset holds."""

    folder: Path
    rendered: int
    found: int
    holds: Collected

    def as_text(self) -> str:
        """A line, and one more where limits made shots be drawn again."""
        splits = ", ".join(f"{count} {name}" for name, count in self.holds.per_split.items())
        line = f"wrote {self.folder}: {self.rendered} images rendered, {self.found} there before; {splits}"
        reasons = {name: count for name, count in self.holds.rejections.items() if name != "kept"}
        kept = self.holds.rejections.get("kept", 0)
        if reasons:
            told = ", ".join(f"{name} {count}" for name, count in sorted(reasons.items()))
            line += f"\n{self.holds.drawn_again} of {sum(self.holds.per_split.values())} shots were drawn again: {told}"
        return line + (f"\n{kept} shots break a limit still: their records say which" if kept else "")


def generate_dataset(spec: DatasetSpec, out: Path, workers: int | None = None) -> GenerateSummary:
    """Render every image of `spec` that is not yet in `out`.

    Started again after any interruption it goes on where it was, and ends with the same dataset.

    Raises:
        DatasetError: the folder is another dataset's, in use, or the finished dataset fails its check.
        RenderError: some shots could not be rendered; all others have been.
    """
    open_dataset(out, spec)
    with only_writer(out):
        shots = plan_dataset(spec)
        write_plan(out / "plan.json", spec, shots)
        found = {index for index in finished_shots(out) if maps_are_there(out, spec.annotations, index)}
        missing = [shot for shot in shots if shot.index not in found]
        _require_space(out, len(missing) * spec.image.width * spec.image.height * bytes_per_pixel(spec))
        count = min(workers or os.cpu_count() or 1, max(1, len(missing)))
        with tqdm(total=len(shots), initial=len(shots) - len(missing), unit="image", desc="render") as bar:
            farm = Farm(out, out / "plan.json", count, on_image=lambda _: bar.update())
            farm.run(missing)
        if farm.failures:
            index, error = min(farm.failures.items())
            raise RenderError(f"{out}: {len(farm.failures)} of {len(shots)} images failed; the first, {index}: {error}")
        holds = collect_annotations(out, spec, load_schema(spec.keypoints))
        problems = [problem for problem in check_dataset(out) if problem.severity == "error"]
        if problems:
            raise DatasetError(f"{out}: the finished dataset has {len(problems)} faults; the first: {problems[0]}")
    return GenerateSummary(out, len(missing), len(shots) - len(missing), holds)


def bytes_per_pixel(spec: DatasetSpec) -> float:
    """How much room a finished image takes, at most."""
    return BYTES_PER_PIXEL + sum(MAP_BYTES_PER_PIXEL[kind] for kind in spec.annotations.maps)


def _require_space(folder: Path, needed: float) -> None:
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise DatasetError(
            f"{folder}: about {needed / 1e6:.0f} MB are needed, {free / 1e6:.0f} MB are free on that disk"
        )
