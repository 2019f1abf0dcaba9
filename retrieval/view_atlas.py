"""Views of generated vehicles from all around, as keypoints: what a photo's viewpoint is read from.

A dataset that lacks a view cannot tell that a photo shows it; these are from everywhere. No picture is rendered: places
of keypoints are projected, and one counts as hidden where its surface looks away from the camera.
"""

import itertools
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.keypoints import KeypointSchema
from pipeline.vehicle import LabelledMesh
from pipeline.viewpoint import extreme_points, view_direction

AZIMUTHS_DEG = tuple(range(0, 360, 10))
ELEVATIONS_DEG = (-2.0, 4.0, 10.0, 17.0, 26.0, 38.0, 55.0)
DISTANCES = (1.0, 1.8, 4.0)
"""From the camera to the vehicle's middle, in its lengths: near, as usual, and far."""
NEIGHBOURHOOD_M = 0.12
"""The surface around a keypoint that says which way it looks."""
FACING = 0.12
"""Least cosine between that and the direction to the camera of a keypoint that is seen."""


@dataclass(frozen=True)
class ViewAtlas:
    """N views of whole vehicles, in units of the focal length, x right, y down, (0, 0) where the camera points.

    Attributes:
        keypoints: (N, K, 3) x, y, v.
        boxes: (N, 4) x, y, width, height of the whole vehicle.
        azimuth_deg, elevation_deg: (N,).
    """

    keypoints: NDArray[np.float64]
    boxes: NDArray[np.float64]
    azimuth_deg: NDArray[np.float64]
    elevation_deg: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.boxes)


@dataclass(frozen=True)
class _Body:
    """Of one vehicle: places (K, P, 3) of each keypoint, NaN where it has fewer, the way they look, and its outline."""

    places: NDArray[np.float64]
    facing: NDArray[np.float64]
    outline: NDArray[np.float64]
    centre: NDArray[np.float64]
    length: float


def build_atlas(vehicles: Iterable[LabelledMesh], schema: KeypointSchema) -> ViewAtlas:
    """Every vehicle from every side, height and distance."""
    angles = list(itertools.product(DISTANCES, ELEVATIONS_DEG, AZIMUTHS_DEG))
    views = [
        (*_view(body, azimuth, elevation, distance), azimuth, elevation)
        for body in (_body(mesh, schema) for mesh in vehicles)
        for distance, elevation, azimuth in angles
    ]
    columns = [np.array(column, dtype=np.float64) for column in zip(*views, strict=True)]
    return ViewAtlas(columns[0], columns[1], columns[2], columns[3])


def _body(mesh: LabelledMesh, schema: KeypointSchema) -> _Body:
    centroids, normals = _faces(mesh)
    most = max([len(mesh.place_positions(name)) for name in schema.names] + [1])
    places = np.full((len(schema), most, 3), np.nan)
    facing = np.full((len(schema), most, 3), np.nan)
    for k, name in enumerate(schema.names):
        for p, place in enumerate(mesh.place_positions(name)):
            places[k, p] = place
            facing[k, p] = _normal_at(place, centroids, normals, mesh.centre)
    outline = extreme_points(mesh.vertices[mesh.in_triangles])
    return _Body(places, facing, outline, mesh.centre, float(mesh.extent_m[0]))


def _faces(mesh: LabelledMesh) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Middle of each triangle, and its normal as long as twice its area, (T, 3) each."""
    corners = mesh.vertices[mesh.triangles]
    return corners.mean(axis=1), np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])


def _normal_at(place: NDArray, centroids: NDArray, normals: NDArray, centre: NDArray) -> NDArray[np.float64]:
    """Unit vector (3,): of the surface about a place, turned outward, for models' windings differ."""
    outward = place - centre
    away = ((centroids - place) ** 2).sum(axis=1)
    near = normals[away < max(NEIGHBOURHOOD_M, float(np.sqrt(away.min())) * 1.01) ** 2]
    turned = near * np.where(near @ outward < 0, -1.0, 1.0)[:, None]
    mean = turned.sum(axis=0)
    length = np.linalg.norm(mean)
    return mean / length if length > 0 else outward / max(float(np.linalg.norm(outward)), 1e-9)


def _view(body: _Body, azimuth: float, elevation: float, distance: float) -> tuple[NDArray, NDArray]:
    """Keypoints (K, 3) and the whole vehicle's box (4,)."""
    towards = view_direction(azimuth, elevation)
    right = np.array([-np.sin(np.radians(azimuth)), np.cos(np.radians(azimuth)), 0.0])
    up = np.cross(towards, right)
    camera = body.centre + towards * distance * body.length
    along = np.stack([right, -up, -towards])

    def project(points: NDArray) -> NDArray:
        offset = (points - camera) @ along.T
        return np.asarray(offset[..., :2] / offset[..., 2:])

    to_camera = camera - body.places
    cosine = (body.facing * to_camera).sum(axis=-1) / np.linalg.norm(to_camera, axis=-1)
    there = np.isfinite(cosine)
    place = np.argmax(np.where(there, cosine, -np.inf), axis=1)  # of several places, the one that looks this way
    rows = np.arange(len(place))
    points = project(np.nan_to_num(body.places[rows, place]))
    v = np.where(there[rows, place], np.where(cosine[rows, place] > FACING, 2.0, 1.0), 0.0)
    outline = project(body.outline)
    low, high = outline.min(axis=0), outline.max(axis=0)
    return np.concatenate([points * (v > 0)[:, None], v[:, None]], axis=1), np.concatenate([low, high - low])
