"""File names that stand in a file from elsewhere: they must stay in its folder, and be names that a system can have."""

from pathlib import Path

MAX_NAME, MAX_PATH = 255, 4096
"""Bytes of a name and of a whole path that Linux takes."""


def is_file(path: Path) -> bool:
    """Whether there is such a file; no for names that no file can have, at which `Path.is_file` raises."""
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False


def escapes(name: str) -> str:
    """Why a name must not be looked up below a folder ("leads out of the dataset", ...), or "" where it may.

    Symbolic links are followed: people keep images elsewhere. What a link leads to is read as an image or not at all.
    """
    path = Path(name)
    if path.is_absolute() or ".." in path.parts or "\0" in name:
        return "leads out of the dataset"
    try:
        sizes = [len(part.encode()) for part in path.parts]
    except UnicodeEncodeError:
        return "is not text that can be written"
    if max(sizes, default=0) > MAX_NAME or sum(sizes) + len(sizes) > MAX_PATH:
        return f"is too long; allowed: {MAX_NAME} bytes a name, {MAX_PATH} in all"
    return ""
