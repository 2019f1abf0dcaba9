"""From which side an object is seen: as its dataset says, or by the camera's azimuth round it."""

from pipeline.coco import ImageRecord, Instance

SECTORS = ("F", "FL", "L", "BL", "B", "BR", "R", "FR")
"""Eight of 45 degrees, each round its middle: ahead of the vehicle is azimuth 0, its own left is 90."""
OWN_FIELD = "the image's own field `view`"
AZIMUTH = "the camera's azimuth round the vehicle, 8 sectors"


def view_of(image: ImageRecord, instance: Instance) -> tuple[str, str] | None:
    """An object's view and where it is known from; None where it is not known.

    A record's azimuth is that of the vehicle it was made for: where others stand beside it, only a pose tells theirs.
    """
    own = image.extra.get("view")
    if isinstance(own, str) and own:
        return own, OWN_FIELD
    azimuth = instance.azimuth_deg
    if azimuth is None and len(image.instances) == 1:
        azimuth = image.extra.get("azimuth_deg")
    return (sector(azimuth), AZIMUTH) if isinstance(azimuth, int | float) else None


def sector(azimuth_deg: float) -> str:
    """The name of the sector that an azimuth lies in."""
    return SECTORS[int((azimuth_deg % 360 + 22.5) // 45) % 8]
