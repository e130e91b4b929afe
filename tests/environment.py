"""The environment people have: without what readers of uploads, elsewhere in this run, fence GDAL in with."""

import os

_FENCES = ("GDAL_", "OGR_", "CPL_", "GML_", "SHAPE_")


def unfenced() -> dict[str, str]:
    """The environment for other programs."""
    return {name: value for name, value in os.environ.items() if not name.startswith(_FENCES)}
