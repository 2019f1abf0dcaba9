"""One render with each effect of the sensor, little and much of it: python -m tests.benchmarks.sensor_sheet OUT.png"""

import argparse
from pathlib import Path
from typing import Any

import bpy

from blender_scenes.render import render_image
from blender_scenes.scene import build_scene, dress_scene
from pipeline.camera import Camera
from pipeline.config import parse_config
from pipeline.draw import contact_sheet
from pipeline.images import Image, write_image
from pipeline.plan import plan_shot
from pipeline.sensor import develop, sensor_margin, through_lens
from pipeline.sensor_spec import SensorDraw, SensorSpec
from pipeline.spec import DatasetSpec

SIZE = (480, 360)
SPEC = {
    "name": "sheet",
    "seed": 4,
    "images": 1,
    "image": {"width": SIZE[0], "height": SIZE[1]},
    "render": {"samples": 24},
    "vehicles": {"sources": [{"parametric": "suv"}]},
    "appearance": {"paint": "red", "lamps_on": True},
    "camera": {"azimuth_deg": 40, "elevation_deg": 6, "lens_mm": 85, "fill": 0.8},
    "light": {"kind": "hdri", "strength": 1.0},
}
EFFECTS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "exposure": ({"exposure_ev": -1.5}, {"exposure_ev": 1.5}),
    "white balance": ({"white_balance_k": -2000}, {"white_balance_k": 3500}),
    "vignetting": ({"vignetting": 0.2}, {"vignetting": 0.7}),
    "colour fringes": ({"chromatic_aberration_px": 1}, {"chromatic_aberration_px": 6}),
    "distortion": ({"k1": -0.28}, {"k1": 0.25}),
    "aperture": ({"f_number": 5.6}, {"f_number": 0.7}),
    "defocus": ({"blur_px": 0.7}, {"blur_px": 4}),
    "motion": ({"motion_px": 4, "motion_deg": 0}, {"motion_px": 20, "motion_deg": 25}),
    "noise": ({"noise_iso": 1600}, {"noise_iso": 25600}),
    "noise, demosaiced": ({"noise_iso": 1600, "demosaic": True}, {"noise_iso": 25600, "demosaic": True}),
    "gamma": ({"gamma": 0.7}, {"gamma": 1.6}),
    "contrast": ({"contrast": -0.8}, {"contrast": 0.8}),
    "sharpening": ({"sharpening": 0.5}, {"sharpening": 3}),
    "JPEG": ({"jpeg_quality": 60}, {"jpeg_quality": 8}),
}
TYPICAL = {
    "exposure_ev": 0.3,
    "white_balance_k": 700,
    "vignetting": 0.3,
    "chromatic_aberration_px": 0.8,
    "k1": -0.1,
    "blur_px": 0.6,
    "noise_iso": 1600,
    "demosaic": True,
    "contrast": 0.2,
    "sharpening": 0.8,
    "jpeg_quality": 75,
}


def draw(effects: dict[str, Any]) -> SensorDraw:
    return SensorDraw(**(SensorSpec().model_dump() | {"jpeg_quality": 0, "seed": 5} | effects))


def rendered(spec: DatasetSpec, sensor: SensorDraw) -> tuple[Image, Camera]:
    """The ideal picture that this sensor asks for, and the finished picture's camera without a lens."""
    shot = plan_shot(spec, 0).model_copy(update={"sensor": sensor})
    camera = dress_scene(build_scene(shot.vehicle, spec, 2), shot, *SIZE)
    return render_image(bpy.context.scene, shot.seed), through_lens(camera, draw({}))


def seen(wide: Image, widest: SensorDraw, plain: Camera, sensor: SensorDraw) -> Image:
    """What is left of an ideal picture that reaches at least as far as this sensor needs."""
    camera = through_lens(plain, sensor)
    has, needs = sensor_margin(through_lens(plain, widest), widest), sensor_margin(camera, sensor)
    rows = slice(has.top - needs.top, wide.shape[0] - (has.bottom - needs.bottom))
    columns = slice(has.left - needs.left, wide.shape[1] - (has.right - needs.right))
    return develop(wide[rows, columns], sensor, camera)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    out = parser.parse_args().out
    spec = parse_config(SPEC, DatasetSpec, "sheet")
    widest = draw({"k1": -0.28, "chromatic_aberration_px": 6})
    wide, plain = rendered(spec, widest)
    pictures, captions = [], []
    for name, effects in {"off": ({},), "a typical camera": (TYPICAL,), **EFFECTS}.items():
        for effect in effects:
            sensor = draw(effect)
            own = (wide, widest)
            if sensor.f_number:
                own = (rendered(spec, sensor)[0], sensor)
            pictures.append(seen(own[0], own[1], plain, sensor))
            values = "" if name not in EFFECTS else ": " + ", ".join(f"{value:g}" for value in effect.values())
            captions.append(name + values)
    write_image(out, contact_sheet(pictures, 6, captions, SIZE))


if __name__ == "__main__":
    main()
