"""What is read of each image, and how far it can be trusted."""

import numpy as np
import pytest
from PIL import Image as PilImage

from pipeline.images import write_image
from retrieval.shift_images import Picture
from retrieval.shift_views import Readable, from_detections, from_labels, lens_mm, mostly_labelled, read_views, trust
from retrieval.view_atlas import build_atlas
from retrieval.view_match import Seen, ViewEstimate
from tests.retrieval.instances import random_instances
from tests.retrieval.lettered_box import SCHEMA, lettered_box
from tests.retrieval.looks import make_looks
from tests.retrieval.test_view_match import seen_from


def estimate(azimuth, elevation=10.0, width=100.0):
    return ViewEstimate(azimuth, elevation, 0.9, np.array([0.0, 0, width, 40]), 3.0)


def test_renders_are_held_against_their_records_and_photos_against_their_names(tmp_path):
    seen = Seen(np.zeros((1, 3)), np.array([0.0, 0, 9, 9]), (200, 100))
    said = [
        {"azimuth_deg": 10.0, "elevation_deg": 10.0, "fill": 0.5},
        {"azimuth_deg": 100.0, "elevation_deg": 10.0},
        {},
    ]
    renders = [Picture(tmp_path, str(i), str(i), None, one) for i, one in enumerate(said)]
    photos = [Picture(tmp_path, str(i), str(i), None, {"view": view}) for i, view in enumerate(("F", "FBL", "B", "L"))]
    found = trust(
        [(Readable(renders, [seen] * 3), [estimate(20.0, width=110), estimate(180.0), estimate(0.0)])],
        (Readable(photos, [seen] * 4), [estimate(40.0), estimate(0.0), estimate(350.0), None]),
    )
    assert found.n == 2
    assert found.within_30 == 0.5
    assert found.fill_error == pytest.approx(0.1)
    assert (found.n_named, found.same_named) == (2, 0.5)


def test_nothing_known_is_said_to_be_nothing():
    found = trust([(Readable([], []), [])], (Readable([], []), []))
    assert (found.n, found.median_deg, found.n_named, found.same_named) == (0, None, 0, None)


def test_the_focal_length_that_exif_says(tmp_path):
    exif = PilImage.Exif()
    exif.get_ifd(0x8769)[0xA405] = 28
    PilImage.new("RGB", (20, 10)).save(tmp_path / "phone.jpg", exif=exif)
    write_image(tmp_path / "bare.png", np.zeros((10, 20, 3), np.uint8))
    assert lens_mm(tmp_path / "phone.jpg") == 28
    assert lens_mm(tmp_path / "bare.png") is None
    assert lens_mm(tmp_path / "gone.jpg") is None


def test_size_and_place_of_the_whole_vehicle(tmp_path):
    write_image(tmp_path / "a.png", np.zeros((150, 200, 3), np.uint8))
    pictures = [Picture(tmp_path / "a.png", name, name) for name in ("a", "none")]
    atlas = build_atlas([lettered_box()], SCHEMA)
    readable = Readable(pictures, [seen_from(60.0, fill=0.6, shift_x=0.1), None])
    record, each = read_views(atlas, readable, SCHEMA, None, "labels")
    assert (record.names, record.unread, each[1]) == (("a",), 1, None)
    assert record.fill[0] == pytest.approx(0.6, rel=0.08)
    assert record.shift_x[0] == pytest.approx(0.1, abs=0.03)
    assert record.azimuth_deg[0] == pytest.approx(60, abs=8)
    assert record.lens_mm == (None,)


def test_labels_with_and_without_hidden_keypoints():
    keypoints, boxes = random_instances(np.random.default_rng(1), 4)
    looks = make_looks(np.zeros((4, 2)), keypoints, boxes, found=[1, 0, 1, 1])
    shown = from_labels(looks.pictures, hidden=False)
    assert all((one.keypoints[:, 2] != 1).all() for one in shown.seen)
    assert (from_labels(looks.pictures).seen[0].keypoints == keypoints[0]).all()
    assert [one is None for one in from_detections(looks.pictures, looks.measured).seen] == [False, True, False, False]
    assert mostly_labelled(looks.pictures)
    assert not mostly_labelled(make_looks(np.zeros((4, 2)), keypoints, boxes, labelled=False).pictures)
