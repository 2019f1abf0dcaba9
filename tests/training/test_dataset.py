import pytest
import torch

from pipeline.coco import load_coco
from pipeline.errors import ImageError
from training.dataset import KeypointData, epoch_batches


def data_of(dataset, schema, config):
    return KeypointData(load_coco(dataset, "train"), schema, config)


def test_an_item_depends_on_seed_epoch_and_index_alone(dataset, schema, tiny):
    data, again = data_of(dataset, schema, tiny), data_of(dataset, schema, tiny)
    again[0], again[4]
    assert torch.equal(data[2][0], again[2][0])
    data.epoch = 1
    assert not torch.equal(data[2][0], again[2][0])
    other = data_of(dataset, schema, tiny.model_copy(update={"seed": 4}))
    assert not torch.equal(other[2][0], again[2][0])


def test_batches_hold_every_image_once_in_an_order_of_the_epoch(dataset, schema, tiny):
    data = data_of(dataset, schema, tiny)
    first, again, second = (list(epoch_batches(data, epoch)) for epoch in (0, 0, 1))
    assert [len(b.images) for b in first] == [4, 2]
    assert torch.equal(first[0].images, again[0].images)
    assert not torch.equal(first[0].images, second[0].images)
    assert first[0].images.shape == (4, 3, 64, 64)
    assert float(first[0].images.max()) <= 1
    assert first[0].targets[0].keypoints.shape == (1, 20, 3)


def test_loader_processes_give_the_same_batches_and_the_same_errors(dataset, schema, tiny, tmp_path):
    alone = data_of(dataset, schema, tiny)
    shared = data_of(dataset, schema, tiny.model_copy(update={"workers": 1}))
    for ours, theirs in zip(epoch_batches(alone, 1), epoch_batches(shared, 1), strict=True):
        assert torch.equal(ours.images, theirs.images)
        assert torch.equal(ours.targets[0].keypoints, theirs.targets[0].keypoints)
    broken = tmp_path / "broken.png"
    broken.write_bytes(b"not an image")
    object.__setattr__(shared.images[0], "path", broken)
    with pytest.raises(ImageError, match=r"broken\.png: is not an image that can be decoded") as caught:
        list(epoch_batches(shared, 0))
    assert "\n" not in str(caught.value)


def test_without_a_cache_items_are_the_same(dataset, schema, tiny):
    cached, bare = data_of(dataset, schema, tiny), data_of(dataset, schema, tiny.model_copy(update={"cache_mb": 0}))
    assert torch.equal(cached[1][0], bare[1][0])
    assert not bare._cache


def test_a_broken_image_is_named(dataset, schema, tiny, tmp_path):
    data = data_of(dataset, schema, tiny)
    broken = tmp_path / "broken.png"
    broken.write_bytes(b"not an image")
    object.__setattr__(data.images[0], "path", broken)
    with pytest.raises(ImageError, match=r"broken\.png"):
        list(epoch_batches(data, 0))
