import math

import pytest
import torch

from training import boxes as box
from training.config import load_model_config
from training.model import Target, Whole, count_parameters
from training.nano import GROWTH, Look, NanoDetector
from training.nano_centre import MIN_OTHER_SCORE, STRIDE, _heat_targets, centre_losses, decode_centres, likelihood
from training.nano_keypoints import CELLS, WINDOW, Regions, extents_of, gaussian, keypoint_losses, mean_of, peak_of


@pytest.fixture(scope="module")
def model(tiny):
    torch.manual_seed(0)
    return NanoDetector(tiny, 20)


def target(count=1, size=64):
    generator = torch.Generator().manual_seed(count)
    boxes = torch.tensor([[6.0, 10, 50, 40], [30.0, 30, 60, 60]])[:count]
    keypoints = torch.rand(count, 20, 3, generator=generator) * size
    keypoints[:, :, 2] = torch.randint(0, 3, (count, 20), generator=generator).float()
    return Target(boxes, keypoints)


def test_it_is_small():
    assert count_parameters(NanoDetector(load_model_config("akd-nano"), 20).parameters()) < 10e6


def test_every_loss_is_finite_and_every_parameter_learns(model):
    model.train()
    losses = model.losses(torch.rand(2, 3, 64, 64), [target(2), target(0)], torch.Generator().manual_seed(0))
    assert {"centre", "box", "refine", "extent", "heat", "distance", "coarse", "inside", "seen"} == set(losses)
    total = sum(losses.values())
    assert torch.isfinite(total)
    total.backward()
    assert [name for name, p in model.named_parameters() if p.grad is None] == []


def test_a_batch_without_objects_still_teaches_the_heatmap(model):
    losses = model.losses(torch.rand(1, 3, 64, 64), [target(0)], torch.Generator())
    assert losses["centre"].item() > 0
    sum(losses.values()).backward()


def test_the_same_generator_gives_the_same_losses(model):
    model.eval()
    images = torch.rand(1, 3, 64, 64)
    first, again, other = (
        model.losses(images, [target()], torch.Generator().manual_seed(seed))["heat"].item() for seed in (1, 1, 2)
    )
    assert first == again != other


def test_given_boxes_come_back_with_keypoints_inside_their_regions(model):
    model.eval()
    boxes = [torch.tensor([[6.0, 10, 50, 40], [0.0, 0, 20, 10]]), torch.zeros(0, 4)]
    images = torch.rand(2, 3, 64, 64)
    with torch.inference_mode():
        found, nothing = model.detect_in(images, boxes)
        extents = model.look_in(images, boxes)[0].extents
    assert torch.equal(found.boxes, boxes[0])
    assert nothing.keypoints.shape == (0, 20, 3)
    low, high = box.grow(extents, GROWTH)[:, None].split(2, dim=2)
    assert ((found.keypoints[:, :, :2] >= low) & (found.keypoints[:, :, :2] <= high)).all()
    assert ((found.keypoint_scores >= 0) & (found.keypoint_scores <= 1)).all()
    assert ((found.scores > 0) & (found.scores <= 1)).all()
    assert set(found.keypoints[:, :, 2].unique().tolist()) <= {0, 1, 2}


def test_an_extent_is_the_box_and_all_keypoints_in_the_frame():
    boxes = torch.tensor([[20.0, 20, 40, 30], [0.0, 0, 10, 10]])
    keypoints = torch.tensor([[[50.0, 25, 1], [30, 18, 2], [99, 99, 0]], [[0.0, 0, 0]] * 3])
    assert extents_of(boxes, keypoints).tolist() == [[20, 18, 50, 30], [0, 0, 10, 10]]


def test_points_far_behind_what_hides_them_are_learnt(tiny):
    """A stripe a quarter as wide as the object is all that is seen of it: its far end is outside its region."""
    torch.manual_seed(0)
    model = NanoDetector(tiny, 2).eval()  # norms stay as they are: there is one image
    image = torch.full((1, 3, 64, 64), 0.4)
    image[:, 0, 24:40, 8:20] = 1.0
    truth = Target(torch.tensor([[8.0, 24, 20, 40]]), torch.tensor([[[10.0, 30, 2], [54.0, 34, 1]]]))
    optimizer, generator = torch.optim.AdamW(model.parameters(), 1e-3), torch.Generator().manual_seed(0)
    for _ in range(80):
        optimizer.zero_grad()
        sum(model.losses(image, [truth], generator).values()).backward()
        optimizer.step()
    with torch.inference_mode():
        (look,), (found,), (given,) = model.look(image), model.detect(image), model.detect_in(image, [truth.boxes])
    assert look.boxes[0, 2] < 30 < 40 < look.extents[0, 2]
    for one in (found, given):
        assert one.keypoints[0, :, 2].tolist() == [2, 1]
        assert one.keypoints[0, 0, 0] < 20
        assert one.keypoints[0, 1, 0] > 40


def test_weights_of_before_there_were_extents_look_in_the_boxes(model, tiny):
    old = {name: value for name, value in model.state_dict().items() if "extent" not in name}
    again = NanoDetector(tiny, 20)
    again.load_state_dict(old)
    again.eval()
    with torch.inference_mode():
        (look,) = again.look(torch.rand(1, 3, 64, 64))
    assert torch.equal(look.boxes, look.extents)


@pytest.mark.parametrize("point", [(0.3, 0.8), (0.52, 0.11)])
def test_a_gaussian_is_read_back_where_it_was_put(point):
    heat = gaussian(torch.tensor([point])).clamp(min=1e-12).log()
    assert mean_of(heat)[0].tolist() == pytest.approx(point, abs=0.002)
    xy, certainty = peak_of(heat[None])
    assert xy[0, 0].tolist() == pytest.approx(point, abs=0.005)
    assert float(certainty) > 0.9


def test_two_peaks_give_the_higher_one_and_little_certainty():
    both = 0.55 * gaussian(torch.tensor([[0.2, 0.5]])) + 0.45 * gaussian(torch.tensor([[0.8, 0.5]]))
    xy, certainty = peak_of(both.clamp(min=1e-12).log()[None])
    assert xy[0, 0].tolist() == pytest.approx([0.2, 0.5], abs=0.01)
    assert float(certainty) == pytest.approx(0.55, abs=0.03)


def said_nothing(count):
    heat = torch.zeros(1, count, CELLS * CELLS, requires_grad=True)
    flags = torch.zeros(1, count)
    return Regions(heat, torch.zeros(1, count, 2), flags, flags)


def test_hidden_keypoints_teach_coordinates_and_absent_ones_do_not():
    said = said_nothing(4)
    wanted = torch.tensor([[[0.3, 0.4], [0.6, 0.2], [0.5, 0.5], [1.2, 0.5]]])
    losses = keypoint_losses(said, wanted, torch.tensor([[2.0, 1, 0, 2]]))
    (losses["heat"] + losses["distance"]).backward()
    taught = (said.heat.grad.abs().sum(dim=2) > 0)[0].tolist()
    assert taught == [True, True, False, False]


def test_an_object_that_nobody_labelled_does_not_teach_that_its_points_are_absent():
    wanted, v = torch.rand(2, 3, 2), torch.tensor([[2.0, 0, 1], [0.0, 0, 0]])
    logits = torch.zeros(2, 3, requires_grad=True)
    said = Regions(torch.zeros(2, 3, CELLS * CELLS), torch.zeros(2, 3, 2), logits, torch.zeros(2, 3))
    keypoint_losses(said, wanted, v)["inside"].backward()
    assert logits.grad[0].sign().tolist() == [-1, 1, -1]
    assert logits.grad[1].tolist() == [0, 0, 0]


def test_no_labelled_keypoint_at_all_is_no_nan():
    losses = keypoint_losses(said_nothing(3), torch.zeros(1, 3, 2), torch.zeros(1, 3))
    assert all(torch.isfinite(value) for value in losses.values())


def perfect_centres(boxes, size=128):
    cells = size // STRIDE
    logits, sides = torch.full((1, 1, cells, cells), -9.0), torch.ones(1, 4, cells, cells)
    for one in boxes:
        middle = (one[:2] + one[2:]) / 2
        column, row = (int(c) // STRIDE for c in middle)
        x, y = (column + 0.5) * STRIDE, (row + 0.5) * STRIDE
        logits[0, 0, row, column] = 9.0
        sides[0, :, row, column] = torch.tensor([x - one[0], y - one[1], one[2] - x, one[3] - y])
    return logits, sides


def test_centres_decode_to_the_boxes_they_were_made_from():
    boxes = torch.tensor([[10.0, 20, 62, 50], [70.0, 66, 120, 128]])
    found, scores = decode_centres(perfect_centres(boxes), 128)[0]
    assert sorted(found.tolist()) == sorted(boxes.tolist())
    assert (scores > 0.99).all()


def test_of_doubtful_peaks_only_the_best_is_told():
    """Empty ground scores 0.03 to 0.05 everywhere: it must not fill an index with cars that are not there."""
    boxes = torch.tensor([[10.0, 20, 62, 50], [70.0, 66, 120, 128], [4.0, 70, 60, 120]])
    logits, sides = perfect_centres(boxes)
    peaks = logits > 0
    for doubtful, sure, count in ((0.04, 0.05, 1), (0.04, 0.9, 1), (1.1 * MIN_OTHER_SCORE, 0.9, 3)):
        logits[peaks] = torch.logit(torch.tensor([doubtful, sure, doubtful]))
        found, scores = decode_centres((logits, sides), 128)[0]
        assert len(found) == count
        assert scores[0].item() == pytest.approx(sure, abs=1e-4)


@pytest.mark.parametrize("truth", [0.05, 0.3, 0.5, 0.9])
def test_the_likelihood_is_what_the_focal_loss_was_told(truth):
    """The height that the loss is least at, of a cell that holds an object so often, gives that share."""
    heights = torch.linspace(0.001, 0.999, 9999, dtype=torch.float64)
    loss = -truth * (1 - heights) ** 2 * heights.log() - (1 - truth) * heights**2 * (1 - heights).log()
    assert float(likelihood(heights[loss.argmin()])) == pytest.approx(truth, abs=2e-3)
    assert likelihood(torch.tensor([0.0, 1.0])).tolist() == pytest.approx([0, 1], abs=1e-5)


def test_two_peaks_whose_boxes_agree_once_refined_are_one_object(tiny, monkeypatch):
    torch.manual_seed(0)
    model = NanoDetector(tiny, 20).eval()
    torch.nn.init.zeros_(model.points.box.weight)
    boxes = torch.tensor([[6.0, 10, 50, 40], [8.0, 11, 51, 42], [30.0, 44, 60, 63]])
    monkeypatch.setattr("training.nano.decode_centres", lambda *_: [(boxes, torch.tensor([0.9, 0.8, 0.7]))])
    with torch.inference_mode():
        (found,) = model.detect(torch.rand(1, 3, 64, 64))
    assert sorted(found.boxes[:, 1].round().tolist()) == [10, 44]
    assert found.keypoints.shape == (2, 20, 3)


def test_a_score_says_that_there_is_something_and_that_its_points_are_where_they_are_said(model):
    boxes, inside = torch.tensor([[6.0, 10, 50, 40]] * 3), torch.full((3, 20), -30.0)
    inside[:, :2] = 30.0
    heat = torch.full((3, 20, CELLS * CELLS), -math.log(CELLS * CELLS))
    heat[1] = (gaussian(torch.full((20, 2), 0.5)) + 1e-12).log()
    heat[2, 0] = heat[1, 0]
    said = Regions(heat, torch.zeros(3, 20, 2), inside, inside)
    found = model.read(Look(boxes, torch.tensor([0.9, 1, 1]), boxes, said))
    flat = WINDOW**2 / CELLS**2
    wanted = [float(likelihood(torch.tensor(0.9))) * flat, 1.0, (1 + flat) / 2]
    assert found.scores.tolist() == pytest.approx(wanted, abs=0.01), "absent points count for nothing"
    assert found.best_first().scores.tolist() == found.scores[[1, 2, 0]].tolist()


def test_in_half_precision_the_losses_are_finite_and_about_the_same(model):
    """As on a GPU, where the forward pass runs in bfloat16."""
    model.eval()
    images, truth = torch.rand(2, 3, 64, 64), [target(2), target(0)]
    whole = model.losses(images, truth, torch.Generator().manual_seed(0))
    with torch.autocast("cpu", torch.bfloat16):
        half = model.losses(images, truth, torch.Generator().manual_seed(0))
    for name, value in whole.items():
        assert half[name].item() == pytest.approx(value.item(), rel=0.1, abs=0.02), name


def test_centre_losses_prefer_the_truth():
    one = Target(torch.tensor([[10.0, 20, 62, 50]]), torch.zeros(1, 20, 3))
    good = centre_losses(perfect_centres(one.boxes), Whole([one]))
    bad = centre_losses(perfect_centres(one.boxes + 30), Whole([one]))
    assert good["centre"].item() < 0.01 < 1 < bad["centre"].item()


def test_what_an_extent_adds_does_not_move_the_box(model):
    model.eval()
    _, extents = model.points.boxes(torch.randn(3, 96, 16, 16))
    model.zero_grad()
    extents.sum().backward()
    assert model.points.box.weight.grad is None or not model.points.box.weight.grad.any()
    assert model.points.extent.weight.grad.any()


def test_a_cell_belongs_to_the_object_whose_centre_is_nearest_in_sizes():
    first, second = Target(torch.tensor([[0.0, 0, 96, 96], [96, 96, 128, 128]]), torch.zeros(2, 20, 3)), target(0)
    heat, owner = _heat_targets([first, second, first], 8, 8, torch.device("cpu"))
    assert heat[0, 3, 3] == heat[0, 7, 7] == 1
    assert owner[0, 3, 3] == owner[0, 4, 4] == 0
    assert owner[0, 7, 7] == 1
    assert owner[2, 7, 7] == 3, "boxes are counted through the batch"
    assert (heat[1] == 0).all()
    assert (owner[1] == -1).all()
    again = Target(first.boxes[[0, 0]], first.keypoints)
    assert _heat_targets([again], 8, 8, torch.device("cpu"))[1].max() == 0, "of two alike the first has the cells"


def test_settled_it_finds_the_same_and_holds_no_more(tiny):
    torch.manual_seed(1)
    model = NanoDetector(tiny, 20).eval().requires_grad_(False)
    image, names = torch.rand(1, 3, 64, 64), set(model.state_dict())
    before = model.detect(image)[0]
    model.settle()
    assert torch.equal(model.detect(image)[0].keypoints, before.keypoints)
    assert set(model.state_dict()) == names
    model.backbone._conv_stem.weight.zero_()
    assert torch.equal(model.detect(image)[0].keypoints, before.keypoints), "what was settled is what is used"
