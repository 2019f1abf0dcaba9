"""What several verbs of the command line ask of their arguments."""

import argparse
from pathlib import Path

from pipeline.errors import AkdError


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
