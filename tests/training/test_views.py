from pathlib import Path

import numpy as np
import pytest

from pipeline.coco import _instance, load_coco
from tests.training.score_cases import dataset, instance
from training.views import AZIMUTH, OWN_FIELD, sector, view_of


@pytest.mark.parametrize(
    ("azimuth", "name"),
    [(0, "F"), (22.4, "F"), (22.6, "FL"), (45, "FL"), (90, "L"), (135, "BL"), (180, "B"), (225, "BR"), (270, "R"),
     (315, "FR"), (337.4, "FR"), (337.6, "F"), (-45, "FR"), (359.9, "F"), (450, "L")],
)  # fmt: skip
def test_sectors_lie_round_their_middles(azimuth, name):
    assert sector(azimuth) == name


def test_the_images_own_view_comes_first_then_the_pose_then_the_records_azimuth():
    coco = dataset(
        [instance(1, azimuth_deg=90.0)],
        [instance(2, azimuth_deg=90.0)],
        [instance(3)],
        [instance(4), instance(4, x=200)],
        [instance(5)],
        extra=[{"view": "BL"}, {"azimuth_deg": 0}, {"azimuth_deg": 180.0}, {"azimuth_deg": 180.0}, {"view": 3}],
    )
    views = [view_of(image, image.instances[0]) for image in coco.images]
    assert views == [("BL", OWN_FIELD), ("L", AZIMUTH), ("B", AZIMUTH), None, None]


def pose(azimuth_deg, distance=6.0, height=1.5):
    """camera_from_vehicle of a camera that looks at the vehicle's origin, by hand: x right, y down, z forward."""
    a = np.radians(azimuth_deg)
    camera = np.array([distance * np.cos(a), distance * np.sin(a), height])
    forward = -camera / np.linalg.norm(camera)
    right = np.cross(forward, [0, 0, 1])
    right /= np.linalg.norm(right)
    rotation = np.stack([right, np.cross(forward, right), forward])
    return {"rotation": rotation.tolist(), "translation_m": (-rotation @ camera).tolist()}


@pytest.mark.parametrize("azimuth", [0, 37, 143, 250, 359])
def test_a_pose_tells_where_the_camera_stands(azimuth):
    annotation = {"id": 1, "image_id": 1, "bbox": [0, 0, 2, 2], "keypoints": [1, 1, 2]}
    assert _instance({**annotation, "pose": pose(azimuth)}, 1, "here").azimuth_deg == pytest.approx(azimuth)
    for other in ({}, None, [1, 2], {"rotation": [1, 0, 0, 0], "translation_m": [0, 0, 1]}):
        assert _instance({**annotation, "pose": other}, 1, "here").azimuth_deg is None


def test_real_photos_say_their_view(shared_data: Path):
    coco = load_coco(shared_data / "real_photos")
    assert {view_of(image, image.instances[0])[1] for image in coco.images} == {OWN_FIELD}
