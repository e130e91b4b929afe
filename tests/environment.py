"""The environment people have, without what readers of uploads, elsewhere in this run, fence GDAL in with; and where the
databases of tests are kept."""

import os
import subprocess
from pathlib import Path

_FENCES = ("GDAL_", "OGR_", "CPL_", "GML_", "SHAPE_")


def unfenced() -> dict[str, str]:
    """The environment for other programs."""
    return {name: value for name, value in os.environ.items() if not name.startswith(_FENCES)}


def _clusters() -> Path:
    memory = Path("/dev/shm")  # noqa: S108 - the cluster refuses a folder of another user
    if memory.is_dir():
        there = os.statvfs(memory)
        machine = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
        if min(there.f_frsize * there.f_blocks, machine // 2) >= 8 << 30:
            return memory
    return Path("/var/tmp")  # noqa: S108


CLUSTERS = _clusters()
"""Folder for clusters: in memory where there is plenty of it. A database is 900 files, and nearly 900 tests make one of their
own: 0.03 s there, up to 0.4 on a disk."""

QGIS_PYTHON = Path("/usr/bin/python3")


def has_qgis() -> bool:
    """Whether QGIS (python3-qgis) is on this machine."""
    if not QGIS_PYTHON.exists():
        return False
    return (
        subprocess.run([QGIS_PYTHON, "-c", "import qgis.core"], capture_output=True, check=False).returncode
        == 0
    )
