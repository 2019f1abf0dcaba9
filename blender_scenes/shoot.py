"""A shot, from its draws to its files: staged, judged by the spec's limits, drawn again where it falls short."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from blender_scenes.occluders.stand import stand_occluders
from blender_scenes.passes import Layers, render_sharp_layers
from blender_scenes.scene import BuiltVehicle, dress_scene, posed, stand_traffic, surround
from pipeline.annotate import annotate
from pipeline.background import Mesh, coverage, put_behind, window_of
from pipeline.images import Image, write_image
from pipeline.keypoints import KeypointSchema
from pipeline.lens_warp import NO_MARGIN, Margin
from pipeline.maps import passes_for, write_maps
from pipeline.plan import Shot, plan_shot
from pipeline.record import image_path, write_record
from pipeline.sensor import develop, sensor_margin
from pipeline.spec import DatasetSpec
from pipeline.stopwatch import Stopwatch
from pipeline.visibility import SceneView, view_scene
from pipeline.weather import weathered


@dataclass(frozen=True)
class Take:
    """A shot as it stands in Blender, and what will be said of it; its picture is still to be rendered.

    Attributes:
        occluders: those that found a place, as the record tells of them.
        solids: the meshes of vehicles and occluders, in the world.
    """

    shot: Shot
    view: SceneView
    annotations: list[dict[str, Any]]
    occluders: list[dict[str, Any]]
    solids: list[Mesh]

    @property
    def target(self) -> dict[str, Any] | None:
        """The annotation of the vehicle that the shot is of; None where nothing of it is seen."""
        return self.annotations[0] if (self.view.instances == 0).any() else None


def render_shot(
    built: BuiltVehicle, shot: Shot, spec: DatasetSpec, schema: KeypointSchema, out: Path, clock: Stopwatch
) -> None:
    """Write one shot's image and maps, then its record. What its labels forbid is drawn again before it is rendered."""
    limits = spec.limits
    rejected: list[list[str]] = []
    while True:
        take = stage(built, shot if not rejected else plan_shot(spec, shot.index, len(rejected)), spec, schema, clock)
        last = len(rejected) + 1 == limits.attempts
        broken = limits.broken_by_labels(take.target)
        if not broken or last:
            layers, image = expose(built, take, spec, clock)
            broken += limits.broken_by_pixels(image, take.view.instances == 0)
            if not broken or last:
                break
        rejected.append(broken)
    with clock("write"):
        write(take, layers, image, built, spec, out, rejected, broken)


def stage(built: BuiltVehicle, shot: Shot, spec: DatasetSpec, schema: KeypointSchema, clock: Stopwatch) -> Take:
    """Put everything where the shot wants it."""
    with clock("scene"):
        camera = dress_scene(built, shot, spec.image.width, spec.image.height)
    with clock("traffic"):
        others = stand_traffic(built, shot, camera, spec.traffic.target_visible)
    with clock("scene"):
        layout = surround(built, shot, camera, others)
        vehicles = (posed(built), *others)
        occluders = stand_occluders(shot, camera, vehicles, layout, spec.traffic.target_visible)
    with clock("label"):
        hiders = tuple((one.vertices, one.triangles) for one in occluders)
        view = view_scene(camera, vehicles, hiders)
        annotations = annotate(view, schema, spec.traffic.crowd_below, spec.annotations.segmentation)
        solids = [*((one.to_world(one.mesh.vertices), one.mesh.triangles) for one in vehicles), *hiders]
    return Take(shot, view, annotations, [one.to_json(shot.occluders[one.number]) for one in occluders], solids)


def expose(built: BuiltVehicle, take: Take, spec: DatasetSpec, clock: Stopwatch) -> tuple[Layers, Image]:
    """What the renderer makes of a take, and the finished picture (H, W, 3): through the air, then the sensor."""
    shot, background = take.shot, take.shot.background
    wanted = passes_for(spec.annotations)
    if shot.weather is not None or (background is not None and background.takes_shadow):
        wanted = tuple(dict.fromkeys((*wanted, "depth")))
    cover = window = None
    if background is not None:
        with clock("develop"):
            cover = coverage(replace(margin_of(take).rendered(take.view.camera), distortion=None), take.solids)
        # of a picture that takes no shadow, all else would be thrown away
        window = None if background.takes_shadow else window_of(cover)
    scene = built.objects[0].users_scene[0]
    scene.cycles.samples = spec.render.samples_of(float((take.view.instances == 0).mean()))
    with clock("render"):
        layers = render_sharp_layers(scene, shot.seed, wanted, window)
    with clock("develop"):
        return layers, _finished(built, take, layers, cover)


def _finished(built: BuiltVehicle, take: Take, layers: Layers, cover: NDArray[np.float32] | None) -> Image:
    shot, camera, image = take.shot, take.view.camera, layers.image
    if shot.background is not None:
        assert cover is not None
        image = put_behind(image, cover, shot.background, layers.depth)
    if shot.weather is not None:
        assert layers.depth is not None
        target_m = float(np.linalg.norm(camera.position - built.outline.mean(axis=0)))
        pinhole = margin_of(take).rendered(camera)
        image = weathered(image, layers.depth, pinhole, shot.weather, target_m)
    return image if shot.sensor is None else develop(image, shot.sensor, camera)


def margin_of(take: Take) -> Margin:
    """How much further the rendered picture reaches than the finished one."""
    return NO_MARGIN if take.shot.sensor is None else sensor_margin(take.view.camera, take.shot.sensor)


def write(
    take: Take,
    layers: Layers,
    image: Image,
    built: BuiltVehicle,
    spec: DatasetSpec,
    out: Path,
    rejected: list[list[str]],
    broken: list[str],
) -> None:
    """Write the image and the maps, and last the record: what has one is finished."""
    shot, camera = take.shot, take.view.camera
    write_image(image_path(out, shot.index, spec.image), image, spec.image.quality)
    maps = write_maps(out, shot.index, spec.annotations, take.view, layers.depth, layers.normal, margin_of(take))
    write_record(
        out,
        shot,
        spec.image,
        camera,
        built.parameters,
        take.annotations,
        maps=maps,
        occluders=take.occluders,
        rejected=rejected,
        breaks=broken,
    )
