"""The page of `akd --help`: the verbs by stage, as a table of contents."""

import argparse
import re
from collections.abc import Sequence
from copy import copy
from typing import Any

STAGES: dict[str, tuple[str, ...]] = {
    "start": ("demo", "doctor"),
    "render (images with exact labels, from a spec)": ("plan", "generate", "status", "merge", "vehicle", "label"),
    "train (a detector, and how good it is)": (
        "train", "evaluate", "compare", "predict", "pack", "shift", "refine", "sigmas",
    ),
    "retrieve (rendered images that match a photo)": (
        "index", "index-info", "unindex", "retrieve", "score-retrieval", "features",
    ),
    "care (for datasets, photos and files)": ("check", "report", "export", "prepare", "schema", "completion"),
}  # fmt: skip
"""Stage to its verbs, in the order of use; those that are not there are left out, others follow at the end."""
MORE = "more"
WIDTH = 59
"""Letters of a verb's line beside its name, on a terminal of 80 columns."""
FOOT = """every verb shows an example:  akd VERB --help
the whole loop, small:        akd demo
exit codes: 0 done, 1 failed (one line on stderr says why), 2 bad usage"""


class Program(argparse.ArgumentParser):
    """A parser whose subcommands are listed by stage."""

    def format_help(self) -> str:
        """Usage, what the program is, its verbs by stage, its own options."""
        formatter = self._get_formatter()
        formatter.add_usage(self.usage, self._actions, [])
        formatter.add_text(self.description)
        verbs = next(a for a in self._actions if isinstance(a, argparse._SubParsersAction))
        rows = {row.dest: _in_one_line(row) for row in verbs._get_subactions()}
        for title, names in by_stage(list(rows)).items():
            formatter.start_section(title)
            formatter.add_arguments([rows[name] for name in names])
            formatter.end_section()
        formatter.start_section("options")
        formatter.add_arguments([action for action in self._actions if action is not verbs])
        formatter.end_section()
        formatter.add_text(FOOT)
        return formatter.format_help()


def _in_one_line(row: argparse.Action) -> argparse.Action:
    shorter = copy(row)
    shorter.help = first_clauses(row.help or "", WIDTH)
    return shorter


def first_clauses(text: str, width: int) -> str:
    """As many of a text's clauses as fit into so many letters, one at least."""
    clauses = re.split(r"(?<=[,;:?]) ", text)
    fitting = [n for n in range(1, len(clauses) + 1) if len(" ".join(clauses[:n])) <= width]
    return " ".join(clauses[: max(fitting, default=1)]).rstrip(",;:")


def by_stage(verbs: list[str]) -> dict[str, list[str]]:
    """The stages that have verbs, and each of the verbs in one of them."""
    found = {stage: [name for name in names if name in verbs] for stage, names in STAGES.items()}
    known = [name for names in found.values() for name in names]
    found[MORE] = [name for name in verbs if name not in known]
    return {stage: names for stage, names in found.items() if names}


class Version(argparse.Action):
    """Prints the version; looked up only then, for that takes time."""

    def __call__(
        self, parser: argparse.ArgumentParser, space: Any, values: str | Sequence[Any] | None, option: Any = None
    ) -> None:
        """Print and end."""
        from importlib.metadata import version

        print(f"akd {version('akd')}")
        parser.exit()
