"""The 3D half of the labelling page: the model in the vehicle frame, its labels, and where it is seen from."""

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from pipeline.label_glb import surface_glb
from pipeline.label_session import LabelSession, Spot
from pipeline.sidecar import Point

if TYPE_CHECKING:
    import viser

Rgb = tuple[int, int, int]

STATUS_COLORS: dict[str, Rgb] = {
    "missing": (150, 155, 163),
    "proposed": (230, 159, 0),
    "mirrored": (86, 180, 233),
    "set by hand": (0, 158, 115),
    "from file": (0, 158, 115),
}
"""Told apart by everyone: Okabe and Ito 2008."""
SELECTED: Rgb = (225, 40, 140)
BACKGROUND: Rgb = (222, 226, 232)
"""Neither a white nor a black car is lost on it."""
VIEWS: dict[str, tuple[float, float, float]] = {
    "3/4": (1.0, 0.75, 0.45),
    "front": (1.0, 0.0, 0.12),
    "rear": (-1.0, 0.0, 0.12),
    "left": (0.0, 1.0, 0.12),
    "right": (0.0, -1.0, 0.12),
    # a hair off the vertical, so that forward is up in the picture
    "top": (-0.001, 0.0, 1.0),
}
"""From where the vehicle is seen, vehicle frame."""
FIELD_OF_VIEW_RAD = 0.6
_DOT = 0.008
"""A label's radius as a share of the vehicle's length."""
_CORE = 0.6
_FACING_COSINE = 0.25
"""Names are shown of labels whose side of the vehicle faces the camera by more than 14 degrees."""


class LabelScene:
    """What a viser server shows of a session; the scene's frame is the vehicle's, metres."""

    def __init__(self, server: "viser.ViserServer", session: LabelSession) -> None:
        self._server, self._session = server, session
        self._shown: dict[str, tuple[Any, ...]] = {}
        self._handles: dict[str, tuple[viser.IcosphereHandle, viser.LabelHandle]] = {}
        self._camera: NDArray[np.float64] | None = None
        server.scene.set_up_direction("+z")
        server.scene.configure_default_lights(cast_shadow=False)
        server.scene.set_background_image(np.full((2, 2, 3), BACKGROUND, np.uint8))
        server.initial_camera.fov = FIELD_OF_VIEW_RAD
        self.draw_model()

    def draw_model(self) -> None:
        """Show the model as the session's frame now has it."""
        mesh = self._session.model.mesh
        self._transform = self._session.vehicle_from_model()
        vertices = self._to_scene(mesh.vertices)
        used = vertices[mesh.triangles]
        self._low, self._high = used.min(axis=(0, 1)), used.max(axis=(0, 1))
        self._server.scene.add_glb("/model", surface_glb(vertices, mesh.triangles, self._session.model.rgb))
        size = float((self._high - self._low).max())
        self._server.scene.add_grid(
            "/ground",
            width=2 * size,
            height=2 * size,
            position=(0.0, 0.0, float(self._low[2])),
            cell_size=size / 10,
            section_size=size / 2,
            shadow_opacity=0.0,
        )
        self._server.initial_camera.position, self._server.initial_camera.look_at = self._seen_from("3/4", 1.0)

    def draw_labels(self, selected: str) -> None:
        """Show the labels as they are now."""
        wanted = {}
        for name, spots in self._session.state.spots.items():
            for number, spot in enumerate(spots):
                color = SELECTED if name == selected else STATUS_COLORS[spot.status]
                wanted[f"/labels/{name}/{number}"] = (name, self._position(spot), color)
        for path in [path for path in self._shown if wanted.get(path) != self._shown[path]]:
            del self._shown[path]
            for handle in self._handles.pop(path):
                handle.remove()
        for path, (name, position, color) in wanted.items():
            if path not in self._shown:
                self._shown[path] = (name, position, color)
                self._handles[path] = self._draw_label(path, name, position, color)
        self._turn_names()

    def seen_by(self, camera: NDArray[np.float64]) -> None:
        """Show the names of the labels on the side that this camera position (3,) sees, and no others."""
        self._camera = camera
        self._turn_names()

    def look_from(self, view: str, client: "viser.ClientHandle") -> None:
        """Move one browser's camera so that the whole vehicle is seen from `view`, one of `VIEWS`."""
        position, target = self._seen_from(view, client.camera.aspect)
        with client.atomic():
            client.camera.up_direction = (0.0, 0.0, 1.0)
            client.camera.position, client.camera.look_at = position, target

    def ray_to_model(
        self, origin: tuple[float, float, float], direction: tuple[float, float, float]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """A ray of the scene in the model file's frame."""
        inverse = np.linalg.inv(self._transform)
        return inverse[:3, :3] @ origin + inverse[:3, 3], inverse[:3, :3] @ direction

    def _turn_names(self) -> None:
        for path, (_, text) in self._handles.items():
            position = np.array(self._shown[path][1])
            seen = self._camera is None or self._faces(position, self._camera)
            if text.visible != seen:
                text.visible = seen

    def _faces(self, position: NDArray[np.float64], camera: NDArray[np.float64]) -> bool:
        towards = camera - position
        return float(self._outward(position) @ towards) > _FACING_COSINE * float(np.linalg.norm(towards))

    def _outward(self, position: NDArray[np.float64]) -> NDArray[np.float64]:
        """Unit vector (3,) away from the vehicle's core, a box: sideways on a door, up on the roof.

        Unlike the surface's normal it does not depend on how a model's triangles are wound.
        """
        middle, half = (self._low + self._high) / 2, (self._high - self._low) / 2
        away = position - np.clip(position, middle - _CORE * half, middle + _CORE * half)
        length = float(np.linalg.norm(away))
        return np.asarray(away / length if length > 0 else [0.0, 0.0, 1.0])

    def _draw_label(
        self, path: str, name: str, position: Point, color: Rgb
    ) -> "tuple[viser.IcosphereHandle, viser.LabelHandle]":
        size = float((self._high - self._low).max())
        beside = np.array(position) + (self._outward(np.array(position)) + [0.0, 0.0, 0.8]) * 2 * _DOT * size
        scene = self._server.scene
        dot = scene.add_icosphere(
            f"{path}/dot", radius=_DOT * size, color=color, position=position, cast_shadow=False, receive_shadow=False
        )
        text = scene.add_label(f"{path}/name", name, position=beside, anchor="bottom-center", font_screen_scale=0.8)
        return dot, text

    def _position(self, spot: Spot) -> Point:
        x, y, z = (float(value) for value in self._to_scene(np.array([spot.point]))[0])
        return x, y, z

    def _to_scene(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.asarray(points @ self._transform[:3, :3].T + self._transform[:3, 3])

    def _seen_from(self, view: str, aspect: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Camera position and target: so far away that the vehicle fits into a picture of this width over height."""
        middle, towards = (self._low + self._high) / 2, np.array(VIEWS[view])
        towards /= np.linalg.norm(towards)
        side = np.cross([0.0, 0.0, 1.0], towards)
        side /= np.linalg.norm(side)
        half = (self._high - self._low) / 2
        wide, tall, deep = (float(np.abs(axis) @ half) for axis in (side, np.cross(towards, side), towards))
        distance = deep + 1.15 * max(wide / aspect, tall) / np.tan(FIELD_OF_VIEW_RAD / 2)
        return middle + distance * towards, middle
