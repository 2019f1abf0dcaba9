"""The body's skin stays one closed surface, whatever is carved into it."""

import numpy as np
import pytest
import trimesh

from blender_scenes.vehicle import STYLES
from blender_scenes.vehicle.assemble import CLAD_STYLES
from blender_scenes.vehicle.body import build_skin
from blender_scenes.vehicle.params import sample_parameters
from blender_scenes.vehicle.regions import cut_body, sink_pieces
from blender_scenes.vehicle.trim import Surface

SEEDS = (0, 1)


def open_edges(surface: Surface) -> np.ndarray:
    """Middles (E, 3) of edges that only one triangle has, vertices welded; the lamps' second, clear skin left out."""
    triangles = surface.triangles[surface.material != "lens"]
    mesh = trimesh.Trimesh(surface.vertices, triangles, process=False)
    mesh.merge_vertices(digits_vertex=4)
    corners = mesh.faces
    mesh.update_faces((corners != np.roll(corners, 1, axis=1)).all(axis=1))  # flat ones stay: they close T-junctions
    single = trimesh.grouping.group_rows(mesh.edges_sorted, require_count=1)
    return np.asarray(mesh.vertices[mesh.edges_sorted[single]].mean(axis=1))


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("seed", SEEDS)
def test_skin_has_no_holes(style: str, seed: int) -> None:
    car = sample_parameters(style, seed)
    surface = sink_pieces(car, cut_body(car, build_skin(car), clad=style in CLAD_STYLES))
    edges = open_edges(surface)
    assert len(edges) > 50  # where the other half joins
    assert np.abs(edges[:, 1]).max() < 1e-6


def test_a_hole_would_be_found() -> None:
    skin = build_skin(sample_parameters("sedan", 0))
    assert np.abs(open_edges(skin)[:, 1]).max() < 1e-6
    middle = np.delete(skin.triangles, len(skin.triangles) // 3, axis=0)
    holed = Surface(skin.vertices, skin.normals, skin.coordinates, middle, skin.material[1:])
    assert np.abs(open_edges(holed)[:, 1]).max() > 0.1
