"""A report of drawn cars with a detector of random weights: it has all its parts, with and without labels."""

import html
import json
import re

import cv2
import numpy as np
import pytest
import yaml

from pipeline.dataset_folder import describe_dataset, distributions_hash
from pipeline.errors import AkdError, DatasetError
from pipeline.images import read_image, write_image
from pipeline.spec import load_spec
from retrieval.shift import ShiftOptions, measure_shift, write_shift
from retrieval.shift_record import read_shift
from retrieval.view_atlas import build_atlas
from tests.browser import CHROMIUM, chromium
from tests.training.conftest import write_dataset

QUICK = ShiftOptions(resamples=20, progress=False)


@pytest.fixture(scope="module")
def synthetic(tmp_path_factory, schema):
    folder = write_dataset(tmp_path_factory.mktemp("renders"), schema, splits=(("train", 8), ("test", 7)))
    (folder / "dataset.yaml").write_text(yaml.safe_dump(describe_dataset(load_spec("demo"))))
    return folder


@pytest.fixture(scope="module")
def real(tmp_path_factory, schema, synthetic):
    """Other cars, two stops darker and out of focus."""
    folder = write_dataset(tmp_path_factory.mktemp("photos"), schema, splits=(("test", 8),), seed=7)
    for path in (folder / "images").iterdir():
        dark = (255 * (read_image(path) / 255.0) ** 2.2 / 4).clip(0, 255)
        soft = cv2.GaussianBlur(255 * (dark / 255) ** (1 / 2.2), (0, 0), 3)
        write_image(path, soft.astype(np.uint8))
    return folder


@pytest.fixture(scope="module")
def make_atlas(box_car):
    return lambda schema: build_atlas([box_car], schema)


@pytest.fixture(scope="module")
def report(tmp_path_factory, tiny_weights, synthetic, real, make_atlas):
    out = tmp_path_factory.mktemp("shift") / "out"
    return out, write_shift(tiny_weights, synthetic, real, out, make_atlas, QUICK)


@pytest.fixture(scope="module")
def plain(tiny_weights, synthetic, real, make_atlas):
    """Of the same photos as a folder without labels, which preparing has left as they are."""
    options = ShiftOptions(resamples=20, progress=False, prepared=real / "images")
    return measure_shift(tiny_weights, synthetic, real / "images", make_atlas, options)


def test_it_is_read_back_as_it_was_written(report):
    out, record = report
    assert read_shift(out) == record == read_shift(out / "shift.json")


def test_every_part_says_what_it_is_of(report):
    _, record = report
    assert (record.synthetic.images, record.reference.images, record.real.images) == (7, 8, 8)
    assert record.synthetic.what == "its test split"
    assert record.synthetic.spec == distributions_hash(load_spec("demo"))
    assert record.scores.sigma == 0.05
    assert record.scores.box_source == "the detector's own boxes"
    assert record.coverage.n_real == 8
    assert record.coverage.reference == 8
    assert sum(record.coverage.real_histogram) == pytest.approx(1)
    assert record.appearance.all.n == (7, 8)
    assert record.real_views.keypoints == "the photos' own labels"
    assert all(row.n_real == 8 for row in record.scores.scores if row.name.endswith("/AP"))


def test_what_was_done_to_the_photos_is_found(report):
    properties = {one.name: one for one in report[1].properties}
    brightness, blur = properties["brightness_ev"], properties["blur"]
    assert brightness.shift == pytest.approx(-2, abs=0.5)
    assert brightness.interval[1] < 0
    assert blur.interval[0] > 0
    assert report[1].appearance.all.p_value < 0.02
    assert report[1].appearance.proxy_distance > 1
    assert any(line.startswith("Brightness: ") for line in report[1].findings)


def test_the_page_is_whole_and_asks_for_nothing(report):
    page = (report[0] / "index.html").read_text()
    assert page.count("<svg") == page.count("</svg>") >= 6
    assert not re.findall(r'(?:src|href)="(?!#|data:)[^"]*"', page)
    assert "<script" not in page
    assert all(line in html.unescape(page) for line in report[1].findings)


def test_the_same_input_gives_the_same_report(report, tiny_weights, synthetic, real, make_atlas):
    assert measure_shift(tiny_weights, synthetic, real, make_atlas, QUICK) == report[1]


def test_a_plain_folder_has_all_that_needs_no_labels(report, plain):
    assert plain.scores is None
    assert plain.real.labelled == 0
    assert plain.real_views.keypoints == "the detector's own"
    assert plain.coverage == report[1].coverage.model_copy(update={"worst": plain.coverage.worst})
    assert plain.appearance.all == report[1].appearance.all
    assert "AP and PCK on them" in plain.findings[0]
    assert plain.prepared.helped is None
    assert plain.prepared.uncovered == plain.prepared.uncovered_before


def test_preparing_is_scored_on_the_same_photos(tiny_weights, synthetic, real, make_atlas):
    options = ShiftOptions(resamples=20, progress=False, prepared=real)
    prepared = measure_shift(tiny_weights, synthetic, real, make_atlas, options).prepared
    assert prepared.pck_difference == 0
    assert prepared.helped is False
    assert "no difference that can be told" in prepared.said


def test_what_was_learned_from_is_not_scored(tiny_weights, synthetic, real, make_atlas, tmp_path):
    """A run folder says what its weights learned from."""
    run = tmp_path / "run"
    run.mkdir()
    (run / "best.pt").write_bytes(tiny_weights.read_bytes())
    (run / "versions.yaml").write_text(yaml.safe_dump({"1": {"dataset": str(real / "annotations.json")}}))
    with pytest.raises(DatasetError, match="the weights were trained on image"):
        measure_shift(run, synthetic, real, make_atlas, QUICK)


def test_nothing_that_exists_is_overwritten(report, tiny_weights, synthetic, real, make_atlas):
    with pytest.raises(AkdError, match="exists already"):
        write_shift(tiny_weights, synthetic, real, report[0], make_atlas, QUICK)


def test_a_dataset_without_splits_holds_out_vehicles(tiny_weights, synthetic, real, make_atlas):
    record = measure_shift(tiny_weights, synthetic / "annotations.json", real, make_atlas, QUICK)
    assert "of its 15 vehicles, held out here" in record.synthetic.what
    assert record.synthetic.images + record.reference.images == 15


def test_a_detector_that_finds_nothing_is_told_so(tiny_weights, synthetic, real, make_atlas, monkeypatch):
    monkeypatch.setattr("training.predict.predict_arrays", lambda loaded, images: [[] for _ in images])
    with pytest.raises(DatasetError, match="finds nothing in any of 8 images"):
        measure_shift(tiny_weights, synthetic, real, make_atlas, QUICK)


def test_json_holds_plain_finite_numbers(report):
    json.loads((report[0] / "shift.json").read_text(), parse_constant=lambda name: pytest.fail(name))


@pytest.mark.skipif(CHROMIUM is None, reason="needs a Chromium to look at the page")
def test_the_page_fits_a_telephone_and_is_quiet(report):
    with chromium() as page:
        page.send("Emulation.setDeviceMetricsOverride", width=390, height=800, deviceScaleFactor=1, mobile=True)
        page.open(report[0] / "index.html")
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        smallest = "Math.min(...[...document.querySelectorAll('svg')].map((e) => e.getScreenCTM().a))"
        assert 12.5 * page.evaluate(smallest) > 9.5, "the text of charts stays legible"
        cut = (
            "[...document.querySelectorAll('svg text')].filter((e) => e.getBoundingClientRect().right >"
            " e.ownerSVGElement.getBoundingClientRect().right + 1).map((e) => e.textContent)"
        )
        assert page.evaluate(cut) == [], "no value is cut off"
        assert page.evaluate("[...document.images].every((e) => e.complete && e.naturalWidth > 0 && e.alt !== '')")
        assert page.problems == []
        assert [one for one in page.requests if not one.startswith(("file:", "data:"))] == []
        page.press("Tab")
        assert page.evaluate("document.activeElement.textContent") == "To the findings"


def test_another_detector_may_read_the_viewpoints(plain, tiny_weights, synthetic, real, make_atlas):
    options = ShiftOptions(resamples=20, progress=False, views_by=tiny_weights)
    record = measure_shift(tiny_weights, synthetic, real / "images", make_atlas, options)
    assert record.real_views.keypoints == f"found by {tiny_weights}"
    assert record.real_views.azimuth_deg == plain.real_views.azimuth_deg
