"""Where occluders stand: on the ground, between the camera and the target, hiding no more of it than they may.

A place is drawn on a line of sight that meets the target or passes close by it: 0.4 to 3 m before the target's
surface, or close to the camera. It is taken if nothing else stands there and if what the occluder hides in the image
suits; else another is drawn. What fits nowhere is left out.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.camera import Camera
from pipeline.coarse_view import coarse_camera
from pipeline.footprints import apart, entry, ground_hull
from pipeline.occluders_spec import CUTOUT, OccluderDraw
from pipeline.raster import project_triangles, rasterize
from pipeline.seeds import stream_rng
from pipeline.visibility import PosedVehicle, view_scene

Array = NDArray[np.float64]
Mesh = tuple[Array, NDArray[np.int64]]
TRIES = 24
BEFORE_TARGET_M = (0.4, 3.0)
BEFORE_CAMERA_M = (0.5, 2.5)
TO_CAMERA_M = 0.3
TO_OTHERS_M = 0.1
SUITS = 0.35
"""Share of `cover` from which on a place is good enough to look for no better one."""
LEAST = 0.004
"""What hides a smaller share of the target than this is not worth standing there."""


@dataclass(frozen=True)
class Placed:
    """An occluder that has its place.

    Attributes:
        number: of its draw.
        position: (3,) of its origin, world, metres.
        yaw: turn about z, radians.
        vertices, triangles: its mesh in the world, (V, 3) and (T, 3).
        hides: share of the target's silhouette in the frame that it covers.
    """

    number: int
    position: Array
    yaw: float
    vertices: Array
    triangles: NDArray[np.int64]
    hides: float

    def to_json(self, draw: OccluderDraw) -> dict[str, object]:
        """What the image's record tells of it."""
        return {
            "kind": draw.kind,
            "position_m": [round(float(v), 3) for v in self.position],
            "yaw_deg": round(float(np.degrees(self.yaw)) % 360, 2),
            "hides": round(self.hides, 4),
        }


def level(xy: Array) -> float:
    """The height of flat ground."""
    return 0.0


def place_occluders(
    camera: Camera,
    target: PosedVehicle,
    others: Sequence[PosedVehicle],
    occluders: Sequence[tuple[OccluderDraw, Mesh]],
    least: float,
    obstacles: Sequence[Array] = (),
    ground: Callable[[Array], float] = level,
) -> list[Placed]:
    """A place for each of the occluders that has one.

    Args:
        camera: of the image.
        target: the vehicle of which a part is to be hidden.
        others: vehicles; nothing stands in them, and what they hide is hidden already.
        occluders: each with its mesh about its own origin on z = 0, front along +x; metres.
        least: the share of the target's silhouette in the frame that must stay seen.
        obstacles: convex areas (N, 2) of the ground where something else stands.
        ground: how high the ground is at (2,).
    """
    if not occluders:
        return []
    taken = [ground_hull(v.to_world(v.mesh.vertices)) for v in (target, *others)]
    room = _Room(camera, taken[0], [*taken, *obstacles], ground)
    sight = _Sight.of(camera, target, others)
    placed = []
    for number, (draw, mesh) in enumerate(occluders):
        one = _place(number, draw, mesh, room, sight, least)
        if one is not None:
            placed.append(one)
            room.taken.append(ground_hull(one.vertices))
            sight.hide(one.vertices, one.triangles)
    return placed


@dataclass
class _Room:
    """What of the ground is taken, and by whom it is looked at."""

    camera: Camera
    target: Array
    taken: list[Array]
    ground: Callable[[Array], float]

    def is_free(self, vertices: Array) -> bool:
        """Whether a thing may stand so: clear of all others and of the camera."""
        hull, eye = ground_hull(vertices), self.camera.position
        if apart(hull, eye[None, :2]) < TO_CAMERA_M and eye[2] < vertices[:, 2].max() + TO_CAMERA_M:
            return False
        return all(apart(hull, other) >= TO_OTHERS_M for other in self.taken)

    def spot(
        self, draw: OccluderDraw, reach: float, top: float, rng: np.random.Generator
    ) -> tuple[Array, float] | None:
        """Somewhere (2,) before the target for a thing of that radius and height, and the heading (radians) from there
        to the camera.
        """
        eye = self.camera.position[:2]
        away = self.target - eye
        middle = np.arctan2(*away.mean(axis=0)[::-1])
        beside = np.angle(np.exp(1j * (np.arctan2(away[:, 1], away[:, 0]) - middle)))
        distance = float(np.linalg.norm(away, axis=1).min())
        widest = min(reach / max(distance, 1.0), 0.5)
        bearing = middle + rng.uniform(beside.min() - widest, beside.max() + widest)
        towards = np.array([np.cos(bearing), np.sin(bearing)])
        surface = entry(eye, towards, self.target) or distance
        # nearer to the camera than this, a camera that is higher sees the target's foot over the top
        high = float(self.camera.position[2])
        covers = surface * max(1 - top / high, 0.0) + reach if high > 0 else reach
        nearest, furthest = (reach + metres for metres in BEFORE_CAMERA_M)
        if not draw.near_camera or covers > furthest:
            nearest, furthest = (surface - reach - metres for metres in reversed(BEFORE_TARGET_M))
        at = float(rng.uniform(min(max(nearest, covers), furthest), furthest))
        return (eye + at * towards, bearing + np.pi) if 0 < at < surface else None


@dataclass
class _Sight:
    """What the camera sees of the target, in a small image."""

    camera: Camera
    silhouette: NDArray[np.bool_]
    depth: Array
    seen: NDArray[np.bool_]

    @classmethod
    def of(cls, camera: Camera, target: PosedVehicle, others: Sequence[PosedVehicle]) -> "_Sight":
        coarse = coarse_camera(camera)
        depth, alone = rasterize(view_scene(coarse, (target,)).screen, coarse.width, coarse.height)
        sight = cls(coarse, alone >= 0, depth, alone >= 0)
        for other in others:
            sight.hide(other.to_world(other.mesh.vertices), other.mesh.triangles)
        return sight

    def covered(self, vertices: Array, triangles: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Pixels (H, W) of the target's silhouette before which this lies."""
        screen = project_triangles(self.camera, vertices, triangles)
        depth, _ = rasterize(screen, self.camera.width, self.camera.height)
        return self.silhouette & (depth < self.depth)

    def hide(self, vertices: Array, triangles: NDArray[np.int64]) -> None:
        self.seen = self.seen & ~self.covered(vertices, triangles)

    def share(self, pixels: NDArray[np.bool_]) -> float:
        return float(pixels.sum()) / max(int(self.silhouette.sum()), 1)


def _place(number: int, draw: OccluderDraw, mesh: Mesh, room: _Room, sight: _Sight, least: float) -> Placed | None:
    """The first place that suits, or of those that will do the one where most is hidden."""
    rng = stream_rng(draw.seed, 0, "occluders.place")
    best: Placed | None = None
    reach = float(np.linalg.norm(mesh[0][:, :2], axis=1).max())
    for _ in range(TRIES):
        spot = room.spot(draw, reach, float(mesh[0][:, 2].max()), rng)
        turn = rng.uniform(-np.pi, np.pi)
        if spot is None:
            continue
        at, heading = spot
        yaw = heading + _turn(draw, float(turn))
        position = np.array([*at, room.ground(at)])
        vertices = _turned(mesh[0], yaw) + position
        if not room.is_free(vertices):
            continue
        pixels = sight.covered(vertices, mesh[1])
        hides = sight.share(pixels)
        if not LEAST <= hides <= draw.cover or sight.share(sight.seen & ~pixels) < least:
            continue
        if best is None or hides > best.hides:
            best = Placed(number, position, yaw, vertices, mesh[1], hides)
        if best.hides >= SUITS * draw.cover:
            break
    return best


TURNS = {CUTOUT: 0.0, "sign": 0.25}
"""How far a kind may be turned from the camera, as a share of a half turn; 1 where it is not named."""


def _turn(draw: OccluderDraw, chance: float) -> float:
    """The turn from facing the camera, radians; `chance` is within half a turn.

    People close to the camera look where it does.
    """
    if draw.kind == "person" and draw.near_camera:
        return np.pi + 0.45 * chance
    return chance * TURNS.get(draw.kind, 1.0)


def _turned(vertices: Array, yaw: float) -> Array:
    c, s = np.cos(yaw), np.sin(yaw)
    return vertices @ np.array([[c, s, 0.0], [-s, c, 0.0], [0.0, 0.0, 1.0]])
