"""Shards that were rendered into folders of their own, put together into one dataset."""

import os
import shutil
from collections.abc import Sequence
from pathlib import Path

from tqdm import tqdm

from pipeline.collect import Collected
from pipeline.config import parse_config, read_yaml
from pipeline.dataset_folder import describe_dataset, grow_dataset, only_writer, open_dataset
from pipeline.errors import DatasetError
from pipeline.generate import finish_dataset, missing_shots
from pipeline.map_files import map_names
from pipeline.quarantine import release
from pipeline.record import finished_shots, image_path, record_path
from pipeline.spec import DatasetSpec

SAME = (("spec_sha256", "spec"), ("assets", "assets"), ("versions", "package versions"))


def merge_shards(folders: Sequence[Path], out: Path) -> Collected:
    """Put the shots of `folders` into `out`, by hard link where the disk allows it, then write and check its labels.

    The folders stay as they are. Started again it goes on where it was.

    Raises:
        DatasetError: a folder is no shard, is of another dataset than the first, or shots are missing.
    """
    spec = _common_spec(folders)
    open_dataset(out, spec)
    with only_writer(out):
        grow_dataset(out, spec)
        there = set(range(spec.images)) - set(missing_shots(spec, out, range(spec.images)))
        for folder in folders:
            new = sorted(finished_shots(folder) - there)
            for index in tqdm(new, desc=f"merge {folder.name}", unit="image", disable=len(new) < 1000):
                _bring(spec, folder, out, index)
            there |= set(new)
        missing = missing_shots(spec, out, range(spec.images))
        if missing:
            names = ", ".join(map(str, missing[:10])) + (", ..." if len(missing) > 10 else "")
            raise DatasetError(
                f"{out}: {len(missing)} of {spec.images} images are in none of the folders: {names}; "
                "render their shards and merge again, or let akd generate render them here"
            )
        return finish_dataset(spec, out)


def _common_spec(folders: Sequence[Path]) -> DatasetSpec:
    """The spec that all folders were begun with."""
    descriptions = []
    for folder in folders:
        path = folder / "dataset.yaml"
        if not path.is_file():
            raise DatasetError(
                f"{folder}: is no dataset of ours; it must hold a dataset.yaml, as akd generate writes it"
            )
        content = read_yaml(path)
        if not isinstance(content, dict) or "spec" not in content:
            raise DatasetError(f"{path}: is damaged; it must be a mapping with a spec")
        descriptions.append(content)
    first, spec = folders[0], parse_config(descriptions[0]["spec"], DatasetSpec, folders[0] / "dataset.yaml")
    described = describe_dataset(spec)
    for folder, content in zip(folders, descriptions, strict=True):
        for key, name in SAME:
            if content.get(key) != descriptions[0].get(key):
                raise DatasetError(f"{folder}: was begun with other {name} than {first}; merge shards of one dataset")
            if content.get(key) != described[key]:
                raise DatasetError(f"{folder}: was begun with other {name} than there are here")
    return spec


def _bring(spec: DatasetSpec, folder: Path, out: Path, index: int) -> None:
    """A shot's image and maps, and last its record: what has one is finished."""
    record = record_path(folder, index)
    image = image_path(folder, index, spec.image)
    files = [image, *(folder / name for name in map_names(spec.annotations, index).values()), record]
    for file in files:
        _link(file, out / file.relative_to(folder))
    release(out, index)


def _link(source: Path, target: Path) -> None:
    """A hard link, or a copy where there is another disk; whole or not there at all."""
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_name(f".{target.name}.{os.getpid()}.tmp")
    partial.unlink(missing_ok=True)
    try:
        os.link(source, partial)
    except FileNotFoundError as error:
        raise DatasetError(f"{source}: is missing, though its record is there; generate that shard again") from error
    except OSError:  # another disk, or one without links
        shutil.copyfile(source, partial)
    partial.replace(target)
