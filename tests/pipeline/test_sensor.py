"""Each effect does what it says, measured on pictures where that can be read off."""

from typing import Any

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from pipeline.camera import Camera, intrinsics_from_lens
from pipeline.images import Image
from pipeline.sensor import decode_light, develop, encode_light, sensor_margin, through_lens
from pipeline.sensor_light import black_body_rgb, blur_kernel, colour_gains, vignetting_gain
from pipeline.sensor_noise import ELECTRONS_AT_ISO_100, READ_ELECTRONS, add_noise, demosaiced
from pipeline.sensor_spec import SensorDraw, SensorSpec

CAMERA = Camera(150, 100, intrinsics_from_lens(150, 100, 40), np.eye(4))
ONE = np.ones(3, dtype=np.float32)


def draw(**effects: Any) -> SensorDraw:
    return SensorDraw(**(SensorSpec().model_dump() | {"jpeg_quality": 0, "seed": 5} | effects))


def grey(level: int, width: int = 150, height: int = 100) -> Image:
    return np.full((height, width, 3), level, dtype=np.uint8)


def scenery(width: int = 150, height: int = 100) -> Image:
    noise = np.random.default_rng(2).integers(0, 256, (height, width, 3), dtype=np.uint8)
    return np.asarray(cv2.normalize(cv2.GaussianBlur(noise, (0, 0), 2), None, 0, 255, cv2.NORM_MINMAX), dtype=np.uint8)


def light(image: Image) -> NDArray[np.float32]:
    return decode_light(image, ONE)


def test_all_off_gives_the_picture_back():
    assert develop(scenery(), draw(), CAMERA) is not None
    assert np.array_equal(develop(scenery(), draw(), CAMERA), scenery())
    assert np.array_equal(encode_light(light(grey_ramp())), grey_ramp()), "there and back through light loses nothing"


def grey_ramp() -> Image:
    return np.repeat(np.arange(256, dtype=np.uint8).reshape(16, 16, 1), 3, axis=2)


EVERYTHING = {
    "exposure_ev": 0.5,
    "white_balance_k": 900.0,
    "vignetting": 0.3,
    "chromatic_aberration_px": 1.0,
    "k1": -0.2,
    "blur_px": 1.0,
    "motion_px": 4.0,
    "noise_iso": 1600.0,
    "demosaic": True,
    "contrast": 0.3,
    "sharpening": 0.5,
    "jpeg_quality": 80,
}


def test_the_same_draw_gives_the_same_picture_and_another_seed_another():
    camera = through_lens(CAMERA, draw(**EVERYTHING))
    wide = sensor_margin(camera, draw(**EVERYTHING)).rendered(camera)
    ideal = scenery(wide.width, wide.height)
    first, again, other = (develop(ideal, draw(**EVERYTHING, seed=seed), camera) for seed in (1, 1, 2))
    assert first.shape == (100, 150, 3)
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_a_stop_doubles_the_light():
    brighter = develop(grey(90), draw(exposure_ev=1), CAMERA)
    assert light(brighter).mean() == pytest.approx(2 * light(grey(90)).mean(), rel=0.02)
    assert (develop(grey(200), draw(exposure_ev=4), CAMERA) == 255).all()


def test_a_white_balance_set_too_high_is_warm_and_too_low_is_cool():
    for offset, order in ((2000, [2, 1, 0]), (-2000, [0, 1, 2])):
        seen = develop(grey(120), draw(white_balance_k=offset), CAMERA)[0, 0]
        assert list(np.argsort(seen)) == order
        assert colour_gains(offset) @ [0.2126, 0.7152, 0.0722] == pytest.approx(1, abs=1e-6)


@pytest.mark.parametrize(
    ("kelvin", "xy"), [(2856, (0.4475, 0.4074)), (2000, (0.5267, 0.4133)), (6500, (0.3135, 0.3237))]
)
def test_black_bodies_have_their_published_chromaticity(kelvin: float, xy: tuple[float, float]):
    """CIE illuminant A, and two points of the Planckian locus."""
    xyz = np.linalg.inv([[3.2406, -1.5372, -0.4986], [-0.9689, 1.8758, 0.0415], [0.0557, -0.2040, 1.0570]]) @ (
        black_body_rgb(kelvin)
    )
    assert xyz[:2] / xyz.sum() == pytest.approx(xy, abs=0.001)


def test_vignetting_takes_its_share_from_the_corners_and_nothing_from_the_middle():
    gain = vignetting_gain(CAMERA, 0.4)
    assert gain.max() == pytest.approx(1, abs=0.001)
    assert [gain[0, 0], gain[-1, -1]] == pytest.approx([0.6, 0.6], abs=0.01)
    assert (np.diff(gain[50, 75:]) < 0).all()
    seen = light(develop(grey(150), draw(vignetting=0.4), CAMERA))[..., 1]
    assert seen[0, 0] / seen[50, 75] == pytest.approx(0.6, abs=0.02)


@pytest.mark.parametrize("radius", [1.3, 4.0, 9.0])
def test_a_point_out_of_focus_is_a_disc_of_that_radius_around_it(radius: float):
    kernel = blur_kernel(radius, 0, 0)
    middle, spread = moments(kernel)
    assert kernel.sum() == pytest.approx(1, abs=1e-5)
    assert middle == pytest.approx([0, 0], abs=1e-5)
    assert np.trace(spread) == pytest.approx((radius**2 + 0.25) / 2 + 1 / 6, rel=0.06), "of the disc, and of a pixel"


def test_however_little_blur_it_is_some_and_more_is_more():
    for kind in ((1, 0), (0, 1)):
        spreads = [np.trace(moments(blur_kernel(kind[0] * px, kind[1] * px, 20))[1]) for px in (0.2, 0.4, 0.6, 1.0)]
        assert spreads[0] > 0
        assert (np.diff(spreads) > 0).all()


@pytest.mark.parametrize("angle", [0.0, 35.0, 90.0, 200.0])
def test_a_point_that_moves_is_a_line_of_that_length_and_direction_around_it(angle: float):
    middle, spread = moments(blur_kernel(0, 12, angle))
    values, vectors = np.linalg.eigh(spread)
    assert middle == pytest.approx([0, 0], abs=1e-5)
    assert np.sqrt(12 * values[1]) == pytest.approx(12, rel=0.05)
    assert np.sqrt(12 * values[0]) < 1.6
    direction = np.array([np.cos(np.radians(angle)), np.sin(np.radians(angle))])
    assert abs(vectors[:, 1] @ direction) == pytest.approx(1, abs=0.01)


def moments(kernel: NDArray) -> tuple[NDArray, NDArray]:
    """Mean x, y from the middle, and covariance."""
    rows, columns = np.indices(kernel.shape)
    points = np.stack([columns - kernel.shape[1] // 2, rows - kernel.shape[0] // 2], axis=-1).reshape(-1, 2)
    weights = kernel.ravel() / kernel.sum()
    middle = weights @ points
    return middle, (points - middle).T @ ((points - middle) * weights[:, None])


def test_blur_keeps_light_and_takes_detail():
    spot = grey(0)
    spot[50, 75] = 255
    seen = develop(spot, draw(blur_px=2), CAMERA)
    assert light(seen).sum() == pytest.approx(light(spot).sum(), rel=0.1)
    assert seen.max() < 100 or light(seen).max() < 0.15
    assert develop(scenery(), draw(motion_px=9, motion_deg=0), CAMERA).std() < scenery().std()


@pytest.mark.parametrize("iso", [400, 6400])
@pytest.mark.parametrize("level", [0.0, 0.1, 0.6])
def test_noise_has_the_variance_of_counted_electrons(iso: float, level: float):
    full = ELECTRONS_AT_ISO_100 * 100 / iso
    noisy = add_noise(np.full((300, 400, 3), level, dtype=np.float32), iso, False, 3)
    assert noisy.var() == pytest.approx(level / full + (READ_ELECTRONS / full) ** 2, rel=0.02)
    assert noisy.mean() == pytest.approx(level, abs=4 * noisy.std() / np.sqrt(noisy.size))


def test_noise_of_a_mosaic_clings_together_and_is_alike_in_strength():
    flat = np.full((200, 300, 3), 0.3, dtype=np.float32)
    plain, mosaic = (add_noise(flat, 3200, demosaic, 4) - flat for demosaic in (False, True))
    assert abs(neighbours(plain)) < 0.02
    assert neighbours(mosaic) > 0.3
    assert 0.5 < mosaic.std() / plain.std() < 1.0


def neighbours(noise: NDArray) -> float:
    """Correlation of red with the pixel beside it."""
    return float(np.corrcoef(noise[:, 1:, 0].ravel(), noise[:, :-1, 0].ravel())[0, 1])


def test_a_flat_mosaic_is_a_flat_picture():
    assert demosaiced(np.full((12, 18), 0.4, dtype=np.float32)) == pytest.approx(0.4, abs=1e-6)


def test_tone_keeps_black_and_white_and_bends_between():
    ends = np.array([[[0, 0, 0], [255, 255, 255]]], dtype=np.uint8)
    for tone in ({"gamma": 1.6}, {"contrast": 0.8}, {"contrast": -0.8}):
        assert np.array_equal(develop(ends, draw(**tone), CAMERA), ends)
    assert develop(grey(128), draw(gamma=1.6), CAMERA)[0, 0, 0] < 100
    steps = [np.ptp(develop(grey_ramp(), draw(contrast=c), CAMERA).ravel()[3 * 100 : 3 * 150]) for c in (-1, 0, 1)]
    assert steps[0] < steps[1] < steps[2]
    assert (np.diff(develop(grey_ramp(), draw(contrast=1.0), CAMERA)[..., 0].ravel().astype(int)) >= 0).all()


def test_sharpening_steepens_an_edge_and_leaves_flats():
    edge = grey(100)
    edge[:, 75:] = 160
    seen = develop(edge, draw(sharpening=1), CAMERA).astype(int)
    assert seen[50, 75, 0] - seen[50, 74, 0] > 80
    assert (seen[:, :60] == 100).all()


def test_jpeg_leaves_its_blocks_and_less_of_them_at_a_high_quality():
    errors = [np.abs(develop(scenery(), draw(jpeg_quality=q), CAMERA).astype(int) - scenery()).mean() for q in (95, 15)]
    assert 0 < errors[0] < errors[1] / 2
    steps = np.abs(np.diff(develop(scenery(), draw(jpeg_quality=5), CAMERA).astype(float), axis=1)).mean(axis=(0, 2))
    assert steps[7::8].mean() > 2 * np.delete(steps, np.s_[7::8]).mean(), "where one block of eight ends"
