"""A cube with a keypoint at each corner before a camera whose frame is the world's: x right, y down, z ahead.

So scenes read as other labelers' tests have them, with y the other way up.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pipeline.camera import Camera
from pipeline.keypoints import Keypoint, KeypointSchema
from pipeline.vehicle import LabelledMesh
from pipeline.visibility import KeypointLabels, PosedVehicle, label_keypoints, view_scene
from tests.conftest import box

CORNERS = {
    f"{depth}{height}{side}": (x, y, z)
    for depth, z in (("Front", -0.5), ("Back", 0.5))
    for height, y in (("Upper", -0.5), ("Lower", 0.5))
    for side, x in (("Left", -0.5), ("Right", 0.5))
}
FRONT = [name for name in CORNERS if name.startswith("Front")]
BACK = [name for name in CORNERS if name.startswith("Back")]
NAMES = (*CORNERS, "Center")
EDGES = tuple((a, b) for i, a in enumerate(CORNERS) for b in list(CORNERS)[i + 1 :]
              if sum(u != v for u, v in zip(CORNERS[a], CORNERS[b], strict=True)) == 1)  # fmt: skip


def cube_schema(
    tolerance_m: float = 0.01, centre_m: float | None = None, centre_kind: str = "surface"
) -> KeypointSchema:
    """Nine keypoints; the centre's tolerance may differ from the corners'."""
    points = []
    for name in NAMES:
        centre = name == "Center"
        points.append(Keypoint(name=name, sigma=0.05, kind=centre_kind if centre else "surface", definition=name,
                               tolerance_m=centre_m if centre and centre_m is not None else tolerance_m))  # fmt: skip
    return KeypointSchema(name="cube", keypoints=tuple(points), skeleton=EDGES)


def cube(size: ArrayLike = 6.0, centre: ArrayLike | None = None) -> LabelledMesh:
    """A box around the origin, `size` metres (a number, or three), with labels at its corners.

    `centre`: where the label "Center" is, in sizes from the middle; without it there is none.
    """
    sides = np.broadcast_to(np.asarray(size, dtype=float), 3)
    corners, triangles = box((-0.5, -0.5, -0.5), (0.5, 0.5, 0.5))
    labels = {name: ((i + len(corners),),) for i, name in enumerate(CORNERS)}
    points = [corners, np.array(list(CORNERS.values()))]
    if centre is not None:
        labels["Center"] = ((len(corners) + len(CORNERS),),)
        points.append(np.array([centre], dtype=float))
    return LabelledMesh(
        vertices=np.concatenate(points) * sides,
        triangles=triangles,
        triangle_part=np.zeros(len(triangles), dtype=int),
        parts=("cube",),
        labels=labels,
        own_parts={"Center": ("cube",)},
    )


def at(x: float, y: float, z: float, about_x_deg: float = 0.0, about_y_deg: float = 0.0) -> NDArray[np.float64]:
    """A pose: turned about x, then about y, then moved."""
    pose = np.eye(4)
    a, b = np.radians([about_x_deg, about_y_deg])
    first = np.array([[1, 0, 0], [0, np.cos(a), -np.sin(a)], [0, np.sin(a), np.cos(a)]])
    second = np.array([[np.cos(b), 0, np.sin(b)], [0, 1, 0], [-np.sin(b), 0, np.cos(b)]])
    pose[:3, :3], pose[:3, 3] = second @ first, (x, y, z)
    return pose


def camera(
    width: int = 1024, height: int = 768, field_deg: float = 60.0, pose: NDArray[np.float64] | None = None
) -> Camera:
    """Ten metres before the origin unless posed otherwise; `field_deg` is from top to bottom."""
    focal = height / 2 / np.tan(np.radians(field_deg) / 2)
    intrinsics = np.array([[focal, 0, width / 2], [0, focal, height / 2], [0, 0, 1]])
    return Camera(width, height, intrinsics, at(0, 0, -10) if pose is None else pose)


def block(size: float, x: float, y: float, z: float) -> tuple[NDArray, NDArray]:
    """An object without labels: a cube around a point."""
    half = size / 2
    return box((x - half, y - half, z - half), (x + half, y + half, z + half))


def labels_of(
    view: Camera,
    mesh: LabelledMesh,
    pose: NDArray[np.float64],
    schema: KeypointSchema,
    objects: tuple[tuple[NDArray, NDArray], ...] = (),
) -> KeypointLabels:
    """The labels of one cube, whether or not a pixel of it is seen."""
    return label_keypoints(view_scene(view, (PosedVehicle(mesh, pose),), objects), 0, schema)


def states(labels: KeypointLabels, names: list[str] | tuple[str, ...] = NAMES) -> list[int]:
    """COCO's v of each of `names`."""
    return [int(labels.keypoints[NAMES.index(name), 2]) for name in names]
