"""Retrieval indexes: one file of a sound index is replaced, its size and hash put right, as forgers would."""

import json
import shutil
from pathlib import Path

import numpy as np

from pipeline.keypoints import load_schema
from retrieval.descriptor import Descriptors
from retrieval.manifest import FileStamp, SourceRecord
from retrieval.nearest import nearest
from retrieval.report import results_as_json
from retrieval.result import Retrieval
from retrieval.segment import IndexedImage
from retrieval.store import load_index
from retrieval.write import Entry, IndexContent, data_file, write_index
from tests.fuzz.target import Target
from tests.retrieval.instances import random_instances

COUNT = 5
MANIFEST = "manifest.json"


def _files(folder: Path) -> list[str]:
    """In an order that stays: the first byte of an input says which one it replaces."""
    return [MANIFEST, *sorted(f"0000/{file.name}" for file in (folder / "sound/0000").iterdir())]


def _seeds(folder: Path) -> list[bytes]:
    index = folder / "sound"
    keypoints, boxes = random_instances(np.random.default_rng(0), COUNT)
    source = SourceRecord(
        path="/d", kind="labels", root="/d", root_from_index="..", annotations=FileStamp(path="/d/a", sha256="0" * 64)
    )
    made = IndexContent(load_schema("vehicle20"), source)
    for number in range(COUNT):
        image = IndexedImage(f"{number}.jpg", number, 1, 1, {"style": "suv", "azimuth_deg": 3.0})
        made.add(image, [Entry(keypoints[number], boxes[number])])
    write_index(made, index)
    return [bytes([number]) + (index / name).read_bytes() for number, name in enumerate(_files(folder))]


def _feed(data: bytes, folder: Path) -> None:
    names = _files(folder)
    name = names[data[0] % len(names)] if data else MANIFEST
    forged = folder / "forged"
    if not forged.exists():
        shutil.copytree(folder / "sound", forged)
    try:
        (forged / name).write_bytes(data[1:])
        if name != MANIFEST:
            _put_right(forged, name)
        _use(forged)
    finally:
        for one in (MANIFEST, name):
            shutil.copyfile(folder / "sound" / one, forged / one)


def _put_right(index: Path, name: str) -> None:
    manifest = json.loads((index / MANIFEST).read_text())
    manifest["segments"][0]["files"][Path(name).name] = data_file(index / name).model_dump()
    (index / MANIFEST).write_text(json.dumps(manifest))


def _use(folder: Path) -> None:
    """Open, filter, search by an entry of its own, and write down what is found."""
    index = load_index(folder)
    if not len(index):
        return
    count = len(index.schema)
    query = Descriptors(np.full((1, count, 2), 0.1, np.float32), np.full((1, count), count**-0.5, np.float32))
    found = Retrieval(Path("query.jpg"), folder, None, tuple(nearest(index, query, 3)))
    json.dumps(results_as_json([found]), allow_nan=False).encode()
    index.with_values({"style": ["suv"]})


INDEX = Target(_seeds, _feed)
