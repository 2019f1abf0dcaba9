"""Files that an OBJ model refers to: its material libraries and their textures."""

from pathlib import Path

from pipeline.errors import ModelError

MAPS = ("map_", "bump", "disp", "decal", "norm", "refl")


def check_obj(path: Path) -> None:
    """See that an OBJ file's material libraries and textures are there.

    Raises:
        ModelError: some are not; names them all.
    """
    libraries = _arguments(path, ("mtllib",))
    missing = [name for name in libraries if not _beside(path, name).is_file()]
    for library in (_beside(path, name) for name in libraries if name not in missing):
        textures = [_file_of(argument) for argument in _arguments(library, MAPS)]
        missing += [name for name in textures if not _beside(library, name).is_file()]
    require_textures(path, missing)


def require_textures(path: Path, missing: list[str]) -> None:
    """Raise ModelError with one line where files that a model refers to are not there."""
    if missing:
        names = ", ".join(dict.fromkeys(missing))
        raise ModelError(f"{path}: refers to files that are not there: {names}")


def _arguments(path: Path, keywords: tuple[str, ...]) -> list[str]:
    """What follows the keywords in a file of lines `keyword argument`."""
    with path.open(encoding="utf-8", errors="replace") as lines:
        words = (line.strip().split(maxsplit=1) for line in lines if line.lower().lstrip().startswith(keywords))
        return [found[1].strip() for found in words if len(found) == 2]


def _file_of(argument: str) -> str:
    """The file of a texture statement: options such as `-bm 0.5` stand before it, and it may hold blanks."""
    words = argument.split()
    while words and words[0].startswith("-"):
        words = words[1:]
        while len(words) > 1 and (words[0] in ("on", "off", "r", "g", "b", "m", "l", "z") or _is_number(words[0])):
            words = words[1:]
    return " ".join(words)


def _beside(path: Path, name: str) -> Path:
    return path.parent / name.replace("\\", "/")


def _is_number(word: str) -> bool:
    return word.lstrip("+-").replace(".", "", 1).isdigit()
