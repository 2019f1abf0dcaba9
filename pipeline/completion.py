"""Scripts that complete `akd` in a shell: by shtab, from the parser itself, with the names of what ships."""

import argparse
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args

from pipeline.config import CONFIGS
from pipeline.errors import AkdError

Shell = Literal["bash", "zsh", "fish"]
SHELLS: tuple[Shell, ...] = get_args(Shell)
YAML = "*.y*ml"
ANY = "*"


@dataclass(frozen=True)
class Named:
    """Arguments that take a file or the name of one that ships: its folder and suffix; which files are offered."""

    folder: Path
    suffix: str
    files: str

    @property
    def names(self) -> list[str]:
        """Of what ships."""
        return sorted(file.stem for file in self.folder.glob(f"*{self.suffix}"))


NAMED = {
    "spec": Named(CONFIGS / "datasets", ".yaml", YAML),
    "config": Named(CONFIGS / "models", ".yaml", YAML),
    "keypoints": Named(CONFIGS / "keypoints", ".yaml", YAML),
    "weights": Named(CONFIGS.parent / "training" / "weights", ".pt", ANY),
}
"""By the arguments' own names, which mean the same in every verb."""


def completion_script(parser: argparse.ArgumentParser, shell: str) -> str:
    """The script for a shell.

    Raises:
        AkdError: shtab is not installed.
    """
    try:
        import shtab
    except ImportError as error:
        raise AkdError("completion needs shtab: pip install shtab") from error
    for action in _arguments(parser):
        if action.dest in NAMED:
            action.complete = _names_or_files(action.dest, NAMED[action.dest])  # type: ignore[attr-defined]
        elif action.type is Path:
            action.complete = shtab.FILE  # type: ignore[attr-defined]
    script: str = shtab.complete(parser, shell=shell)
    return script


def _arguments(parser: argparse.ArgumentParser) -> Iterator[argparse.Action]:
    """All of a parser's and its subparsers', but those with choices of their own."""
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for one in action.choices.values():
                yield from _arguments(one)
        elif action.choices is None:
            yield action


def _names_or_files(kind: str, named: Named) -> dict[str, Any]:
    """What shtab calls for such an argument in each shell, and the functions for it."""
    function, words = f"_akd_{kind}", " ".join(named.names)
    matching = f'compgen -f -X \'!{named.files}\' -- "$1"; compgen -d -- "$1"'
    files = 'compgen -f -- "$1"' if named.files == ANY else matching
    bash = [f'compgen -W "{words}" -- "$1"', files]
    zsh = f"""_alternative 'names:that ships:({words})' 'files:file:_files -g "{named.files}"'"""
    fish = [f"string split ' ' -- '{words}'", "__fish_complete_path (commandline -ct)"]
    return {
        "bash": function,
        "zsh": function,
        "fish": f"({function})",
        "preamble": {
            "bash": "\n".join([f"{function}() {{", *(f"  {line}" for line in bash), "}"]),
            "zsh": f"{function}() {{\n  {zsh}\n}}",
            "fish": "\n".join([f"function {function}", *(f"  {line}" for line in fish), "end"]),
        },
    }
