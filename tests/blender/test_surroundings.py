"""Places around the vehicle: the same by seed, out of its way and the camera's, small enough to render."""

import bpy
import numpy as np
import pytest
from numpy.typing import NDArray

from blender_scenes.render import render_image
from blender_scenes.scene import BuiltVehicle, build_scene, dress_scene, surround
from blender_scenes.surroundings.clearance import CLEARANCE_M, hull, overlap
from blender_scenes.surroundings.layout import Item, Layout
from blender_scenes.surroundings.library import MAKERS, VARIANTS, shape_of
from blender_scenes.surroundings.place import LAYERS, lay_out
from blender_scenes.surroundings.shade import exposure_stops
from pipeline.camera import Camera, intrinsics_from_lens, look_at
from pipeline.plan import CameraDraw, GroundDraw, LightDraw, ParametricVehicle, plan_dataset
from pipeline.spec import GROUNDS, load_spec
from pipeline.surroundings_spec import PLACES, SurroundingsDraw
from pipeline.viewpoint import place_camera

pytestmark = pytest.mark.blender
BOX = np.array([[-2.2, -0.93, 0.0], [2.4, 0.93, 1.6]])
CORNERS = np.array([(x, y, z) for x in BOX[:, 0] for y in BOX[:, 1] for z in BOX[:, 2]])
BUILT_PLACES = [place for place in PLACES if place != "none"]
SPEC = load_spec("demo")
SHOT = plan_dataset(SPEC.model_copy(update={"images": 1}))[0]
MAX_SHAPE_TRIANGLES = 22_000
MAX_DRAWN_TRIANGLES = 3_000_000
MAX_ITEMS = 450


def camera_at(azimuth: float, elevation: float, lens: float = 50.0, fill: float = 0.7) -> Camera:
    draw = CameraDraw(
        azimuth_deg=azimuth, elevation_deg=elevation, roll_deg=0, lens_mm=lens, fill=fill, shift_x=0.1, shift_y=0
    )
    return place_camera(draw, CORNERS, 512, 384)


def low_camera(x: float, y: float) -> Camera:
    pose = look_at((x, y, 0.25), (0.0, 0.0, 0.7))
    return Camera(512, 384, intrinsics_from_lens(512, 384, 40.0), pose)


CAMERAS = [camera_at(30, 8), camera_at(100, 0), camera_at(190, 30, 28.0), camera_at(290, 4, 120.0, 0.4)]


def laid(place: str, seed: int, camera: Camera, ground: str = "asphalt", density: float = 0.9) -> Layout:
    return lay_out(SurroundingsDraw(place=place, density=density, distance_m=3.0, seed=seed), ground, BOX, camera)


def rectangle(low: NDArray[np.float64], high: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.array([low, (high[0], low[1]), high, (low[0], high[1])])


@pytest.mark.parametrize("place", BUILT_PLACES)
def test_a_place_is_the_same_by_seed_and_another_by_another(place: str):
    first, again, other = (laid(place, seed, CAMERAS[0]) for seed in (4, 4, 5))
    assert first.items == again.items
    assert all((a.corners == b.corners).all() for a, b in zip(first.flats, again.flats, strict=True))
    assert first.items != other.items
    assert len(first.items) > 20


def test_nothing_is_laid_out_where_no_place_is_asked_for():
    assert laid("none", 1, CAMERAS[0]) == Layout()
    assert set(LAYERS) == set(BUILT_PLACES)


@pytest.mark.parametrize("place", BUILT_PLACES)
@pytest.mark.parametrize("seed", range(6))
def test_nothing_stands_by_the_vehicle_or_in_its_view_or_on_the_camera(place: str, seed: int):
    around = rectangle(BOX[0, :2] - CLEARANCE_M, BOX[1, :2] + CLEARANCE_M)
    for camera in CAMERAS:
        eye = camera.position[:2]
        view = hull(np.concatenate([rectangle(BOX[0, :2], BOX[1, :2]), eye[None]]))
        for item in laid(place, seed, camera).items:
            if item.name == "kerb":
                assert not overlap(item.footprint(), around), item
                continue
            for area in (around, view, eye + rectangle(np.array([-1.0, -1]), np.array([1.0, 1]))):
                assert not overlap(item.footprint(), area), item


def test_items_that_reach_the_vehicle_are_found():
    near = Item("bin", 0, (BOX[1, 0] + 1.0, 0.0, 0.0), 0.3, (1.0, 1.0, 1.0), (1.0, 1.0, 1.0))
    around = rectangle(BOX[0, :2] - CLEARANCE_M, BOX[1, :2] + CLEARANCE_M)
    assert overlap(near.footprint(), around)
    assert not overlap(near.footprint() + 3.0, around)


@pytest.mark.parametrize("place", BUILT_PLACES)
def test_raised_paving_hides_no_tyre(place: str):
    """Every sight line to the foot of the vehicle's box passes over the paving that it crosses."""
    for camera in (low_camera(0.5, 7.0), low_camera(-0.5, -7.0), low_camera(8.0, 1.0)):
        feet = CORNERS[CORNERS[:, 2] == 0]
        for flat in laid(place, 3, camera).flats:
            for share in np.linspace(0.02, 0.999, 60):
                spots = feet + (camera.position - feet) * share
                for spot in spots[spots[:, 2] < flat.corners[..., 2].max()]:
                    inside = [overlap(spot[None, :2], quad[:, :2]) for quad in flat.corners if near(quad, spot)]
                    assert not any(inside) or flat.corners[..., 2].max() < 0.015, (place, flat.surface, spot)


def near(quad: NDArray[np.float64], spot: NDArray[np.float64]) -> bool:
    low, high = quad[:, :2].min(axis=0), quad[:, :2].max(axis=0)
    return bool((spot[:2] >= low).all() and (spot[:2] <= high).all())


@pytest.mark.parametrize("name", sorted(MAKERS))
def test_shapes_are_small_and_sound(name: str):
    for variant in range(VARIANTS):
        shape = shape_of(name, variant)
        assert len(shape.triangles) <= MAX_SHAPE_TRIANGLES
        assert shape.triangles.max() < len(shape.vertices)
        assert np.isfinite(shape.vertices).all()
        assert len(shape.slot_of) == len(shape.triangles)
        assert shape.slot_of.max() < len(shape.slots)
        assert -1.0 < shape.bounds[0, 2] < 0.2


@pytest.mark.parametrize("place", BUILT_PLACES)
def test_a_place_stays_within_its_budget(place: str):
    items = laid(place, 2, CAMERAS[2], density=1.0).items
    assert len(items) <= MAX_ITEMS
    assert sum(len(shape_of(i.name, i.variant).triangles) for i in items) <= MAX_DRAWN_TRIANGLES


def test_the_shade_of_a_wall_is_exposed_for():
    light = LightDraw(kind="sky", sun_elevation_deg=30, azimuth_deg=90, haze=1, strength=1, hdri="bundled:0")
    north = Layout((Item("block", 0, (0.0, 6.0, 0.0), 0.0, (1.0, 1.0, 1.0), (1.0, 1.0, 1.0)),))
    sunny = light.model_copy(update={"azimuth_deg": 270.0})
    assert exposure_stops(Layout(), light) == 0.0
    assert exposure_stops(north, light) > 0.5 > exposure_stops(north, sunny) >= 0.0


@pytest.fixture(scope="module")
def car() -> BuiltVehicle:
    spec = SPEC.model_copy(update={"render": SPEC.render.model_copy(update={"samples": 1})})
    return build_scene(ParametricVehicle(id="a", style="hatchback", seed=1), spec, 2)


def picture(car: BuiltVehicle, place: str, ground: str, seed: int = 7, wet: float = 0.0) -> NDArray[np.float64]:
    shot = SHOT.model_copy(
        update={
            "surroundings": SurroundingsDraw(place=place, density=0.7, distance_m=6.0, seed=seed),
            "ground": GroundDraw(kind=ground, brightness=1.0, wet=wet),
            "camera": CameraDraw(
                azimuth_deg=35, elevation_deg=8, roll_deg=0, lens_mm=40, fill=0.5, shift_x=0, shift_y=0
            ),
            "light": SHOT.light.model_copy(update={"kind": "overcast", "strength": 1.0}),
        }
    )
    surround(car, shot, dress_scene(car, shot, 64, 48), ())
    return render_image(bpy.context.scene, 1).astype(float)


@pytest.mark.parametrize("place", BUILT_PLACES)
def test_every_place_is_seen_and_goes_away_again(car: BuiltVehicle, place: str):
    bare = picture(car, "none", "concrete")
    full = picture(car, place, "concrete")
    again = picture(car, place, "concrete")
    assert np.abs(full - bare).mean() > 4
    assert np.abs(full - again).max() <= 1
    assert np.abs(picture(car, "none", "concrete") - bare).max() <= 1


def test_grounds_look_different_and_water_shows(car: BuiltVehicle):
    lower = {ground: picture(car, "none", ground)[30:].mean(axis=(0, 1)) for ground in GROUNDS}
    for a in GROUNDS:
        assert a == "slabs" or all(np.abs(lower[a] - lower[b]).max() > 2 for b in GROUNDS if b not in (a, "slabs")), a
    assert np.abs(picture(car, "none", "asphalt", wet=0.9) - picture(car, "none", "asphalt")).mean() > 2
