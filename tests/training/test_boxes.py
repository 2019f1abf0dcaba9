import pytest
import torch

from training import boxes as box

A = torch.tensor([[10.0, 20, 30, 50], [0.0, 0, 8, 4]])


def test_iou_and_giou_of_known_pairs():
    half = torch.tensor([[10.0, 20, 20, 50]])
    assert box.iou(A, half).flatten().tolist() == pytest.approx([0.5, 0])
    assert box.paired_giou(A, A).tolist() == pytest.approx([1, 1])
    apart = torch.tensor([[16.0, 0, 24, 4]])
    assert float(box.paired_giou(A[1:], apart)[0]) == pytest.approx(-1 / 3)


def test_coding_round_trip_and_growth():
    references = torch.tensor([[12.0, 18, 33, 47], [1.0, 1, 9, 9]])
    assert torch.allclose(box.decode(box.encode(A, references), references), A)
    assert box.grow(A, 0.1)[0].tolist() == pytest.approx([9, 18.5, 31, 51.5])


def test_noise_is_of_the_generator_alone_and_in_shares_of_the_box():
    first, again = (box.noise(500, 0.05, torch.Generator().manual_seed(4)) for _ in range(2))
    assert torch.equal(first, again)
    assert float(first.abs().max()) == pytest.approx(0.15)
    assert float(first.std()) == pytest.approx(0.05, rel=0.1)
    moved = box.decode(first[:2], A) - A
    torch.testing.assert_close(moved, first[:2] * torch.tensor([[20.0, 30, 20, 30], [8.0, 4, 8, 4]]))


def test_a_hull_is_around_both():
    assert box.hull(A, torch.tensor([[12.0, 10, 40, 40], [2.0, 1, 3, 2]])).tolist() == [[10, 10, 40, 50], [0, 0, 8, 4]]


def test_suppression_keeps_the_best_of_each_heap():
    boxes = torch.tensor([[0.0, 0, 10, 10], [1.0, 0, 11, 10], [50.0, 0, 60, 10]])
    assert box.suppress(boxes, torch.tensor([0.5, 0.9, 0.7]), 0.5).tolist() == [1, 2]
    assert box.suppress(boxes[:0], torch.zeros(0), 0.5).tolist() == []
