"""Shards, mirror images, filters, several vehicles and COCO's own OKS."""

import numpy as np
import pytest

from pipeline.errors import IndexFileError
from pipeline.keypoints import KeypointSchema
from pipeline.oks import oks
from retrieval.change import append_content, remove_entries
from retrieval.find import find
from retrieval.index import build_index_from_labels
from retrieval.mirror import mirrored
from retrieval.nearest import top_entries
from retrieval.oks_search import top_by_oks
from retrieval.options import Options
from retrieval.predictions import queries_of
from retrieval.result import Query
from retrieval.search import query_descriptor, retrieve
from retrieval.sigmas import with_sigmas
from retrieval.store import load_index
from retrieval.write import write_index
from tests.retrieval.instances import SCHEMA, content_of, random_instances

STYLES = ("suv", "van", "coupe")


@pytest.fixture(scope="module")
def indexes(tmp_path_factory):
    """An index of 90 instances, of which some are equal, and the same as three shards, one of them of two segments."""
    folder = tmp_path_factory.mktemp("find")
    keypoints, boxes = random_instances(np.random.default_rng(3), 90)
    keypoints[[20, 50, 80]], boxes[[20, 50, 80]] = keypoints[2], boxes[2]

    def content(start, stop):
        said = lambda i: {"style": STYLES[(start + i) % 3], "split": "train" if start + i < 45 else "val"}  # noqa: E731
        return content_of(keypoints[start:stop], boxes[start:stop], said)

    write_index(content(0, 90), folder / "whole")
    for name, start, stop in (("a", 0, 30), ("b", 30, 40), ("c", 60, 90)):
        write_index(content(start, stop), folder / name)
    append_content(folder / "b", content(40, 60))
    return load_index(folder / "whole"), [load_index(folder / name) for name in "abc"]


def queries_from(index, numbers, seed=0):
    rng = np.random.default_rng(seed)
    points = [index.keypoints[n] + rng.normal(0, 4, (len(SCHEMA), 3)) * [1, 1, 0] for n in numbers]
    return [
        Query(p, index.boxes[n], 0.9, rng.uniform(0.2, 1, len(SCHEMA))) for p, n in zip(points, numbers, strict=True)
    ]


def numbers(matches, starts=None):
    """(entry of the whole, score) of matches, with the starts of each shard where there are some."""
    return [(m.entry + (starts[m.index.name] if starts else 0), m.score, m.mirrored) for m in matches]


@pytest.mark.parametrize("similarity", ["box-oks", "coco-oks", "pixel-oks"])
@pytest.mark.parametrize("mirror", [False, True])
def test_shards_give_what_one_index_gives(indexes, similarity, mirror):
    whole, shards = indexes
    queries = queries_from(whole, [2, 7, 41, 80])
    options = Options(k=25, similarity=similarity, mirrored=mirror)
    starts = {"a": 0, "b": 30, "c": 60}
    ours = find(shards, queries, options)
    assert [numbers(m, starts) for m in ours] == [numbers(m) for m in find([whole], queries, options)]
    assert [m.rank for m in ours[0]] == list(range(1, 26))
    assert len({(m.index, m.entry) for m in ours[0]}) == 25


def test_a_mirror_image_is_found_when_it_is_asked_for_and_says_so(indexes):
    whole, _ = indexes
    query = Query(whole.keypoints[11], whole.boxes[11])
    turned = mirrored(query, SCHEMA)
    assert find([whole], [turned], Options(k=1))[0][0].score < 0.5
    (match,) = find([whole], [turned], Options(k=1, mirrored=True))[0]
    assert (match.entry, match.mirrored) == (11, True)
    assert match.score == pytest.approx(1, abs=1e-6)
    assert sum(match.contributions.values()) == pytest.approx(match.score, abs=1e-6)
    np.testing.assert_allclose(mirrored(turned, SCHEMA).keypoints, query.keypoints, atol=1e-9)
    left, right = SCHEMA.flip[0]
    assert turned.keypoints[SCHEMA.index(left), 2] == query.keypoints[SCHEMA.index(right), 2]


def test_only_images_that_say_so_are_found(indexes):
    whole, shards = indexes
    query = queries_from(whole, [5])
    everything = find([whole], query, Options(k=90))[0]
    for where, wanted in (
        ({"style": ("suv",)}, lambda m: m.extra["style"] == "suv"),
        (
            {"style": ("suv", "van"), "split": ("val",)},
            lambda m: m.extra["style"] != "coupe" and m.extra["split"] == "val",
        ),
    ):
        chosen = [m.entry for m in everything if wanted(m)]
        assert [m.entry for m in find([whole], query, Options(k=90, where=where))[0]] == chosen
        assert len(find(shards, query, Options(k=90, where=where))[0]) == len(chosen)
    with pytest.raises(IndexFileError, match="no image has style 'tank'; there are: coupe, suv, van"):
        find(shards, query, Options(where={"style": ("tank",)}))


def test_shards_whose_scores_mean_something_else_are_refused(indexes, tmp_path):
    whole, _ = indexes
    wider = tuple(keypoint.model_copy(update={"sigma": 0.08}) for keypoint in SCHEMA.keypoints)
    other = KeypointSchema(name="other", keypoints=wider)
    content = content_of(*random_instances(np.random.default_rng(0), 3))
    content.schema = with_sigmas(SCHEMA, other)
    write_index(content, tmp_path / "sigmas")
    with pytest.raises(IndexFileError, match=r"sigmas: has other sigmas than .*whole; their scores cannot be merged"):
        find([whole, load_index(tmp_path / "sigmas")], [], Options())
    content = content_of(*random_instances(np.random.default_rng(0), 3))
    content.hidden_weight = 1.0
    write_index(content, tmp_path / "hidden")
    with pytest.raises(IndexFileError, match=r"has hidden_weight 1\.0, .*whole 0\.5; their scores"):
        find([whole, load_index(tmp_path / "hidden")], [], Options())


def test_pixel_oks_is_coco_s(indexes):
    whole, _ = indexes
    query = queries_from(whole, [20])[0]
    query = Query(query.keypoints, query.bbox)
    area = float(query.bbox[2] * query.bbox[3])
    theirs = whole.keypoints.astype(np.float64)
    far = np.where(theirs[:, :, 2:] > 0, theirs, 1e9)
    wanted = oks(query.keypoints[None], [area], query.bbox[None], far, SCHEMA.sigmas)[:, 0]
    found = top_by_oks(whole, query, 90, "pixel-oks")
    np.testing.assert_allclose(found.scores, wanted[found.entries], atol=1e-9)
    told_apart = int((wanted > 1e-9).sum())
    assert told_apart > 20
    assert found.entries[:told_apart].tolist() == sorted(range(90), key=lambda i: (-wanted[i], i))[:told_apart]
    np.testing.assert_allclose(found.terms.sum(axis=1), found.scores, atol=1e-9)


def test_coco_oks_is_that_in_the_box_and_asymmetric(indexes):
    """What the entry has besides costs nothing: of a query with three keypoints its superset is a perfect match."""
    whole, _ = indexes
    few = np.array(whole.keypoints[33], dtype=np.float64)
    seen = np.flatnonzero(few[:, 2] > 0)[:3]
    few[np.setdiff1d(np.arange(len(SCHEMA)), seen), 2] = 0
    query = Query(few * [3, 3, 1] + [700, -90, 0], whole.boxes[33] * 3 + [700, -90, 0, 0])
    found = top_by_oks(whole, query, 3, "coco-oks")
    assert found.entries[0] == 33
    assert found.scores[0] == pytest.approx(1, abs=1e-6)
    assert top_entries(whole, query_descriptor(whole, query), 90).scores.max() < 0.9
    np.testing.assert_allclose(found.terms.sum(axis=1), found.scores, atol=1e-9)


def test_removed_entries_are_not_found_by_any_similarity(tmp_path):
    keypoints, boxes = random_instances(np.random.default_rng(3), 12)
    write_index(content_of(keypoints, boxes), tmp_path / "index")
    remove_entries(tmp_path / "index", np.array([4]))
    index = load_index(tmp_path / "index")
    for similarity in ("box-oks", "coco-oks", "pixel-oks"):
        (found,) = find([index], [Query(keypoints[4], boxes[4])], Options(k=12, similarity=similarity))
        assert sorted(m.entry for m in found) == [0, 1, 2, 3, 5, 6, 7, 8, 9, 10, 11]


def test_every_vehicle_of_a_photo_is_searched_for(make_dataset, tmp_path, stand_in_model):
    dataset = make_dataset()
    build_index_from_labels(dataset, tmp_path / "index")
    index = load_index(tmp_path / "index")
    (tmp_path / "w.pt").write_bytes(b"weights")
    photo = dataset / "images" / "000000.png"
    stand_in_model[photo.name] = [
        {"bbox": index.boxes[n], "score": score, "keypoints": index.keypoints[n], "keypoint_scores": None}
        for n, score in ((1, 0.4), (2, 0.9), (5, 0.6))
    ]
    ask = lambda options: retrieve(tmp_path / "index", [photo], tmp_path / "w.pt", options=options)  # noqa: E731
    found = ask(Options(k=2, min_score=0.5))
    assert [(one.number, one.of, one.matches[0].entry) for one in found] == [(1, 2, 2), (2, 2, 5)]
    assert found[1].name == "000000.png, vehicle 2 of 2"
    assert [one.matches[0].entry for one in ask(Options(k=2))] == [2]
    assert ask(Options(min_score=0.95))[0].note == "nothing was detected"
    assert queries_of([], 0.1) == []


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"k": 0}, "k must be at least 1; got 0"),
        ({"recall": 0}, "recall must be above 0 and at most 1; got 0"),
        ({"similarity": "oks"}, "similarity must be one of box-oks, coco-oks, pixel-oks; got 'oks'"),
    ],
)
def test_options_that_cannot_be_are_named(wrong, message):
    with pytest.raises(ValueError, match=message):
        Options(**wrong)
