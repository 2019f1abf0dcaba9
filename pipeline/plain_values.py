"""What a JSON file says that is copied on without being understood: it must be fit to be written again."""

import math
from collections.abc import Mapping
from typing import Any

MAX_NESTING = 32
"""Lists and objects inside one another; no tool writes so many, and a copy of each level is a call of its own."""


def fault_of(value: Any) -> str:
    """Why a value could not be written as JSON again ("is nested deeper than 32 levels", ...), or ""."""
    level = [value]
    for _ in range(MAX_NESTING + 1):
        for one in level:
            if isinstance(one, float) and not math.isfinite(one):
                return "holds a number that is not finite"
            if isinstance(one, str) and not is_text(one):
                return "holds text that is not Unicode"
        level = [child for one in level for child in _children(one)]
        if not level:
            return ""
    return f"is nested deeper than {MAX_NESTING} levels"


def is_text(text: str) -> bool:
    """Whether it can be written as UTF-8: JSON can spell halves of characters, which cannot."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _children(value: Any) -> list[Any]:
    if isinstance(value, Mapping):
        return [*value.keys(), *value.values()]
    return value if isinstance(value, list) else []
