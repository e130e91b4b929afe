"""Surveys as a CSV of plots with their shape as WKT, as a database exports them."""

import csv
import io
from pathlib import Path

import shapely

from importers.legacy_text import encode
from importers.sample.place import EPSG
from importers.sample.surveys.survey import Survey

HEAD = (
    "ma_xa", "so_to", "so_thua", "ty_le", "loai_dat", "dien_tich", "dien_tich_phap_ly", "ma_dinh_danh", "dia_chi", "geom",
)  # fmt: skip


def write_wkt(path: Path, survey: Survey) -> Path:
    """Commas, names with underscores, EWKT with the zone's code; old letters as the single bytes they were."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(HEAD)
    for lot in survey.lots:
        said = (
            lot.commune,
            lot.sheet,
            lot.number,
            lot.scale,
            lot.land_use,
            lot.told_area_m2,
            lot.legal_area_m2,
        )
        shape = (
            ""
            if lot.shape is None
            else f"SRID={EPSG};{shapely.to_wkt(survey.placed(lot.shape), rounding_precision=9)}"
        )
        address = None if lot.address is None else encode(lot.address, survey.encoding)
        writer.writerow("" if value is None else value for value in (*said, lot.code, address, shape))
    content = text.getvalue().encode("utf-8" if survey.encoding == "utf-8" else "latin-1")
    path.write_bytes(survey.spoil(content) if survey.spoil else content)
    return path
