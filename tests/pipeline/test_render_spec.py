import pytest

from pipeline.config import parse_config
from pipeline.errors import SpecError
from pipeline.render_spec import RenderSpec


def render(**content: object) -> RenderSpec:
    return parse_config(content, RenderSpec, "spec")


def test_a_quality_says_what_the_spec_does_not():
    assert render(quality="draft").samples == 3
    assert render(quality="standard") == render(quality="standard", samples=8)
    high = render(quality="high")
    assert (high.samples, high.denoiser) == (32, "accurate")
    assert render(quality="high", samples=4).samples == 4
    assert render(quality="high", denoiser="fast").denoiser == "fast"


def test_a_spec_without_a_quality_is_what_it_was():
    assert render().model_dump(mode="json") == {"samples": 8, "denoise": True, "device": "auto"}


@pytest.mark.parametrize("quality", ["draft", "standard", "high", None])
def test_a_plan_gives_the_same_settings_back(quality: str | None):
    spec = render(quality=quality) if quality else render(samples=5)
    assert render(**spec.model_dump(mode="json")) == spec


def test_a_wrong_quality_is_refused():
    with pytest.raises(SpecError, match=r"spec: quality: .*'draft', 'standard' or 'high'"):
        render(quality="best")
