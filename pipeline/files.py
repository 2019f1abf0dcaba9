"""Files that are either whole or not there: written to a temporary name, then renamed."""

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any


def write_bytes_atomic(path: Path, data: bytes) -> None:
    """Write `data` to `path`, so that a reader sees the old file or the new one and never a part."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        with temporary.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


@contextmanager
def new_folder(folder: Path) -> Iterator[Path]:
    """A folder to fill under a temporary name, which becomes `folder` when all went well, and nothing when not."""
    temporary = folder.with_name(f".{folder.name}.{os.getpid()}.tmp")
    temporary.mkdir(parents=True)
    try:
        yield temporary
        temporary.rename(folder)
    except BaseException:
        shutil.rmtree(temporary, ignore_errors=True)
        raise


def remove_partial(folder: Path) -> None:
    """Delete what writers that were killed have left below `folder`; nobody may be writing there."""
    for leftover in folder.glob("**/.*.tmp"):
        leftover.unlink(missing_ok=True)


def write_text_atomic(path: Path, text: str) -> None:
    """`write_bytes_atomic` for text, in UTF-8."""
    write_bytes_atomic(path, text.encode())


def write_json_atomic(path: Path, value: Any, indent: int | None = None) -> None:
    """Write `value` as JSON: keys in the order given, no NaN, one newline at the end."""
    write_text_atomic(path, json.dumps(value, indent=indent, allow_nan=False, ensure_ascii=False) + "\n")
