"""Appearances as Cycles shows them, and as they are drawn."""

from typing import Any, get_args

import bpy
import numpy as np
import pytest
from numpy.typing import NDArray

from blender_scenes.car_frame import CarFrame, frame_of, measure_car
from blender_scenes.lettering import text_mask
from blender_scenes.livery import DESIGNS, draw_livery
from blender_scenes.plate_picture import draw_plate_picture
from blender_scenes.render import render_image
from blender_scenes.scene import BuiltVehicle, build_scene, dress_scene
from pipeline.appearance import Appearance, Livery
from pipeline.plan import ParametricVehicle, plan_dataset
from pipeline.plates import PLATES, draw_plate
from pipeline.spec import load_spec

pytestmark = pytest.mark.blender
CAR = ParametricVehicle(id="a", style="suv", seed=3)
SPEC = load_spec("demo")
SHOT = plan_dataset(SPEC.model_copy(update={"images": 1}))[0]
FRONT_LEFT = SHOT.camera.model_copy(update={"azimuth_deg": 40.0, "elevation_deg": 20.0, "lens_mm": 60.0, "fill": 0.9})
OVERCAST = SHOT.light.model_copy(update={"kind": "overcast", "strength": 1.0})
PLAIN = Appearance(paint_finish="solid", paint_rgb=(0.5, 0.5, 0.5))


FRAME = CarFrame(
    front=2.2,
    rear=-2.3,
    half_width=0.9,
    sill=0.25,
    belt=0.95,
    cant=1.4,
    pillar_x=-0.1,
    front_axle=1.35,
    rear_axle=-1.4,
    wheel_radius=0.33,
    front_plate=4.7,
    rear_plate=2.0,
)


@pytest.fixture(scope="module")
def car() -> BuiltVehicle:
    return build_scene(CAR, SPEC, 2)


def render(car: BuiltVehicle, **look: Any) -> NDArray[np.float64]:
    appearance = PLAIN.model_copy(update=look)
    shot = SHOT.model_copy(update={"appearance": appearance, "camera": FRONT_LEFT, "light": OVERCAST})
    dress_scene(car, shot, 96, 64)
    return render_image(bpy.context.scene, 1).astype(float)


SEEN = 10
"""Grey levels; a render that is repeated is the same to the last one."""
CHANGES: dict[str, dict[str, Any]] = {
    "metallic": {"paint_finish": "metallic"},
    "pearl": {"paint_finish": "pearl"},
    "matte": {"paint_finish": "matte"},
    "a roof of another colour": {"two_tone": "roof"},
    "sides of another colour": {"two_tone": "lower"},
    "stripes": {"livery": "stripes"},
    "checks": {"livery": "taxi"},
    "mud": {"dirt": 0.8},
    "dust": {"dust": 0.8},
    "rain": {"rain": 0.8},
    "lamps": {"lamps_on": True},
    "glass": {"glass_tint": 1.0},
}


@pytest.mark.parametrize("name", sorted(CHANGES))
def test_each_look_shows_and_goes_again(car: BuiltVehicle, name: str):
    before = render(car)
    changed = render(car, **CHANGES[name])
    assert np.abs(changed - before).max() > SEEN, name
    np.testing.assert_array_equal(render(car), before)


def test_pictures_are_those_of_the_shot_not_of_the_one_before(car: BuiltVehicle):
    looks: list[dict[str, Any]] = [
        {"livery": livery, "livery_rgb": rgb, "plate": plate, "plate_text": "AA|11"}
        for livery, rgb, plate in (
            ("taxi", (0.1, 0.1, 0.9), "blue"),
            ("stripes", (0.9, 0.1, 0.1), "yellow"),
            ("police", (0.1, 0.9, 0.1), "white"),
        )
    ]
    in_turn = [render(car, **look) for look in looks]
    for look, seen in zip(looks, in_turn, strict=True):
        alone = render(build_scene(CAR, SPEC, 2), **look)
        np.testing.assert_allclose(alone, seen, atol=1.0)


def test_the_frame_lies_on_the_car():
    car = build_scene(CAR, SPEC, 2)
    frame = frame_of(car.objects)
    low, high = car.mesh.vertices.min(axis=0), car.mesh.vertices.max(axis=0)
    assert low[0] <= frame.rear < frame.rear_axle < frame.pillar_x < frame.front_axle < frame.front <= high[0]
    assert 0 < frame.sill < frame.belt < frame.cant < high[2]
    assert 0.25 < frame.wheel_radius < 0.5
    assert 0.8 < frame.half_width <= high[1]
    assert 1.5 < frame.front_plate < 6
    assert 1.5 < frame.rear_plate < 6


def test_the_pillar_is_the_widest_gap_between_panes():
    x = np.array([-1.0, 0.2, 0.2, 0.3, 1.5, 1.5])
    panes = np.stack([x, np.full(6, 0.8), np.array([0.9, 0.9, 1.4] * 2)], axis=1)
    triangles = np.array([[3, 4, 5], [0, 1, 2]])
    box = np.array([[-2.0, -0.9, 0.2], [2.0, 0.9, 1.5]])
    plates = np.array([[2, 0, 0], [2, 0.5, 0.1], [-2, 0, 0], [-2, 0.3, 0.15]])
    meshes = {"paint": box, "tyre": box, "glass_side": panes, "plate": plates}
    frame = measure_car({slot: (vertices, triangles) for slot, vertices in meshes.items()})
    assert frame.pillar_x == pytest.approx(0.25)
    assert (frame.front_plate, frame.rear_plate) == pytest.approx((5.0, 2.0))


@pytest.mark.parametrize("livery", sorted(set(get_args(Livery)) - {"none"}))
def test_every_livery_marks_the_car_and_leaves_some_of_it(livery: Livery):
    for seed in range(8):
        sides, top = draw_livery(PLAIN.model_copy(update={"livery": livery, "seed": seed}), FRAME)
        covered = max((sides[..., 3] > 0).mean(), (top[..., 3] > 0).mean())
        assert 0.002 < covered < 0.8
    assert set(DESIGNS) == set(get_args(Livery)) - {"none"}


@pytest.mark.parametrize("name", sorted(PLATES))
@pytest.mark.parametrize("aspect", [2.0, 3.0, 4.7])
def test_plates_fit_any_proportion_and_are_written_on(name: str, aspect: float):
    text = draw_plate(name, np.random.default_rng(0))[1]
    plate = draw_plate_picture(name, text, aspect, rear=True)
    assert plate.shape == (128, round(128 * aspect), 3)
    empty = draw_plate_picture(name, "", aspect, rear=True)
    written = (plate != empty).any(axis=-1).mean()
    assert (written > 0.05) == bool(text)


def test_letters_that_the_plates_need_are_in_the_fonts():
    boxes = {text_mask(character).tobytes() for character in "京沪粤川品あさ"}
    assert len(boxes) == 7
