"""A contact sheet of generated vehicles, some of every style: what the generator makes, at a glance.

python -m blender_scenes.showroom -o docs/vehicles.jpg --per-style 6 --cell 200x150
"""

import argparse
from collections.abc import Iterator
from pathlib import Path

import bpy
import cv2

from blender_scenes.render import render_image
from blender_scenes.scene import build_scene, dress_scene
from blender_scenes.silence import SilencedOutput
from blender_scenes.vehicle import STYLES
from pipeline.cores import usable_cores
from pipeline.draw import contact_sheet
from pipeline.images import Image, write_image
from pipeline.plan import CameraDraw, ParametricVehicle, Shot, plan_shot
from pipeline.render_spec import RenderSpec
from pipeline.spec import DatasetSpec, load_spec

VIEWS = ((38.0, 8.0), (90.0, 5.0), (214.0, 9.0))
"""Azimuth and elevation: three-quarter front, side, three-quarter rear."""
SIZE = (640, 480)
LENS_MM = 60.0


def main() -> None:
    """Render every vehicle from every view, and write the sheet."""
    options = _parser().parse_args()
    spec = load_spec("demo")
    spec = spec.model_copy(update={"render": RenderSpec(samples=options.samples), "seed": options.seed})
    width, height = (int(side) for side in options.cell.split("x"))
    output, pictures = SilencedOutput(), []
    for style in STYLES:
        for number in range(options.per_style):
            for picture in _views(spec, style, options.seed + number):
                pictures.append(cv2.resize(picture, (width, height), interpolation=cv2.INTER_AREA))
            print(f"{style} {options.seed + number}", file=output.messages)
    write_image(options.output, contact_sheet(pictures, options.columns * len(VIEWS), cell=(width, height)))


def _views(spec: DatasetSpec, style: str, seed: int) -> Iterator[Image]:
    """One vehicle, in paint and light of its own, from all views."""
    vehicle = ParametricVehicle(id=f"{style}_{seed}", style=style, seed=seed)
    built = build_scene(vehicle, spec, threads=usable_cores())
    drawn = plan_shot(spec, STYLES.index(style) * 1000 + seed)
    for azimuth, elevation in VIEWS:
        dress_scene(built, _seen_from(drawn, azimuth, elevation), *SIZE)
        yield render_image(bpy.context.scene, seed=0)


def _seen_from(drawn: Shot, azimuth: float, elevation: float) -> Shot:
    """The same shot from a given side, with the sun over the camera's shoulder."""
    camera = CameraDraw(
        azimuth_deg=azimuth, elevation_deg=elevation, roll_deg=0, lens_mm=LENS_MM, fill=0.92, shift_x=0, shift_y=0
    )
    sun = {"azimuth_deg": (azimuth + 25.0) % 360, "sun_elevation_deg": max(drawn.light.sun_elevation_deg, 25.0)}
    return drawn.model_copy(update={"camera": camera, "light": drawn.light.model_copy(update=sun)})


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("-o", "--output", type=Path, required=True, help="the sheet: .jpg or .png")
    parser.add_argument("--per-style", type=int, default=6, help="vehicles of each style (default 6)")
    parser.add_argument("--columns", type=int, default=3, help="vehicles beside each other (default 3)")
    parser.add_argument("--cell", default="x".join(map(str, SIZE)), help="WIDTHxHEIGHT of each picture on the sheet")
    parser.add_argument("--samples", type=int, default=16, help="Cycles samples per pixel (default 16)")
    parser.add_argument("--seed", type=int, default=0, help="of the first vehicle of each style")
    return parser


if __name__ == "__main__":
    main()
