"""The page of `akd retrieve` in a real browser: with the keyboard, on a phone, without a network."""

import json
import shutil

import pytest

from pipeline.coco import load_coco
from retrieval.index import build_index_from_labels
from retrieval.options import Options
from retrieval.sampled import said, sampled
from retrieval.search import retrieve
from tests.browser import CHROMIUM, chromium

NASTY = "</script><script>document.title = 'taken'</script>"


@pytest.fixture
def matched(make_dataset, tmp_path, stand_in_model):
    """Two photos, of which on the second nothing is found, and a page of their matches with records of ours."""
    dataset = make_dataset()
    for number in range(6):
        record = {
            "image": {"file_name": f"{number:06d}.png"},
            "shot": {"index": number, "light": {"kind": "hdri", "haze": 5.39266},
                     "appearance": {"paint_rgb": [1, 0, 0.5]},
                     "vehicle": {"style": NASTY, "parameters": {}}, "occluders": [{"kind": "person"}]},
            "vehicle_parameters": {"wheelbase": 2.7887, "bed": False},
        }  # fmt: skip
        path = dataset / "shots" / f"{number:06d}.json"
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps(record))
    build_index_from_labels(dataset, tmp_path / "index")
    (tmp_path / "w.pt").write_bytes(b"weights")
    first = load_coco(dataset).images[2].instances[0]
    stand_in_model["000002.png"] = [
        {"bbox": first.bbox, "score": 0.9, "keypoints": first.keypoints, "keypoint_scores": None}
    ]
    photos = [dataset / "images" / f"{number:06d}.png" for number in (2, 4)]
    retrieve(tmp_path / "index", photos, tmp_path / "w.pt", 4, tmp_path / "out", options=Options(k=4, mirrored=True))
    return tmp_path / "out"


@pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium")
def test_photo_matches_and_what_was_sampled(matched):
    with chromium() as page:
        page.open(matched / "index.html")
        assert page.evaluate("document.title") == "Matches of 2 photos"
        assert page.evaluate(
            "[...document.querySelectorAll('.query')].map(q => q.querySelectorAll('.tile').length)"
        ) == [5, 1]
        assert "nothing was detected" in page.evaluate("document.querySelectorAll('.query')[1].innerText")
        assert "1. 1.000" in page.evaluate("document.querySelector('button.tile').innerText").replace("  ", " ")
        page.evaluate("document.querySelector('button.tile').focus()")
        page.press("ArrowRight")
        assert page.evaluate("document.activeElement.dataset.match") == "1"
        page.press("ArrowLeft")
        page.press("Enter")
        page.wait_for("document.getElementById('zoom').open")
        text = page.evaluate("document.getElementById('zoom-body').innerText")
        for words in ("What each keypoint adds", "haze", "5.393", "wheelbase", "2.789", "#ff0080", "person", NASTY):
            assert words in text, words
        page.press("ArrowRight")
        assert "match 2 of 4" in page.evaluate("document.getElementById('zoom-place').textContent")
        page.press("Escape")
        assert not page.evaluate("document.getElementById('zoom').open")
        assert page.evaluate("document.activeElement.dataset.match") == "1"
        shown = "getComputedStyle(document.querySelector('.marks')).display"
        assert page.evaluate(shown) != "none"
        page.press("l")
        assert page.evaluate(shown) == "none"
        assert page.evaluate("document.title") == "Matches of 2 photos"
        assert page.problems == []
        assert not [address for address in page.requests if not address.startswith(("file:", "data:"))]


@pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium")
def test_nothing_is_cut_off_on_a_phone_and_sides_differ_in_shape(matched):
    with chromium() as page:
        page.send("Emulation.setDeviceMetricsOverride", width=360, height=740, deviceScaleFactor=1, mobile=True)
        page.open(matched / "index.html")
        assert page.evaluate("document.documentElement.scrollWidth") == 360
        page.click("button.tile")
        assert page.evaluate("document.getElementById('zoom-body').scrollWidth") <= 360
        kinds = page.evaluate(
            "[...document.querySelectorAll('#marks-legend svg g')].map(g => g.firstElementChild.tagName)"
        )
        assert kinds[:3] == ["circle", "rect", "path"]
        assert page.problems == []


def test_many_pictures_lie_beside_the_page(matched, tmp_path, monkeypatch, make_dataset):
    monkeypatch.setattr("retrieval.page.EMBEDDED", 3)
    photo = tmp_path / "dataset" / "images" / "000002.png"
    retrieve(tmp_path / "index", [photo], tmp_path / "w.pt", 4, tmp_path / "beside")
    listed = sorted(path.name for path in (tmp_path / "beside" / "pictures").iterdir())
    text = (tmp_path / "beside" / "index.html").read_text()
    assert len(listed) == 4, "the photo is its own best match: one picture for both"
    assert all(f"pictures/{name}" in text for name in listed)
    assert "data:image/jpeg" not in text


def test_what_was_sampled_is_only_told_of_images_of_ours(matched, tmp_path):
    picture = tmp_path / "dataset" / "images" / "000001.png"
    found = sampled(picture)
    assert list(found) == ["vehicle", "light", "appearance", "occluders", "shot", "vehicle's measures"]
    assert found["light"] == [("kind", "hdri", None), ("haze", "5.393", None)]
    assert found["appearance"] == [("paint", "1, 0, 0.5", "#ff0080")]
    assert found["vehicle's measures"][1] == ("bed", "no", None)
    shutil.copy(picture, picture.with_name("000001.jpg"))
    assert sampled(picture.with_name("000001.jpg")) == {}, "the record says another name"
    assert sampled(tmp_path / "elsewhere" / "a.png") == {}
    (tmp_path / "dataset" / "shots" / "000001.json").write_text("[1")
    assert sampled(picture) == {}
    assert said({"view": "F", "n": None}) == [("view", "F", None)]
