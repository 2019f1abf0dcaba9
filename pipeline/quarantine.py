"""Shots that could not be rendered: set aside in the dataset's folder with their plan, error and log."""

from pathlib import Path

from pipeline.files import write_json_atomic, write_text_atomic
from pipeline.plan import Shot


def quarantine(dataset: Path, shot: Shot, error: str, log: str) -> None:
    """Write quarantine/NNNNNN.json (the shot and the error) and NNNNNN.log (what Blender said last)."""
    folder = dataset / "quarantine"
    write_text_atomic(folder / f"{shot.stem}.log", log)
    write_json_atomic(folder / f"{shot.stem}.json", {"error": error, "shot": shot.model_dump(mode="json")}, indent=2)


def release(dataset: Path, index: int) -> None:
    """Forget that a shot had failed: it has been rendered after all."""
    folder = dataset / "quarantine"
    if not folder.is_dir():
        return
    for suffix in (".json", ".log"):
        (folder / f"{index:06d}{suffix}").unlink(missing_ok=True)
    if not any(folder.iterdir()):
        folder.rmdir()


def quarantined_shots(dataset: Path) -> set[int]:
    """The indices of the shots that are set aside."""
    return {int(path.stem) for path in (dataset / "quarantine").glob("[0-9]*.json")}
