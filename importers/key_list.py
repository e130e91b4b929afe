"""Lists of keys to be resolved, as lines or as CSV: what stands in each row, not what it means."""

import csv
from collections.abc import Sequence
from typing import Final

from importers.columns import ALIASES, plain
from importers.errors import BrokenFile

Row = str | dict[str, str]
_OTHERS: Final = {
    "key": ("key", "khoa"),
    "lon": ("lon", "lng", "longitude", "kinhdo"),
    "lat": ("lat", "latitude", "vido"),
    "epsg": ("epsg",),
    "east": ("east", "easting", "dong"),
    "north": ("north", "northing", "bac"),
}
_FIELDS: Final = {
    name: field
    for field, names in {
        **{
            f: sum(ALIASES[f], ())
            for f in ("commune", "sheet", "number", "scale", "map_set", "code", "address")
        },
        **_OTHERS,
    }.items()
    for name in names
}


def lines(text: str) -> list[Row]:
    """One key a line; empty lines at the end are none."""
    return list(text.removeprefix("\N{BYTE ORDER MARK}").rstrip("\r\n").splitlines()) if text.strip() else []


def rows(text: str) -> list[Row]:
    """The rows of a CSV with a header of known names (ma_xa, so_to, so_thua; lon, lat …); without one, each line is a key.

    Columns of other names are passed over. Raises: BrokenFile where rows cannot be parted into cells.
    """
    text = text.removeprefix("\N{BYTE ORDER MARK}")
    if not text.strip():
        return []
    head = text.split("\n", 1)[0]
    separator = max(",;\t|", key=head.count)
    try:
        parsed = [row for row in csv.reader(text.splitlines(), delimiter=separator, strict=True) if row]
    except csv.Error as error:
        raise BrokenFile(f"CSV không đọc được: {error}.", f"The CSV cannot be read: {error}.") from None
    fields = [_FIELDS.get(plain(name), "") for name in parsed[0]]
    if not any(fields):
        return [_line(row, separator) for row in parsed]
    return [
        {field: cell.strip() for field, cell in zip(fields, row, strict=False) if field and cell.strip()}
        for row in parsed[1:]
    ]


def _line(row: Sequence[str], separator: str) -> str:
    return row[0] if len(row) == 1 else f"{separator} ".join(row) if separator != "\t" else " ".join(row)
