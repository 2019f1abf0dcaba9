"""What is written of an image besides its picture, its boxes and its keypoints, as a spec says it."""

from typing import Literal, Self

from pydantic import model_validator

from pipeline.config import Config

MapKind = Literal["depth", "normals", "instances"]
DepthFormat = Literal["png", "exr"]
Segmentation = Literal["rle", "polygon"]


class AnnotationsSpec(Config):
    """Masks and maps.

    Attributes:
        segmentation: how masks are written: COCO's run lengths, which are exact, or polygons of their outer contours,
            which have no holes (`pipeline.polygons`).
        maps: images of other things than colour, a file of each beside every picture (`pipeline.map_files`).
        depth_format: "png" has millimetres in 16 bits, up to 65.5 m; "exr" metres as 32-bit floats.
    """

    segmentation: Segmentation = "rle"
    maps: tuple[MapKind, ...] = ()
    depth_format: DepthFormat = "png"

    @model_validator(mode="after")
    def _maps_that_make_sense(self) -> Self:
        if len(set(self.maps)) < len(self.maps):
            raise ValueError("maps must name each kind once")
        if self.depth_format != "png" and "depth" not in self.maps:
            raise ValueError(f"depth_format {self.depth_format} needs depth among the maps")
        return self
