"""The z-buffer for an image whose pixels lie anywhere in the ideal one: what a lens that bends lines leaves of a grid.

Every pixel's centre is judged in the ideal image, where triangles are triangles: no edge is approximated.
"""

import numpy as np
from numpy.typing import NDArray

from pipeline.raster import ScreenTriangles, depth_and_source
from pipeline.raster_kernels import fill_points


def pixel_centres(width: int, height: int) -> NDArray[np.float64]:
    """(H * W, 2), row by row."""
    columns, rows = np.meshgrid(np.arange(width) + 0.5, np.arange(height) + 0.5)
    return np.stack([columns.ravel(), rows.ravel()], axis=1)


def rasterize_at(screen: ScreenTriangles, points: NDArray) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Depth (N,) in metres, inf where nothing is, and the world triangle seen (N,), -1 where none is, at each point."""
    nearest, winner = np.zeros(len(points)), np.full(len(points), -1, dtype=np.int64)
    cells = _Cells(points)
    fill_points(
        screen.corners,
        screen.inverse_depth,
        points,
        cells.order,
        cells.start,
        cells.origin,
        cells.size,
        nearest,
        winner,
    )
    return depth_and_source(screen, nearest, winner)


class _Cells:
    """Points sorted into unit squares, row by row, so that those in a row of a box follow each other.

    Attributes:
        origin, size: (2,) column and row of the first square, and how many columns and rows there are.
        order: (N,) the points in that order.
        start: where in `order` each square begins, and at last N.
    """

    def __init__(self, points: NDArray) -> None:
        cell = np.floor(points).astype(np.int64)
        self.origin = cell.min(axis=0)
        self.size = cell.max(axis=0) - self.origin + 1
        number = cell[:, 0] - self.origin[0] + self.size[0] * (cell[:, 1] - self.origin[1])
        self.order = np.argsort(number, kind="stable")
        self.start = np.concatenate([[0], np.cumsum(np.bincount(number, minlength=int(self.size.prod())))])
