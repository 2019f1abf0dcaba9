"""Files that torch wrote, read as data only (`weights_only=True` runs no code), with errors of one line."""

import io
import pickle
import warnings
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch

from pipeline.errors import WeightsError
from pipeline.files import write_bytes_atomic

_DAMAGED = (
    RuntimeError,
    OSError,
    EOFError,
    ValueError,
    LookupError,
    TypeError,
    AttributeError,
    ArithmeticError,
    AssertionError,
    zipfile.BadZipFile,
)
"""What torch raises on bytes that are no file of its, beside pickle's own error."""


def read_torch(path: Path) -> Any:
    """What a file holds, in main memory.

    Raises:
        WeightsError: it is missing, cannot be read, or is not such a file.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise WeightsError(f"{path}: cannot be read: {error.strerror or error}") from error
    try:
        _require_stored(data)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what torch thinks of a stranger's file; the error below says enough
            return torch.load(io.BytesIO(data), map_location="cpu", weights_only=True)
    except (pickle.UnpicklingError, *_DAMAGED) as error:
        raise WeightsError(f"{path}: is not a weights file (or is damaged)") from error


def _require_stored(data: bytes) -> None:
    """torch writes its archives without compression, but reads others: a packed gigabyte of zeros is a megabyte."""
    if not zipfile.is_zipfile(io.BytesIO(data)):
        return  # older files are pickles alone
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        members = archive.infolist()
    if sum(member.file_size for member in members) > len(data):
        raise ValueError("its members are larger than the file")


def write_torch(path: Path, content: Any) -> None:
    """Write a file whole or not at all."""
    buffer = io.BytesIO()
    torch.save(content, buffer)
    write_bytes_atomic(path, buffer.getvalue())


def read_state_dict(path: Path, load: Callable[[Any], None]) -> None:
    """Read a plain state dict and hand it to `load`.

    Raises:
        WeightsError: it is no state dict, or not of the module that `load` fills.
    """
    state = read_torch(path)
    if not isinstance(state, dict) or not all(isinstance(value, torch.Tensor) for value in state.values()):
        raise WeightsError(f"{path}: must hold a backbone's state dict")
    try:
        load(state)
    except RuntimeError as error:
        lines = [line.strip() for line in str(error).splitlines()]
        raise WeightsError(f"{path}: is not the state dict of this backbone: {' '.join(lines[1:2])[:160]}") from error
