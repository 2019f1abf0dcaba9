"""What a vehicle looks like apart from its shape: drawn per shot, so that one body is seen in many paints."""

from typing import Annotated, Literal

from pydantic import Field

from pipeline.config import Config

Unit = Annotated[float, Field(ge=0, le=1)]
Rgb = tuple[Unit, Unit, Unit]
Finish = Literal["solid", "metallic", "pearl", "matte"]


class Appearance(Config):
    """Colours and finishes of one vehicle in one image.

    Attributes:
        paint_rgb: body paint, sRGB (as a colour picker shows it), 0..1.
        paint_finish: "solid" and "pearl" have a clear coat, "metallic" has flakes under it, "matte" has none.
        dirt: 0 washed .. 1 never washed.
        glass_tint: 0 clear .. 1 privacy glass.
        rim_rgb: wheel rims, sRGB.
        trim_rgb: unpainted plastic (sills, arches, grille), sRGB.
        plate_rgb: licence plate background, sRGB.
        plate_text: what the licence plates say.
        lamps_on: head and tail lamps emit light.
    """

    paint_rgb: Rgb = (0.6, 0.6, 0.62)
    paint_finish: Finish = "metallic"
    dirt: Unit = 0.0
    glass_tint: Unit = 0.4
    rim_rgb: Rgb = (0.7, 0.7, 0.7)
    trim_rgb: Rgb = (0.03, 0.03, 0.03)
    plate_rgb: Rgb = (0.9, 0.9, 0.9)
    plate_text: Annotated[str, Field(max_length=12)] = "AKD 123"
    lamps_on: bool = False
