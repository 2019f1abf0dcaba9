"""What the air does to light: Koschmieder's law, drops that hide by chance and no more, and draws that go together."""

from typing import Any

import numpy as np
import pytest

from pipeline.camera import Camera, intrinsics_from_lens, look_at
from pipeline.plan import Shot, plan_dataset
from pipeline.sensor import decode_light
from pipeline.spec import DatasetSpec, load_spec
from pipeline.weather import CONTRAST, LEAST_TRANSMISSION, distances, visual_range, weathered
from pipeline.weather_drops import cover_of_drops
from pipeline.weather_spec import WeatherDraw, WeatherSpec

WIDTH, HEIGHT = 96, 64
CAMERA = Camera(WIDTH, HEIGHT, intrinsics_from_lens(WIDTH, HEIGHT, 35), look_at((8, 0, 1.5), (0, 0, 1.0)))
FAR = np.full((HEIGHT, WIDTH), np.inf, dtype=np.float32)


def draw(kind: str, **fields: Any) -> WeatherDraw:
    return WeatherDraw(**({"kind": kind, "intensity": 0.5, "visibility_m": 40.0, "wind_deg": 0.0, "seed": 3} | fields))


def test_fog_weakens_light_by_distance_and_adds_its_own():
    image = np.full((HEIGHT, WIDTH, 3), 230, np.uint8)
    image[40:] = 20
    depth = FAR.copy()
    depth[40:] = 12.0
    foggy = weathered(image, depth, CAMERA, draw("fog"), 8.0)
    before, after = (decode_light(one, np.ones(3, np.float32)) for one in (image, foggy))
    sky = before[0, 0, 0]
    passing = np.exp(-CONTRAST / 40.0 * distances(depth, CAMERA)[60])
    np.testing.assert_allclose(after[60, :, 0], before[60, 0, 0] * passing + sky * (1 - passing), atol=0.01)
    np.testing.assert_array_equal(foggy[0], image[0], "the sky is the air's light itself")


def test_distance_is_along_the_ray():
    depth = np.full((HEIGHT, WIDTH), 10.0, np.float32)
    found = distances(depth, CAMERA)
    corner = np.linalg.inv(CAMERA.intrinsics) @ [0.5, 0.5, 1.0]
    assert found[0, 0] == pytest.approx(10 * np.linalg.norm(corner), rel=1e-5)
    assert found.min() == pytest.approx(10.0, rel=1e-4)


@pytest.mark.parametrize("kind", ["fog", "rain", "snow"])
@pytest.mark.parametrize("target_m", [4.0, 60.0, 400.0])
def test_the_target_is_never_lost(kind: str, target_m: float):
    passing = np.exp(-CONTRAST * target_m / visual_range(draw(kind, visibility_m=5.0, intensity=1.0), target_m))
    assert passing >= LEAST_TRANSMISSION - 1e-9


def test_heavier_rain_covers_more_and_nothing_is_drawn_behind_a_wall():
    depth = np.full((HEIGHT, WIDTH), 30.0, np.float32)
    light, heavy = (cover_of_drops(draw("rain", intensity=i), CAMERA, depth, 8.0) for i in (0.05, 1.0))
    assert 0 < light.mean() < heavy.mean() < 0.2
    assert heavy.max() <= 1
    wall = np.full((HEIGHT, WIDTH), 0.2, np.float32)
    assert not cover_of_drops(draw("rain", intensity=1.0), CAMERA, wall, 8.0).any()


def test_snow_is_denser_than_rain_and_wind_tilts_what_falls():
    depth = np.full((512, 512), 30.0, np.float32)
    camera = Camera(512, 512, intrinsics_from_lens(512, 512, 35), look_at((8, 0, 1.5), (0, 0, 1.5)))
    upright, blown = (cover_of_drops(draw("rain", intensity=1.0, wind_deg=w), camera, depth, 8.0) for w in (0.0, 40.0))

    def slant(cover: np.ndarray) -> float:
        down, right = np.gradient(cover.astype(float))
        return float((down * right).sum() / np.hypot(down, right).sum() ** 0.5)

    assert np.abs(np.gradient(upright)[1]).sum() > 1.5 * np.abs(np.gradient(upright)[0]).sum(), "streaks are upright"
    assert abs(slant(blown)) > 4 * abs(slant(upright))
    assert cover_of_drops(draw("snow", intensity=1.0), camera, depth, 8.0).mean() > upright.mean()


def test_the_same_seed_gives_the_same_drops():
    depth = np.full((HEIGHT, WIDTH), 30.0, np.float32)
    first, again, other = (cover_of_drops(draw("snow", seed=s), CAMERA, depth, 8.0) for s in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    assert (first != other).any()


def spec_with(weather: dict[str, Any]) -> DatasetSpec:
    spec = load_spec("street").model_copy(update={"images": 30})
    return spec.model_copy(update={"weather": WeatherSpec.model_validate(weather)})


def test_light_ground_and_paint_go_with_the_weather_and_nothing_else_changes():
    clear, rain, snow = (plan_dataset(spec_with({"kind": kind})) for kind in ("clear", "rain", "snow"))
    for before, wet, white in zip(clear, rain, snow, strict=True):
        assert before.weather is None
        for after in (wet, white):
            assert after.light.kind in ("overcast", "night")
            same = {"weather": None, "light": before.light, "ground": before.ground, "appearance": before.appearance}
            assert after.model_copy(update={**same, "traffic": before.traffic}) == before
        assert wet.appearance.rain >= 0.4
        assert all(other.appearance.rain >= 0.4 for other in wet.traffic)
        assert wet.ground.wet >= 0.35 or wet.ground.kind == "plain"
        assert white.ground.kind in ("snow", "plain")


def test_a_clear_plan_is_what_it_was_before_there_was_weather():
    shots = plan_dataset(spec_with({}))
    plan = [shot.model_dump(mode="json") for shot in shots]
    assert all("weather" not in line for line in plan)
    assert "weather" not in load_spec("demo").model_dump(mode="json")
    rainy = plan_dataset(spec_with({"kind": "rain"}))
    assert [Shot.model_validate(shot.model_dump(mode="json")) for shot in rainy] == rainy
