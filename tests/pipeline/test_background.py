"""Backgrounds put behind rendered vehicles: clean edges, shadows kept, and draws that leave everything else alone."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

from pipeline.background import PLAIN, Window, backdrop, coverage, put_behind, window_of
from pipeline.background_spec import BackgroundDraw, BackgroundSpec
from pipeline.camera import Camera, intrinsics_from_lens, look_at
from pipeline.errors import SpecError
from pipeline.images import write_image
from pipeline.plan import FLOOR, Shot, plan_dataset
from pipeline.spec import DatasetSpec, load_spec
from tests.conftest import box

WIDTH, HEIGHT = 90, 60
CAMERA = Camera(WIDTH, HEIGHT, intrinsics_from_lens(WIDTH, HEIGHT, 35), look_at((9, 4, 2.5), (0, 0, 0.7), 0.1))
BOX = box((-2.0, -0.9, 0.0), (2.0, 0.9, 1.4))
DEPTH = np.full((HEIGHT, WIDTH), 9.0, np.float32)


def draw(kind: str, picture: Path | None = None, seed: int = 1) -> BackgroundDraw:
    return BackgroundDraw(kind=kind, picture=str(picture) if picture else None, seed=seed)


def rendered(floor: int = 140) -> np.ndarray:
    """A red box on a grey floor, its edges mixed as a renderer mixes them."""
    share = coverage(CAMERA, [BOX])[..., None]
    return np.round(share * [200, 20, 20] + (1 - share) * floor).astype(np.uint8)


def test_coverage_is_the_area_that_is_filled():
    cover = coverage(CAMERA, [BOX])
    corners, _ = CAMERA.project(BOX[0])
    hull = corners[[*_hull(corners)]]
    x, y = hull[:, 0], hull[:, 1]
    area = 0.5 * abs(np.dot(x, np.roll(y, -1)) - np.dot(y, np.roll(x, -1)))
    assert cover.sum() == pytest.approx(area, rel=0.005)
    assert ((cover > 0) & (cover < 1)).any()


def _hull(points: np.ndarray) -> np.ndarray:
    from scipy.spatial import ConvexHull

    return np.asarray(ConvexHull(points).vertices)


def test_no_floor_shines_through_at_the_edges():
    made = put_behind(rendered(), coverage(CAMERA, [BOX]), draw("white"), DEPTH).astype(int)
    cover = coverage(CAMERA, [BOX])
    np.testing.assert_array_equal(made[cover == 0], 255)
    np.testing.assert_allclose(made[cover == 1], [[200, 20, 20]] * int((cover == 1).sum()), atol=1)
    edge = made[(cover > 0) & (cover < 1)]
    assert (edge[:, 1] == edge[:, 2]).all(), "only red and white are mixed"
    assert (edge[:, 0] >= 199).all(), "darker than both: the floor's grey"


def test_shadows_stay_on_a_plate_and_go_on_a_picture(tmp_path: Path):
    write_image(tmp_path / "a.png", np.full((200, 300, 3), 200, np.uint8))
    image = rendered()
    cover = coverage(CAMERA, [BOX])
    image[50:58, 5:30] = 60
    assert not cover[50:58, 5:30].any()
    plate = put_behind(image, cover, draw("plate", tmp_path / "a.png"), DEPTH)
    picture = put_behind(image, cover, draw("picture", tmp_path / "a.png"))
    assert plate[54, 15].max() < 110
    assert plate[5, 5].min() >= 198
    np.testing.assert_array_equal(picture[cover == 0], 200)


def test_the_window_holds_all_that_is_cut_out_and_stays_in_the_frame():
    cover = coverage(CAMERA, [BOX])
    seen = window_of(cover)
    assert seen is not None
    rows, columns = np.nonzero(cover)
    assert (seen.left, seen.right) == (columns.min() - 8, columns.max() + 9)
    assert (seen.top, seen.bottom) == (max(0, rows.min() - 8), min(HEIGHT, rows.max() + 9))
    inside = np.zeros(cover.shape, bool)
    inside[3, 88] = True
    assert window_of(inside.astype(np.float32)) == Window(80, 0, WIDTH, 12)
    assert window_of(np.zeros((4, 4), np.float32)) is None


def test_crops_are_of_the_picture_upright_and_the_same_again(tmp_path: Path):
    rows, columns = np.mgrid[:240, :320]
    write_image(tmp_path / "a.png", np.stack([columns % 256, rows, rows * 0], axis=-1).astype(np.uint8))
    crops = [backdrop(draw("picture", tmp_path / "a.png", seed), HEIGHT, WIDTH) for seed in range(8)]
    assert all(crop.shape == (HEIGHT, WIDTH, 3) for crop in crops)
    assert all((np.diff(crop[:, 0, 1].astype(int)) >= 0).all() for crop in crops), "never upside down"
    assert len({crop.tobytes() for crop in crops}) == 8
    np.testing.assert_array_equal(crops[3], backdrop(draw("picture", tmp_path / "a.png", 3), HEIGHT, WIDTH))
    assert backdrop(draw("grey"), 2, 2).tolist() == [[[PLAIN["grey"]] * 3] * 2] * 2


def spec_with(background: dict[str, Any]) -> DatasetSpec:
    spec = load_spec("street").model_copy(update={"images": 20})
    return spec.model_copy(update={"background": BackgroundSpec.model_validate(background)})


def test_a_background_takes_the_place_of_ground_surroundings_and_weather_and_of_nothing_else(tmp_path: Path):
    for name in ("b.png", "a.jpg"):
        write_image(tmp_path / name, np.zeros((8, 8, 3), np.uint8))
    scene = plan_dataset(spec_with({}))
    plates = plan_dataset(spec_with({"kind": "plate", "folder": tmp_path}))
    assert {Path(shot.background.picture or "").name for shot in plates if shot.background} == {"a.jpg", "b.png"}
    for before, after in zip(scene, plates, strict=True):
        assert before.background is None
        assert after.weather is None
        assert after.surroundings.place == "none"
        assert after.ground == FLOOR
        assert after.camera == before.camera
        assert after.sensor == before.sensor
    assert [Shot.model_validate(shot.model_dump(mode="json")) for shot in plates] == plates
    assert all("background" not in shot.model_dump(mode="json") for shot in scene)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"kind": "gray"}, r"background\.kind: 'gray' is not known; allowed: .*grey"),
        ({"kind": "plate"}, r"background: folder must be one with pictures where the kind can be 'plate'"),
        ({"kind": "plate", "folder": "nowhere"}, r"background\.folder: .*nowhere: no such folder"),
        ({"kind": "plate", "folder": "."}, r"background\.folder: .*holds no image"),
    ],
)
def test_wrong_backgrounds_are_told(tmp_path: Path, given: dict[str, Any], message: str):
    content = {"name": "a", "images": 1, "vehicles": {"sources": [{"parametric": "suv"}]}, "background": given}
    path = tmp_path / "a.yaml"
    path.write_text(yaml.safe_dump(content))
    with pytest.raises(SpecError, match=message):
        load_spec(str(path))
