"""The render that `akd doctor` tries."""

from pipeline.doctor import _ask


def test_it_renders_a_car():
    told = _ask(["-m", "blender_scenes.doctor"])
    assert "error" not in told
    assert told["missing_fonts"] == []
    assert told["spread"] > 5
    assert 0 < told["render_s"] < 100
