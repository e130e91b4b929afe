"""The sample written as files, each in the dialect of another program, as a land office would hand them in.

Sheets 1–4 (fields) are a GeoPackage with the ministry's names, sheets 5–8 a zipped Shapefile with ViLIS' names of at most ten
letters, sheets 9–12 a CSV with EWKT; `addresses.csv` holds the parts of the addresses of all of them. Together the three
files of shapes hold each parcel once. The same seed gives the same bytes.
"""

import csv
import io
import tempfile
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import numpy as np
import pyogrio
import shapely
from numpy.typing import NDArray

from importers.sample.place import COMMUNE, EPSG, POSTCODE, Parcel, draw_place

_DRAWN_ON: Final = "2026-01-15"
_GPKG_SHEETS: Final = ("1", "2", "3", "4")
_SHP_SHEETS: Final = ("5", "6", "7", "8")
_SHP_PARTS: Final = (".cpg", ".dbf", ".prj", ".shp", ".shx")


def write_sample(folder: Path, seed: int = 1) -> list[Path]:
    """The files, the addresses last; files of those names are replaced. `folder` is made where it is missing."""
    folder.mkdir(parents=True, exist_ok=True)
    parcels = draw_place(seed).parcels
    fields = [parcel for parcel in parcels if parcel.sheet in _GPKG_SHEETS]
    north = [parcel for parcel in parcels if parcel.sheet in _SHP_SHEETS]
    south = [parcel for parcel in parcels if parcel.sheet not in (*_GPKG_SHEETS, *_SHP_SHEETS)]
    return [
        _geopackage(folder / "to-1-4.gpkg", fields),
        _shapefile(folder / "to-5-8.shp.zip", north),
        _wkt(folder / "to-9-12.csv", south),
        _addresses(folder / "addresses.csv", parcels),
    ]


def _geopackage(path: Path, parcels: Sequence[Parcel]) -> Path:
    path.unlink(missing_ok=True)
    columns = {
        "maXa": _texts([COMMUNE] * len(parcels)),
        "soHieuToBanDo": _texts([parcel.sheet for parcel in parcels]),
        "soThuTuThua": _texts([parcel.number for parcel in parcels]),
        "tyLe": np.array([parcel.scale for parcel in parcels], dtype=np.int32),
        "kyHieuMucDichSuDung": _texts([parcel.land_use for parcel in parcels]),
        "dienTich": _areas_m2(parcels),
        "dienTichPhapLy": np.array([parcel.legal_area_m2 for parcel in parcels]),
        "diaChi": _texts([parcel.address for parcel in parcels]),
    }
    with date_of_drawing():
        _write(path, parcels, columns, driver="GPKG", layer="ThuaDat")
    return path


def _shapefile(path: Path, parcels: Sequence[Parcel]) -> Path:
    columns = {
        "XAID": _texts([COMMUNE] * len(parcels)),
        "SHBANDO": np.array([int(parcel.sheet) for parcel in parcels], dtype=np.int32),
        "SHTHUA": np.array([int(parcel.number) for parcel in parcels], dtype=np.int32),
        "TYLE": np.array([parcel.scale for parcel in parcels], dtype=np.int32),
        "KHLOAIDAT": _texts([parcel.land_use for parcel in parcels]),
        "DIENTICH": _areas_m2(parcels),
        "DIENTICHPL": np.array([parcel.legal_area_m2 for parcel in parcels]),
        "DIACHI": _texts([parcel.address for parcel in parcels]),
    }
    with (
        tempfile.TemporaryDirectory() as scratch,
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive,
    ):
        _write(
            Path(scratch) / "thua_dat.shp",
            parcels,
            columns,
            driver="ESRI Shapefile",
            encoding="UTF-8",
            DBF_DATE_LAST_UPDATE=_DRAWN_ON,
        )
        for suffix in _SHP_PARTS:
            entry = zipfile.ZipInfo(f"thua_dat{suffix}", (2026, 1, 15, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, (Path(scratch) / f"thua_dat{suffix}").read_bytes())
    return path


def _wkt(path: Path, parcels: Sequence[Parcel]) -> Path:
    shapes = shapely.to_wkt(np.array([parcel.shape for parcel in parcels]), rounding_precision=3)
    rows = [
        (
            COMMUNE,
            p.sheet,
            p.number,
            p.scale,
            p.land_use,
            p.legal_area_m2,
            p.address or "",
            f"SRID={EPSG};{wkt}",
        )
        for p, wkt in zip(parcels, shapes, strict=True)
    ]
    head = ("ma_xa", "so_to", "so_thua", "ty_le", "loai_dat", "dien_tich_phap_ly", "dia_chi", "geom")
    path.write_text(_table(head, rows, ","), encoding="utf-8", newline="")
    return path


def _addresses(path: Path, parcels: Sequence[Parcel]) -> Path:
    """All addresses as a spreadsheet saves them: semicolons and a byte-order mark."""
    rows = [
        (COMMUNE, p.sheet, p.number, p.house or "", p.street or "", p.hamlet or "", p.address, POSTCODE)
        for p in parcels
        if p.address
    ]
    head = ("ma_xa", "so_to", "so_thua", "so_nha", "ten_duong", "to_dan_pho", "dia_chi", "ma_buu_chinh")
    path.write_text(_table(head, rows, ";"), encoding="utf-8-sig", newline="")
    return path


def _table(head: Sequence[str], rows: Sequence[Sequence[object]], separator: str) -> str:
    text = io.StringIO()
    writer = csv.writer(text, delimiter=separator, lineterminator="\r\n")
    writer.writerow(head)
    writer.writerows(rows)
    return text.getvalue()


def _write(
    path: Path, parcels: Sequence[Parcel], columns: dict[str, NDArray[np.generic]], **how: str
) -> None:
    pyogrio.raw.write(
        path,
        geometry=shapely.to_wkb(np.array([parcel.shape for parcel in parcels])),
        field_data=list(columns.values()),
        fields=list(columns),
        geometry_type="Polygon",
        crs=f"EPSG:{EPSG}",
        **how,
    )


@contextmanager
def date_of_drawing() -> Iterator[None]:
    """GDAL stamps a GeoPackage with the day of writing unless told another."""
    before = pyogrio.get_gdal_config_option("OGR_CURRENT_DATE")
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": f"{_DRAWN_ON}T00:00:00.000Z"})
    try:
        yield
    finally:
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": before})


def _texts(values: Sequence[str | None]) -> NDArray[np.generic]:
    return np.array(values, dtype=object)


def _areas_m2(parcels: Sequence[Parcel]) -> NDArray[np.generic]:
    return np.round(shapely.area(np.array([parcel.shape for parcel in parcels])), 1)
