"""The real parcels of Da Nang, where the developer's data folder is beside the repository."""

import zipfile
from pathlib import Path

import numpy as np
import pyogrio
import shapely

from geo import crs, shapes
from geo.ragged import Shapes

ARCHIVE = Path(__file__).parents[3] / "shared/data/vn_danang_parcels/danang_parcels_geojson.zip"
EPSG = 5899


def wards() -> list[Shapes]:
    """Every parcel by ward, WGS84 brought into EPSG:5899 and onto the millimetre, invalid ones included."""
    with zipfile.ZipFile(ARCHIVE) as archive:
        names = sorted(name for name in archive.namelist() if name.endswith("json"))
    out = []
    for name in names:
        wkb = pyogrio.raw.read(f"/vsizip/{ARCHIVE}/{name}", columns=[])[2]
        degrees = shapely.force_2d(shapely.from_wkb(wkb))
        metres = shapely.transform(
            degrees, lambda xy: np.column_stack(crs.from_wgs84(EPSG, xy[:, 0], xy[:, 1]))
        )
        out.append(shapes.round_mm(metres))
    return out
