"""What does each effect of the sensor cost? Run by hand: python -m tests.benchmarks.bench_sensor [--size 512]

In time of one core, whoever else is at work. The whole chain must stay within 40 ms at 512 x 512, which is below a
hundredth of what rendering takes there.
"""

import argparse
import time
from typing import Any

import cv2
import numpy as np

from pipeline.camera import Camera, intrinsics_from_lens
from pipeline.sensor import develop, sensor_margin, through_lens
from pipeline.sensor_spec import SensorDraw, SensorSpec

EFFECTS: dict[str, dict[str, Any]] = {
    "nothing": {},
    "exposure": {"exposure_ev": 0.7},
    "white balance": {"white_balance_k": 1500},
    "vignetting": {"vignetting": 0.4},
    "colour fringes": {"chromatic_aberration_px": 1.5},
    "distortion": {"k1": -0.2, "k2": 0.03},
    "defocus 1.5 px": {"blur_px": 1.5},
    "motion 7 px": {"motion_px": 7, "motion_deg": 30},
    "noise": {"noise_iso": 3200},
    "noise, demosaiced": {"noise_iso": 3200, "demosaic": True},
    "tone": {"gamma": 1.2, "contrast": 0.4},
    "sharpening": {"sharpening": 0.8},
    "JPEG": {"jpeg_quality": 70},
}
ALL = {name: value for effect in EFFECTS.values() for name, value in effect.items()}
NEUTRAL = SensorSpec().model_dump() | {"jpeg_quality": 0, "seed": 7}


def milliseconds(size: int, effect: dict[str, Any], times: int = 15) -> float:
    """Of the fastest run."""
    draw = SensorDraw(**(NEUTRAL | effect))
    camera = through_lens(Camera(size, size, intrinsics_from_lens(size, size, 40), np.eye(4)), draw)
    wide = sensor_margin(camera, draw).rendered(camera)
    rng = np.random.default_rng(0)
    noise = rng.integers(0, 256, (wide.height, wide.width, 3), dtype=np.uint8)
    ideal = np.ascontiguousarray(cv2.GaussianBlur(noise, (0, 0), 3))
    taken = []
    for _ in range(times):
        begin = time.process_time()
        develop(ideal, draw, camera)
        taken.append(time.process_time() - begin)
    return 1000 * min(taken)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=int, default=512)
    size = parser.parse_args().size
    cv2.setNumThreads(1)
    for name, effect in EFFECTS.items():
        print(f"{name:20s} {milliseconds(size, effect):7.1f} ms")
    print(f"{'everything':20s} {milliseconds(size, ALL):7.1f} ms")
    print(f"{'all, longest blur':20s} {milliseconds(size, ALL | {'blur_px': 15, 'motion_px': 60}):7.1f} ms")


if __name__ == "__main__":
    main()
