"""What hangs under the body: a tow bar, and flaps behind the wheels."""

import numpy as np

from blender_scenes.vehicle.loft import lofted, oval, rounded_path, tube
from blender_scenes.vehicle.params import CarParameters
from blender_scenes.vehicle.part import Part, part
from blender_scenes.vehicle.probe import from_behind, up_under
from blender_scenes.vehicle.shapes import Mesh, box, joined, mirrored, superellipsoid
from blender_scenes.vehicle.trim import Surface

BALL_RADIUS_M = 0.025
BALL_HEIGHT_M = (0.36, 0.44)
NECK_M = 0.017
BEHIND_BUMPER_M = 0.085
FLAP_OVER_GROUND_M = 0.13
FLAP_THICK_M = 0.008
FLAP_BEHIND_ARCH_M = 0.012


def underbody_parts(car: CarParameters, surface: Surface) -> list[Part]:
    """Tow bar and mud flaps, as far as the car has them."""
    parts = _tow_bar(car, surface) if car.tow_bar else []
    if car.mud_flaps:
        flaps = [_flap(car, surface, axle) for axle in car.axles]
        parts.append(part("body", "trim", joined([*flaps, *(mirrored(flap) for flap in flaps)])))
    return parts


def _tow_bar(car: CarParameters, surface: Surface) -> list[Part]:
    """A neck that comes from under the bumper and bends up behind it, the ball on it, and the socket beside it."""
    floor = up_under(surface, car.rear_x + 0.20, 0.0)
    low = float(floor[2]) - 0.008
    high = float(np.clip(low + 0.15, *BALL_HEIGHT_M))
    tail = min(float(from_behind(surface, 0.0, z)[0]) for z in np.linspace(low + 0.02, high + 0.03, 6))
    end = tail - BEHIND_BUMPER_M
    corners = np.array([[floor[0], 0, low], [end + 0.02, 0, low - 0.005], [end, 0, low + 0.05], [end, 0, high]])
    reach = np.linalg.norm(np.diff(corners, axis=0), axis=1).min()
    neck = tube(rounded_path(corners, min(0.035, 0.45 * reach)), oval(16, NECK_M, NECK_M))
    ball = superellipsoid((end, 0.0, high + 0.6 * BALL_RADIUS_M), (BALL_RADIUS_M,) * 3, 2.0, 12)
    beam_low = np.array([floor[0] - 0.03, -0.20, low - 0.022])
    beam = box(beam_low, np.array([floor[0] + 0.05, 0.20, float(floor[2]) + 0.02]))
    return [part("body", "trim", joined([neck, beam])), part("body", "silver", ball)]


def _flap(car: CarParameters, surface: Surface, axle: float) -> Mesh:
    """A sheet of rubber behind the left wheel, hung in the arch's rear edge and leaning back a little."""
    hung = car.clearance + 0.10
    down = min(car.tyre_radius - hung, 0.95 * car.arch_radius)
    x = axle - float(np.sqrt(car.arch_radius**2 - down**2)) - FLAP_BEHIND_ARCH_M
    outer = float(np.abs(surface.vertices[_beside(surface, x, hung), 1]).max()) - 0.012
    wide = car.tyre_width + 0.02
    low = max(FLAP_OVER_GROUND_M, 0.62 * car.clearance)
    rings = []
    for z in (hung, low + 0.02, low):
        sheet = oval(12, FLAP_THICK_M / 2, wide / 2 * (1.0 if z > low + 0.01 else 0.97), 8.0)
        lean = 0.10 * (hung - z)
        rings.append(np.stack([x - lean + sheet[:, 0], outer - wide / 2 + sheet[:, 1], np.full(12, z)], axis=1))
    return lofted(np.array(rings))


def _beside(surface: Surface, x: float, z: float) -> np.ndarray:
    """Vertices near to x and z: of the flank, and of what lies within."""
    near = np.hypot(surface.vertices[:, 0] - x, surface.vertices[:, 2] - z)
    return near < max(0.06, float(near.min()) + 0.01)
