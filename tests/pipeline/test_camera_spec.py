"""Camera presets: each is a sound spec, what stands beside it wins, and a shot records plain numbers."""

import pytest

from pipeline.camera_spec import PRESETS, CameraSpec
from pipeline.config import parse_config
from pipeline.errors import SpecError
from pipeline.plan import plan_shot
from pipeline.spec import load_spec


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_says_everything_but_what_is_given(name: str):
    plain, given = CameraSpec(preset=name), CameraSpec(preset=name, fill=0.5)
    assert plain != CameraSpec()
    assert given.fill == 0.5
    assert given.model_copy(update={"fill": plain.fill}) == plain


def test_every_preset_that_ships_may_be_named():
    assert set(PRESETS) == {"orbit", "street", "dashcam", "cctv", "showroom", "phone"}


def test_views_are_what_the_preset_promises():
    spec = load_spec("demo")
    drawn = {}
    for name in ("dashcam", "cctv", "showroom"):
        camera = spec.model_copy(update={"camera": CameraSpec(preset=name)})
        drawn[name] = [plan_shot(camera, index).camera for index in range(60)]
    assert min(view.elevation_deg for view in drawn["cctv"]) >= 15
    assert max(view.fill for view in drawn["dashcam"]) <= 0.6
    tails = sum(145 <= view.azimuth_deg <= 215 for view in drawn["dashcam"])
    assert 30 <= tails <= 55
    assert min(view.lens_mm for view in drawn["showroom"]) >= 60


def test_an_unknown_preset_is_named_with_what_is_allowed():
    with pytest.raises(SpecError, match=r"preset: input should be 'orbit', 'street'"):
        parse_config({"preset": "drone"}, CameraSpec, "spec.yaml")
