"""Licence plates by name: colours, what they carry, and how their text is formed.

In a pattern "@" is a letter and "#" a digit; "|" is where a plate of two lines breaks. Letters that are taken for
digits (I, O, Q) are left out, as most countries do.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from pipeline.appearance import Rgb

ANY = "any"
"""A plate's name in a spec: one of all that name a country."""
LETTERS = tuple("ABCDEFGHJKLMNPRSTUVWXYZ")
WHITE, BLACK, YELLOW = (0.92, 0.92, 0.92), (0.03, 0.03, 0.04), (0.95, 0.74, 0.08)


@dataclass(frozen=True)
class PlateStyle:
    """How the plates of one kind look.

    Attributes:
        patterns: forms of the text, all as common.
        front: background of the front plate, sRGB.
        rear: background of the rear plate; None: the front's.
        ink: colour of the characters and of the border, sRGB.
        band: letters in the band on the left ("" for none).
        band_rgb: colour of the band or the strip.
        band_right: a second, empty band on the right.
        stars: the band has the ring of twelve stars.
        header: words along the top; over a strip of `band_rgb` if `strip`.
        strip: a coloured strip along the top.
        small_first: the first line of two is small.
    """

    patterns: tuple[str, ...]
    front: Rgb = WHITE
    rear: Rgb | None = None
    ink: Rgb = BLACK
    band: str = ""
    band_rgb: Rgb = (0.0, 0.20, 0.60)
    band_right: bool = False
    stars: bool = False
    header: str = ""
    strip: bool = False
    small_first: bool = False


def _european(letter: str, *patterns: str, right: bool = False) -> PlateStyle:
    return PlateStyle(patterns, band=letter, band_right=right, stars=True)


PLATES: Mapping[str, PlateStyle] = {
    "white": PlateStyle(("@@ ###|@@",)),
    "yellow": PlateStyle(("@@ ###|@@",), front=YELLOW),
    "black": PlateStyle(("@@ ###|@@",), front=(0.04, 0.04, 0.04), ink=(0.9, 0.9, 0.9)),
    "blue": PlateStyle(("@@ ###|@@",), front=(0.10, 0.22, 0.55), ink=(0.9, 0.9, 0.9)),
    "blank": PlateStyle(("",), front=(0.75, 0.72, 0.72), ink=(0.5, 0.48, 0.48)),
    "germany": _european("D", "B|@@ ####", "M|@@ ###", "HH|@@ ###", "KA|@ ####", "DD|@@ ###", "L|@@ ####"),
    "france": _european("F", "@@-|###-@@", right=True),
    "italy": _european("I", "@@|###@@", right=True),
    "spain": _european("E", "####|@@@"),
    "poland": _european("PL", "W@|#####", "KR|####@", "PO|#@###", "GD|####@"),
    "netherlands": PlateStyle(
        ("@@-|###-@", "#-@@@|-##", "@-###|-@@"), front=YELLOW, rear=YELLOW, band="NL", stars=True
    ),
    "uk": PlateStyle(("@@##|@@@",), rear=YELLOW),
    "california": PlateStyle(("#@@@###",), ink=(0.07, 0.12, 0.42), header="CALIFORNIA"),
    "texas": PlateStyle(("@@@-####",), header="TEXAS"),
    "new_york": PlateStyle(
        ("@@@-####",), front=(0.90, 0.72, 0.25), ink=(0.05, 0.09, 0.28), header="NEW YORK", band_rgb=(0.05, 0.09, 0.28)
    ),
    "florida": PlateStyle(("@@@ @##", "### @@@"), ink=(0.05, 0.32, 0.16), header="FLORIDA"),
    "ohio": PlateStyle(("@@@ ####",), ink=(0.10, 0.14, 0.40), header="OHIO", strip=True, band_rgb=(0.72, 0.12, 0.14)),
    "japan": PlateStyle(
        ("品川 3##|あ ##-##", "横浜 5##|さ ##-##", "名古屋 3##|な ##-##", "大阪 5##|ま ##-##"),
        ink=(0.03, 0.28, 0.16),
        small_first=True,
    ),
    "japan_light": PlateStyle(("練馬 58#|い ##-##", "神戸 58#|た ##-##"), front=(0.93, 0.78, 0.10), small_first=True),
    "china": PlateStyle(
        ("京@·|#####", "沪@·|@####", "粤@·|#@###", "川@·|####@"), front=(0.03, 0.16, 0.55), ink=(0.95, 0.95, 0.95)
    ),
    "china_green": PlateStyle(("京@·|D#####", "沪@·|F#####", "粤@·|D#####"), front=(0.45, 0.80, 0.55)),
    "brazil": PlateStyle(("@@@#@##",), header="BRASIL", strip=True),
    "india": PlateStyle(("MH ##|@@ ####", "DL #|@ ####", "KA ##|@@ ####", "TN ##|@ ####"), band="IND"),
    "australia": PlateStyle(
        ("@@@·##@", "@@ ## @@"), front=(0.93, 0.80, 0.25), header="NEW SOUTH WALES", ink=(0.03, 0.03, 0.04)
    ),
    "victoria": PlateStyle(("#@@·#@@",), ink=(0.04, 0.12, 0.45), header="VICTORIA"),
}
PLAIN = ("white", "yellow", "black", "blue", "blank")


def draw_plate(name: str, rng: np.random.Generator) -> tuple[str, str]:
    """The plate's name, "any" resolved, and its text; a line break is "|"."""
    if name == ANY:
        countries = [country for country in PLATES if country not in PLAIN]
        name = countries[int(rng.integers(len(countries)))]
    patterns = PLATES[name].patterns
    pattern = patterns[int(rng.integers(len(patterns)))]
    return name, "".join(_character(c, rng) for c in pattern)


def _character(mark: str, rng: np.random.Generator) -> str:
    match mark:
        case "@":
            return LETTERS[int(rng.integers(len(LETTERS)))]
        case "#":
            return str(rng.integers(10))
        case _:
            return mark
