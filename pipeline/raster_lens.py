"""The z-buffer for an image whose pixels lie anywhere in the ideal one: what a lens that bends lines leaves of a grid.

Every pixel's centre is judged in the ideal image, where triangles are triangles: no edge is approximated.
"""

import numpy as np
from numpy.typing import NDArray

from pipeline.barycentric import Across, count_up, weighted, within
from pipeline.raster import PAIRS_AT_ONCE, ScreenTriangles


def pixel_centres(width: int, height: int) -> NDArray[np.float64]:
    """(H * W, 2), row by row."""
    columns, rows = np.meshgrid(np.arange(width) + 0.5, np.arange(height) + 0.5)
    return np.stack([columns.ravel(), rows.ravel()], axis=1)


def rasterize_at(screen: ScreenTriangles, points: NDArray) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Depth (N,) in metres, inf where nothing is, and the world triangle seen (N,), -1 where none is, at each point."""
    nearest = np.zeros(len(points))
    winner = np.full(len(points), -1, dtype=np.int64)
    cells = _Cells(points)
    triangle, begin, length = cells.runs(*screen.boxes)
    across, (x, y) = Across(screen.corners), points[cells.order].T.copy()
    batch = np.cumsum(length) // PAIRS_AT_ONCE
    for number in np.unique(batch):
        runs = batch == number
        place = np.repeat(begin[runs], length[runs]) + count_up(length[runs])
        weights = across.weights(triangle[runs], length[runs], x[place], y[place])
        inside = within(weights)
        owner, point = np.repeat(triangle[runs], length[runs])[inside], cells.order[place[inside]]
        inverse = weighted(weights, inside, screen.inverse_depth[owner])
        np.maximum.at(nearest, point, inverse)
        won = inverse == nearest[point]
        winner[point[won]] = screen.source[owner[won]]
    with np.errstate(divide="ignore"):
        return 1.0 / nearest, winner


class _Cells:
    """Points sorted into unit squares, row by row, so that those in a row of a box follow each other."""

    def __init__(self, points: NDArray) -> None:
        cell = np.floor(points).astype(np.int64)
        self.origin = cell.min(axis=0)
        self.columns, self.rows = (int(n) for n in cell.max(axis=0) - self.origin + 1)
        number = cell[:, 0] - self.origin[0] + self.columns * (cell[:, 1] - self.origin[1])
        self.order = np.argsort(number, kind="stable")
        self.start = np.concatenate([[0], np.cumsum(np.bincount(number, minlength=self.columns * self.rows))])

    def runs(self, low: NDArray, high: NDArray) -> tuple[NDArray, NDArray, NDArray]:
        """For each box (N, 2), and each row of cells that it touches: the box, the first point, how many points."""
        size = np.array([self.columns, self.rows])
        first = np.floor(np.clip(low - self.origin, -1, size)).astype(np.int64).clip(0)
        last = np.floor(np.clip(high - self.origin, -1, size)).astype(np.int64).clip(max=size - 1)
        inside = (last[:, 0] >= first[:, 0]) & (last[:, 1] >= first[:, 1])
        count = np.where(inside, last[:, 1] - first[:, 1] + 1, 0)
        box = np.repeat(np.arange(len(low)), count)
        row = first[box, 1] + count_up(count)
        begin = self.start[row * self.columns + first[box, 0]]
        length = self.start[row * self.columns + last[box, 0] + 1] - begin
        filled = length > 0
        return box[filled], begin[filled], length[filled]
