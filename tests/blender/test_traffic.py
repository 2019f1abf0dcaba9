"""A rendered image with other vehicles: each is labelled where it is seen."""

from pathlib import Path

import bpy
import numpy as np
import pytest
import yaml
from pycocotools import mask as coco_mask

from blender_scenes.vehicle import build_vehicle
from blender_scenes.vehicle_objects import add_vehicle, set_appearance
from pipeline.appearance import Appearance
from pipeline.coco import load_coco
from pipeline.generate import generate_dataset
from pipeline.images import read_image
from pipeline.record import read_record
from pipeline.spec import load_spec

pytestmark = pytest.mark.blender

SPEC = {
    "name": "busy",
    "seed": 4,
    "images": 2,
    "image": {"width": 160, "height": 120, "format": "png"},
    "render": {"samples": 4},
    "vehicles": {"views_per_vehicle": 2, "sources": [{"parametric": "hatchback"}]},
    "appearance": {"paint": "red", "paint_jitter": 0.0},
    "camera": {"azimuth_deg": {"uniform": [20, 60]}, "elevation_deg": 35, "fill": 0.35, "lens_mm": 40},
    "light": {"kind": "overcast"},
    "ground": {"kind": "plain"},
    "traffic": {"arrangement": "parking", "vehicles": 2, "gap_m": 0.7},
}


def test_each_vehicle_keeps_its_own_pictures():
    bpy.ops.wm.read_factory_settings(use_empty=True)
    cars = [add_vehicle(build_vehicle("hatchback", seed)) for seed in (1, 2)]
    for number, objects in enumerate(cars):
        look = Appearance(paint_rgb=(0.5, 0.1, 0.1), paint_finish="solid", livery="taxi", plate_text=f"AB {number}")
        set_appearance(objects, look)
    images = [
        node.image
        for objects in cars
        for item in objects
        if item.type == "MESH"
        for node in item.data.materials[0].node_tree.nodes
        if node.type == "TEX_IMAGE"
    ]
    assert len(images) == len({image.name for image in images}) == 6
    assert all(image.has_data for image in images)


def test_every_vehicle_in_the_image_is_labelled(tmp_path: Path):
    (tmp_path / "busy.yaml").write_text(yaml.safe_dump(SPEC), encoding="utf-8")
    generate_dataset(load_spec(str(tmp_path / "busy.yaml")), tmp_path / "busy", 1)
    dataset = load_coco(tmp_path / "busy")
    assert [len(image.instances) for image in dataset.images] == [3, 3]
    for image in dataset.images:
        pixels = read_image(image.path).astype(float)
        red = (pixels[..., 0] > 1.6 * pixels[..., 1]) & (pixels[..., 0] > 1.6 * pixels[..., 2])
        masks = [coco_mask.decode(one.segmentation).astype(bool) for one in image.instances]
        assert not (np.sum(masks, axis=0) > 1).any()
        for mask in masks:
            assert red[mask].mean() > 0.15, "paint is seen on each vehicle"
        assert red[~np.any(masks, axis=0)].mean() < 0.02, "and nowhere else"
        record = read_record(tmp_path / "busy", image.id - 1)
        assert len(record["shot"]["traffic"]) == 2
