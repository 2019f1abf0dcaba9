"""Did a detector learn from what it is scored on? Asked of the run folder that its weights lie in."""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from pipeline.coco import CocoDataset, load_coco
from pipeline.config import read_yaml
from pipeline.errors import AkdError, DatasetError
from training.run_folder import INIT, VERSIONS
from training.weights_path import weights_path

NOT_KNOWN = "not known"


@dataclass(frozen=True)
class Training:
    """What a run says of its data: annotation files that it learned from, and what it does not say."""

    sources: tuple[Path, ...]
    unknown: tuple[str, ...]


def training_of(weights: Path) -> Training:
    """What weights were trained on, and those they began from, as far as their run folders tell.

    Raises:
        WeightsError: there are no such weights.
    """
    sources: list[Path] = []
    unknown: list[str] = []
    left, been = [weights_path(weights).resolve()], set[Path]()
    while left:
        file = left.pop()
        been.add(file)
        sessions = [one for one in _sessions(file.parent / VERSIONS) if isinstance(one, dict)]
        said = [Path(str(one["dataset"])) for one in sessions if one.get("dataset")]
        if not said:
            unknown.append(f"{file} lies in no run folder")
        sources += [one for one in said if one not in sources]
        begun = {Path(str(one[INIT])) for one in sessions if one.get(INIT)}
        left += sorted(begun - been)
    return Training(tuple(sources), tuple(unknown))


def check_leaks(weights: Path, dataset: CocoDataset, *, allow: bool = False) -> str:
    """What is known of the weights' training, in words; refuses a dataset that shares a vehicle or an image with it.

    Raises:
        DatasetError: it leaks, and that is not allowed.
        WeightsError: there are no such weights.
    """
    training = training_of(weights)
    said = list(training.unknown)
    for source in training.sources:
        try:
            learned = load_coco(source)
        except AkdError:
            said.append(f"{source}, which cannot be read any more: overlap not known")
            continue
        shared = shared_with(learned, dataset)
        if shared and not allow:
            raise DatasetError(
                f"{dataset.source}: the weights were trained on {shared} of it, by {source}; score another split, or "
                "say --allow-leak"
            )
        said.append(f"{source}: {f'LEAK, {shared} is scored' if shared else _checked(learned, dataset)}")
        choice = source.parent / "val.json"
        if source.name == "train.json" and choice.is_file() and shared_with(load_coco(choice), dataset):
            said.append(f"{choice}, which the best epoch was chosen on, shares what is scored")
    return "; ".join(said if training.sources else [NOT_KNOWN, *said])


def shared_with(learned: CocoDataset, dataset: CocoDataset) -> str:
    """The first vehicle, or identical image file, that is in both, and how many there are; "" where there is none."""
    vehicles = sorted(_vehicles(learned) & _vehicles(dataset))
    if vehicles:
        return f"vehicle {vehicles[0]}" + (f" and {len(vehicles) - 1} others" if len(vehicles) > 1 else "")
    sizes = {path.stat().st_size for path in _files(dataset)}
    digests = {_digest(path) for path in _files(learned) if path.stat().st_size in sizes}
    images = [path.name for path in _files(dataset) if digests and _digest(path) in digests]
    return f"image {images[0]}" + (f" and {len(images) - 1} others" if len(images) > 1 else "") if images else ""


def _checked(learned: CocoDataset, dataset: CocoDataset) -> str:
    """What could be held against one another: "no vehicle" says nothing where vehicles have no names."""
    named = all(any("vehicle" in image.extra for image in one.images) for one in (learned, dataset))
    missing = sum(1 for one in (learned, dataset) for image in one.images if not image.path.is_file())
    words = f"{'no vehicle and ' if named else ''}no image in common"
    return words + (f" ({missing} image files are not there, and were not compared)" if missing else "")


def _vehicles(dataset: CocoDataset) -> set[str]:
    return {str(image.extra["vehicle"]) for image in dataset.images if image.extra.get("vehicle") is not None}


def _files(dataset: CocoDataset) -> Iterator[Path]:
    return (image.path for image in dataset.images if image.path.is_file())


def _digest(path: Path) -> bytes:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").digest()


def _sessions(file: Path) -> Iterable[object]:
    content = read_yaml(file) if file.is_file() else None
    return content.values() if isinstance(content, dict) else ()
