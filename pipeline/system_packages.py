"""Libraries of the system that Blender and OpenCV load, and what to say where one is missing."""

import re

LIBRARIES = "libegl1 libgl1 libglib2.0-0 libsm6 libx11-6 libxext6 libxfixes3 libxi6 libxkbcommon0 libxrender1"
"""Debian's and Ubuntu's names, as README.md has them (a test compares)."""
APT = f"apt-get install {LIBRARIES}"
_MISSING = re.compile(r"(lib[\w.+-]*\.so[.\d]*): cannot open shared object file")


def missing_library(text: str) -> str | None:
    """The library that an error's text, anyone's, says is missing."""
    found = _MISSING.search(text)
    return found[1] if found else None


def import_advice(text: str) -> str | None:
    """One line for the user where an error's text is of a missing library; None where it is of something else."""
    library = missing_library(text)
    return None if library is None else f"the system library {library} is missing; on Debian and Ubuntu: {APT}"
