"""Predictions on a video."""

import json

import cv2
import numpy as np
import pytest

from akd import main

from .conftest import draw_car

FRAMES = 5


@pytest.fixture
def video(tmp_path, schema):
    rng = np.random.default_rng(0)
    path = tmp_path / "drive.mp4"
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"mp4v"), 10.0, (96, 64))
    for _ in range(FRAMES):
        writer.write(draw_car(rng, schema)[0][:, :, ::-1].copy())
    writer.release()
    return path


def _frames(reader):
    frames = []
    while (read := reader.read())[0]:
        frames.append(read[1])
    return frames


def test_each_frame_is_an_image_and_the_video_shows_what_was_found(video, nano_weights, tmp_path, monkeypatch):
    monkeypatch.setattr("training.predict_folder.DRAWN_SCORE", 0.0)  # weights that learnt nothing are sure of nothing
    assert main(["predict", str(nano_weights), str(video), "-o", str(tmp_path / "out")]) == 0
    content = json.loads((tmp_path / "out" / "predictions.json").read_text())
    assert [image["file_name"] for image in content["images"]] == [f"drive/{n:06d}" for n in range(FRAMES)]
    assert [image["time_s"] for image in content["images"]] == [0.0, 0.1, 0.2, 0.3, 0.4]
    assert {row["image_id"] for row in content["annotations"]} == set(range(1, FRAMES + 1))
    assert len(json.loads((tmp_path / "out" / "results.json").read_text())) == len(content["annotations"])
    shown = cv2.VideoCapture(str(tmp_path / "out" / "video.mp4"))
    assert shown.get(cv2.CAP_PROP_FPS) == pytest.approx(10)
    drawn, source = _frames(shown), _frames(cv2.VideoCapture(str(video)))
    assert len(drawn) == FRAMES
    same_size = cv2.resize(source[0], drawn[0].shape[1::-1])  # small pictures are drawn larger
    assert cv2.absdiff(drawn[0], same_size).max() > 60, "nothing is drawn"


def test_what_is_no_video_is_refused_and_leaves_nothing(nano_weights, tmp_path, capsys):
    (tmp_path / "a.mp4").write_bytes(b"not a video")
    for name in ("a.mp4", "gone.mp4"):
        assert main(["predict", str(nano_weights), str(tmp_path / name), "-o", str(tmp_path / "out")]) == 1
    said = capsys.readouterr().err
    assert "a.mp4: is not a video that OpenCV can read" in said
    assert "gone.mp4: no such video" in said
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.mp4"]
