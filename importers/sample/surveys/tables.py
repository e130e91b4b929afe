"""Surveys as lists of points: what is typed off a field book or exported from a receiver, and as a spreadsheet.

Plots are runs of rows with one plot number, their corners in order. X is north where a heading says so and nothing else.
"""

import csv
import io
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Literal

from openpyxl import Workbook

from importers.sample.surveys.rings import names, rings
from importers.sample.surveys.survey import Lot, Survey

Dialect = Literal["headed", "comma_decimals", "plain"]
HEAD = ("Số tờ", "Số thửa", "Tên điểm", "X (m)", "Y (m)", "Loại đất", "Diện tích")


def write_points(path: Path, survey: Survey, dialect: Dialect = "headed") -> Path:
    """headed: commas, a heading, X north before Y east. comma_decimals: the same as a Vietnamese Excel saves it, in
    semicolons and with a byte-order mark. plain: name, east, north, height, code (R12: corner of plot 12), no heading."""
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";" if dialect == "comma_decimals" else ",", lineterminator="\r\n")
    if dialect == "plain":
        for _, number, name, north, east, *_ in _rows(survey):
            writer.writerow((name, _decimal(east, survey), _decimal(north, survey), "0.000", code_of(number)))
    else:
        writer.writerow(HEAD)
        for row in _rows(survey):
            writer.writerow([_told(value, dialect, survey) for value in row])
    content = text.getvalue().encode("utf-8-sig" if dialect == "comma_decimals" else "utf-8")
    path.write_bytes(survey.spoil(content) if survey.spoil else content)
    return path


def write_plain(path: Path, survey: Survey) -> Path:
    """The list without a heading."""
    return write_points(path, survey, "plain")


def write_excel_csv(path: Path, survey: Survey) -> Path:
    """The list as a Vietnamese Excel saves it."""
    return write_points(path, survey, "comma_decimals")


def write_xlsx(path: Path, survey: Survey) -> Path:
    """The headed list as a workbook of one sheet."""
    book = Workbook()
    sheet = book.active
    sheet.title = "Toa do"
    sheet.append(HEAD)
    for row in _rows(survey):
        sheet.append([round(value, survey.decimals) if isinstance(value, float) else value for value in row])
    raw = io.BytesIO()
    book.save(raw)
    _without_dates(raw, path)
    if survey.spoil:
        path.write_bytes(survey.spoil(path.read_bytes()))
    return path


def point_rows(survey: Survey) -> Iterator[tuple[str, float, float, str]]:
    """Name, x, y (as in the file, east first) and code of each corner, plot by plot."""
    for _, number, name, y, x, *_ in _rows(survey):
        yield name, x, y, code_of(number)


def code_of(number: str) -> str:
    """The code a surveyor types at a corner of the plot: R and its number, nothing where it is of none."""
    return f"R{number}" if number else ""


def _rows(survey: Survey) -> Iterator[tuple[str, str, str, float, float, str | None, float | None]]:
    named = names(survey.lots)
    for lot in survey.lots:
        for corner, name in _corners(lot, named):
            x, y = survey.at(corner)
            yield lot.sheet or "", lot.number or "", name, y, x, lot.land_use, lot.told_area_m2
    for name, east, north in survey.points:
        x, y = survey.at((east, north))
        yield "", "", name, y, x, None, None


def _corners(lot: Lot, named: dict[tuple[float, float], str]) -> Sequence[tuple[tuple[float, float], str]]:
    """Only the outer boundary: a list of points has no place for holes."""
    found = rings(lot)[:1]
    return [((x, y), named[x, y]) for ring in found for x, y in ring.tolist()]


def _decimal(value: float, survey: Survey) -> str:
    return f"{value:.{survey.decimals}f}"


def _told(value: Any, dialect: Dialect, survey: Survey) -> str:
    if value is None:
        return ""
    told = _decimal(value, survey) if isinstance(value, float) else str(value)
    return told.replace(".", ",") if dialect == "comma_decimals" and isinstance(value, float) else told


def _without_dates(raw: io.BytesIO, path: Path) -> None:
    """The workbook with a fixed date on each part, and without the part that says when it was made."""
    with zipfile.ZipFile(raw) as made, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as kept:
        for name in sorted(made.namelist(), key=lambda name: (name != "[Content_Types].xml", name)):
            content = made.read(name)
            if name == "docProps/core.xml":
                head, _, rest = content.partition(b"<dcterms:created")
                content = head + rest.rpartition(b"</dcterms:modified>")[2]
            entry = zipfile.ZipInfo(name, (2026, 1, 15, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            kept.writestr(entry, content)
