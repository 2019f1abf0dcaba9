"""What several verbs of the command line ask of their arguments."""

import argparse
import json
from pathlib import Path
from typing import Any

from pipeline.errors import AkdError
from pipeline.files import write_json_atomic

STDOUT = Path("-")
"""What `--json` without a file stands for."""


def positive(text: str) -> int:
    """A whole number of at least 1, for argparse."""
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"must be at least 1; got {value}")
    return value


def refuse_existing(path: Path) -> None:
    """Raise AkdError where there is something already."""
    if path.exists():
        raise AkdError(f"{path}: exists already; give another name, or delete it first")


def add_json(parser: argparse.ArgumentParser, what: str) -> None:
    """`--json [FILE]`, the same for every verb: into FILE beside the text, or on stdout in its place."""
    text = f"{what} as JSON, into FILE; without FILE on stdout instead of text (give it last)"
    parser.add_argument("--json", nargs="?", const=STDOUT, type=Path, metavar="FILE", help=text)


def tell(where: Path | None, text: str, value: Any) -> None:
    """Print `text`, or `value` as JSON, as `--json` asks for."""
    if where == STDOUT:
        print(json.dumps(value, indent=2, allow_nan=False, ensure_ascii=False))
        return
    print(text)
    if where is not None:
        write_json_atomic(where, value, indent=2)
        print(f"wrote {where}")
