"""One lit pixel goes through each transform with its coordinates; sizes are not square, so mixed-up axes show."""

import numpy as np
import pytest

from training import affine


def lit(width, height, x, y, radius=0):
    image = np.zeros((height, width, 3), dtype=np.uint8)
    image[y - radius : y + radius + 1, x - radius : x + radius + 1] = 255
    return image


def centroid(image):
    """Mean of what is lighter than the fill, in COCO pixels."""
    weight = image[:, :, 0].astype(float)
    rows, columns = np.indices(weight.shape) + 0.5
    return np.array([(columns * weight).sum(), (rows * weight).sum()]) / weight.sum()


def warp_dark(image, matrix, width, height):
    """Without the grey fill, so that only the lit pixel weighs."""
    whole = affine.warp(image, matrix, width, height).astype(int)
    ground = affine.warp(np.zeros_like(image), matrix, width, height).astype(int)
    return (whole - ground).clip(0)


def test_identity_leaves_every_pixel():
    image = np.random.default_rng(0).integers(0, 255, (7, 11, 3), dtype=np.uint8)
    assert (affine.warp(image, affine.identity(), 11, 7) == image).all()


@pytest.mark.parametrize(("width", "height"), [(60, 34), (34, 60), (48, 48), (300, 170), (700, 410)])
@pytest.mark.parametrize("at", [(0.2, 0.3), (0.7, 0.8)])
def test_letterbox_moves_a_pixel_to_where_it_says(width, height, at):
    matrix = affine.letterbox(width, height, 96)
    x, y = int(width * at[0]), int(height * at[1])
    radius = max(1, width // 60)
    moved = centroid(warp_dark(lit(width, height, x, y, radius), matrix, 96, 96))
    assert moved == pytest.approx(affine.apply(matrix, (x + 0.5, y + 0.5)), abs=0.1)


@pytest.mark.parametrize("flip", [False, True])
@pytest.mark.parametrize(
    ("zoom", "turn", "shift"), [(1, 0, (0, 0)), (1.3, 0, (5, -3)), (0.8, 20, (-4, 6)), (1, 90, (0, 0))]
)
def test_movement_about_the_centre(flip, zoom, turn, shift):
    matrix = affine.compose(affine.about_centre(64, zoom, turn, shift, flip=flip), affine.letterbox(50, 40, 64))
    moved = centroid(warp_dark(lit(50, 40, 31, 13, 1), matrix, 64, 64))
    assert moved == pytest.approx(affine.apply(matrix, (31.5, 13.5)), abs=0.1)


def test_a_flip_mirrors_exactly():
    image = np.random.default_rng(0).integers(0, 255, (64, 64, 3), dtype=np.uint8)
    matrix = affine.about_centre(64, 1, 0, (0, 0), flip=True)
    assert (affine.warp(image, matrix, 64, 64) == image[:, ::-1]).all()
    assert affine.apply(matrix, (0, 10)) == pytest.approx([64, 10])


def test_a_turn_is_clockwise_as_seen():
    matrix = affine.about_centre(64, 1, 90, (0, 0), flip=False)
    assert affine.apply(matrix, (64, 32)) == pytest.approx([32, 64])


def test_inverse_and_composition():
    first = affine.letterbox(50, 40, 64)
    second = affine.about_centre(64, 1.3, 12, (3, -8), flip=True)
    both = affine.compose(second, first)
    points = np.array([[0.0, 0.0], [12.5, 30.0], [50.0, 40.0]])
    assert affine.apply(both, points) == pytest.approx(affine.apply(second, affine.apply(first, points)))
    assert affine.apply(affine.invert(both), affine.apply(both, points)) == pytest.approx(points)
