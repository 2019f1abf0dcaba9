"""What is painted or stuck on a car's body, as pictures: one of each side, one seen from above.

The sides span the car's length and from the ground to `side_top`; the top spans the length, front at the right, and
the width, the car's right side at the bottom. All names are made up.
"""

from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray

from blender_scenes.car_frame import CarFrame
from blender_scenes.lettering import write
from pipeline.appearance import Appearance, Rgb

PX_PER_M = 200.0
SYLLABLES = ("ar", "bel", "cor", "dan", "el", "fen", "gal", "ko", "lin", "mar", "nor", "os", "pra", "ren", "sol", "tu")
TRADES = (
    "EXPRESS",
    "COURIER",
    "LOGISTICS",
    "CLEANING",
    "BAKERY",
    "ELECTRIC",
    "PLUMBING",
    "FLOWERS",
    "RENTAL",
    "CATERING",
)
WHITE, BLACK = (0.93, 0.93, 0.93), (0.03, 0.03, 0.03)
Picture = NDArray[np.uint8]


def side_top(frame: CarFrame) -> float:
    """The height that the side's picture reaches, metres."""
    return frame.cant + 0.3


class Board:
    """RGBA pictures that are drawn on in metres, y up from the ground or the right edge, x forward from the rear.

    `right` has the car's front at its right, `left`, the other side's, at its left; words are not mirrored.
    """

    def __init__(self, width_m: float, height_m: float, ground: Rgb) -> None:
        self.width_m = width_m
        self.right: Picture = np.zeros((round(height_m * PX_PER_M), round(width_m * PX_PER_M), 4), dtype=np.uint8)
        self.right[..., :3] = [round(255 * c) for c in ground]  # what the edges' colour fades to
        self.left = self.right.copy()

    def polygon(self, points: list[tuple[float, float]], rgb: Rgb) -> None:
        """A filled polygon of (x, y)."""
        height = self.right.shape[0]
        for picture, mirrored in ((self.right, False), (self.left, True)):
            corners = np.array([[self.width_m - x if mirrored else x, y] for x, y in points]) * PX_PER_M
            corners[:, 1] = height - corners[:, 1]
            cv2.fillPoly(picture, [np.round(corners * 16).astype(np.int32)], _ink(rgb), cv2.LINE_AA, 4)

    def box(self, x0: float, y0: float, x1: float, y1: float, rgb: Rgb, lean: float = 0.0) -> None:
        """A rectangle, or a parallelogram that leans by `lean` metres."""
        self.polygon([(x0, y0), (x1, y0), (x1 + lean, y1), (x0 + lean, y1)], rgb)

    def disc(self, x: float, y: float, radius: float, rgb: Rgb) -> None:
        """A filled circle."""
        turn = np.linspace(0, 2 * np.pi, 48, endpoint=False)
        self.polygon([(x + radius * float(np.cos(t)), y + radius * float(np.sin(t))) for t in turn], rgb)

    def text(self, words: str, x0: float, y0: float, x1: float, y1: float, rgb: Rgb) -> None:
        """A line of text in the middle of a box."""
        height = self.right.shape[0]
        for picture, left, right in ((self.right, x0, x1), (self.left, self.width_m - x1, self.width_m - x0)):
            box = (left * PX_PER_M, height - y1 * PX_PER_M, right * PX_PER_M, height - y0 * PX_PER_M)
            write(picture, words, box, rgb)


def draw_livery(look: Appearance, frame: CarFrame) -> tuple[Picture, Picture]:
    """The sides' picture, the left above the right one, and the top's: RGBA, straight alpha."""
    rng = np.random.default_rng([look.seed, 7])
    side = Board(frame.length, side_top(frame), look.livery_rgb)
    top = Board(frame.length, 2 * frame.half_width, look.livery_rgb)
    DESIGNS[look.livery](side, top, look, frame, rng)
    return np.concatenate([side.left, side.right]), top.right


Design = Callable[[Board, Board, Appearance, CarFrame, np.random.Generator], None]


def _stripes(side: Board, top: Board, look: Appearance, frame: CarFrame, rng: np.random.Generator) -> None:
    """Along the whole car: two broad ones, or one with a thin one at each side."""
    middle = frame.half_width
    if rng.random() < 0.6:
        inner, width = rng.uniform(0.06, 0.14), rng.uniform(0.16, 0.26)
        bands = [(-inner - width, -inner), (inner, inner + width)]
    else:
        width = rng.uniform(0.18, 0.28)
        bands = [(-width, width), (-width - 0.08, -width - 0.04), (width + 0.04, width + 0.08)]
    for low, high in bands:
        top.box(0.0, middle + low, frame.length, middle + high, look.livery_rgb)


def _side_stripe(side: Board, top: Board, look: Appearance, frame: CarFrame, rng: np.random.Generator) -> None:
    """Along the doors, low or at the waist, slanted at its ends."""
    low = frame.sill + 0.16 if rng.random() < 0.5 else frame.belt - 0.17
    height = rng.uniform(0.05, 0.11)
    rear, front = _doors(frame)
    side.box(rear, low, front, low + height, look.livery_rgb, lean=height)
    side.box(rear - 0.1, low - 0.035, front - 0.1, low - 0.015, look.livery_rgb, lean=0.02)
    if low < frame.belt - 0.3:
        side.text(_name(rng), rear + 0.1, low + 0.2 * height, rear + 0.9, low + 0.8 * height, look.paint_rgb)


def _stickers(side: Board, top: Board, look: Appearance, frame: CarFrame, rng: np.random.Generator) -> None:
    """A start number on the door and a few small ones about it."""
    rear, front = _doors(frame)
    x, y = front - rng.uniform(0.35, 0.7), _waist(frame)
    if rng.random() < 0.7:
        radius = min(0.26, 0.45 * (frame.belt - frame.sill))
        side.disc(x, y, radius, WHITE)
        side.text(
            str(rng.integers(1, 99)), x - 0.7 * radius, y - 0.5 * radius, x + 0.7 * radius, y + 0.5 * radius, BLACK
        )
    for _ in range(int(rng.integers(1, 5))):
        width, height = rng.uniform(0.15, 0.4), rng.uniform(0.06, 0.13)
        left, low = rng.uniform(rear - 0.3, front - 0.4), rng.uniform(frame.sill + 0.15, frame.belt - 0.25)
        colour = (float(rng.random()), float(rng.random()), float(rng.random()))
        side.box(left, low, left + width, low + height, colour)
        side.text(
            _name(rng), left + 0.02, low + 0.2 * height, left + width - 0.02, low + 0.8 * height, _legible(colour)
        )


def _delivery(side: Board, top: Board, look: Appearance, frame: CarFrame, rng: np.random.Generator) -> None:
    """A company's name over the doors, its trade and number under it, and a sign of its own."""
    rear, front = _doors(frame)
    low, high = frame.sill + 0.14, frame.belt - 0.05
    space = high - low
    if rng.random() < 0.5:  # the rear half of the car in the company's colour
        edge = rear + rng.uniform(0.1, 0.7)
        side.polygon([(0, 0), (edge, 0), (edge + 0.5, side_top(frame)), (0, side_top(frame))], look.livery_rgb)
    name, ink = _name(rng), look.livery_rgb
    start = rear + 0.95 if front - rear > 1.7 else rear + 0.4
    sign = (start - 0.22, low + 0.62 * space)
    side.disc(*sign, 0.17, ink)
    side.box(sign[0] - 0.09, sign[1] - 0.05, sign[0] + 0.05, sign[1] + 0.05, _legible(ink), lean=0.05)
    side.text(name, start, low + 0.48 * space, front, low + 0.82 * space, ink)
    trade = TRADES[int(rng.integers(len(TRADES)))]
    side.text(trade, start, low + 0.24 * space, front - 0.2, low + 0.40 * space, ink)
    number = "0" + " ".join(str(rng.integers(10, 99)) for _ in range(4))
    side.text(number, start, low + 0.04 * space, front - 0.3, low + 0.16 * space, ink)


def _taxi(side: Board, top: Board, look: Appearance, frame: CarFrame, rng: np.random.Generator) -> None:
    """A band of checks at the waist or along the sill, and the word on the door."""
    cell = rng.uniform(0.05, 0.08)
    low = frame.belt - 0.12 - 2 * cell if rng.random() < 0.6 else frame.sill + 0.16
    for column in range(int(frame.length / cell) + 1):
        for row in range(2):
            colour = BLACK if (column + row) % 2 else (0.93, 0.88, 0.8)
            x, y = column * cell, low + row * cell
            side.box(x, y, x + cell, y + cell, colour)
    _, front = _doors(frame)
    word_low = low - 0.24 if low > _waist(frame) else low + 2 * cell + 0.06
    ink = _legible(look.paint_rgb)
    side.text("TAXI", front - 0.85, word_low, front - 0.1, word_low + 0.17, ink)


def _police(side: Board, top: Board, look: Appearance, frame: CarFrame, rng: np.random.Generator) -> None:
    """Blocks in two rows or a slanted field, the word, and a number on the roof."""
    vivid = ((0.03, 0.13, 0.55), (0.05, 0.32, 0.16), (0.65, 0.05, 0.06))[int(rng.integers(3))]
    low, high = frame.sill + 0.22, frame.belt - 0.04
    rear, front = _doors(frame)
    if rng.random() < 0.5:
        second, block = (0.85, 0.88, 0.10), 0.48
        rows = (low + high) / 2
        for column in range(int(frame.length / block) + 1):
            pair = (vivid, second) if column % 2 else (second, vivid)
            side.box(column * block, low, (column + 1) * block, rows, pair[0])
            side.box(column * block, rows, (column + 1) * block, high, pair[1])
        side.box(front - 0.95, rows - 0.13, front - 0.05, rows + 0.13, WHITE)
        side.text("POLICE", front - 0.9, rows - 0.085, front - 0.1, rows + 0.085, vivid)
    else:
        side.box(0.0, low, frame.length, high, WHITE)
        side.box(0.0, low, front - 0.55, low + 0.4 * (high - low), vivid, lean=0.3)
        side.text("POLICE", rear + 0.1, low + 0.48 * (high - low), front, low + 0.92 * (high - low), vivid)
    roof = frame.pillar_x - frame.rear
    label = str(rng.integers(10, 99))
    top.text(label, roof - 0.4, frame.half_width - 0.22, roof + 0.4, frame.half_width + 0.22, _legible(look.paint_rgb))


DESIGNS: dict[str, Design] = {
    "stripes": _stripes,
    "side_stripe": _side_stripe,
    "stickers": _stickers,
    "delivery": _delivery,
    "taxi": _taxi,
    "police": _police,
}


def _doors(frame: CarFrame) -> tuple[float, float]:
    """Rear and front end of the doors on the side's picture, metres."""
    rear = frame.rear_axle + frame.wheel_radius + 0.10 - frame.rear
    return rear, frame.front_axle - frame.wheel_radius - 0.16 - frame.rear


def _waist(frame: CarFrame) -> float:
    return (frame.sill + frame.belt) / 2 + 0.05


def _name(rng: np.random.Generator) -> str:
    return "".join(SYLLABLES[int(i)] for i in rng.integers(len(SYLLABLES), size=int(rng.integers(2, 4)))).upper()


def _legible(ground: Rgb) -> Rgb:
    """Black or white, whichever can be read on it."""
    return BLACK if 0.3 * ground[0] + 0.6 * ground[1] + 0.1 * ground[2] > 0.45 else WHITE


def _ink(rgb: Rgb) -> tuple[int, int, int, int]:
    red, green, blue = (round(255 * c) for c in rgb)
    return red, green, blue, 255
