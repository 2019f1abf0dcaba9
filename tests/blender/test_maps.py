"""Maps of a whole shot, as the worker writes them: against the geometry, and with the farm and its resume."""

from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from pycocotools import mask as coco_mask

from blender_scenes.vehicle import build_vehicle
from pipeline.camera import Camera, camera_from_json
from pipeline.check import check_dataset
from pipeline.coco import ImageRecord, load_coco
from pipeline.config import parse_config
from pipeline.generate import generate_dataset
from pipeline.images import read_image
from pipeline.map_files import decode_depth, decode_normals, read_map
from pipeline.raster import project_triangles
from pipeline.raster_lens import pixel_centres, rasterize_at
from pipeline.record import read_record
from pipeline.spec import DatasetSpec

pytestmark = [pytest.mark.blender, pytest.mark.slow]
WIDTH, HEIGHT = 160, 112
SPEC: dict[str, Any] = {
    "name": "maps",
    "seed": 8,
    "images": 3,
    "image": {"width": WIDTH, "height": HEIGHT, "format": "png"},
    "render": {"samples": 2, "denoise": False, "device": "cpu"},
    "vehicles": {"views_per_vehicle": 2, "sources": [{"parametric": {"choice": ["sedan", "suv"]}}]},
    "camera": {"azimuth_deg": {"uniform": [0, 360]}, "elevation_deg": 12, "fill": 0.7, "lens_mm": 40},
    "light": {"kind": "overcast"},
    "traffic": {"arrangement": "parking", "vehicles": 1},
    "sensor": {"k1": -0.22, "chromatic_aberration_px": 1.0, "f_number": 1.2},
}
ALL_MAPS = {"maps": ["depth", "normals", "instances"], "depth_format": "exr"}


def spec_with(annotations: dict[str, Any]) -> DatasetSpec:
    return parse_config({**SPEC, "annotations": annotations}, DatasetSpec, "maps")


@pytest.fixture(scope="module")
def mapped(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("mapped") / "d"
    generate_dataset(spec_with(ALL_MAPS), folder, workers=1)
    return folder


def digest(dataset: Path) -> dict[str, bytes]:
    files = [*dataset.glob("*.json"), *(dataset / "images").iterdir(), *(dataset / "maps").rglob("*.*")]
    return {str(file.relative_to(dataset)): file.read_bytes() for file in files if file.name != "plan.json"}


def map_of(dataset: Path, image: ImageRecord, kind: str) -> NDArray:
    return read_map(dataset / image.extra["maps"][kind])


def target_geometry(dataset: Path, index: int) -> tuple[Camera, NDArray, NDArray]:
    """The camera, and depth and normals (camera frame) of the target's own triangles at each pixel."""
    record = read_record(dataset, index)
    vehicle, camera = record["shot"]["vehicle"], camera_from_json(record["camera"])
    mesh = build_vehicle(vehicle["style"], vehicle["seed"], vehicle["parameters"]).mesh
    screen = project_triangles(camera, mesh.vertices, mesh.triangles)
    depth, seen = rasterize_at(screen, camera.undistort(pixel_centres(WIDTH, HEIGHT)))
    corners = camera.to_camera(mesh.vertices)[mesh.triangles[seen]]
    normals = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    normals /= np.linalg.norm(normals, axis=-1, keepdims=True).clip(1e-12)
    return camera, depth.reshape(HEIGHT, WIDTH), normals.reshape(HEIGHT, WIDTH, 3)


def test_the_dataset_is_sound_and_names_its_maps(mapped: Path):
    assert [p for p in check_dataset(mapped) if p.severity == "error"] == []
    for image in load_coco(mapped).images:
        assert image.extra["maps"]["depth"] == f"maps/depth/{image.id - 1:06d}.exr"
        assert image.extra["instance_ids"] == [instance.id for instance in image.instances]
        values = map_of(mapped, image, "instances")
        for number, instance in enumerate(image.instances, 1):
            np.testing.assert_array_equal(values == number, coco_mask.decode(instance.segmentation) > 0)
    assert max(len(image.instances) for image in load_coco(mapped).images) == 2


def test_depth_is_that_of_the_geometry_through_the_images_lens(mapped: Path):
    for image in load_coco(mapped).images:
        depth, instances = map_of(mapped, image, "depth"), map_of(mapped, image, "instances")
        _, exact, _ = target_geometry(mapped, image.id - 1)
        body = cv2.erode((instances == 1).astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
        assert body.sum() > 1500
        # within a vehicle there are edges too: mirrors, wheel arches, gaps
        assert (np.abs(depth[body] - exact[body]) < 0.05).mean() > 0.95
        assert np.isfinite(depth[HEIGHT - 1]).all(), "the ground is there"


def test_normals_face_the_camera_and_are_those_of_the_geometry(mapped: Path):
    for image in load_coco(mapped).images:
        normals = decode_normals(map_of(mapped, image, "normals"))
        instances = map_of(mapped, image, "instances")
        camera, _, exact = target_geometry(mapped, image.id - 1)
        body = cv2.erode((instances == 1).astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
        assert np.linalg.norm(normals[body], axis=-1) == pytest.approx(1, abs=1e-3)
        turned = np.abs((normals[body] * exact[body]).sum(axis=-1))  # faces may be wound either way
        assert np.mean(turned > np.cos(np.radians(15))) > 0.75, "smooth shading, seams and edges apart"
        down = normals[HEIGHT - 4 :][instances[HEIGHT - 4 :] == 0].mean(axis=0)
        up_in_camera = np.array([0, 0, 1.0]) @ camera.world_from_camera[:3, :3]
        assert down @ up_in_camera > 0.9, "the ground looks up"


def test_the_pictures_and_labels_are_those_of_a_dataset_without_maps(mapped: Path, tmp_path: Path):
    generate_dataset(spec_with({}), tmp_path / "d", workers=1)
    bare, full = load_coco(tmp_path / "d"), load_coco(mapped)
    assert not (tmp_path / "d" / "maps").exists()
    for a, b in zip(bare.images, full.images, strict=True):
        np.testing.assert_array_equal(read_image(a.path), read_image(b.path))
        assert [str(instance) for instance in a.instances] == [str(instance) for instance in b.instances]
        assert not {"maps", "instance_ids"} & set(a.extra)


def test_going_on_makes_missing_maps_again_and_they_are_the_same(mapped: Path):
    before = digest(mapped)
    (mapped / "maps" / "normals" / "000001.png").unlink()
    (mapped / "maps" / "depth" / "000002.exr").unlink()
    summary = generate_dataset(spec_with(ALL_MAPS), mapped, workers=2)
    assert (summary.rendered, summary.found) == (2, 1)
    assert digest(mapped) == before


def test_millimetres_are_the_same_depth(mapped: Path, tmp_path: Path):
    generate_dataset(spec_with({"maps": ["depth"]}), tmp_path / "d", workers=1)
    for image, other in zip(load_coco(tmp_path / "d").images, load_coco(mapped).images, strict=True):
        millimetres, metres = decode_depth(map_of(tmp_path / "d", image, "depth")), map_of(mapped, other, "depth")
        near = metres < 65
        assert np.abs(millimetres[near] - metres[near]).max() < 6e-4
        np.testing.assert_array_equal(np.isinf(millimetres), np.isinf(metres))
