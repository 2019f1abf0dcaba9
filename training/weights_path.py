"""Which file is meant by a path to weights, a run folder, or the name of a detector that ships. Needs no torch."""

from pathlib import Path

from pipeline.errors import WeightsError

BEST, LAST = "best.pt", "last.pt"
SHIPPED = Path(__file__).resolve().parent / "weights"
"""Detectors that come with the program, by name."""
SUFFIXES = (".pt", ".pth", ".safetensors", ".onnx")


def weights_path(source: Path) -> Path:
    """The file itself; of a folder its best weights, else its last, else its only ones; that of a name that ships.

    Raises:
        WeightsError: there is none, or the folder holds several of which none is the best or the last.
    """
    if source.is_file():
        return source
    if source.is_dir():
        return _weights_in(source)
    shipped = {file.stem: file for file in sorted(SHIPPED.glob("*.pt"))}
    if str(source) in shipped:
        return shipped[str(source)]
    names = f"; those that ship: {', '.join(shipped)}" if shipped else ""
    raise WeightsError(f"{source}: no such weights file or run folder{names}")


def _weights_in(folder: Path) -> Path:
    there = {file.name: file for file in sorted(folder.iterdir()) if file.suffix in SUFFIXES and file.is_file()}
    for name in (BEST, LAST):
        if name in there:
            return there[name]
    if not there:
        raise WeightsError(f"{folder}: holds no weights; a run folder has {BEST} after its first epoch")
    if len(there) > 1:
        raise WeightsError(f"{folder}: holds {', '.join(there)}; must hold one file of weights, or {BEST}")
    return next(iter(there.values()))
