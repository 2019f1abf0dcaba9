"""What `akd check` prints of a model and of a dataset."""

from pathlib import Path

from pipeline.errors import AkdError


def report_dataset(target: Path) -> None:
    """Every problem of a dataset, a line each; AkdError if one is an error."""
    from pipeline.check import check_dataset

    problems = check_dataset(target)
    for problem in problems:
        print(problem)
    errors = sum(problem.severity == "error" for problem in problems)
    if errors:
        raise AkdError(f"{target}: {errors} errors, {len(problems) - errors} warnings")
    print(f"{target}: sound, {len(problems)} warnings")


def report_model(target: Path, sheet: Path | None) -> None:
    """What a model is and what is wrong with it, and a sheet of pictures if asked for; AkdError if something is."""
    from pipeline.inspect_model import inspect_model

    if sheet and sheet.exists():
        raise AkdError(f"{sheet}: exists already")
    found = inspect_model(target, sheet)
    for line in [*found.facts, *found.problems]:
        print(f"{target}: {line}")
    if sheet:
        print(f"wrote {sheet}")
    if found.problems:
        raise AkdError(f"{target}: {len(found.problems)} problems")
    print(f"{target}: sound")
