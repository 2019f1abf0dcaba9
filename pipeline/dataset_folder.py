"""A dataset's folder: what it was made from (dataset.yaml), and one writer at a time."""

import fcntl
import hashlib
import json
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from importlib import metadata
from pathlib import Path
from typing import IO, Any

import yaml

from pipeline.config import parse_config, read_yaml
from pipeline.errors import DatasetError
from pipeline.files import write_json_atomic, write_text_atomic
from pipeline.plan import Shot
from pipeline.shards import Shard
from pipeline.spec import DatasetSpec, ModelSource

LOCK_TRIES = 4
PACKAGES = ("akd", "bpy", "numpy", "opencv-python")


def spec_hash(spec: DatasetSpec) -> str:
    """A fingerprint of everything that a spec says."""
    return hashlib.sha256(json.dumps(spec.model_dump(mode="json"), sort_keys=True).encode()).hexdigest()


def distributions_hash(spec: DatasetSpec) -> str:
    """A fingerprint of what images are drawn from: the same for more images, other seeds, or another name."""
    content = spec.model_dump(mode="json", exclude={"name", "seed", "images"})
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def file_hash(path: Path) -> str:
    """SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def read_spec(folder: Path) -> DatasetSpec:
    """The spec that a dataset was begun with.

    Raises:
        DatasetError: it is no dataset of ours, or its dataset.yaml is damaged.
    """
    path = folder / "dataset.yaml"
    if not path.is_file():
        raise DatasetError(f"{folder}: is no dataset of ours; it must hold a dataset.yaml, as akd generate writes it")
    content = read_yaml(path)
    if not isinstance(content, dict) or "spec" not in content:
        raise DatasetError(f"{path}: is damaged; it must be a mapping with a spec")
    return parse_config(content["spec"], DatasetSpec, path)


def describe_dataset(spec: DatasetSpec) -> dict[str, Any]:
    """What dataset.yaml says: the resolved spec, its hash, versions, and a hash of every asset."""
    models = [source for source in spec.vehicles.sources if isinstance(source, ModelSource)]
    files = [file for model in models for file in (model.model, model.sidecar) if file.is_file()]
    if Path(spec.keypoints).is_absolute():
        files.append(Path(spec.keypoints))
    return {
        "spec": spec.model_dump(mode="json"),
        "spec_sha256": spec_hash(spec),
        "assets": {str(file): file_hash(file) for file in files},
        "licences": {str(model.model): _licence(model.sidecar) for model in models},
        "versions": {name: _version(name) for name in PACKAGES},
    }


def _licence(sidecar: Path) -> str:
    if not sidecar.is_file():
        return "not said"
    content = read_yaml(sidecar)
    return str(content.get("licence", "not said")) if isinstance(content, dict) else "not said"


def _version(package: str) -> str:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return "not installed"


def open_dataset(folder: Path, spec: DatasetSpec) -> None:
    """Make the folder this spec's, or find that it is already; or this spec's with fewer images (`grow_dataset`).

    Raises:
        DatasetError: the folder holds something else, another spec's images, or images of assets that have changed.
    """
    description = describe_dataset(spec)
    path = folder / "dataset.yaml"
    if path.is_file():
        _require_same(path, description, spec)
        return
    try:
        folder.mkdir(parents=True, exist_ok=True)
        strangers = [p.name for p in folder.iterdir() if not p.name.startswith(".")]
        if strangers:
            raise DatasetError(f"{folder}: is not empty and holds no dataset of ours ({strangers[0]}, ...)")
        _write_description(path, description)
    except OSError as error:
        raise DatasetError(f"{folder}: cannot be written: {error.strerror}") from error


def grow_dataset(folder: Path, spec: DatasetSpec) -> None:
    """Let an opened dataset have as many images as the spec says, where it had fewer: a longer plan begins with it.

    To be called by its only writer.
    """
    if read_spec(folder).images < spec.images:
        _write_description(folder / "dataset.yaml", describe_dataset(spec))


def _write_description(path: Path, description: dict[str, Any]) -> None:
    write_text_atomic(path, yaml.safe_dump(description, sort_keys=False, allow_unicode=True))


def _require_same(path: Path, description: dict[str, Any], spec: DatasetSpec) -> None:
    there = read_yaml(path)
    if not isinstance(there, dict):
        raise DatasetError(f"{path}: is damaged; it must be a mapping")
    images = there["spec"].get("images") if isinstance(there.get("spec"), dict) else None
    if isinstance(images, int) and images < spec.images:
        description = {**description, "spec_sha256": spec_hash(spec.model_copy(update={"images": images}))}
    for key, name in (("spec_sha256", "spec"), ("assets", "assets"), ("versions", "package versions")):
        if there.get(key) != description[key]:
            raise DatasetError(
                f"{path.parent}: was begun with other {name}; give another folder, or delete this one to start again"
            )


@contextmanager
def only_writer(folder: Path, shard: Shard | None = None) -> Iterator[None]:
    """Hold the folder's lock, or a shard's own; the system frees it when the process ends, however it ends.

    Several shards may be at work in one folder, each once; nobody else then.

    Raises:
        DatasetError: another process is generating into the folder.
    """
    locks = folder / ".akd"
    with ExitStack() as held:
        if shard is None:
            held.enter_context(_locked(locks / "lock", fcntl.LOCK_EX, folder))
        else:
            held.enter_context(_locked(locks / "lock", fcntl.LOCK_SH, folder))
            held.enter_context(_locked(locks / f"lock-{shard.stem}", fcntl.LOCK_EX, folder))
        yield


@contextmanager
def _locked(path: Path, kind: int, folder: Path) -> Iterator[None]:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as lock:
        if not _take(lock, kind):
            raise DatasetError(f"{folder}: another akd generate is at work in it; wait for it, or stop it")
        yield


def _take(lock: IO[str], kind: int) -> bool:
    """Lock it, or find that somebody else keeps it; `is_locked` holds locks for a moment, too."""
    for _ in range(LOCK_TRIES):
        try:
            fcntl.flock(lock, kind | fcntl.LOCK_NB)
        except OSError:
            time.sleep(0.05)
        else:
            return True
    return False


def is_locked(path: Path) -> bool:
    """Whether a process holds a lock file now."""
    if not path.is_file():
        return False
    with path.open() as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except OSError:
            return True
    return False


def write_plan(path: Path, spec: DatasetSpec, shots: list[Shot]) -> None:
    """The plan as JSON: the spec, and every shot."""
    plan = {"spec": spec.model_dump(mode="json"), "shots": [shot.model_dump(mode="json") for shot in shots]}
    write_json_atomic(path, plan)
