"""What can go wrong, as exceptions whose text is one clear line: where, what, what is allowed.

AkdError
├── SpecError       a dataset spec, model config or keypoint schema that cannot be used
├── ModelError      a 3D model or its keypoint sidecar that cannot be used
├── DatasetError    a dataset on disk that is missing, damaged or of another schema
├── WeightsError    weights or a run folder that cannot be loaded
├── ImageError      an image that cannot be read
├── IndexFileError  a retrieval index that is missing or damaged
└── RenderError     Blender or a render worker failed
"""

from pipeline.one_line import one_line


class AkdError(Exception):
    """Base of every error that is the user's to mend; one line, whatever names it quotes."""

    def __str__(self) -> str:
        return one_line(super().__str__())


class SpecError(AkdError):
    """A dataset spec, model config or keypoint schema is wrong."""


class ModelError(AkdError):
    """A 3D model or its keypoint sidecar is wrong."""


class DatasetError(AkdError):
    """A dataset on disk is missing, damaged or of another schema."""


class WeightsError(AkdError):
    """Weights or a run folder cannot be loaded."""


class ImageError(AkdError):
    """An image cannot be read."""


class IndexFileError(AkdError):
    """A retrieval index is missing or damaged."""


class RenderError(AkdError):
    """Blender or a render worker failed."""
