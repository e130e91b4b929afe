"""A picture of any of three formats as RGBA in a file that can be read at any place: GeoTIFF, PNG, JPEG.

Only the fenced process imports this: GDAL parses hostile bytes. What a header claims is checked before a pixel is read.
"""

import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from importers.errors import BrokenFile, TooMuch, UnknownFormat

Rgba = NDArray[np.uint8]
MOST_PIXELS: Final = 400_000_000
"""A sheet of 1 m by 0.7 m at 600 dots an inch has 390 million."""
MOST_SIDE: Final = 65_500
_STRIP_BYTES = 64 << 20
_MARKS = {
    b"II*\0": "GTiff", b"MM\0*": "GTiff", b"II+\0": "GTiff", b"MM\0+": "GTiff", b"\x89PNG": "PNG", b"\xff\xd8\xff": "JPEG",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Picture:
    """An open picture: its size, and what it says of its place.

    `transform`: pixels to the ground (a, b, c, d, e, f), None where it says none; `gcps`: (column, row, x, y) in it.
    """

    source: Any
    name: str
    width: int
    height: int
    transform: tuple[float, float, float, float, float, float] | None
    gcps: tuple[tuple[float, float, float, float], ...]
    crs: str | None


def prepare() -> None:
    """Fence GDAL in before it is loaded: no network, no files beside the one it is given, bounded caches."""
    os.environ.update(
        GDAL_SKIP="VRT,WMS,WMTS,WCS,HTTP,GTI,STACTA,STACIT,DAAS,EEDAI,PLMOSAIC,NGW,OGCAPI,PostGISRaster,Zarr,DERIVED",
        GDAL_DISABLE_READDIR_ON_OPEN="EMPTY_DIR",
        GDAL_PAM_ENABLED="NO",
        GDAL_CACHEMAX="128",
        GDAL_NUM_THREADS="1",
        GDAL_HTTP_TIMEOUT="1",
        GTIFF_POINT_GEO_IGNORE="FALSE",
        CPL_LOG="/dev/null",
    )


def format_of(head: bytes) -> str | None:
    """GDAL's name of the format of a file that begins so; None where it is none that is read."""
    return _MARKS.get(head[:4]) or _MARKS.get(head[:3])


@contextmanager
def opened(path: Path, name: str) -> Iterator[Picture]:
    """Open a picture. Raises: UnknownFormat, BrokenFile, TooMuch where it claims more than MOST_PIXELS."""
    import rasterio

    with path.open("rb") as file:
        driver = format_of(file.read(4))
    if driver is None:
        raise UnknownFormat(
            "Đây không phải ảnh TIFF, PNG hay JPEG, dù tên tệp là gì.",
            "This is no TIFF, PNG or JPEG picture, whatever it is called.",
            name,
        )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            source = rasterio.open(path, driver=driver)
        except (rasterio.errors.RasterioError, ValueError) as error:
            raise _broken(driver, name) from error
        with source:
            width, height, bands = source.width, source.height, source.count
            if width * height > MOST_PIXELS or max(width, height) > MOST_SIDE:
                raise TooMuch(
                    f"Ảnh ghi kích thước {width:,} × {height:,} điểm ảnh, nhiều hơn {MOST_PIXELS // 10**6} triệu: hãy giảm độ "
                    "phân giải hoặc chia tờ.",
                    f"The picture claims {width:,} × {height:,} pixels, more than {MOST_PIXELS // 10**6} million: scan it "
                    "coarser, or split it.",
                    name,
                )
            if source.dtypes[0] not in ("uint8", "uint16") or not 1 <= bands <= 16:
                raise UnknownFormat(
                    f"Ảnh có {bands} kênh kiểu {source.dtypes[0]}: chỉ đọc ảnh xám, màu hoặc bảng màu, 8 hoặc 16 bit.",
                    f"The picture has {bands} bands of {source.dtypes[0]}: only grey, colour and palettes of 8 or 16 bits are "
                    "read.",
                    name,
                )
            yield Picture(
                source,
                name,
                width,
                height,
                None if source.transform.is_identity else tuple(source.transform)[:6],
                tuple((g.col, g.row, g.x, g.y) for g in source.gcps[0]),
                _definition(source.crs or source.gcps[1]),
            )


def pixels(picture: Picture, folder: Path) -> Rgba:
    """The whole picture (height, width, 4), kept in a file under `folder`. Raises: BrokenFile."""
    import rasterio
    from rasterio.enums import ColorInterp
    from rasterio.windows import Window

    source, width, height = picture.source, picture.width, picture.height
    kept = np.memmap(folder / "pixels", np.uint8, "w+", shape=(height, width, 4))
    meanings = list(source.colorinterp)
    palette = source.colormap(1) if meanings[0] == ColorInterp.palette else None
    colours = [1, 2, 3] if source.count >= 3 and palette is None else [1]
    wide = source.dtypes[0] == "uint16"
    table = None if palette is None else np.zeros((256, 4), np.uint8)
    if table is not None:
        for value, colour in (palette or {}).items():
            if value < 256:
                table[value] = colour
    masked = (
        ColorInterp.alpha in meanings
        or source.nodata is not None
        or "per_dataset" in str(source.mask_flag_enums)
    )
    rows = max(1, min(height, _STRIP_BYTES // (width * 4)))
    try:
        for top in range(0, height, rows):
            window = Window(0, top, width, min(rows, height - top))
            got = source.read(colours, window=window)
            if wide:
                got = (got >> 8).astype(np.uint8)
            here = kept[top : top + got.shape[1]]
            if table is not None:
                here[:] = table[got[0]]
            else:
                here[:, :, :3] = np.moveaxis(got, 0, 2)
                here[:, :, 3] = 255
            if masked:
                here[:, :, 3] &= source.dataset_mask(window=window)
    except (rasterio.errors.RasterioError, ValueError, IndexError) as error:
        raise _broken(source.driver, picture.name) from error
    return kept


def _definition(crs: Any) -> str | None:
    """A system as authority code or WKT."""
    if not crs:
        return None
    code = crs.to_epsg(confidence_threshold=100)
    return f"EPSG:{code}" if code else str(crs.to_wkt())


def _broken(driver: str, name: str) -> BrokenFile:
    kind = {"GTiff": "TIFF"}.get(driver, driver)
    return BrokenFile(
        f"Tệp {kind} hỏng hoặc thiếu dữ liệu: hãy quét hoặc xuất lại.",
        f"The {kind} file is broken or cut short: scan or export it again.",
        name,
    )
