import itertools

import pytest
import torch
import torch.multiprocessing as mp

from pipeline.coco import load_coco
from pipeline.errors import ImageError
from training.batches import Batch, batches
from training.dataset import KeypointData
from training.model import Target
from training.team import Team


def data_of(dataset, schema, config):
    return KeypointData(load_coco(dataset, "train"), schema, config)


def epoch_batches(data, epoch):
    return batches(data, range(epoch, epoch + 1))


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
    on_the_device = first[0].to(torch.device("cpu")).images
    assert torch.equal(on_the_device, first[0].images.float() / 255)
    assert first[0].targets[0].keypoints.shape == (1, 20, 3)


def test_a_batch_gives_back_each_image_its_own_objects():
    def labelled(count):
        return Target(torch.rand(count, 4), torch.rand(count, 20, 3))

    targets = [labelled(count) for count in (2, 0, 1)]
    batch = Batch.of(torch.zeros(3, 3, 8, 8, dtype=torch.uint8), targets).to(torch.device("cpu"))
    assert batch.counts == (2, 0, 1)
    for mine, its in zip(targets, batch.targets, strict=True):
        assert torch.equal(mine.boxes, its.boxes)
        assert torch.equal(mine.keypoints, its.keypoints)
    assert Batch.of(torch.zeros(0, 3, 0, 0), []).targets == []


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


def test_loader_processes_live_through_all_epochs_and_give_what_one_epoch_at_a_time_gives(dataset, schema, tiny):
    data = data_of(dataset, schema, tiny.model_copy(update={"workers": 1}))
    others = set(mp.active_children())
    stream = batches(data, range(1, 3))
    made = [next(stream)]
    (worker,) = set(mp.active_children()) - others
    made += itertools.islice(stream, 2)
    assert set(mp.active_children()) - others == {worker}, "the second epoch is begun by the same process"
    made += stream
    apart = [batch for epoch in (1, 2) for batch in epoch_batches(data_of(dataset, schema, tiny), epoch)]
    assert len(made) == len(apart) == 4
    assert all(torch.equal(ours.images, theirs.images) for ours, theirs in zip(made, apart, strict=True))


def test_shares_of_several_processes_in_order_are_the_batches(dataset, schema, tiny):
    data = data_of(dataset, schema, tiny.model_copy(update={"batch_size": 5}))  # the last batch has one image
    whole = list(epoch_batches(data, 0))
    parts = zip(*(batches(data, range(1), Team(rank, 2).share) for rank in range(2)), strict=True)
    for one, shares in zip(whole, parts, strict=True):
        images = [share.images for share in shares if len(share.images)]
        assert torch.equal(torch.cat(images), one.images)
    assert [len(share.targets) for share in shares] == [0, 1]


def test_without_a_cache_items_are_the_same(dataset, schema, tiny):
    cached, bare = data_of(dataset, schema, tiny), data_of(dataset, schema, tiny.model_copy(update={"cache_mb": 0}))
    assert torch.equal(cached[1][0], bare[1][0])
    assert not bare._cache


EVERY = {"perspective": 0.05, "truncate": 0.5, "background": 1, "copy_paste": 1, "occlude": 1, "fourier": 1}


def with_every(config, **fields):
    how = config.augmentation.model_copy(update=EVERY | fields)
    return config.model_copy(update={"augmentation": how})


def test_items_that_take_from_other_images_depend_on_seed_epoch_and_index_alone(dataset, schema, tiny):
    every = with_every(tiny)
    data, again = data_of(dataset, schema, every), data_of(dataset, schema, every)
    bare = data_of(dataset, schema, every.model_copy(update={"cache_mb": 0}))
    again[5], again[0]
    for item in (again[2], bare[2]):
        assert torch.equal(data[2][0], item[0])
        assert torch.equal(data[2][1].keypoints, item[1].keypoints)
        assert torch.equal(data[2][1].boxes, item[1].boxes)
    assert not torch.equal(data[2][0], data_of(dataset, schema, tiny)[2][0])
    assert sum(len(data[index][1].boxes) for index in range(len(data))) > len(data)


def test_loader_processes_take_from_other_images_too(dataset, schema, tiny):
    every = with_every(tiny, backgrounds=dataset / "images")
    alone = data_of(dataset, schema, every)
    shared = data_of(dataset, schema, every.model_copy(update={"workers": 1}))
    for ours, theirs in zip(epoch_batches(alone, 1), epoch_batches(shared, 1), strict=True):
        assert torch.equal(ours.images, theirs.images)


@pytest.mark.parametrize(("share", "folder"), [("background", "backgrounds"), ("fourier", "styles")])
def test_a_missing_folder_of_pictures_is_named_before_training_and_only_if_it_is_used(
    dataset, schema, tiny, tmp_path, share, folder
):
    missing = tmp_path / "pictures"
    with pytest.raises(ImageError, match=r"pictures: no such file or folder"):
        data_of(dataset, schema, with_every(tiny, **{folder: missing}))
    data_of(dataset, schema, with_every(tiny, **{folder: missing, share: 0}))


def test_one_image_alone_can_be_augmented(dataset, schema, tiny):
    data = data_of(dataset, schema, with_every(tiny))
    data.images = data.images[:1]
    assert data[0][0].shape == (3, 64, 64)


def test_a_broken_image_is_named(dataset, schema, tiny, tmp_path):
    data = data_of(dataset, schema, tiny)
    broken = tmp_path / "broken.png"
    broken.write_bytes(b"not an image")
    object.__setattr__(data.images[0], "path", broken)
    with pytest.raises(ImageError, match=r"broken\.png"):
        list(epoch_batches(data, 0))
