"""Outlines and postcodes of communes from a file: (commune code, postcode, outline as WKB in WGS84 degrees).

Read are the map formats of the importers, and CSV or TSV of codes and postcodes.
"""

import csv
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import shapely

from geo.crs import to_wgs84
from geo.text import fold
from importers import gdal, texts
from importers.crs import WGS84, Source, contradiction, identify, missing, web_to_wgs84
from importers.errors import BrokenFile, EmptyFile, MissingColumn, NoCrs, UnknownColumn
from importers.source import SourceFile, discover

Row = tuple[str, str | None, bytes | None]

# Names without case, accents and separators; the first that is there is taken.
CODE = (
    "maxa",
    "xaid",
    "madvhcxa",
    "madvhc",
    "maxaphuong",
    "maphuongxa",
    "maphuong",
    "communecode",
    "wardcode",
    "code",
    "ma",
    "commune",
)
POSTCODE = ("mabuuchinh", "postcode", "postalcode", "zipcode", "zip", "mabc")


def read_outlines(
    path: Path, crs: int | None = None, mapping: Mapping[str, str] | None = None
) -> Iterator[Row]:
    """Rows of `path` in the file's order: code in 5 digits, postcode or None, polygon as WKB or None.

    `crs` overrules the file's coordinate system; `mapping` names the columns of `commune` and `postcode`. In files of
    several layers those of communes are read (a layer of provinces has codes of two digits). Outlines stay as they are,
    valid or not; codes and postcodes are trimmed and given their leading zeros, not checked.

    Raises: importers.errors.Refused.
    """
    mapping = mapping or {}
    gdal.prepare()
    with tempfile.TemporaryDirectory(prefix="diachinh-units-") as folder:
        empty = True
        for source in discover([path], Path(folder)):
            for row in _csv(source, mapping) if source.format == "csv" else _map(source, crs, mapping):
                empty = False
                yield row
        if empty:
            raise EmptyFile("Tệp không có dòng nào.", "The file has no rows.", path.name)


def _plain(name: str) -> str:
    return "".join(letter for letter in fold(name) if letter.isalnum())


def _column(names: Sequence[str], field: str, mapping: Mapping[str, str], place: str) -> str | None:
    wanted = mapping.get(field)
    if wanted is not None:
        for name in names:
            if _plain(name) == _plain(wanted):
                return name
        raise UnknownColumn(
            f"Tệp không có cột “{wanted}”. Các cột: {', '.join(names)}.",
            f'The file has no column "{wanted}". Its columns: {", ".join(names)}.',
            place,
        )
    by_name = {_plain(name): name for name in reversed(names)}
    return next(
        (by_name[alias] for alias in (CODE if field == "commune" else POSTCODE) if alias in by_name), None
    )


def _no_code(names: Sequence[str], place: str) -> MissingColumn:
    return MissingColumn(
        f"Không thấy cột mã xã (5 chữ số). Các cột: {', '.join(names)}. Hãy chỉ rõ: --map commune=TÊN_CỘT.",
        f"There is no column of commune codes (5 digits). Columns: {', '.join(names)}. Say which: --map commune=COLUMN.",
        place,
    )


def _csv(source: SourceFile, mapping: Mapping[str, str]) -> Iterator[Row]:
    try:
        with source.path.open(encoding="utf-8-sig", newline="") as file:
            head = file.readline()
            file.seek(0)
            reader = csv.DictReader(file, delimiter=max("\t;,", key=head.count), strict=True)
            names = list(reader.fieldnames or ())
            code, postcode = (
                _column(names, field, mapping, source.name) for field in ("commune", "postcode")
            )
            if code is None:
                raise _no_code(names, source.name)
            if postcode is None:
                raise MissingColumn(
                    f"Không thấy cột mã bưu chính. Các cột: {', '.join(names)}. Hãy chỉ rõ: --map postcode=TÊN_CỘT.",
                    f"There is no column of postcodes. Columns: {', '.join(names)}. Say which: --map postcode=COLUMN.",
                    source.name,
                )
            for row in reader:
                if told := (row[code] or "").strip():
                    yield _padded(told), _padded((row[postcode] or "").strip()) or None, None
    except (UnicodeDecodeError, csv.Error) as error:
        raise BrokenFile(
            f"Không đọc được tệp như CSV mã UTF-8: {error}. Hãy lưu lại dạng “CSV UTF-8”.",
            f"The file cannot be read as CSV in UTF-8: {error}. Save it as “CSV UTF-8”.",
            source.name,
        ) from error


def _padded(told: str) -> str:
    return told.zfill(5) if told.isdigit() else told


def _map(source: SourceFile, crs: int | None, mapping: Mapping[str, str]) -> Iterator[Row]:
    layers = gdal.layers(source)
    names: list[str] = []
    found = False
    for layer in layers:
        with gdal.opened(source, layer, None) as opened:
            names.extend(name for name in opened.fields if name not in names)
            if len(layers) > 1 and {_plain(name) for name in mapping.values()} - {
                _plain(name) for name in opened.fields
            }:
                continue
            code, postcode = (
                _column(opened.fields, field, mapping, source.name) for field in ("commune", "postcode")
            )
            if code is None or opened.geometry is None:
                continue
            system = identify(opened.crs, crs, source.name)
            for batch in opened.batches:
                if len(layers) > 1 and pc.max(pc.utf8_length(texts.text(batch.column(code)))).as_py() == 2:
                    break  # a layer of provinces
                found = True
                codes = texts.commune(batch.column(code)).to_pylist()
                shapes = _degrees(batch.column(opened.geometry), system, source.name)
                posts = (
                    [None] * len(codes)
                    if postcode is None
                    else texts.commune(batch.column(postcode)).to_pylist()
                )
                for told, post, shape in zip(codes, posts, shapes, strict=True):
                    if told is not None:
                        yield told, post, shape
    if not found:
        raise _no_code(names, source.name)


def _degrees(column: pa.Array, system: Source | None, place: str) -> list[bytes | None]:
    """The outlines as WKB in WGS84 degrees, longitude first."""
    try:
        shapes = shapely.from_wkb(np.array(column.to_pylist(), object))
    except shapely.errors.GEOSException as error:
        raise BrokenFile(f"Hình hỏng: {error}.", f"A shape is broken: {error}.", place) from error
    shapes = shapely.force_2d(shapes)
    bounds = shapely.bounds(shapes)
    bounds = bounds[np.isfinite(bounds).all(axis=1)]
    if len(bounds):
        middle = np.median(bounds, axis=0)
        box = (float(middle[0]), float(middle[1]), float(middle[2]), float(middle[3]))
        if system is None:
            raise _unsaid(box, place)
        if (wrong := contradiction(system, box, place)) is not None:
            raise wrong
    if system is not None and system.projected:
        epsg = system.epsg
        shapes = shapely.transform(shapes, lambda xy: np.column_stack(to_wgs84(epsg, xy[:, 0], xy[:, 1])))
    elif system is not None and system.epsg != WGS84:
        shapes = shapely.transform(shapes, lambda xy: np.column_stack(web_to_wgs84(xy[:, 0], xy[:, 1])))
    return [None if shape is None else bytes(shapely.to_wkb(shape)) for shape in shapes]


def _unsaid(box: tuple[float, float, float, float], place: str) -> NoCrs:
    return missing(box, [], lambda _: None, place)
