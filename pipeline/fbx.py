"""The axes and the unit that an FBX file declares, read from its global settings; binary and ASCII alike."""

import re
import struct
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from pipeline.errors import ModelError

SETTINGS = ("UpAxis", "UpAxisSign", "FrontAxis", "FrontAxisSign", "CoordAxis", "CoordAxisSign")
DEFAULTS = (1, 1, 2, 1, 0, 1)
"""Y up, Z to the viewer, X to the right: what FBX means when it says nothing."""
MAGIC = b"Kaydara FBX Binary"


def read_fbx_frame(path: Path) -> tuple[NDArray[np.float64], float]:
    """(3, 3) rotation from Blender's axes to the file's, and metres per unit of the file.

    Raises:
        ModelError: the file is no FBX, or its axes are not three different ones.
    """
    data = path.read_bytes()
    if not data.startswith(MAGIC) and b"FBXHeaderExtension" not in data[:4096]:
        raise ModelError(f"{path}: is not an FBX file")
    binary = data.startswith(MAGIC)
    values = [_integer(data, name, binary, default) for name, default in zip(SETTINGS, DEFAULTS, strict=True)]
    axes, signs = values[0::2], values[1::2]
    if sorted(axes) != [0, 1, 2]:
        raise ModelError(
            f"{path}: its axes are damaged: up, front and right are {axes}; allowed: 0, 1 and 2, each once"
        )
    up, front, right = (np.eye(3)[axis] * np.sign(sign) for axis, sign in zip(axes, signs, strict=True))
    return np.column_stack([right, -front, up]), _real(data, "UnitScaleFactor", binary, 1.0) / 100


def _integer(data: bytes, name: str, binary: bool, default: int) -> int:
    if binary:
        found = re.search(_head(name) + rb"(?:S.{4}[^\x00]*?){2}S\x00{4}I(.{4})", data, re.DOTALL)
        return int(struct.unpack("<i", found[1])[0]) if found else default
    found = re.search(rb'"%s"[^\n]*,\s*(-?\d+)' % name.encode(), data)
    return int(found[1]) if found else default


def _real(data: bytes, name: str, binary: bool, default: float) -> float:
    if binary:
        found = re.search(_head(name) + rb"(?:S.{4}[^\x00]*?){2}S\x00{4}D(.{8})", data, re.DOTALL)
        return float(struct.unpack("<d", found[1])[0]) if found else default
    found = re.search(rb'"%s"[^\n]*,\s*(-?[\d.eE+-]+)' % name.encode(), data)
    return float(found[1]) if found else default


def _head(name: str) -> bytes:
    """A property's name as binary FBX writes a string: its length in four bytes, then itself."""
    return re.escape(b"S" + struct.pack("<I", len(name)) + name.encode())
