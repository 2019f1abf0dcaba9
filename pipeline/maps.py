"""An image's maps: from what the renderer knows of each pixel and from the exact masks, through the image's lens."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from pipeline.annotations_spec import AnnotationsSpec, MapKind
from pipeline.camera import Camera
from pipeline.lens_warp import Margin, warp_nearest
from pipeline.map_files import encode_depth, encode_normals, map_names, write_exr, write_png16
from pipeline.visibility import SceneView

PASSES: dict[MapKind, tuple[str, ...]] = {"depth": ("depth",), "normals": ("depth", "normal"), "instances": ()}
"""What of `blender_scenes.passes` each kind is made from: where there is no depth, an edge's normal is no surface's."""


def passes_for(spec: AnnotationsSpec) -> tuple[str, ...]:
    """The passes that a spec's maps need, in order, each once."""
    return tuple(dict.fromkeys(name for kind in spec.maps for name in PASSES[kind]))


def lens_depth(depth: NDArray[np.float32], camera: Camera, margin: Margin) -> NDArray[np.float32]:
    """Depth (H, W) of the finished image, metres, from that of the ideal one."""
    return warp_nearest(depth, camera, margin)


def lens_normals(
    normal: NDArray[np.float32], depth: NDArray[np.float32], camera: Camera, margin: Margin
) -> NDArray[np.float32]:
    """Unit normals (H, W, 3) of the finished image in the camera's frame, zero where there is nothing.

    Args:
        normal: the ideal image's, in the world's frame; at edges the mean of both sides', so of any length.
        depth: the ideal image's, inf where there is nothing.
        camera: the finished image's.
        margin: by how much the ideal image is wider.
    """
    turned = warp_nearest(normal, camera, margin) @ camera.world_from_camera[:3, :3].astype(np.float32)
    length = np.linalg.norm(turned, axis=-1, keepdims=True)
    there = (length > 0) & np.isfinite(warp_nearest(depth, camera, margin))[..., None]
    return np.divide(turned, length, out=np.zeros_like(turned), where=there)


def instance_map(view: SceneView) -> NDArray[np.uint16]:
    """(H, W): k where the k-th of the image's annotations is seen, counted from 1, and 0 elsewhere."""
    numbers = view.instances
    seen = np.flatnonzero(np.bincount(numbers.ravel() + 1, minlength=2)[1:])
    values = np.zeros(len(view.vehicles) + 1, dtype=np.uint16)
    values[seen] = np.arange(1, len(seen) + 1)
    return values[numbers]  # of what is no vehicle the number is -1: the last


def write_maps(
    dataset: Path,
    index: int,
    spec: AnnotationsSpec,
    view: SceneView,
    depth: NDArray[np.float32] | None,
    normal: NDArray[np.float32] | None,
    margin: Margin,
) -> dict[MapKind, str]:
    """Write a shot's maps; returns their files, relative to the dataset's folder.

    Args:
        dataset: its folder.
        index: the shot's.
        spec: which maps.
        view: the scene through the finished image's camera.
        depth: (H + top + bottom, W + left + right) of the ideal image, metres; what `passes_for` names is given.
        normal: (H + top + bottom, W + left + right, 3), the world's frame.
        margin: by how much the ideal image is wider than the finished one.
    """
    names = map_names(spec, index)
    for kind, name in names.items():
        match kind:
            case "instances":
                write_png16(dataset / name, instance_map(view))
            case "depth":
                assert depth is not None
                _write_depth(dataset / name, lens_depth(depth, view.camera, margin))
            case "normals":
                assert depth is not None
                assert normal is not None
                write_png16(dataset / name, encode_normals(lens_normals(normal, depth, view.camera, margin)))
    return names


def _write_depth(path: Path, depth_m: NDArray[np.float32]) -> None:
    if path.suffix == ".exr":
        write_exr(path, depth_m)
    else:
        write_png16(path, encode_depth(depth_m))
