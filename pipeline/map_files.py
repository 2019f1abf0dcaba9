"""The files of an image's maps: maps/KIND/NNNNNN.png beside images/, of the same size, pixel on pixel.

    depth      16-bit grey PNG, millimetres along the optical axis; 0 where there is nothing, 65535 for 65.535 m and
               more. Or, asked for, EXR with one channel Z, 32-bit metres; inf where there is nothing.
    normals    16-bit RGB PNG, the camera's frame (x right, y down, z along the view): n = (value - 32768) / 32767;
               0, 0, 0 where there is nothing
    instances  16-bit grey PNG: 0 background, k the k-th of the image's annotations; their ids are `instance_ids` of
               the image's COCO row, in that order

Glass is a surface, as it is for keypoints: what lies behind it is not in the maps.
"""

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import OpenEXR
from numpy.typing import NDArray

from pipeline.annotations_spec import AnnotationsSpec, MapKind
from pipeline.errors import DatasetError, ImageError
from pipeline.file_names import escapes, is_file
from pipeline.files import write_bytes_atomic
from pipeline.image_header import MAX_PIXELS, read_bytes, read_header

FARTHEST = 65535
"""Of a depth PNG, millimetres."""
MIDDLE, STEPS = 32768, 32767
"""Of a normal's coordinate: where 0 lies, and how many steps it is from there to 1."""
SHAPES: Mapping[MapKind, int] = {"depth": 2, "normals": 3, "instances": 2}
"""Axes of each kind's array."""
PNG = b"\x89PNG"


def map_names(spec: AnnotationsSpec, index: int) -> dict[MapKind, str]:
    """The files of a shot's maps, relative to the dataset's folder."""
    suffixes = {"depth": spec.depth_format}
    return {kind: f"maps/{kind}/{index:06d}.{suffixes.get(kind, 'png')}" for kind in spec.maps}


def named_maps(image: Mapping[str, Any]) -> dict[MapKind, str]:
    """The maps that a COCO image row names, by kind; what another tool may mean by `maps` is left alone."""
    given = image.get("maps")
    if not isinstance(given, dict):
        return {}
    return {kind: given[kind] for kind in SHAPES if isinstance(given.get(kind), str)}


def find_map(folder: Path, name: str) -> Path | None:
    """The file of a map that a COCO file in `folder` names, or None; it lies beside that file, or a folder above.

    Raises:
        DatasetError: the name leads out of the dataset.
    """
    if fault := escapes(name):
        raise DatasetError(f"{name!r} {fault}")
    return next((place for place in (folder / name, folder.parent / name) if is_file(place)), None)


def maps_are_there(dataset: Path, spec: AnnotationsSpec, index: int) -> bool:
    """Whether all maps of a shot have been written."""
    return all((dataset / name).is_file() for name in map_names(spec, index).values())


def encode_depth(depth_m: NDArray[np.float32]) -> NDArray[np.uint16]:
    """(H, W) metres, inf where there is nothing, as a PNG has them."""
    millimetres = np.clip(np.round(depth_m * np.float32(1000)), 1, FARTHEST)
    return np.where(np.isfinite(depth_m), millimetres, 0).astype(np.uint16)


def decode_depth(values: NDArray[np.uint16]) -> NDArray[np.float32]:
    """(H, W) metres of what `encode_depth` made, inf where there is nothing."""
    return np.where(values > 0, values.astype(np.float32) / np.float32(1000), np.float32(np.inf))


def encode_normals(normals: NDArray[np.float32]) -> NDArray[np.uint16]:
    """(H, W, 3) unit vectors, zero where there is nothing, as a PNG has them."""
    values = np.round(normals * np.float32(STEPS)) + np.float32(MIDDLE)
    return np.where(normals.any(axis=-1, keepdims=True), values, 0).astype(np.uint16)


def decode_normals(values: NDArray[np.uint16]) -> NDArray[np.float32]:
    """(H, W, 3) unit vectors of what `encode_normals` made, zero where there is nothing."""
    vectors = (values.astype(np.float32) - MIDDLE) / STEPS
    return np.where(values.any(axis=-1, keepdims=True), vectors, np.float32(0))


def write_png16(path: Path, values: NDArray[np.uint16]) -> None:
    """Write (H, W) grey or (H, W, 3) RGB, whole or not at all; the same values give the same bytes."""
    # what is smooth packs no better at higher levels, and takes longer
    done, data = cv2.imencode(
        ".png",
        np.ascontiguousarray(values[..., ::-1] if values.ndim == 3 else values),
        [cv2.IMWRITE_PNG_COMPRESSION, 1],
    )
    if not done:
        raise ImageError(f"{path}: an array of shape {values.shape} could not be encoded")
    write_bytes_atomic(path, data.tobytes())


def read_png16(path: Path) -> NDArray[np.uint16]:
    """(H, W) or RGB (H, W, 3).

    Raises:
        ImageError: it cannot be read, or is no PNG of 16 bits.
    """
    data = read_bytes(path)
    values = None
    if data.startswith(PNG):
        read_header(path, data)
        values = cv2.imdecode(np.frombuffer(data, dtype=np.uint8), cv2.IMREAD_UNCHANGED)
    if values is None or values.dtype != np.uint16:
        raise ImageError(f"{path}: is not a PNG of 16 bits that can be decoded")
    return np.asarray(values[..., ::-1] if values.ndim == 3 else values, dtype=np.uint16)


def write_exr(path: Path, depth_m: NDArray[np.float32]) -> None:
    """Write metres (H, W) as channel Z, whole or not at all; the same values give the same bytes."""
    header = {"compression": OpenEXR.ZIP_COMPRESSION, "type": OpenEXR.scanlineimage}
    with tempfile.TemporaryDirectory(prefix="akd-exr-") as folder:
        temporary = Path(folder) / "depth.exr"
        with OpenEXR.File(header, {"Z": np.ascontiguousarray(depth_m, dtype=np.float32)}) as file:
            file.write(str(temporary))
        write_bytes_atomic(path, temporary.read_bytes())


def read_exr(path: Path) -> NDArray[np.float32]:
    """Metres (H, W).

    Raises:
        ImageError: it cannot be read, is no EXR, or has no channel Z of 32 bits.
    """
    require_exr(path)
    try:
        with OpenEXR.File(str(path)) as file:
            depth = file.channels()["Z"].pixels
    except (RuntimeError, ValueError, KeyError) as error:
        raise ImageError(f"{path}: is not an EXR with a channel Z that can be decoded") from error
    if depth.dtype != np.float32:
        raise ImageError(f"{path}: channel Z must have 32 bits; got {depth.dtype}")
    return np.asarray(depth)


def read_map(path: Path) -> NDArray:
    """A map's values as they are in its file: uint16 of a PNG, float32 of an EXR."""
    return read_exr(path) if path.suffix.lower() == ".exr" else read_png16(path)


def require_exr(path: Path) -> None:
    """See that a file is an EXR of a size that can be read, by its header: OpenEXR would allocate all that it promises.

    Raises:
        ImageError: it cannot be read, is none, or is too large.
    """
    read_bytes(path)
    try:
        with OpenEXR.File(str(path), header_only=True) as file:
            low, high = (np.asarray(corner, dtype=np.int64) for corner in file.header()["dataWindow"])
    except (RuntimeError, ValueError, LookupError, TypeError) as error:
        raise ImageError(f"{path}: is not an EXR with a channel Z that can be decoded") from error
    width, height = (high - low + 1).tolist()
    if not 0 < width * height <= MAX_PIXELS:
        raise ImageError(f"{path}: {width}x{height} is too large; allowed: {MAX_PIXELS} pixels")
