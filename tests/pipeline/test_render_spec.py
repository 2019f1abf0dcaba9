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


def test_samples_follow_the_size_of_the_vehicle():
    spec = render(samples=8, samples_for_share=0.2)
    assert [spec.samples_of(share) for share in (0.0, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.9)] == [
        16,
        16,
        16,
        11,
        8,
        6,
        4,
        4,
    ]
    assert spec.most_samples == 16
    assert render(**spec.model_dump(mode="json")) == spec


def test_without_a_share_all_images_get_the_same():
    assert {render(samples=5).samples_of(share) for share in (0.0, 0.2, 1.0)} == {5}
    assert render(samples=1, samples_for_share=0.1).samples_of(1.0) == 1
    with pytest.raises(SpecError, match="samples_for_share"):
        render(samples_for_share=0)
