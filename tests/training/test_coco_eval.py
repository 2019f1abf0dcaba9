import contextlib
import io
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.training.score_cases import SCHEMA, dataset, detection, instance, moved, points
from training.coco_eval import average_precision
from training.predict import Detection


def keypoint_ap(coco, found, sigma=0.05):
    return average_precision(coco, found, np.full(5, sigma), "keypoints")


def test_ap_by_hand():
    """Two objects; a false alarm of score 0.8 stands between a right detection (0.9) and another (0.7).

    Recall 0.5 is reached at precision 1, recall 1 at 2/3: 51 of the 101 recalls at 1, 50 at 2/3.
    """
    coco = dataset([instance(1)], [instance(2)])
    found = {1: [detection(score=0.9), detection(moved(80), score=0.8)], 2: [detection(score=0.7)]}
    score, matches = keypoint_ap(coco, found)
    assert score.ap == pytest.approx((51 + 50 * 2 / 3) / 101)
    assert score.ar == 1
    assert matches.average_precision() == pytest.approx(score)


@pytest.mark.parametrize("sigma", [0.05, 0.025])
def test_oks_falls_with_sigma_as_its_formula_says(sigma):
    """All five points 5 px off: exp(-25 / (2 * 3000 * (2 sigma)^2)) is 0.659 at 0.05, 0.189 at 0.025."""
    oks = np.exp(-25 / (2 * 3000 * (2 * sigma) ** 2))
    score, _ = keypoint_ap(dataset([instance(1)]), {1: [detection(moved(5))]}, sigma)
    assert score.ap == pytest.approx((np.arange(0.5, 1.0, 0.05) <= oks).mean())
    assert (score.ap > 0) == (sigma == 0.05)


def test_nothing_to_find_is_nan_and_nothing_found_is_zero():
    nothing, matches = keypoint_ap(dataset([], []), {1: [detection()], 2: []})
    assert np.isnan(nothing.ap)
    assert np.isnan(matches.average_precision().ar)
    missed, matches = keypoint_ap(dataset([instance(1)]), {1: []})
    assert missed.ap == missed.ar == matches.average_precision().ap == matches.average_precision().ar == 0


def test_crowds_and_objects_without_labels_are_neither_right_nor_wrong():
    crowd = instance(1, iscrowd=True)
    bare = instance(1, points(v=0), x=200)
    score, matches = keypoint_ap(
        dataset([crowd, bare], [instance(2)]),
        {1: [detection(score=0.99), detection(x=200, score=0.98)], 2: [detection(score=0.5)]},
    )
    assert score.ap == matches.average_precision().ap == pytest.approx(1)
    assert matches.positives.tolist() == [0, 1]


@given(st.integers(0, 2**32 - 1))
def test_weighting_an_image_is_scoring_a_dataset_that_holds_it_so_often(seed):
    """Against pycocotools on the copies; misses, false alarms, crowds, images left out, ties between images."""
    rng = np.random.default_rng(seed)
    objects, found = [], {}
    for number in range(1, 6):
        here = [instance(number, x=150.0 * n, iscrowd=bool(rng.random() < 0.2)) for n in range(rng.integers(0, 3))]
        objects.append(here)
        found[number] = [
            detection(moved(float(rng.integers(0, 12))), x=150.0 * rng.integers(0, 3), score=float(score))
            for score in rng.permutation([0.1, 0.2, 0.3, 0.4, 0.5])[: rng.integers(0, 4)]
        ]
    times = rng.integers(0, 4, size=5)
    copies = [n for n in range(5) for _ in range(times[n])]
    resampled = dataset(*[objects[n] for n in copies])
    resampled = replace(
        resampled,
        images=tuple(
            replace(image, instances=tuple(replace(o, image_id=image.id) for o in image.instances))
            for image in resampled.images
        ),
    )
    expected, _ = keypoint_ap(resampled, {i: found[n + 1] for i, n in enumerate(copies, start=1)})
    point, matches = keypoint_ap(dataset(*objects), found)
    np.testing.assert_allclose(as_array(matches.average_precision()), as_array(point), atol=1e-12)
    np.testing.assert_allclose(as_array(matches.average_precision(times.astype(float))), as_array(expected), atol=1e-12)


def as_array(score):
    return np.array([score.ap, score.ap50, score.ap75, score.ar])


def test_the_report_has_the_scores_of_pycocotools_own_files(tmp_path):
    """Written as COCO files and scored as its users do it, with the sigma of the schema."""
    import json

    from pycocotools.coco import COCO
    from pycocotools.cocoeval import COCOeval

    coco = dataset([instance(1)], [instance(2), instance(2, x=200)])
    found = {1: [detection(moved(4), score=0.7)], 2: [detection(moved(2), x=200, score=0.8), detection(moved(30))]}
    truth, results = tmp_path / "truth.json", tmp_path / "results.json"
    annotations = [
        {"id": n, "image_id": image.id, "category_id": 1, "bbox": o.bbox.tolist(), "area": o.area, "iscrowd": 0,
         "keypoints": o.keypoints.ravel().tolist(), "num_keypoints": 5}
        for n, (image, o) in enumerate(((i, o) for i in coco.images for o in i.instances), start=1)
    ]  # fmt: skip
    images = [{"id": i.id, "width": 400, "height": 100} for i in coco.images]
    content = {"images": images, "annotations": annotations, "categories": [{"id": 1, "name": "car"}]}
    truth.write_text(json.dumps(content))
    rows = [row(number, one) for number, many in found.items() for one in many]
    results.write_text(json.dumps(rows))
    with contextlib.redirect_stdout(io.StringIO()):
        ground = COCO(str(truth))
        scorer = COCOeval(ground, ground.loadRes(str(results)), "keypoints")
        scorer.params.kpt_oks_sigmas = SCHEMA.sigmas
        scorer.evaluate()
        scorer.accumulate()
        scorer.summarize()
    score, _ = average_precision(coco, found, SCHEMA.sigmas, "keypoints")
    np.testing.assert_allclose([score.ap, score.ap50, score.ap75, score.ar], scorer.stats[[0, 1, 2, 5]], atol=1e-12)
    assert 0 < score.ap < 1


def row(image_id: int, one: Detection) -> dict:
    return {"image_id": image_id, "category_id": 1, "keypoints": one.keypoints.ravel().tolist(), "score": one.score}
