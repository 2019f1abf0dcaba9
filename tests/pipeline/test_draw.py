"""What is drawn is where it should be, in colours that everybody can tell apart, with text that can be read."""

import cv2
import numpy as np
import pytest

from pipeline.draw import MIN_SIDE, DrawnInstance, contact_sheet, draw_instance, draw_instances, fit, side_by_side
from pipeline.draw_colors import BOX, INK, LEFT, MIDDLE, RIGHT, keypoint_colors
from pipeline.draw_labels import place_labels
from pipeline.keypoints import Keypoint, KeypointSchema

GREY = 90
SCHEMA = KeypointSchema(
    name="cart",
    keypoints=tuple(
        Keypoint(name=name, sigma=0.05, kind="surface", tolerance_m=0.01, definition="")
        for name in ("hub_LEFT", "hub_RIGHT", "top", "bar_LEFT", "bar_RIGHT")
    ),
    flip=(("hub_LEFT", "hub_RIGHT"), ("bar_LEFT", "bar_RIGHT")),
    skeleton=(("hub_LEFT", "top"), ("hub_LEFT", "hub_RIGHT")),
)

# Machado, Oliveira and Fernandes 2009, "A physiologically-based model for simulation of color vision deficiency",
# severity 1.0, on linear RGB.
VISION = {
    "normal": np.eye(3),
    "protan": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deutan": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
    "tritan": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]],
}


def grey(width=1000, height=800):
    return np.full((height, width, 3), GREY, np.uint8)


def keypoints(**places):
    """(K, 3) with the named ones at (x, y, v)."""
    values = np.zeros((len(SCHEMA), 3))
    for name, place in places.items():
        values[SCHEMA.index(name)] = place
    return values


def as_lab(rgb, vision):
    linear = np.array(VISION[vision]) @ (np.array(rgb, float) / 255) ** 2.2
    seen = (linear.clip(0, 1) ** (1 / 2.2)).astype(np.float32)
    return cv2.cvtColor(seen[None, None], cv2.COLOR_RGB2LAB)[0, 0]


@pytest.mark.parametrize("vision", VISION)
def test_left_right_and_middle_are_told_apart_by_everybody(vision):
    """At least 20 apart in CIELAB, where about 2.3 is a just noticeable difference."""
    for one, other in ((LEFT, RIGHT), (LEFT, MIDDLE), (RIGHT, MIDDLE)):
        distances = [np.linalg.norm(as_lab(a, vision) - as_lab(b, vision)) for a in one for b in other]
        assert min(distances) > 20, (vision, one, other)


def test_colours_follow_the_side_in_the_schema(schema):
    colors = dict(zip(schema.names, keypoint_colors(schema), strict=True))
    assert {colors["wheel_FL"], colors["mirror_LEFT"]} == {LEFT[0], LEFT[-1]}
    assert {colors["wheel_FR"], colors["mirror_RIGHT"]} == {RIGHT[0], RIGHT[-1]}
    assert colors["roof"] == MIDDLE[-1]


def test_a_seen_keypoint_is_filled_at_its_place_and_a_hidden_one_is_hollow():
    drawn = draw_instance(
        grey(), keypoints(hub_LEFT=(200.5, 300.5, 2), bar_RIGHT=(600.5, 500.5, 1)), SCHEMA, labels=False
    )
    assert tuple(drawn[300, 200]) == LEFT[0]
    assert tuple(drawn[500, 600]) != RIGHT[-1]
    ring = drawn[480:521, 580:621].reshape(-1, 3)
    assert (ring == RIGHT[-1]).all(axis=1).sum() > 20


def test_the_disc_is_centred_where_the_keypoint_is():
    """COCO's (0, 0) is the outer corner of the first pixel: the blob's centroid, in the same frame, is the keypoint."""
    drawn = draw_instance(grey(), keypoints(hub_LEFT=(312.75, 401.25, 2)), SCHEMA, labels=False).astype(float)
    weight = np.abs(drawn - GREY).sum(axis=2)
    rows, columns = np.mgrid[:800, :1000] + 0.5
    centroid = (weight * columns).sum() / weight.sum(), (weight * rows).sum() / weight.sum()
    assert centroid == pytest.approx((312.75, 401.25), abs=0.12)


def test_a_small_image_is_enlarged_with_its_keypoints():
    drawn = draw_instance(grey(200, 160), keypoints(hub_LEFT=(50, 40, 2)), SCHEMA, labels=False)
    assert drawn.shape == (round(160 * MIN_SIDE / 200), MIN_SIDE, 3)
    scale = MIN_SIDE / 200
    assert tuple(drawn[round(40 * scale), round(50 * scale)]) == LEFT[0]


def test_absent_and_impossible_keypoints_leave_no_trace():
    nowhere = keypoints(hub_LEFT=(100, 100, 0), hub_RIGHT=(np.nan, 5, 2), top=(1e12, -1e12, 2), bar_LEFT=(np.inf, 0, 1))
    assert (draw_instance(grey(), nowhere, SCHEMA) == GREY).all()


def test_bones_join_keypoints_that_are_there():
    both = keypoints(hub_LEFT=(200, 400, 2), top=(600, 400, 2))
    drawn = draw_instance(grey(), both, SCHEMA, labels=False)
    assert tuple(drawn[400, 400]) == LEFT[0]
    one = draw_instance(grey(), keypoints(hub_LEFT=(200, 400, 2)), SCHEMA, labels=False)
    assert (one[400, 400] == GREY).all()


def test_the_box_is_on_the_pixels_edges_and_its_tag_is_above_it():
    plain = draw_instance(grey(), keypoints(), SCHEMA, bbox=(100, 200, 300, 250))
    assert tuple(plain[300, 100]) == BOX
    assert (plain[300, 300] == GREY).all()
    tagged = draw_instance(grey(), keypoints(), SCHEMA, bbox=(100, 200, 300, 250), score=0.5)
    changed = np.argwhere((tagged != plain).any(axis=2))
    assert changed[:, 0].min() > 150
    assert changed[:, 0].max() <= 201
    at_top = draw_instance(grey(), keypoints(), SCHEMA, bbox=(100, 0, 300, 250), score=0.5)
    assert (at_top[:40] != draw_instance(grey(), keypoints(), SCHEMA, bbox=(100, 0, 300, 250))[:40]).any()


def test_names_are_written_and_scores_beside_them():
    place = keypoints(hub_LEFT=(500, 400, 2))
    bare = draw_instance(grey(), place, SCHEMA, labels=False)
    named = draw_instance(grey(), place, SCHEMA)
    scored = draw_instance(grey(), place, SCHEMA, keypoint_scores=np.full(5, 0.87))
    columns = [np.flatnonzero((image != bare).any(axis=(0, 2))) for image in (named, scored)]
    assert 40 < len(columns[0]) < len(columns[1])


def test_the_image_given_is_left_as_it_was():
    image = grey()
    draw_instance(image, keypoints(hub_LEFT=(500, 400, 2)), SCHEMA, bbox=(1, 1, 900, 700), score=1.0)
    assert (image == GREY).all()


def test_several_instances_are_drawn():
    drawn = draw_instances(
        grey(),
        [DrawnInstance(keypoints(hub_LEFT=(200.5, 300.5, 2))), DrawnInstance(keypoints(hub_RIGHT=(700.5, 300.5, 2)))],
        SCHEMA,
        labels=False,
    )
    assert tuple(drawn[300, 200]) == LEFT[0]
    assert tuple(drawn[300, 700]) == RIGHT[0]


def test_the_same_twice_is_the_same():
    place = keypoints(hub_LEFT=(500, 400, 2), top=(510, 390, 1), bar_RIGHT=(505, 380, 2))
    assert (draw_instance(grey(), place, SCHEMA) == draw_instance(grey(), place, SCHEMA)).all()


def test_twenty_labels_overlap_neither_each_other_nor_the_border():
    rng = np.random.default_rng(0)
    anchors = rng.uniform([150, 150], [620, 450], (20, 2))
    sizes = np.column_stack([rng.uniform(60, 130, 20), np.full(20, 20.0)])
    boxes = place_labels(anchors, sizes, (768, 600), 9.0, np.zeros((0, 4)))
    np.testing.assert_allclose(boxes[:, 2:] - boxes[:, :2], sizes)
    assert (boxes[:, :2] >= 0).all()
    assert (boxes[:, 2:] <= [768, 600]).all()
    low = np.maximum(boxes[:, None, :2], boxes[None, :, :2])
    shared = (np.minimum(boxes[:, None, 2:], boxes[None, :, 2:]) - low).clip(0).prod(axis=2)
    np.fill_diagonal(shared, 0)
    assert shared.sum() == 0


def test_labels_stay_in_a_picture_that_is_too_small_for_them():
    anchors = np.random.default_rng(3).uniform(0, 110, (12, 2))
    boxes = place_labels(anchors, np.full((12, 2), [90, 20.0]), (120, 110), 9.0, np.array([]))
    assert (boxes[:, :2] >= 0).all()
    assert (boxes[:, 2:] <= [120, 110]).all()


def test_labels_of_points_in_a_corner_stay_in_the_picture():
    boxes = place_labels(
        np.array([[0.0, 0.0], [767.0, 599.0]]), np.full((2, 2), [100, 20.0]), (768, 600), 9.0, np.array([])
    )
    assert (boxes[:, :2] >= 0).all()
    assert (boxes[:, 2:] <= [768, 600]).all()


@pytest.mark.parametrize(
    ("image", "points", "message"),
    [
        (np.zeros((5, 5), np.uint8), keypoints(), r"image must be RGB uint8 \(H, W, 3\); got uint8 \(5, 5\)"),
        (np.zeros((5, 5, 3)), keypoints(), "got float64"),
        (np.zeros((0, 5, 3), np.uint8), keypoints(), r"got uint8 \(0, 5, 3\)"),
        (grey(), np.zeros((4, 3)), r"keypoints must have shape \(5, 3\); got \(4, 3\)"),
    ],
)
def test_what_cannot_be_drawn_is_named(image, points, message):
    with pytest.raises(ValueError, match=message):
        draw_instance(image, points, SCHEMA)


def test_scores_of_another_length_are_named():
    with pytest.raises(ValueError, match=r"keypoint_scores must have shape \(5,\); got \(2,\)"):
        draw_instance(grey(), keypoints(), SCHEMA, keypoint_scores=[1, 2])


def test_a_contact_sheet_has_each_image_in_its_cell():
    images = [np.full((50, 100, 3), shade, np.uint8) for shade in (10, 60, 110, 160, 210)]
    sheet = contact_sheet(images, 2, cell=(200, 100))
    assert sheet.shape == (3 * 108 + 8, 2 * 208 + 8, 3)
    for number, shade in enumerate((10, 60, 110, 160, 210)):
        row, column = divmod(number, 2)
        assert (sheet[8 + 108 * row + 50, 8 + 208 * column + 100] == shade).all()


def test_captions_are_under_their_images_and_fit():
    images = [np.full((50, 50, 3), 200, np.uint8)] * 2
    bare = contact_sheet(images, 2, ["", ""], (200, 100))
    sheet = contact_sheet(
        images, 2, ["short", "a caption so long that it cannot fit under its image at all, really"], (200, 100)
    )
    changed = np.argwhere((sheet != bare).any(axis=2))
    assert changed[:, 0].min() > 108
    for column in (0, 1):
        inside = (changed[:, 1] >= 8 + 208 * column) & (changed[:, 1] < 208 + 208 * column)
        assert inside.any()
    assert not ((changed[:, 1] >= 208) & (changed[:, 1] < 216)).any(), "nothing runs over into the gap"
    assert (bare[8 + 100 + 3, 20] == INK).all()


def test_fitting_keeps_proportions_and_fills_the_cell():
    fitted = fit(np.zeros((10, 40, 3), np.uint8), (200, 100))
    assert fitted.shape == (100, 200, 3)
    black = np.argwhere((fitted == 0).all(axis=2))
    assert np.ptp(black, axis=0).tolist() == [49, 199]


def test_side_by_side_is_one_row_of_one_height():
    row = side_by_side([np.zeros((50, 100, 3), np.uint8), np.zeros((300, 200, 3), np.uint8)], height=120)
    assert row.shape == (120 + 16, 2 * 248 + 8, 3)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (([], 2), "needs an image and a column; got 0 images"),
        (([grey()], 0), "got 1 images, 0 columns"),
        (([grey()], 1, ["a", "b"]), "2 captions for 1 images"),
    ],
)
def test_a_sheet_that_cannot_be_made_is_named(arguments, message):
    with pytest.raises(ValueError, match=message):
        contact_sheet(*arguments)


def test_the_size_of_picture_and_text_can_be_chosen():
    place = keypoints(hub_LEFT=(500.0, 400.0, 2))
    small = draw_instance(grey(), place, SCHEMA, labels=False)
    half = draw_instances(grey(), [DrawnInstance(place)], SCHEMA, labels=False, side=500, text_px=14)
    assert half.shape == (400, 500, 3)
    assert tuple(half[200, 250]) == LEFT[0]
    sizes = [(image == LEFT[0]).all(axis=2).sum() for image in (small, half)]
    assert sizes[0] > 1.3 * sizes[1], "a marker goes with the text, not with the picture"
