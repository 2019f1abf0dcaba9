"""The quick way across rows of triangles against the plain one, bit by bit."""

import numpy as np
import pytest
from numpy.typing import NDArray

from pipeline.barycentric import Across, barycentric, count_up, weighted, within


def triangles(kind: str) -> NDArray[np.float64]:
    rng = np.random.default_rng(7)
    corners = rng.uniform(0, 40, (400, 3, 2))
    if kind == "slivers":
        corners[:, 2] = corners[:, 0] + (corners[:, 1] - corners[:, 0]) * rng.uniform(0, 1, (400, 1))
        corners[:, 2] += rng.normal(scale=1e-7, size=(400, 2))
    if kind == "on the grid":
        corners = corners.round() + 0.5
    twice = np.cross(
        np.insert(corners[:, 1] - corners[:, 0], 2, 0, axis=1), np.insert(corners[:, 2] - corners[:, 0], 2, 0, axis=1)
    )
    return corners[np.abs(twice[:, 2]) > 1e-12]


@pytest.mark.parametrize("kind", ["any", "slivers", "on the grid"])
def test_no_point_inside_is_left_out_and_weights_are_the_same_to_the_last_bit(kind: str):
    corners = triangles(kind)
    across = Across(corners)
    box, row = (values.ravel() for values in np.meshgrid(np.arange(len(corners)), np.arange(40), indexing="ij"))
    low, high = across.reach(box, row + 0.5, np.zeros_like(row), np.full_like(row, 40))
    length = np.maximum(high - low, 0)
    column = np.repeat(low, length) + count_up(length)
    height = np.repeat(row, length)
    weights = across.weights(box, length, column + 0.5, height + 0.5)
    owner = np.repeat(box, length)
    plain = barycentric(corners[owner], np.stack([column + 0.5, height + 0.5], axis=1))
    np.testing.assert_array_equal(np.stack(weights, axis=1), plain)
    inside = within(weights)
    columns, rows = np.meshgrid(np.arange(40) + 0.5, np.arange(40) + 0.5)
    points = np.stack([columns.ravel(), rows.ravel()], axis=1)
    everywhere = [
        (barycentric(np.repeat(c[None], len(points), axis=0), points) >= 0).all(axis=1).sum() for c in corners
    ]
    np.testing.assert_array_equal(np.bincount(owner[inside], minlength=len(corners)), everywhere)
    assert len(owner) < 0.6 * 1600 * len(corners), "most of what lies outside is not looked at"
    values = np.random.default_rng(1).uniform(0.1, 1, (int(inside.sum()), 3))
    np.testing.assert_array_equal(weighted(weights, inside, values), (plain[inside] * values).sum(axis=-1))
