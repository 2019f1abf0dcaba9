"""The next spec: what photos have and the dataset lacks comes in, with reasons; all else stays as it is written."""

import json

import numpy as np
import pytest
import yaml

from pipeline.config import CONFIGS
from pipeline.distributions import support
from pipeline.errors import AkdError, SpecError
from pipeline.plan import plan_dataset
from pipeline.spec import load_spec
from retrieval.refine import refine
from retrieval.refine_names import moved_shares, style_shares
from retrieval.shift_parts import ViewTrust
from tests.retrieval.shift_records import PHOTOS, alike, classes, estimates, record


@pytest.fixture
def next_spec(tmp_path):
    """A function that writes a report, refines the demo by it and returns what was done, and the new text."""

    def make(report=None, spec="demo", **changes):
        (tmp_path / "shift.json").write_text((report or record(**changes)).model_dump_json())
        done = refine(spec, tmp_path, tmp_path / "next.yaml")
        return done, (tmp_path / "next.yaml").read_text()

    return make


def without_comments(text):
    return yaml.safe_load(text)


def test_a_spec_that_matches_comes_back_unchanged_and_says_so(next_spec):
    done, text = next_spec()
    assert done.changed == ()
    assert "nothing was changed: in what could be judged the spec has all that these photos have" in str(done)
    assert "not judged: camera.lens_mm" in str(done)
    assert "# nothing was changed: " in text
    assert without_comments(text) == without_comments((CONFIGS / "datasets" / "demo.yaml").read_text())


def test_views_from_behind_and_close_ones_come_in_with_numbers(next_spec):
    """A third of the photos straight from behind, a quarter of them so close that they are cut off."""
    views = estimates(2)
    azimuth = (*np.linspace(172, 188, PHOTOS // 3).tolist(), *views.azimuth_deg[PHOTOS // 3 :])
    fill = (*np.linspace(1.22, 1.38, PHOTOS // 4).tolist(), *views.fill[PHOTOS // 4 :])
    done, text = next_spec(real_views=estimates(2, azimuth_deg=azimuth, fill=fill))
    assert {one.field for one in done.changed} == {"camera.azimuth_deg", "camera.fill"}
    assert "  # Viewpoints round the vehicle: 200 photos (by the photos' own labels) have what was lacking: " in text
    assert "  # Seconds" not in text
    spec = load_spec(str(done.path))
    shots = plan_dataset(spec.model_copy(update={"images": 600}))
    behind = np.mean([165 <= shot.camera.azimuth_deg % 360 <= 195 for shot in shots])
    close = np.mean([shot.camera.fill > 1.2 for shot in shots])
    assert 0.2 < behind < 0.45
    assert 0.12 < close < 0.3
    assert np.mean([60 < shot.camera.azimuth_deg % 360 < 150 for shot in shots]) > 0.12, "the old views stay"
    assert support(spec.camera.fill)[1] <= 4


def test_a_changed_spec_draws_other_vehicles(next_spec):
    done, text = next_spec(real_views=estimates(2, azimuth_deg=(180.0,) * PHOTOS))
    old, new = load_spec("demo"), load_spec(str(done.path))
    assert (new.name, new.seed) == ("demo-r1", old.seed + 1)
    assert plan_dataset(new)[0].vehicle != plan_dataset(old)[0].vehicle
    assert "# as cars are sold" in text, "comments of the old file stay"


def test_a_report_of_another_spec_is_refused(next_spec, tmp_path):
    with pytest.raises(SpecError, match=r"is of another spec than street: .* give the spec that made it"):
        next_spec(spec="street")
    side = record().synthetic.model_copy(update={"spec": None})
    with pytest.raises(SpecError, match="none that akd generate wrote"):
        next_spec(synthetic=side)
    assert not (tmp_path / "next.yaml").exists()


def test_more_images_and_another_seed_are_the_same_spec(next_spec, tmp_path):
    text = (CONFIGS / "datasets" / "demo.yaml").read_text().replace("images: 320", "images: 7").replace("2026", "5")
    (tmp_path / "mine.yaml").write_text(text)
    assert next_spec(spec=str(tmp_path / "mine.yaml"))[0].changed == ()


def test_nothing_that_exists_is_overwritten(next_spec, tmp_path):
    (tmp_path / "next.yaml").write_text("mine")
    with pytest.raises(AkdError, match="exists already"):
        next_spec()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"format": "other"}, "its format must be 'akd-shift'"),
        ({"version": 2}, "is version 2; this program reads version 1; akd shift writes one"),
        ({"surprise": 1}, "surprise: unknown key"),
        ({"coverage": {"below": "?"}}, "coverage"),
    ],
)
def test_a_damaged_report_is_refused_in_one_line(tmp_path, change, message):
    (tmp_path / "shift.json").write_text(json.dumps(record().model_dump(mode="json") | change))
    with pytest.raises(AkdError, match=message) as caught:
        refine("demo", tmp_path / "shift.json", tmp_path / "next.yaml")
    assert "\n" not in str(caught.value)


def test_viewpoints_that_are_read_wrong_change_nothing(next_spec):
    trust = ViewTrust(n=100, median_deg=70.0, within_30=0.2, fill_error=0.5, n_named=0, same_named=None)
    done, _ = next_spec(real_views=estimates(2, azimuth_deg=(180.0,) * PHOTOS), view_trust=trust)
    assert done.changed == ()
    assert "kept camera.azimuth_deg: reading viewpoints is right in 20% of 100 renders" in str(done)
    assert "kept camera.fill: sizes are read 50% wrong" in str(done)


def test_four_renders_do_not_tell_whether_viewpoints_are_read_right(next_spec):
    trust = ViewTrust(n=4, median_deg=3.0, within_30=1.0, fill_error=0.05, n_named=0, same_named=None)
    done, _ = next_spec(real_views=estimates(2, azimuth_deg=(180.0,) * PHOTOS), view_trust=trust)
    assert done.changed == ()
    assert "right in 100% of 4 renders; 60% of at least 10 are needed" in str(done)


def test_the_detectors_own_reading_is_said_to_be_unsure(next_spec):
    views = estimates(2, azimuth_deg=(180.0,) * PHOTOS, keypoints="the detector's own")
    assert "a view that it never learned it may take for another one" in next_spec(real_views=views)[1].replace(
        "\n  # ", " "
    )


def test_darker_photos_are_exposed_for(next_spec):
    dark = alike(
        "brightness_ev", "brightness", 0.0, shift=-1.2, interval=(-1.4, -1.0), superiority=0.25, real_value=-1.2
    )
    done, text = next_spec(properties=(dark, alike("blur", "blur", 0.3)))
    assert [one.field for one in done.changed] == ["sensor.exposure_ev"]
    assert "the vehicle is 1.20 stops darker on 200 photos [-1.40, -1.00]" in text
    exposure = load_spec(str(done.path)).sensor.exposure_ev
    assert exposure.probability == 0.5
    assert exposure.otherwise.normal.mean == pytest.approx(-1.2)


def test_softer_photos_are_blurred_for_by_the_radius_that_measures_alike(next_spec):
    """60 of 200 photos measure 0.5 to 0.6, which is what 2 to 3 pixels do to renders."""
    soft = (*np.linspace(0.501, 0.599, 60).tolist(), *[0.3] * 140)
    done, _ = next_spec(blur_values=soft)
    assert [one.field for one in done.changed] == ["sensor.blur_px"]
    blur = load_spec(str(done.path)).sensor.blur_px
    assert blur.probability == pytest.approx(1 - (0.3 - 0.05), abs=0.01)
    assert blur.otherwise.uniform == pytest.approx((2.05, 2.94), abs=0.03)


def test_lenses_that_photos_say(next_spec):
    done, text = next_spec(real_views=estimates(2, lens_mm=(24.0,) * 40 + (150.0,) * 40 + (None,) * (PHOTOS - 80)))
    assert [one.field for one in done.changed] == ["camera.lens_mm"]
    assert "80 photos (by EXIF)" in text
    assert support(load_spec(str(done.path)).camera.lens_mm) == (20, 200)


def test_styles_move_part_of_the_way(next_spec):
    before = style_shares(load_spec("demo"))
    real = dict.fromkeys(before, 0.0) | {"pickup": 0.6, "sedan": 0.4}
    done, text = next_spec(classes=(classes("style", before, real),))
    after = style_shares(load_spec(str(done.path)))
    assert after["pickup"] > before["pickup"] + 0.2
    assert all(share > 0 for share in after.values())
    assert after["pickup"] == pytest.approx(moved_shares(before, classes("style", before, real))["pickup"], abs=0.002)
    assert "Body styles, by the renders that look most like each of 200 photos" in text


def test_a_vote_no_better_than_the_most_frequent_changes_nothing(next_spec):
    before = style_shares(load_spec("demo"))
    real = dict.fromkeys(before, 0.0) | {"pickup": 1.0}
    blind = classes("style", before, real, accuracy=0.3, accuracy_interval=(0.25, 0.35))
    done, _ = next_spec(classes=(blind,))
    assert done.changed == ()
    assert "cannot be told by looks" in str(done)


def test_light_moves_too(next_spec):
    real = {"hdri": 0.05, "overcast": 0.8, "sky": 0.1, "studio": 0.05}
    known = {"hdri": 0.36, "overcast": 0.18, "sky": 0.36, "studio": 0.1}
    done, _ = next_spec(classes=(classes("light", known, real),))
    assert [one.field for one in done.changed] == ["light.kind"]
    kind = load_spec(str(done.path)).light.kind
    assert kind.choice == ("sky", "hdri", "overcast", "studio")
    assert kind.weights[2] > 45


def test_paths_still_lead_where_they_led(next_spec, tmp_path):
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    (folder / "maps").mkdir()
    (folder / "maps" / "a.hdr").write_text("")
    text = (CONFIGS / "datasets" / "demo.yaml").read_text().replace("hdri: bundled", "hdri: maps")
    (folder / "mine.yaml").write_text(text)
    done, new = next_spec(report=record(str(folder / "mine.yaml")), spec=str(folder / "mine.yaml"))
    assert "hdri: elsewhere/maps" in new
    assert load_spec(str(done.path)).light.hdri == str(folder / "maps")


def test_too_few_photos_say_nothing_of_views(next_spec):
    done, _ = next_spec(real_views=estimates(2, count=8, azimuth_deg=(180.0,) * 8))
    assert done.changed == ()
    assert "only 8 photos could be read; 20 are needed" in str(done)
