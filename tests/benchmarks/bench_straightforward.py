"""Against the script that most users would write: python -m tests.benchmarks.bench_straightforward [--images 12]

That script (`straightforward`) builds a new scene for each image, leaves Cycles as Blender has it (world importance map
of its own choice, twelve bounces, accurate denoising), uses all cores in one process, and makes the same labels. It has
our vehicles, places and light, so that the pictures are of the same things. Both render the first images of a spec at
512x512 and 8 samples, and the wall's clock decides: run it on an idle machine. With --reference N, N of the images are
rendered once more with 1,024 samples, and both are compared with that (PSNR and SSIM of all pixels, no sensor). That
script denoises accurately, as Blender does by itself; `--denoiser accurate` says that ours does too, and `--samples 12`
that ours takes more samples than the script, which keeps its 8.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from numpy.typing import NDArray

from pipeline.images import Image, read_image
from pipeline.spec import load_spec
from tests.conftest import ROOT

SIZE = 512
SAMPLES = 8
REFERENCE_SAMPLES = 1024


def main() -> None:
    """Time both; then compare their pictures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--images", type=int, default=12)
    parser.add_argument("--reference", type=int, default=0)
    parser.add_argument("--size", type=int, default=SIZE)
    parser.add_argument("--spec", default="demo")
    parser.add_argument("--denoiser", choices=("fast", "accurate"), default="fast", help="ours")
    parser.add_argument("--samples", type=int, default=SAMPLES, help="ours (8)")
    parser.add_argument("--script", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.script:
        straightforward(given.script)
        return
    with tempfile.TemporaryDirectory() as folder:
        first = given.spec, given.images, given.size
        spec = write_spec(Path(folder) / "ours.yaml", *first, given.samples, given.denoiser)
        ours = timed(["akd.py", "generate", str(spec), "-o", str(Path(folder) / "ours")])
        spec = write_spec(Path(folder) / "theirs.yaml", *first, SAMPLES)
        theirs = timed(["-m", "tests.benchmarks.bench_straightforward", "--script", str(spec)])
        for name, seconds in (("ours", ours), ("straightforward", theirs)):
            print(f"{name:16}{seconds:8.1f} s{60 * given.images / seconds:8.1f} images/min", flush=True)
        print(f"ours makes {theirs / ours:.2f} times as many images in the same time (aim: 4)", flush=True)
        if given.reference:
            compare(Path(folder), given.spec, given.reference, given.size)


def write_spec(path: Path, name: str, images: int, size: int, samples: int, denoiser: str = "fast") -> Path:
    """A spec that ships, at that size, as PNG, on the CPU."""
    content = load_spec(name).model_dump(mode="json", exclude_unset=True)
    content |= {"images": images, "image": {"width": size, "height": size, "format": "png"}}
    content |= {"render": {"samples": samples, "denoiser": denoiser, "device": "cpu"}}
    content |= {"sensor": {}, "weather": {}}
    path.write_text(yaml.safe_dump({key: value for key, value in content.items() if value != {}}))
    return path


def timed(arguments: list[str]) -> float:
    """Seconds that a Python command takes."""
    begin = time.monotonic()
    subprocess.run([sys.executable, *arguments], cwd=ROOT, check=True, stderr=subprocess.DEVNULL)
    return time.monotonic() - begin


def straightforward(spec_file: Path) -> None:
    """Render a spec's images one after the other, each in a scene of its own, with Cycles as Blender has it."""
    from blender_scenes.silence import SilencedOutput

    SilencedOutput()
    import bpy

    from blender_scenes.scene import build_scene
    from blender_scenes.shoot import stage
    from pipeline.keypoints import load_schema
    from pipeline.plan import plan_shot
    from pipeline.stopwatch import Stopwatch

    spec = load_spec(str(spec_file))
    out = spec_file.parent / "theirs"
    out.mkdir()
    for index in range(spec.images):
        shot = plan_shot(spec, index)
        built = build_scene(shot.vehicle, spec, os.cpu_count() or 1)
        scene = bpy.context.scene
        take = stage(built, shot, spec, load_schema(spec.keypoints), Stopwatch())
        _as_blender_has_it(bpy.data.scenes.new("factory"), scene)
        scene.cycles.seed = shot.seed
        scene.render.filepath = str(out / f"{index:06d}.png")
        bpy.ops.render.render(write_still=True)
        (out / f"{index:06d}.json").write_text(json.dumps(take.annotations))


def _as_blender_has_it(factory: Any, scene: Any) -> None:
    """Set all that a user would not have touched to a new scene's values."""
    for name in ("max_bounces", "transparent_max_bounces", "sample_clamp_indirect", "use_adaptive_sampling"):
        setattr(scene.cycles, name, getattr(factory.cycles, name))
    for name in ("caustics_reflective", "caustics_refractive", "denoising_prefilter", "denoising_quality"):
        setattr(scene.cycles, name, getattr(factory.cycles, name))
    scene.render.image_settings.compression = factory.render.image_settings.compression
    scene.world.cycles.sampling_method = "AUTOMATIC"


def compare(folder: Path, name: str, images: int, size: int) -> None:
    """How far both are from a picture of very many samples."""
    spec = write_spec(folder / "many.yaml", name, images, size, REFERENCE_SAMPLES)
    content = yaml.safe_load(spec.read_text())
    content["render"]["denoise"] = False
    spec.write_text(yaml.safe_dump(content))
    timed(["akd.py", "generate", str(spec), "-o", str(folder / "many")])
    for who in ("ours/images", "theirs"):
        pairs = [
            (read_image(folder / who / f"{i:06d}.png"), read_image(folder / "many" / "images" / f"{i:06d}.png"))
            for i in range(images)
        ]
        shown = np.mean([psnr(a, b) for a, b in pairs]), np.mean([ssim(a, b) for a, b in pairs])
        print(f"{who.split('/')[0]:16} PSNR {shown[0]:6.2f} dB   SSIM {shown[1]:.4f}", flush=True)


def psnr(a: Image, b: Image) -> float:
    """Peak signal to noise, dB."""
    error = np.mean((a.astype(np.float64) - b) ** 2)
    return float(10 * np.log10(255**2 / max(error, 1e-9)))


def ssim(a: Image, b: Image) -> float:
    """Structural similarity of the grey pictures (Wang et al. 2004), Gaussian window of sigma 1.5."""
    from scipy.ndimage import gaussian_filter

    x, y = (one.astype(np.float64) @ [0.299, 0.587, 0.114] for one in (a, b))

    def mean(values: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.asarray(gaussian_filter(values, 1.5, truncate=3.5))

    mx, my = mean(x), mean(y)
    vx, vy, vxy = mean(x * x) - mx**2, mean(y * y) - my**2, mean(x * y) - mx * my
    c1, c2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2
    return float(np.mean((2 * mx * my + c1) * (2 * vxy + c2) / ((mx**2 + my**2 + c1) * (vx + vy + c2))))


if __name__ == "__main__":
    main()
