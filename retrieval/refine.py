"""`akd refine`: the next spec, from an old one and what `akd shift` found: weight where photos are and renders not."""

import os
import re
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import yaml

from pipeline.arguments import refuse_existing
from pipeline.config import find_config, parse_config, read_yaml
from pipeline.dataset_folder import distributions_hash
from pipeline.errors import SpecError
from pipeline.files import write_text_atomic
from pipeline.spec import DatasetSpec, load_spec
from retrieval.refine_fields import Proposal, camera_proposals, sensor_proposals
from retrieval.refine_names import name_proposals
from retrieval.refine_text import Change, edited
from retrieval.shift_record import ShiftRecord, read_shift

FILES = (("light", "hdri"), ("occluders", "cutouts"), ("background", "folder"))
"""Paths in a spec, beside those of models, that count from its own folder."""


@dataclass(frozen=True)
class Refined:
    """What was written: the changed fields with a few words each, and those that stay, with why."""

    path: Path
    changed: tuple[Proposal, ...]
    kept: tuple[Proposal, ...]

    def __str__(self) -> str:
        lines = [f"changed {one.field}: {one.note}" for one in self.changed]
        lines += [f"kept {one.field}: {one.note}" for one in self.kept]
        if not self.changed:
            lines.append(_unchanged(self.kept))
        return "\n".join([*lines, f"wrote {self.path}"])


def refine(name: str, report: Path, out: Path) -> Refined:
    """Write a new spec; the old file's text and comments stay, changes are put in with a comment each.

    Args:
        name: the spec that the report's dataset was made from: a YAML file, or the name of one that ships.
        report: shift.json, or the folder that holds it.
        out: the new YAML file.

    Raises:
        AkdError: `out` exists, or the report cannot be used.
        SpecError: the spec is wrong, or the report is of another one.
    """
    refuse_existing(out)
    path, spec, record = find_config(name, "datasets"), load_spec(name), read_shift(report)
    require_same(name, spec, record, report)
    proposals = tuple(propose(spec, record))
    changed = tuple(one for one in proposals if one.change is not None)
    changes = [one.change for one in changed if one.change is not None]
    text = edited(path.read_text(encoding="utf-8"), [*_moved_paths(path, out), *changes, *_renamed(spec, changes)])
    kept = tuple(one for one in proposals if one.change is None)
    text = _head(path, report, record, _changes(changed) if changed else _unchanged(kept)) + text
    parse_config(_plain(text, out), DatasetSpec, out)
    write_text_atomic(out, text)
    load_spec(str(out))
    return Refined(out, changed, kept)


def propose(spec: DatasetSpec, record: ShiftRecord) -> Iterator[Proposal]:
    """What becomes of each field that photos say something of."""
    yield from camera_proposals(spec, record)
    yield from name_proposals(spec, record)
    yield from sensor_proposals(spec, record)


def require_same(name: str, spec: DatasetSpec, record: ShiftRecord, report: Path) -> None:
    """Raise SpecError unless the report is of a dataset that was drawn from these distributions.

    More images, another seed or another name make no difference.
    """
    if record.synthetic.spec is None:
        raise SpecError(
            f"{report}: its dataset {record.synthetic.source} is none that akd generate wrote; a spec can only be "
            "refined by a report of its own dataset"
        )
    if record.synthetic.spec != distributions_hash(spec):
        raise SpecError(
            f"{report}: is of another spec than {name}: its dataset {record.synthetic.source} was drawn from other "
            "distributions; give the spec that made it (its dataset.yaml holds it)"
        )


def _renamed(spec: DatasetSpec, changes: list[Change]) -> list[Change]:
    """Another name and seed where anything changed: the images are to be further ones, not the same vehicles again."""
    if not changes:
        return []
    found = re.fullmatch(r"(.*)-r(\d+)", spec.name)
    name = f"{found[1]}-r{int(found[2]) + 1}" if found else f"{spec.name}-r1"
    why = (
        "Another seed: vehicles and views that the dataset before does not have, so that both can be used together.",
    )
    return [Change(("name",), name), Change(("seed",), spec.seed + 1, why)]


def _moved_paths(path: Path, out: Path) -> list[Change]:
    """Relative paths, which count from the spec's folder, as they are from the new one's."""
    old, new = path.parent.resolve(), out.parent.resolve()
    if old == new:
        return []
    content = read_yaml(path)
    places: list[tuple[str | int, ...]] = [*FILES]
    sources = content.get("vehicles", {}).get("sources", ())
    places += [("vehicles", "sources", i, key) for i in range(len(sources)) for key in ("model", "keypoints")]
    changes = []
    for place in places:
        value = content
        for step in place:
            there = isinstance(value, list) or (isinstance(value, dict) and step in value)
            value = value[step] if there else None
        if isinstance(value, str) and value != "bundled" and not Path(value).is_absolute():
            changes.append(Change(place, Path(os.path.relpath(old / value, new)).as_posix()))
    return changes


def _changes(changed: tuple[Proposal, ...]) -> str:
    return f"changed, each under its reason: {', '.join(one.field for one in changed)}"


def _unchanged(kept: tuple[Proposal, ...]) -> str:
    blind = ", ".join(one.field for one in kept if not one.judged)
    if not blind:
        return "nothing was changed: the spec has all that these photos have"
    return f"nothing was changed: in what could be judged the spec has all that these photos have; not judged: {blind}"


def _head(path: Path, report: Path, record: ShiftRecord, what: str) -> str:
    lines = [
        f"Made by akd refine from {path.name} and {report}:",
        f"{record.real.images} photos of {record.real.source};",
    ]
    return "".join(f"# {line}\n" for one in [*lines, f"{what}."] for line in textwrap.wrap(one, 110)) + "#\n"


def _plain(text: str, out: Path) -> object:
    try:
        return yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise SpecError(f"{out}: the old spec's text could not be changed: {str(error).splitlines()[0]}") from error
