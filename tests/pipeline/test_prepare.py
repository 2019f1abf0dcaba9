"""`akd prepare`: labels move with the pixels, every other field stays, and the same input gives the same files."""

import json
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from pycocotools import mask as coco_mask

from akd import main
from pipeline.annotate import encode_mask
from pipeline.coco import load_coco
from pipeline.errors import DatasetError, SpecError
from pipeline.images import read_image, write_image
from pipeline.prepare import prepare
from pipeline.prepare_background import cut_out, middle_box
from pipeline.prepare_image import prepare_image
from pipeline.prepare_options import PrepareOptions, parse_strengths

WIDTH, HEIGHT = 90, 60
LIT = (70, 20)
"""Column and row of the one bright pixel."""


def photo(seed: int = 0) -> np.ndarray:
    """A red vehicle on a noisy green ground."""
    image = np.random.default_rng(seed).normal((40, 120, 50), 12, (HEIGHT, WIDTH, 3)).clip(0, 255).astype(np.uint8)
    image[18:46, 20:74] = np.random.default_rng(seed + 1).normal((200, 40, 40), 12, (28, 54, 3)).clip(0, 255)
    return image


BOX = [20, 18, 54, 28]


def annotation(**changes: Any) -> dict[str, Any]:
    row = {"id": 7, "image_id": 3, "category_id": 1, "bbox": BOX, "area": 1512, "iscrowd": 0, "num_keypoints": 2}
    row |= {"keypoints": [LIT[0] + 0.5, LIT[1] + 0.5, 2, 30, 40, 1, 0, 0, 0], "view": "FL", "pose": {"mine": [1]}}
    return row | changes


def dataset(folder: Path, *annotations: dict[str, Any], image: np.ndarray | None = None) -> Path:
    write_image(folder / "images" / "a" / "one.png", photo() if image is None else image)
    row = {"id": 3, "file_name": "a/one.png", "width": WIDTH, "height": HEIGHT, "view": "FL", "maps": {"depth": "d"}}
    category = {"id": 1, "name": "car", "keypoints": ["x", "y", "z"], "skeleton": [[1, 2]], "own": True}
    content = {"info": {"mine": 1}, "licenses": [], "categories": [category], "images": [row]}
    content["annotations"] = list(annotations) or [annotation()]
    for name in ("annotations", "test"):
        (folder / f"{name}.json").write_text(json.dumps(content))
    return folder


RESIZE = PrepareOptions(steps=("resize",), size=180)


def test_a_lit_pixel_lands_where_its_keypoint_says(tmp_path: Path):
    image = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
    image[LIT[1], LIT[0]] = 255
    prepare(dataset(tmp_path / "in", image=image), tmp_path / "out", RESIZE)
    (row,) = load_coco(tmp_path / "out").images
    done = read_image(row.path)
    assert done.shape == (180, 180, 3)
    bars = done[:30], done[150:]
    assert all((bar == 118).all() for bar in bars)
    weights = done[30:150, :, 0].astype(float)
    rows, columns = np.indices(weights.shape) + 0.5
    centre = np.array([(columns * weights).sum(), (rows * weights).sum()]) / weights.sum() + [0, 30]
    np.testing.assert_allclose(row.instances[0].keypoints[0], [*centre, 2], atol=0.05)


def test_all_labels_move_and_everything_else_stays(tmp_path: Path):
    mask = np.zeros((HEIGHT, WIDTH), bool)
    mask[18:46, 20:74] = True
    rle = annotation(segmentation=encode_mask(mask), bbox_amodal=[10, 18, 64, 28])
    polygon = annotation(id=8, segmentation=[[20, 18, 74, 18, 74, 46, 20, 46]])
    source = dataset(tmp_path / "in", rle, polygon)
    prepare(source, tmp_path / "out", RESIZE)
    before, after = (json.loads((d / "annotations.json").read_text()) for d in (source, tmp_path / "out"))
    assert {k: after[k] for k in ("info", "licenses", "categories")} == {
        k: before[k] for k in ("info", "licenses", "categories")
    }
    assert after["images"] == [{"id": 3, "file_name": "a/one.png", "width": 180, "height": 180, "view": "FL"}]
    first, second = after["annotations"]
    assert first["bbox"] == [40, 66, 108, 56]
    assert first["bbox_amodal"] == [20, 66, 128, 56]
    assert first["area"] == 4 * 1512
    assert first["keypoints"] == [141, 71, 2, 60, 110, 1, 0, 0, 0]
    assert (first["view"], first["pose"], first["id"]) == ("FL", {"mine": [1]}, 7)
    moved = coco_mask.decode(first["segmentation"])
    assert moved.shape == (180, 180)
    assert coco_mask.toBbox(first["segmentation"]).tolist() == [40, 66, 108, 56]
    assert second["segmentation"] == [[40, 66, 148, 66, 148, 122, 40, 122]]
    assert json.loads((tmp_path / "out" / "test.json").read_text()) == after


def test_without_resize_labels_are_untouched(tmp_path: Path):
    source = dataset(tmp_path / "in")
    prepare(source, tmp_path / "out", PrepareOptions(steps=("denoise", "sharpen")))
    before, after = (json.loads((d / "annotations.json").read_text()) for d in (source, tmp_path / "out"))
    assert after["annotations"] == before["annotations"]


def test_grabcut_takes_the_background_and_keeps_the_vehicle():
    done = prepare_image(photo(), np.array([BOX], float), PrepareOptions(steps=("background",), fill="white"), 3)
    assert done.background == "removed"
    vehicle = np.zeros((HEIGHT, WIDTH), bool)
    vehicle[18:46, 20:74] = True
    kept = done.image.min(axis=2) < 150  # at least half of the red is there
    assert (kept & vehicle).sum() / (kept | vehicle).sum() > 0.9
    np.testing.assert_array_equal(done.image[24:40, 26:68], photo()[24:40, 26:68])


def test_without_labels_the_vehicle_is_looked_for_in_the_middle():
    np.testing.assert_allclose(middle_box(100, 50), [[12, 6, 76, 38]])
    done = prepare_image(photo(), None, PrepareOptions(steps=("background",)), 3)
    assert done.background == "removed"
    assert (done.image[:4] == 118).all()


def test_where_grabcut_tells_nothing_apart_the_box_stays_whole():
    grey = np.full((HEIGHT, WIDTH, 3), 90, np.uint8)
    cutout = cut_out(grey, [BOX], 0)
    assert cutout is not None
    assert cutout.whole_boxes == 1
    assert (cutout.alpha[20:44, 22:72] > 0.9).all()
    assert (cutout.alpha[:10] == 0).all()


def test_a_box_that_fills_the_photo_leaves_it_as_it_is():
    assert cut_out(photo(), [[0, 0, WIDTH, HEIGHT]], 0) is None
    done = prepare_image(photo(), np.array([[0.0, 0, WIDTH, HEIGHT]]), PrepareOptions(steps=("background",)), 0)
    assert done.background.startswith("left")
    np.testing.assert_array_equal(done.image, photo())


def test_filters_do_what_their_names_say():
    def after(step: Any, **strength: float) -> np.ndarray:
        return prepare_image(photo(), None, PrepareOptions(steps=(step,), **strength), 0).image

    ground = np.s_[:15]
    assert after("denoise", denoise=20)[ground].std(axis=(0, 1)).max() < 0.5 * photo()[ground].std(axis=(0, 1)).min()
    edges = [cv2.Laplacian(image, cv2.CV_64F).std() for image in (photo(), after("sharpen"))]
    assert edges[1] > 1.2 * edges[0]
    lightness = [cv2.cvtColor(i, cv2.COLOR_RGB2LAB)[ground][..., 0].std() for i in (photo(), after("contrast"))]
    assert lightness[1] > 1.2 * lightness[0]


def test_same_seed_same_files_whatever_the_workers(tmp_path: Path):
    (tmp_path / "in").mkdir()
    for number in range(9):
        write_image(tmp_path / "in" / f"{number}.jpg", photo(number))
    options = PrepareOptions(size=64, seed=5)
    for name, workers in (("a", 1), ("b", 2)):
        done = prepare(tmp_path / "in", tmp_path / name, options, workers=workers)
        assert (done.photos, done.objects) == (9, 0)
    names = sorted(p.name for p in (tmp_path / "a").glob("*.jpg"))
    assert len(names) == 9
    for name in names:
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()
    assert read_image(tmp_path / "a" / "report" / "before_after.png").shape[2] == 3
    told = json.loads((tmp_path / "a" / "report" / "prepared.json").read_text())
    assert told["options"]["seed"] == 5
    assert len(told["images"]) == 9


def test_a_detectors_boxes_come_before_the_labels(tmp_path: Path):
    asked: list[Path] = []

    def find(paths: Any) -> Any:
        for path in paths:
            asked.append(path)
            yield np.array([[0.0, 0, WIDTH, HEIGHT]])

    done = prepare(dataset(tmp_path / "in"), tmp_path / "out", PrepareOptions(), find_boxes=find)
    assert [p.name for p in asked] == ["one.png"]
    assert done.backgrounds == {"left: the box fills the photo": 1}


def test_a_tiny_detector_through_the_command_line(tiny_weights: Path, tmp_path: Path, capsys: Any):
    source = dataset(tmp_path / "in")
    command = ["prepare", source, "-o", tmp_path / "out", "--steps", "background,sharpen", "--weights", tiny_weights]
    assert main([str(a) for a in command]) == 0
    out = capsys.readouterr().out
    assert "1 photos with 1 labelled vehicles" in out
    assert "background: 1 " in out
    assert main([str(a) for a in command]) == 1
    assert "exists already" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("segmentation", "message"),
    [
        ({"size": [60, 90], "counts": [10, 20]}, "is not of 90x60 pixels"),
        ({"size": [9999, 9999], "counts": [9999 * 9999]}, "is not of 90x60 pixels"),
        ({"size": [60, 90], "counts": "~~~"}, "is not of 90x60 pixels"),
        ({"size": [60, 90]}, "counts"),
        ([["a", "b"]], "could not convert"),
        ([[1, 2, 3]], "reshape"),
    ],
)
def test_masks_that_are_none_are_refused(segmentation: Any, message: str, tmp_path: Path):
    source = dataset(tmp_path / "in", annotation(segmentation=segmentation))
    with pytest.raises(DatasetError, match=rf"annotations\[0\]: .*{message}"):
        prepare(source, tmp_path / "out", RESIZE)
    assert not (tmp_path / "out").exists()


def test_uncompressed_run_lengths_move_too(tmp_path: Path):
    runs = [18 + 60 * 20] + [28, 32] * 53 + [28, 14 + 60 * 16]
    prepare(
        dataset(tmp_path / "in", annotation(segmentation={"size": [60, 90], "counts": runs})), tmp_path / "out", RESIZE
    )
    (row,) = json.loads((tmp_path / "out" / "annotations.json").read_text())["annotations"]
    assert coco_mask.toBbox(row["segmentation"]).tolist() == [40, 66, 108, 56]


def test_what_is_wrong_is_said_and_nothing_is_left_behind(tmp_path: Path):
    source = dataset(tmp_path / "in", image=np.zeros((30, 30, 3), np.uint8))
    with pytest.raises(DatasetError, match=r"one\.png: is 30x30, and its labels are for 90x60"):
        prepare(source, tmp_path / "out", RESIZE)
    assert [p.name for p in tmp_path.iterdir()] == ["in"]
    with pytest.raises(SpecError, match="'blur' is no step; allowed: resize, background"):
        PrepareOptions(steps=("blur",))  # type: ignore[arg-type]
    with pytest.raises(SpecError, match="each step once"):
        PrepareOptions(steps=("resize", "resize"))
    with pytest.raises(SpecError, match=r"'denois' has none; .*mean 'denoise'"):
        parse_strengths(["denois=3"])
    with pytest.raises(SpecError, match="must be STEP=NUMBER"):
        parse_strengths(["denoise=much"])
    (tmp_path / "same").mkdir()
    for name in ("a.png", "a"):
        write_image(tmp_path / "same" / f"{name}.png", photo())
    write_image(tmp_path / "same" / "b.jpg", photo())
    (tmp_path / "same" / "a.webp").write_bytes(cv2.imencode(".webp", photo())[1].tobytes())
    write_image(tmp_path / "same" / "a.webp.png", photo())
    with pytest.raises(DatasetError, match=r"two photos would be written as a\.webp\.png"):
        prepare(tmp_path / "same", tmp_path / "out", RESIZE)
