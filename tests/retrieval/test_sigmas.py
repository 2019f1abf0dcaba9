"""Sigmas estimated from errors."""

import numpy as np
import pytest

from pipeline.coco import load_coco
from pipeline.errors import DatasetError, SpecError
from pipeline.keypoints import KeypointSchema, load_schema
from retrieval.index import build_index_from_labels
from retrieval.overlap import overlaps, pairs
from retrieval.sigmas import LEAST, estimate, estimate_sigmas, with_sigmas, write_schema
from retrieval.store import load_index
from tests.retrieval.instances import SCHEMA


def test_the_sigma_that_errors_were_drawn_with_is_found_among_gross_ones():
    rng = np.random.default_rng(0)
    true = rng.uniform(0.02, 0.09, len(SCHEMA))
    offsets = rng.normal(0, 1, (4000, len(SCHEMA), 2)) * (true / np.sqrt(2))[:, None]
    squares = (offsets**2).sum(axis=2)
    squares[::10] = 1.0  # a tenth is off by the object's whole size
    squares[:, 3] = np.nan
    squares[LEAST - 1 :, 4] = np.nan
    found = estimate(SCHEMA, squares, 4100)
    known = np.setdiff1d(np.arange(len(SCHEMA)), [3, 4])
    np.testing.assert_allclose(found.schema.sigmas[known], true[known], rtol=0.12)
    assert found.schema.sigmas[[3, 4]].tolist() == SCHEMA.sigmas[[3, 4]].tolist()
    assert (found.root_mean_square[known] > 0.25).all()
    assert "4000 of 4100 labelled instances were found" in str(found)
    assert f"kept: fewer than {LEAST}" in str(found)


def test_from_predictions_to_an_index_that_uses_them(make_dataset, tmp_path, stand_in_model):
    """Every detection is off by 3 pixels to the right: d^2 / area = 9 / 2000."""
    dataset = make_dataset(count=30)
    for image in load_coco(dataset).images[:25]:
        instance = image.instances[0]
        moved = instance.keypoints + [3, 0, 0]
        far = instance.bbox + [500, 0, 0, 0]
        stand_in_model[image.file_name] = [
            {"bbox": box, "score": 0.9, "keypoints": moved, "keypoint_scores": None} for box in (far, instance.bbox)
        ]
    found = estimate_sigmas(tmp_path / "w.pt", dataset)
    assert (found.instances, found.labelled) == (25, 30)
    measured = found.counts >= LEAST
    assert 0 < measured.sum() < len(SCHEMA)
    np.testing.assert_allclose(found.schema.sigmas[measured], np.sqrt(9 / 2000 / np.log(2)), atol=1e-4)
    write_schema(tmp_path / "sigmas.yaml", found.schema, "made\nby a test")
    again = load_schema(str(tmp_path / "sigmas.yaml"))
    assert again == found.schema
    build_index_from_labels(dataset, tmp_path / "index", sigmas=again)
    assert load_index(tmp_path / "index").schema.sigmas.tolist() == found.schema.sigmas.tolist()


def test_nothing_found_and_other_keypoints_are_named(make_dataset, tmp_path, stand_in_model):
    with pytest.raises(DatasetError, match="on none of its 6 labelled instances lies a detection"):
        estimate_sigmas(tmp_path / "w.pt", make_dataset())
    other = KeypointSchema(name="other", keypoints=SCHEMA.keypoints[:5])
    with pytest.raises(SpecError, match="sigmas of other: must be of the keypoints of vehicle20; they differ in "):
        with_sigmas(SCHEMA, other)


def test_overlaps_and_pairs_by_hand():
    first, second = [[0, 0, 10, 10], [20, 0, 10, 10]], [[5, 0, 10, 10], [0, 0, 10, 9], [20, 0, 0, 0]]
    np.testing.assert_allclose(overlaps(first, second), [[50 / 150, 0.9, 0], [0, 0, 0]])
    assert pairs(first, second) == [(0, 1)]
    assert pairs(first, second, 0.3) == [(0, 1)]
    assert pairs([], second) == []
