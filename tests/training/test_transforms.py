import numpy as np
import pytest
from pycocotools import mask as coco_mask

from pipeline.coco import Instance
from pipeline.seeds import stream_rng
from training import photometric
from training.config import Augmentation
from training.labelled import Labelled
from training.masks import Region, outline_of
from training.sources import Sources
from training.transforms import augmented, to_input

STILL = Augmentation(flip=0, scale=(1, 1), rotate_deg=0, translate=0, color=0, grey=0, degrade=0, cutout=0)
MOVING = STILL.model_copy(update={"flip": 0.5, "scale": (0.7, 1.4), "rotate_deg": 25.0, "translate": 0.15})
FLIP = np.array([1, 0, 2])


def spots(points, width=90, height=60):
    """An image with a red, a green and a blue square, each at its keypoint, on black, and the box around them."""
    image = np.zeros((height, width, 3), dtype=np.uint8)
    keypoints = np.zeros((1, 3, 3))
    for k, (x, y) in enumerate(points):
        image[y - 1 : y + 2, x - 1 : x + 2, k] = 255
        keypoints[0, k] = x + 0.5, y + 0.5, 2
    corners = np.array([[5.0, 5.0], [85.0, 5.0], [85.0, 55.0], [5.0, 55.0]])
    return Labelled(image, (Region(corners),), keypoints)


def sources(seed):
    return Sources(lambda name: stream_rng(seed, 0, name))


@pytest.mark.parametrize("seed", range(12))
def test_each_spot_moves_with_its_keypoint_and_flips_swap_names(seed):
    labelled = spots([(20, 15), (70, 18), (45, 40)])
    flipped = Augmentation.model_validate(MOVING.model_dump() | {"flip": 1.0}) if seed % 2 else MOVING
    order = FLIP if seed % 2 else np.arange(3)
    sample = augmented(labelled, 128, flipped, order, sources(seed))
    for k in range(3):
        x, y, v = sample.keypoints[0, k]
        if v == 0 or not (4 < x < 124 and 4 < y < 124):
            continue
        color = order[k]
        others = sample.image[:, :, [c for c in range(3) if c != color]].max(axis=2).astype(float)
        strength = (sample.image[:, :, color] - others).clip(0)
        rows, columns = np.indices(strength.shape) + 0.5
        found = np.array([(columns * strength).sum(), (rows * strength).sum()]) / strength.sum()
        assert found == pytest.approx([x, y], abs=0.2)


def test_letterbox_keeps_labels_and_fills_with_grey():
    sample = to_input(spots([(20, 15), (70, 18), (45, 40)]), 180)
    assert sample.boxes[0] == pytest.approx([10, 40, 170, 140])
    assert sample.keypoints[0, 0] == pytest.approx([41, 61, 2])
    assert (sample.image[:29] == 127).all()


def test_what_leaves_the_frame_is_not_labelled():
    zoomed = STILL.model_copy(update={"scale": (1.6, 1.6)})
    sample = augmented(spots([(4, 30), (70, 30), (45, 30)]), 90, zoomed, FLIP, sources(0))
    assert sample.keypoints[0, 0].tolist() == [0, 0, 0]
    assert sample.keypoints[0, 1, 2] == 2
    assert sample.boxes[0] == pytest.approx([0, 5, 90, 85])


def test_a_hidden_keypoint_stays_hidden_and_an_absent_one_absent():
    labelled = spots([(20, 15), (70, 18), (45, 40)])
    labelled.keypoints[0, 0, 2] = 1
    labelled.keypoints[0, 1] = 0
    sample = to_input(labelled, 90)
    assert sample.keypoints[0, :, 2].tolist() == [1, 0, 2]
    assert sample.keypoints[0, 1].tolist() == [0, 0, 0]


def test_an_object_that_leaves_is_dropped():
    labelled = spots([(20, 15), (70, 18), (45, 40)])
    regions = Region(labelled.outlines[0] + [1000, 0]), labelled.objects[0]
    gone = Labelled(labelled.image, regions, np.repeat(labelled.keypoints, 2, 0))
    assert to_input(gone, 90).boxes.shape == (1, 4)


def instance(segmentation):
    return Instance(1, 1, np.array([10.0, 20, 30, 10]), np.zeros((3, 3)), 200, segmentation=segmentation)


def test_the_outline_is_the_masks_hull_to_the_pixel():
    mask = np.zeros((60, 90), dtype=np.uint8, order="F")
    mask[20:30, 10:40] = 1
    rle = coco_mask.encode(mask)
    for segmentation in (
        rle,
        {"size": [60, 90], "counts": rle["counts"].decode()},
        [[10, 20, 40, 20, 40, 30, 10, 30]],
        None,
    ):
        outline = outline_of(instance(segmentation), 90, 60)
        assert outline.min(axis=0).tolist() == [10, 20]
        assert outline.max(axis=0).tolist() == [40, 30]


@pytest.mark.parametrize("segmentation", [{"size": [5, 5], "counts": "04"}, [], [[1, 2]], "x"])
def test_a_segmentation_of_no_use_gives_the_box(segmentation):
    assert outline_of(instance(segmentation), 90, 60).tolist() == [[10, 20], [40, 20], [40, 30], [10, 30]]


def test_the_same_generator_gives_the_same_sample_and_another_does_not():
    labelled, how = spots([(20, 15), (70, 18), (45, 40)]), Augmentation(degrade=1, cutout=1, grey=0.5)
    first, again, other = (augmented(labelled, 64, how, FLIP, sources(s)) for s in (1, 1, 2))
    assert (first.image == again.image).all()
    assert (first.keypoints == again.keypoints).all()
    assert (first.image != other.image).any()


def test_photometric_changes_leave_shape_type_and_the_given_image():
    image = np.random.default_rng(0).integers(0, 255, (40, 60, 3), dtype=np.uint8)
    before, how = image.copy(), Augmentation(color=1, grey=1, degrade=1, cutout=1)
    for seed in range(8):
        for change in (photometric.change_colors, photometric.degrade, photometric.cut_out):
            changed = change(image, how, np.random.default_rng(seed))
            assert changed.shape == image.shape
            assert changed.dtype == np.uint8
    assert (image == before).all()


def test_no_strength_changes_nothing():
    labelled = spots([(20, 15), (70, 18), (45, 40)])
    sample = augmented(labelled, 90, STILL, FLIP, sources(0))
    assert (sample.image[15:75] == labelled.image).all()
    assert sample.keypoints[0, 0, :2] == pytest.approx(labelled.keypoints[0, 0, :2] + [0, 15])
