"""What a real camera does to an image, as a section of the dataset spec: everything is off unless it is asked for."""

import itertools
from typing import Annotated

import numpy as np

from pipeline.config import Config
from pipeline.distributions import Number, Switch, support, within
from pipeline.lens import MIN_SLOPE, Distortion
from pipeline.sampling import sample_fields
from pipeline.seeds import stream_rng


class SensorSpec(Config):
    """The lens and the sensor. Pixels are those of the image, whatever its size.

    Attributes:
        exposure_ev: stops brighter (+) or darker than metered.
        white_balance_k: how much too high the camera's white balance is set, for daylight of 6500 K; + is warm.
        vignetting: share of the light that the corners lack.
        chromatic_aberration_px: how far red and blue lie apart in the corners; + puts red outside.
        k1, k2: Brown and Conrady's radial distortion at radius 1 = the image's longer side; k1 < 0 is barrel.
            So they bend alike whatever the lens; they are OpenCV's numbers for one of 36 mm. The camera of a record
            has them in units of its own focal length.
        f_number: the aperture, which blurs what is not as far as the vehicle's middle; 0 keeps everything sharp.
        blur_px: radius of the circle that a point out of focus becomes.
        motion_px, motion_deg: how far, and which way, the camera moves while the shutter is open; 0 is to the right.
        noise_iso: sensitivity of a full-frame sensor; 0 has no noise.
        demosaic: noise as it is after a Bayer mosaic was interpolated: in blotches of colour, not pixel by pixel.
        gamma: exponent on the finished values; above 1 is darker.
        contrast: of the tone curve, from flat (-1) to an S (1).
        sharpening: share of an unsharp mask, as cameras add it.
        jpeg_quality: of a compression before the image's own; 0 has none.
    """

    exposure_ev: Annotated[Number, within(-6, 6)] = 0.0
    white_balance_k: Annotated[Number, within(-3500, 10000)] = 0.0
    vignetting: Annotated[Number, within(0, 0.9)] = 0.0
    chromatic_aberration_px: Annotated[Number, within(-10, 10)] = 0.0
    k1: Annotated[Number, within(-0.4, 0.4)] = 0.0
    k2: Annotated[Number, within(-0.4, 0.4)] = 0.0
    f_number: Annotated[Number, within(0, 64)] = 0.0
    blur_px: Annotated[Number, within(0, 15)] = 0.0
    motion_px: Annotated[Number, within(0, 60)] = 0.0
    motion_deg: Annotated[Number, within(-360, 360)] = 0.0
    noise_iso: Annotated[Number, within(0, 102400)] = 0.0
    demosaic: Switch = False
    gamma: Annotated[Number, within(0.3, 3)] = 1.0
    contrast: Annotated[Number, within(-1, 1)] = 0.0
    sharpening: Annotated[Number, within(0, 4)] = 0.0
    jpeg_quality: Annotated[Number, within(0, 100)] = 0.0

    def require_reach(self, width: int, height: int) -> None:
        """Refuse a lens that may fold the image over before its corner.

        Raises:
            ValueError: some k1 and k2 that can be drawn do.
        """
        corner = float(np.hypot(width, height)) / 2 / max(width, height)
        for k1, k2 in itertools.product(support(self.k1), support(self.k2)):
            if not Distortion(k1, k2).reaches(corner):
                raise ValueError(
                    f"k1 = {k1:g} with k2 = {k2:g} squeezes the corners of {width}x{height} below a share of "
                    f"{MIN_SLOPE:g}; allowed: k1 >= {least_k1(k2, corner):.3g} with this k2"
                )


def least_k1(k2: float, corner: float) -> float:
    """The strongest barrel that still pictures the corner, to a thousandth; `corner` in longer sides."""
    return next(
        (k1 / 1000 for k1 in range(-400, 401) if Distortion(k1 / 1000, k2).reaches(corner)),
        0.4,
    )


class SensorDraw(Config):
    """What was drawn from `SensorSpec`; `seed` is for the noise."""

    exposure_ev: float
    white_balance_k: float
    vignetting: float
    chromatic_aberration_px: float
    k1: float
    k2: float
    f_number: float
    blur_px: float
    motion_px: float
    motion_deg: float
    noise_iso: float
    demosaic: bool
    gamma: float
    contrast: float
    sharpening: float
    jpeg_quality: int
    seed: int


def plan_sensor(group: SensorSpec, seed: int, index: int) -> SensorDraw | None:
    """The sensor of one shot, each field from a stream of its own; None where the spec leaves the sensor out."""
    if group == SensorSpec():
        return None
    drawn = sample_fields(group, seed, index, "sensor")
    drawn["jpeg_quality"] = round(drawn["jpeg_quality"])
    return SensorDraw(**drawn, seed=int(stream_rng(seed, index, "sensor.seed").integers(2**31)))
