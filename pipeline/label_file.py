"""A label file that is read, changed and written back, and never over somebody else's changes."""

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from pipeline.config import CONFIGS, find_config
from pipeline.errors import ModelError
from pipeline.files import write_text_atomic
from pipeline.schema import schema_comment
from pipeline.sidecar import DEFAULT_SCHEMA, UNITS, Sidecar, load_sidecar

_NEVER_WRAP = 1 << 30


@dataclass(frozen=True)
class LabelFile:
    """A label file as it was when it was read.

    Attributes:
        path: where it is, or will be.
        sidecar: what it said; None where there was none.
        digest: of its bytes; None where there was none.
    """

    path: Path
    sidecar: Sidecar | None
    digest: str | None

    @property
    def changed(self) -> bool:
        """Whether the file is no longer what it was when it was read."""
        return _digest(self.path) != self.digest

    def write(self, sidecar: Sidecar, force: bool = False) -> "LabelFile":
        """Write `sidecar` in its place; the file as it is then.

        Raises:
            ModelError: the file is no longer what it was when it was read, and `force` is not set.
        """
        if self.changed and not force:
            what = "is there now and was not before" if self.digest is None else "has changed since it was read"
            raise ModelError(f"{self.path}: {what}; not written over")
        write_text_atomic(self.path, schema_comment("labels", self.path) + sidecar_text(sidecar))
        return LabelFile(self.path, sidecar, _digest(self.path))


def read_label_file(path: Path) -> LabelFile:
    """The label file at `path`, or that there is none.

    Raises:
        ModelError: it is there and not sound.
    """
    digest = _digest(path)
    return LabelFile(path, load_sidecar(path) if digest else None, digest)


def schema_reference(file: LabelFile, asked: str | None) -> str:
    """What the label file says, or shall say, for `keypoints`: a schema that ships by name, others relative to it.

    Raises:
        ModelError: the file names a schema and another one is `asked` for.
        SpecError: there is no such schema.
    """
    if file.sidecar is not None:
        named = file.sidecar.keypoints
        if asked is not None and _schema_file(file, asked) != _schema_file(file, named):
            raise ModelError(f"{file.path}: is of the keypoint schema {named}, not {asked}; leave --keypoints out")
        return named
    found = _schema_file(file, asked or DEFAULT_SCHEMA)
    if found.parent == (CONFIGS / "keypoints").resolve():
        return found.stem
    return os.path.relpath(found, file.path.parent.resolve())


def _schema_file(file: LabelFile, name: str) -> Path:
    beside = file.path.parent / name
    return (beside if beside.is_file() else find_config(name, "keypoints")).resolve()


def sidecar_text(sidecar: Sidecar) -> str:
    """The label file, in the order of its schema's keypoints where it is known, one line each; defaults left out."""
    plain: dict[str, Any] = sidecar.model_dump(mode="json", exclude_defaults=True)
    labels = plain.pop("labels")
    own_parts = plain.pop("own_parts", {})
    unit = next((name for name, metres in UNITS.items() if metres == sidecar.unit), sidecar.unit)
    head = {"keypoints": sidecar.keypoints} | plain | ({} if unit is None else {"unit": unit})
    lines = [f"{key}: {_inline(value)}" for key, value in head.items()]
    lines += ["labels:", *(f"  {name}: {_inline(_short(places))}" for name, places in labels.items())]
    if own_parts:
        lines += ["own_parts:", *(f"  {name}: {_inline(parts)}" for name, parts in own_parts.items())]
    return "\n".join(lines) + "\n"


def _short(places: list[dict[str, Any]]) -> Any:
    """A list of one place as that place, and one point of a place as that point: as people write them."""
    short = [{k: v[0] if k == "at" and len(v) == 1 else v for k, v in place.items()} for place in places]
    return short[0] if len(short) == 1 else short


def _inline(value: Any) -> str:
    """A value as YAML on one line."""
    text = yaml.safe_dump(value, default_flow_style=True, width=_NEVER_WRAP, sort_keys=False, allow_unicode=True)
    return text.removesuffix("...\n").strip()


def _digest(path: Path) -> str | None:
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else None
