"""What Blender's libraries must be told before they are loaded."""

import os


def keep_no_colour_processors() -> None:
    """Let OpenColorIO forget how it turned a picture's light into colours: to be called before bpy is imported.

    It keeps a processor with its tables, 3.8 MB, for each exposure that was ever asked for, and every shot has its own.
    To make one again takes no time that can be measured (60 ms a small render with and without).
    """
    os.environ["OCIO_DISABLE_PROCESSOR_CACHES"] = "1"
