"""What is looked at again is the same object, enlarged and mirrored, and its points come back to where they are."""

from types import SimpleNamespace

import numpy as np
import pytest
import torch

from pipeline.errors import SpecError
from training import affine
from training import boxes as box
from training.checkpoint import LoadedModel, load_model
from training.config import load_model_config
from training.nano import GROWTH, Look
from training.nano_keypoints import CELLS, Regions, gaussian, peak_of
from training.predict import predict_arrays
from training.second_look import MOST, SURE, Source, look_again

SIZE = 96
FLIP = np.array([1, 0])


class Eye:
    """Sees two bright spots exactly: keypoint 0 is the one further left, 1 the one further right."""

    size = SIZE

    def __init__(self):
        self.pictures = []

    def parameters(self):
        return iter([torch.zeros(1)])

    def look_at(self, pictures, extents):
        self.pictures += list(pictures)
        return together(regions(self.shares(*one)) for one in zip(pictures, extents, strict=True))

    def shares(self, picture, extent):
        low, high = box.grow(extent[None], GROWTH)[0].split(2)
        spots = []
        for channel in (0, 1):  # one is red, one is green
            weights = (picture[channel] - picture[2]).clamp(min=0) ** 2
            along = torch.arange(SIZE) + 0.5
            total = weights.sum()
            spots.append(torch.stack([(weights.sum(0) * along).sum(), (weights.sum(1) * along).sum()]) / total)
        return torch.stack(sorted((((spot - low) / (high - low)) for spot in spots), key=lambda spot: spot[0]))


def regions(shares, flags=0.0):
    """Of one region whose keypoints are surely there; None is anywhere."""
    if shares is None:
        heat = torch.full((1, 2, CELLS * CELLS), -np.log(CELLS * CELLS))
    else:
        heat = (gaussian(shares) + 1e-12).log()[None]
    return Regions(heat, torch.zeros(1, 2, 2), torch.full((1, 2), flags), torch.full((1, 2), flags))


def together(said):
    return Regions(*(torch.cat(part) for part in zip(*(vars(one).values() for one in said), strict=True)))


def photo(spots=((150.5, 90.5), (180.5, 110.5)), width=400, height=300):
    image = np.zeros((height, width, 3), np.uint8)
    for channel, (x, y) in enumerate(spots):
        image[int(y) - 2 : int(y) + 3, int(x) - 2 : int(x) + 3, channel] = 255
    return image


def first_look(boxes, scores=None, said=None, extents=None):
    boxes = torch.tensor(boxes, dtype=torch.float32)
    scores = torch.ones(len(boxes)) if scores is None else torch.tensor(scores)
    return Look(boxes, scores, boxes if extents is None else extents, together([said or regions(None)] * len(boxes)))


def in_input(boxes, width=400, height=300):
    corners = np.array(boxes, dtype=np.float64).reshape(-1, 2, 2)
    return affine.apply(affine.letterbox(width, height, SIZE), corners).reshape(-1, 4).tolist()


@pytest.mark.parametrize("growth", [1.15, 1.4, 3])
def test_points_are_found_where_they_are_to_half_a_pixel_of_the_photo(growth):
    boxes, image, eye = in_input([[140, 80, 200, 120]]), photo(), Eye()
    source = Source(image, affine.letterbox(400, 300, SIZE))
    [look] = look_again(eye, [first_look(boxes)], [source], growth, FLIP)
    shares, _ = peak_of(look.said.heat)
    low, high = box.grow(torch.tensor(boxes), GROWTH)[0].split(2)
    found = affine.apply(affine.invert(source.to_input), (low + shares[0] * (high - low)).numpy())
    np.testing.assert_allclose(found, [[150.5, 90.5], [180.5, 110.5]], atol=0.5)


def test_what_goes_on_behind_something_is_in_the_picture():
    boxes, extents = in_input([[140, 80, 160, 120]]), in_input([[140, 80, 200, 120]])
    eye, source = Eye(), Source(photo(), affine.letterbox(400, 300, SIZE))
    look_again(eye, [first_look(boxes, extents=torch.tensor(extents, dtype=torch.float32))], [source], 1.2, FLIP)
    assert [bool((eye.pictures[0][channel] > 0.5).any()) for channel in (0, 1)] == [True, True]
    look_again(eye, [first_look(boxes)], [source], 1.2, FLIP)
    assert [bool((eye.pictures[1][channel] > 0.5).any()) for channel in (0, 1)] == [True, False]


def test_the_picture_is_enlarged_about_the_box_and_mirrored():
    eye = Eye()
    look_again(
        eye,
        [first_look(in_input([[140, 80, 200, 120]]))],
        [Source(photo(), affine.letterbox(400, 300, SIZE))],
        1.6,
        FLIP,
    )
    red, green = (int((eye.pictures[0][channel] > 0.5).sum()) for channel in (0, 1))
    assert red == pytest.approx(25, rel=0.3), (
        "96 pixels show 96 of the photo: as large as there, not as in the first look"
    )
    columns = [int(eye.pictures[0][channel].sum(0).argmax()) for channel in (0, 1)]
    assert columns[0] > SIZE / 2 > columns[1]
    assert green == pytest.approx(red, rel=0.3)


def test_both_looks_count_alike():
    there = torch.tensor([[0.2, 0.3], [0.8, 0.7]])
    first = first_look(in_input([[140, 80, 200, 120]]), said=regions(there, flags=4.0))
    mirrored = torch.tensor([[0.4, 0.3], [0.6, 0.5]])  # of keypoints 0 and 1 in the mirror: 1 and 0, at 0.6 and 0.4
    again = regions(mirrored, flags=-2.0)
    eye = SimpleNamespace(size=SIZE, parameters=Eye().parameters, look_at=lambda pictures, extents: again)
    [look] = look_again(eye, [first], [Source(photo(), affine.letterbox(400, 300, SIZE))], 1.4, FLIP)
    wanted = (gaussian(there) + gaussian(torch.tensor([[0.4, 0.5], [0.6, 0.3]]))) / 2
    torch.testing.assert_close(look.said.heat.exp()[0], wanted, atol=1e-4, rtol=0)
    assert look.said.inside.tolist() == look.said.seen.tolist() == [[1.0, 1.0]]
    torch.testing.assert_close(look.said.heat.exp().sum(2), torch.ones(1, 2))


def test_what_is_unsure_or_one_of_many_is_looked_at_once():
    boxes, eye = in_input([[140, 80, 200, 120]] * (MOST + 2)), Eye()
    source = Source(photo(), affine.letterbox(400, 300, SIZE))
    few = first_look(boxes[:3], [0.9, SURE, SURE - 0.01])
    nothing = Look(torch.zeros(0, 4), torch.zeros(0), torch.zeros(0, 4), None)
    looks = look_again(eye, [few, nothing, first_look(boxes)], [source] * 3, 1.4, FLIP)
    assert len(eye.pictures) == 2 + MOST
    certain = [look.said.heat.amax(dim=(1, 2)) > -4 for look in looks if look.said is not None]
    assert certain[0].tolist() == [True, True, False]
    assert certain[1].tolist() == [True] * MOST + [False] * 2
    assert looks[1] is nothing


def twice(loaded):
    return LoadedModel(loaded.model, loaded.config.model_copy(update={"second_look": 1.4}), loaded.schema)


def test_only_keypoints_change(nano_weights):
    loaded = load_model(nano_weights, "cpu")
    image = np.random.default_rng(0).integers(0, 255, (80, 120, 3), dtype=np.uint8)
    once, again = (
        predict_arrays(one, [image], [np.array([[20.0, 10, 60, 50]])])[0][0] for one in (loaded, twice(loaded))
    )
    assert not np.allclose(once.keypoint_scores, again.keypoint_scores)
    assert (once.bbox == again.bbox).all()


def test_it_does_not_depend_on_what_else_is_in_the_batch(nano_weights):
    loaded = twice(load_model(nano_weights, "cpu"))
    images = [np.random.default_rng(seed).integers(0, 255, (80, 120, 3), dtype=np.uint8) for seed in range(3)]
    boxes = [np.array([[20.0, 10, 60, 50]]), np.zeros((0, 4)), np.array([[0.0, 0, 50, 50], [30.0, 30, 90, 50]])]
    together = predict_arrays(loaded, images, boxes)
    for image, given, found in zip(images, boxes, together, strict=True):
        [alone] = predict_arrays(loaded, [image], [given])
        assert len(alone) == len(found) == len(given)
        for one, other in zip(alone, found, strict=True):
            np.testing.assert_allclose(one.keypoints, other.keypoints, atol=1e-2)


@pytest.mark.parametrize(("text", "message"), [("second_look: 1", "second_look"), ("second_look: 9", "second_look")])
def test_how_far_it_may_be_enlarged(tmp_path, text, message):
    path = tmp_path / "m.yaml"
    path.write_text(f"name: m\narchitecture: nano\n{text}\n")
    with pytest.raises(SpecError, match=message):
        load_model_config(path)


def test_only_nano_has_it(tmp_path):
    path = tmp_path / "m.yaml"
    path.write_text("name: m\narchitecture: keypoint_rcnn\nsecond_look: 1.4\n")
    with pytest.raises(SpecError, match="second_look is of architecture nano"):
        load_model_config(path)
