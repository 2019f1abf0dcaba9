"""What a vehicle looks like apart from its shape: drawn per shot, so that one body is seen in many paints."""

from typing import Annotated, Literal

from pydantic import Field

from pipeline.config import Config

Unit = Annotated[float, Field(ge=0, le=1)]
Rgb = tuple[Unit, Unit, Unit]
Finish = Literal["solid", "metallic", "pearl", "matte"]
TwoTone = Literal["none", "roof", "lower"]
Livery = Literal["none", "stripes", "side_stripe", "stickers", "delivery", "taxi", "police"]
Indicators = Literal["off", "left", "right", "both"]


class Appearance(Config):
    """Colours and finishes of one vehicle in one image.

    Attributes:
        paint_rgb: body paint, sRGB (as a colour picker shows it), 0..1.
        paint_finish: "solid" and "pearl" have a clear coat, "metallic" has flakes under it, "matte" has none.
        two_tone: which part of the body wears the second paint.
        second_rgb: the second paint, sRGB.
        livery: what is painted or stuck on the body.
        livery_rgb: its main colour, sRGB.
        dirt: 0 washed .. 1 never washed: mud from the wheels and the road.
        dust: 0 none .. 1 thick on whatever faces up.
        rain: 0 dry .. 1 drops everywhere.
        scratches: 0 none .. 1 many.
        glass_tint: 0 clear .. 1 privacy glass.
        lamp_housing: what shows through the head lamps' lenses: 0 dark .. 1 chrome.
        rim_rgb: wheel rims, sRGB.
        trim_rgb: unpainted plastic (sills, arches, grille), sRGB.
        plate: name of the licence plates' kind.
        plate_text: what the licence plates say; "|" is where a plate of two lines breaks.
        lamps_on: head and tail lamps emit light.
        brakes_on: so do the stop lamps.
        indicators: which turn signals are lit.
        seed: of the noise that wear follows and of what the livery draws by itself.
    """

    paint_rgb: Rgb = (0.6, 0.6, 0.62)
    paint_finish: Finish = "metallic"
    two_tone: TwoTone = "none"
    second_rgb: Rgb = (0.03, 0.03, 0.03)
    livery: Livery = "none"
    livery_rgb: Rgb = (0.9, 0.9, 0.9)
    dirt: Unit = 0.0
    dust: Unit = 0.0
    rain: Unit = 0.0
    scratches: Unit = 0.0
    glass_tint: Unit = 0.4
    lamp_housing: Unit = 0.0
    rim_rgb: Rgb = (0.7, 0.7, 0.7)
    trim_rgb: Rgb = (0.03, 0.03, 0.03)
    plate: str = "white"
    plate_text: Annotated[str, Field(max_length=16)] = "AKD 123"
    lamps_on: bool = False
    brakes_on: bool = False
    indicators: Indicators = "off"
    seed: int = 0
