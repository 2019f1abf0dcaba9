"""Pages under docs/ as programs: what a reader would type, block by block.

Fenced blocks of `sh` and `python` are run in order, in one empty folder. What stands before a block, as a comment that
readers do not see, changes that:

    <!-- file: NAME -->        the block is the content of that file
    <!-- not run: REASON -->   it is only shown

and anywhere on the page `<!-- test: OLD => NEW -->` makes a command smaller; OLD must be there.
"""

import json
import re
from dataclasses import dataclass
from pathlib import Path

FENCE = re.compile(
    r"(?:<!-- (?P<mark>file|not run): (?P<value>[^\n]+?) -->\n+)?```(?P<language>\w+)\n(?P<body>.*?)^```$", re.M | re.S
)
SMALLER = re.compile(r"<!-- test: (?P<old>.+?) => (?P<new>.*?) -->")
RUN = ("sh", "python")


@dataclass(frozen=True)
class Block:
    """A fenced block.

    Attributes:
        language: as the fence names it.
        body: its text, made smaller where the page says so.
        file: the file whose content it is, or None.
        not_run: why it is only shown, or None.
    """

    language: str
    body: str
    file: str | None = None
    not_run: str | None = None


def text_of(page: Path) -> str:
    """What a page says; of a notebook, the words between its cells."""
    text = page.read_text(encoding="utf-8")
    if page.suffix != ".ipynb":
        return text
    return "\n\n".join("".join(cell["source"]) for cell in json.loads(text)["cells"] if cell["cell_type"] == "markdown")


def blocks_of(page: Path) -> list[Block]:
    """The blocks of a page that a reader would use, in order.

    Raises:
        ValueError: what a comment makes smaller is in no block.
    """
    text = page.read_text(encoding="utf-8")
    smaller = [(found["old"], found["new"]) for found in SMALLER.finditer(text)]
    blocks, used = [], set()
    for found in FENCE.finditer(text):
        body = found["body"]
        for old, new in smaller:
            used |= {old} if old in body else set()
            body = body.replace(old, new)
        mark, value = found["mark"], found["value"]
        if found["language"] in RUN or mark:
            blocks.append(
                Block(found["language"], body, value if mark == "file" else None, value if mark == "not run" else None)
            )
    unused = [old for old, _ in smaller if old not in used]
    if unused:
        raise ValueError(f"{page}: test comments name what no block has: {unused}")
    return blocks


def script_of(blocks: list[Block]) -> str:
    """One bash script that does what the blocks say."""
    parts = ["set -euo pipefail"]
    for number, block in enumerate(blocks):
        if block.file:
            parts.append(f"cat > '{block.file}' <<'END_OF_{number}'\n{block.body}END_OF_{number}")
        elif block.not_run is None and block.language == "sh":
            parts.append(block.body)
        elif block.not_run is None:
            parts.append(f"python - <<'END_OF_{number}'\n{block.body}END_OF_{number}")
    return "\n".join(parts) + "\n"
