"""The environment people have: without what readers of uploads, elsewhere in this run, fence GDAL in with."""

import os
import subprocess
from pathlib import Path

_FENCES = ("GDAL_", "OGR_", "CPL_", "GML_", "SHAPE_")


def unfenced() -> dict[str, str]:
    """The environment for other programs."""
    return {name: value for name, value in os.environ.items() if not name.startswith(_FENCES)}


QGIS_PYTHON = Path("/usr/bin/python3")


def has_qgis() -> bool:
    """Whether QGIS (python3-qgis) is on this machine."""
    if not QGIS_PYTHON.exists():
        return False
    return (
        subprocess.run([QGIS_PYTHON, "-c", "import qgis.core"], capture_output=True, check=False).returncode
        == 0
    )
