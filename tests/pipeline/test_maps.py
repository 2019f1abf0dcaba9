"""Maps: what a spec says of them, and that they go through the same lens as the picture."""

from pathlib import Path

import numpy as np
import pytest
import yaml
from numpy.typing import NDArray
from pycocotools import mask as coco_mask

from pipeline.annotate import annotate
from pipeline.annotations_spec import AnnotationsSpec
from pipeline.camera import Camera, look_at
from pipeline.errors import SpecError
from pipeline.keypoints import KeypointSchema
from pipeline.lens import distortion_of_image
from pipeline.lens_warp import Margin, margin_for, warp_nearest
from pipeline.map_files import map_names, read_map
from pipeline.maps import instance_map, lens_normals, passes_for, write_maps
from pipeline.plan import plan_dataset
from pipeline.raster import project_triangles, rasterize
from pipeline.raster_lens import pixel_centres, rasterize_at
from pipeline.spec import DatasetSpec, load_spec
from pipeline.vehicle import LabelledMesh
from pipeline.visibility import PosedVehicle, view_scene

WIDTH, HEIGHT, FOCAL = 200, 120, 190.0
INTRINSICS = np.array([[FOCAL, 0, 96.3], [0, FOCAL, 63.9], [0, 0, 1]])
LENSES = [(0.0, 0.0, 0.0), (-0.28, 0.0, 0.0), (0.3, 0.1, 1.5), (0.0, 0.0, 2.0)]


def camera(k1: float = 0.0, k2: float = 0.0) -> Camera:
    pose = look_at([4.4, 3.0, 2.0], [0.2, 0.3, 0.9], roll_rad=0.2)
    return Camera(WIDTH, HEIGHT, INTRINSICS, pose, distortion_of_image(k1, k2, FOCAL, WIDTH))


def spec_with(annotations: dict) -> DatasetSpec:
    return load_spec("demo").model_copy(update={"images": 4, "annotations": AnnotationsSpec(**annotations)})


def test_maps_change_no_shot_and_a_spec_without_them_says_nothing_of_them():
    bare, full = spec_with({}), spec_with({"maps": ["depth", "instances"]})
    assert "annotations" not in bare.model_dump(mode="json")
    assert plan_dataset(bare) == plan_dataset(full)
    again = DatasetSpec.model_validate(full.model_dump(mode="json"))
    assert again.annotations == full.annotations


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"maps": ["deep"]}, r"annotations\.maps\.0: .*'depth', 'normals' or 'instances'"),
        ({"maps": ["depth", "depth"]}, r"annotations: maps must name each kind once"),
        ({"maps": ["normals"], "depth_format": "exr"}, r"depth_format exr needs depth among the maps"),
        ({"segmentation": "polygons"}, r"annotations\.segmentation: .*'rle' or 'polygon'"),
    ],
)
def test_wrong_annotations_are_told(tmp_path: Path, given: dict, message: str):
    content = {"name": "a", "images": 1, "vehicles": {"sources": [{"parametric": "suv"}]}, "annotations": given}
    path = tmp_path / "a.yaml"
    path.write_text(yaml.safe_dump(content))
    with pytest.raises(SpecError, match=message):
        load_spec(str(path))


def test_only_what_is_asked_for_is_rendered():
    assert passes_for(AnnotationsSpec(maps=("instances",))) == ()
    assert passes_for(AnnotationsSpec(maps=("normals", "depth"))) == ("depth", "normal")
    assert map_names(AnnotationsSpec(maps=("depth",), depth_format="exr"), 12) == {"depth": "maps/depth/000012.exr"}


def inner(depth: NDArray) -> NDArray[np.bool_]:
    """Pixels whose neighbours are nearly as far."""
    shifted = [
        np.roll(np.where(np.isinf(depth), 99, depth), (dy, dx), (0, 1)) for dy in (-1, 0, 1) for dx in (-1, 0, 1)
    ]
    return np.ptp(np.stack(shifted), axis=0) < 0.15


@pytest.mark.parametrize("lens", LENSES)
def test_depth_through_the_lens_is_the_depth_at_each_pixel(lens: tuple[float, float, float], box_car: LabelledMesh):
    pictured = camera(*lens[:2])
    margin = margin_for(pictured, lens[2])
    wide = margin.rendered(pictured)
    ideal, _ = rasterize(project_triangles(wide, box_car.vertices, box_car.triangles), wide.width, wide.height)
    found = warp_nearest(ideal.astype(np.float32), pictured, margin)
    screen = project_triangles(pictured, box_car.vertices, box_car.triangles)
    exact = rasterize_at(screen, pictured.undistort(pixel_centres(WIDTH, HEIGHT)))[0].reshape(HEIGHT, WIDTH)
    assert found.shape == (HEIGHT, WIDTH)
    body = inner(exact) & np.isfinite(exact)
    assert body.sum() > 3000
    assert np.abs(found[body] - exact[body]).max() < 0.08, "half a pixel of a steep face"
    assert (np.isfinite(found) != np.isfinite(exact)).mean() < 0.01
    if lens[0]:
        unbent = ideal[margin.top : margin.top + HEIGHT, margin.left : margin.left + WIDTH]
        assert (np.isfinite(unbent) != np.isfinite(exact)).mean() > 0.01, "the lens does something"


def test_normals_turn_into_the_cameras_frame_and_are_one_long():
    pose = look_at([5.0, 0.0, 1.0], [0.0, 0.0, 1.0])  # looks along -x; its right is +y, its down -z
    view = Camera(4, 2, INTRINSICS, pose)
    world = np.zeros((2, 4, 3), np.float32)
    world[0] = [[1, 0, 0], [0, 0.5, 0], [0, 0, 1], [0, 0, 0]]
    world[1, 0] = [1, 0, 0]
    depth = np.ones((2, 4), np.float32)
    depth[1, 0] = np.inf
    found = lens_normals(world, depth, view, Margin(0, 0, 0, 0))
    np.testing.assert_allclose(found[0], [[0, 0, -1], [1, 0, 0], [0, -1, 0], [0, 0, 0]], atol=1e-6)
    assert not found[1].any(), "an edge against the sky is no surface"


@pytest.mark.parametrize("lens", LENSES[:2])
def test_instances_are_the_masks_in_the_order_of_the_annotations(
    lens: tuple[float, float, float], schema: KeypointSchema, box_car: LabelledMesh, tmp_path: Path
):
    hidden, beside = np.eye(4), np.eye(4)
    hidden[:3, 3] = [-3.0, -2.0, -0.6]
    hidden[:3, :3] *= 0.2
    beside[:3, 3] = [-4.0, 1.5, 0.0]
    view = view_scene(camera(*lens[:2]), tuple(PosedVehicle(box_car, pose) for pose in (np.eye(4), hidden, beside)))
    annotations = annotate(view, schema)
    assert len(annotations) == 2, "the second is not seen, and takes no number"
    names = write_maps(tmp_path, 7, AnnotationsSpec(maps=("instances",)), view, None, None, Margin(0, 0, 0, 0))
    values = read_map(tmp_path / names["instances"])
    np.testing.assert_array_equal(values, instance_map(view))
    for number, annotation in enumerate(annotations, 1):
        np.testing.assert_array_equal(values == number, coco_mask.decode(annotation["segmentation"]) > 0)
    assert values.max() == 2
