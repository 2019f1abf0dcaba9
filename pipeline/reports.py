"""What `akd check` prints of a spec, a model and a dataset; `where` is what `--json` says, None for text."""

from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from pipeline.arguments import tell
from pipeline.errors import AkdError


def report_spec(target: Path, load: Callable[[str], Any], where: Path | None = None) -> None:
    """That a spec is sound; `load` raises an AkdError where it is not."""
    load(str(target))
    tell(where, f"{target}: sound", {"target": str(target), "kind": "spec", "sound": True})


def report_dataset(target: Path, where: Path | None = None) -> None:
    """Every problem of a dataset, a line each; AkdError if one is an error."""
    from pipeline.check import check_dataset

    problems = check_dataset(target)
    errors = sum(problem.severity == "error" for problem in problems)
    lines = [str(problem) for problem in problems]
    lines += [] if errors else [f"{target}: sound, {len(problems)} warnings"]
    found = {"target": str(target), "kind": "dataset", "sound": not errors}
    tell(where, "\n".join(lines), found | {"problems": [asdict(problem) for problem in problems]})
    if errors:
        raise AkdError(f"{target}: {errors} errors, {len(problems) - errors} warnings")


def report_model(target: Path, sheet: Path | None, where: Path | None = None) -> None:
    """What a model is and what is wrong with it, and a sheet of pictures if asked for; AkdError if something is."""
    from pipeline.inspect_model import inspect_model

    if sheet and sheet.exists():
        raise AkdError(f"{sheet}: exists already")
    found = inspect_model(target, sheet)
    lines = [f"{target}: {line}" for line in [*found.facts, *found.problems]]
    lines += [f"wrote {sheet}"] if sheet else []
    lines += [] if found.problems else [f"{target}: sound"]
    about = {"target": str(target), "kind": "model", "sound": not found.problems}
    tell(where, "\n".join(lines), about | {"facts": found.facts, "problems": found.problems})
    if found.problems:
        raise AkdError(f"{target}: {len(found.problems)} problems")
