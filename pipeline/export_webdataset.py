"""WebDataset: tar shards of KEY.jpg and KEY.json, read in order by loaders that stream.

    train-000000.tar  train-000001.tar  ...  val-000000.tar  dataset.json

The same dataset gives the same bytes: members are sorted by key, and their headers say nothing of who wrote them when.
"""

import io
import json
import tarfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from pipeline.export_coco import flat_keypoints
from pipeline.export_job import ExportImage, ExportJob, progress
from pipeline.files import write_json_atomic


def write_webdataset(job: ExportJob, folder: Path) -> list[str]:
    """Write `job` into the empty `folder`; a shard holds at least one image, however small shards are to be."""
    shards: dict[str, dict[str, int]] = {}
    for split, images in job.splits.items():
        ordered = sorted(images, key=lambda image: image.stem)
        shards[split] = {}
        for number, batch in enumerate(_batches(progress(ordered, split), split, job.shard_bytes)):
            name = f"{split}-{number:06d}.tar"
            _write_shard(folder / name, batch, split)
            shards[split][name] = len(batch)
    write_json_atomic(folder / "dataset.json", _description(job, shards), indent=1)
    return [f"{sum(map(len, shards.values()))} shards"]


def _batches(images: Iterable[ExportImage], split: str, limit: int) -> Iterator[list[ExportImage]]:
    """Runs of images whose shard stays within `limit` bytes."""
    batch: list[ExportImage] = []
    size = 0
    for image in images:
        grows = _in_tar(image.source.stat().st_size) + _in_tar(len(_sample_json(image, split)))
        if batch and _whole_tar(size + grows) > limit:
            yield batch
            batch, size = [], 0
        batch.append(image)
        size += grows
    if batch:
        yield batch


def _in_tar(size: int) -> int:
    """What a file of `size` bytes takes in a tar file: a header, and its data in whole blocks."""
    return tarfile.BLOCKSIZE * (1 + -(-size // tarfile.BLOCKSIZE))


def _whole_tar(size: int) -> int:
    """The size of a tar file of members that take `size` bytes: two empty blocks end it, and it comes in records."""
    return tarfile.RECORDSIZE * -(-(size + 2 * tarfile.BLOCKSIZE) // tarfile.RECORDSIZE)


def _write_shard(path: Path, images: list[ExportImage], split: str) -> None:
    with tarfile.open(path, "w", format=tarfile.PAX_FORMAT) as tar:
        for image in images:
            _add(tar, image.name, image.source.read_bytes())
            _add(tar, f"{image.stem}.json", _sample_json(image, split))


def _add(tar: tarfile.TarFile, name: str, data: bytes) -> None:
    header = tarfile.TarInfo(name)  # mtime 0, mode 0644, no owner
    header.size = len(data)
    tar.addfile(header, io.BytesIO(data))


def _sample_json(image: ExportImage, split: str) -> bytes:
    objects = [
        {
            "id": instance.id,
            "bbox": instance.bbox.tolist(),
            "area": instance.area,
            "iscrowd": int(instance.iscrowd),
            "keypoints": flat_keypoints(instance),
        }
        for instance in image.objects
    ]
    sample = {"id": image.id, "split": split, "width": image.width, "height": image.height, "objects": objects}
    return json.dumps({**sample, "extra": dict(image.extra)}, sort_keys=True).encode()


def _description(job: ExportJob, shards: dict[str, dict[str, int]]) -> dict[str, Any]:
    return {
        "name": job.name,
        "category": job.labels.category,
        "keypoints": list(job.labels.names),
        "flip_index": job.labels.flip_index().tolist(),
        "skeleton": [list(edge) for edge in job.labels.skeleton],
        "sigmas": list(job.labels.sigmas),
        "shards": shards,
    }
