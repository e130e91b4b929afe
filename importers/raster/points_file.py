"""Files that say where pixels lie: control points as CSV, QGIS' `.points` or GDAL's `-gcp` words, and world files."""

import csv
import io
import re
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from geo.georeference import MOST_POINTS
from importers.columns import plain
from importers.errors import BrokenFile, TooMuch

Floats = NDArray[np.float64]
MOST_BYTES = 1 << 20
_GCP = re.compile(r"-gcp((?:\s+[-+.\deE]+){4,5})")
_NAMES = {
    "column": ("sourcex", "pixelx", "px", "pixel", "col", "column", "cot", "xpx", "xpixel", "xanh", "imagex", "x"),
    "row": ("sourcey", "pixely", "py", "line", "row", "hang", "ypx", "ypixel", "yanh", "imagey", "y"),
    "east": ("mapx", "east", "easting", "e", "dong", "toadodong", "lon", "longitude", "kinhdo", "yvn2000", "eastm"),
    "north": ("mapy", "north", "northing", "n", "bac", "toadobac", "lat", "latitude", "vido", "xvn2000", "northm"),
    "name": ("name", "ten", "tendiem", "point", "diem", "id", "stt", "sohieu"),
    "enable": ("enable", "enabled"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Controls:
    """Control points as a file lists them: pixels (n, 2) and ground (n, 2), east or longitude first; `crs` as it says."""

    names: tuple[str, ...]
    pixels: Floats
    ground: Floats
    crs: str | None = None


def read_controls(content: bytes, place: str) -> Controls:
    """The control points of a file. Raises: BrokenFile with the line that cannot be read, TooMuch."""
    if len(content) > MOST_BYTES:
        raise TooMuch("Tệp điểm khống chế dài hơn 1 MiB.", "The control points are longer than 1 MiB.", place)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("cp1258", "replace")
    if "-gcp" in text:
        rows = []
        for n, one in enumerate(_GCP.findall(text), 1):
            column, row, east, north = map(_number, one.split()[:4])
            rows.append((str(n), column, row, east, north))
        return _controls(rows, None, place)
    lines = text.splitlines()
    crs = None
    while lines and (not lines[0].strip() or lines[0].startswith("#")):
        if lines[0].upper().startswith("#CRS:"):
            crs = lines[0][5:].strip() or None
        lines.pop(0)
    head = lines[0] if lines else ""
    separator = next((s for s in "\t;" if s in head), "," if "," in head else " ")
    table = list(csv.reader(io.StringIO("\n".join(lines)), delimiter=separator, skipinitialspace=True))
    columns = _columns(table[0] if table else [])
    return _controls(_rows(table, columns, place), crs, place)


def is_controls(content: bytes) -> bool:
    """Whether a text is a list of control points rather than a world file (six numbers, one a line)."""
    return world_file(content) is None


def world_file(content: bytes) -> tuple[float, float, float, float, float, float] | None:
    """The six numbers of a world file, or None: x and y of a step to the right and of one down, and of the first pixel's
    middle, in the order they stand in (A, D, B, E, C, F)."""
    if len(content) > 4096:
        return None
    try:
        numbers = [_number(one) for one in content.decode("ascii", "replace").split()]
    except ValueError:
        return None
    if len(numbers) != 6 or not np.isfinite(numbers).all():
        return None
    a, d, b, e, c, f = numbers
    return (a, d, b, e, c, f) if a * e - b * d != 0 else None


def _columns(head: list[str]) -> dict[str, int]:
    """Field → column; those of a list without a header where the first row is numbers."""
    names = [plain(cell) for cell in head]
    found = {
        field: next((names.index(name) for name in known if name in names), -1)
        for field, known in _NAMES.items()
    }
    if min(found[field] for field in ("column", "row", "east", "north")) >= 0:
        return {**found, "head": 1}
    shift = int(len(head) >= 5)  # a name stands before
    return {
        "column": shift, "row": shift + 1, "east": shift + 2, "north": shift + 3, "name": shift - 1, "enable": -1, "head": 0,
    }  # fmt: skip


def _rows(
    table: list[list[str]], columns: dict[str, int], place: str
) -> list[tuple[str, float, float, float, float]]:
    rows: list[tuple[str, float, float, float, float]] = []
    names = {plain(cell) for cell in table[0]} if columns["head"] and table else set()
    down = (
        -1.0 if "sourcey" in names or ("pixely" in names and "mapx" in names) else 1.0
    )  # QGIS counts rows upwards
    for n, cells in enumerate(table[columns["head"] :], columns["head"] + 1):
        if not any(cell.strip() for cell in cells):
            continue
        if columns["enable"] >= 0 and cells[columns["enable"] : columns["enable"] + 1] == ["0"]:
            continue
        try:
            x, y, east, north = (_number(cells[columns[f]]) for f in ("column", "row", "east", "north"))
        except (ValueError, IndexError):
            said = ",".join(cells)[:80]
            raise BrokenFile(
                f"Dòng {n} của tệp điểm khống chế không đọc được: “{said}”. Cần cột, hàng của ảnh rồi đông, bắc.",
                f"Row {n} of the control points cannot be read: “{said}”. It takes pixel column, row, east, north.",
                f"{place} #{n}",
            ) from None
        name = cells[columns["name"]].strip()[:40] if 0 <= columns["name"] < len(cells) else ""
        rows.append((name or str(len(rows) + 1), x, y * down, east, north))
        if len(rows) > MOST_POINTS:
            break
    if down < 0 and rows and all(row[2] < 0 for row in rows):
        rows = [(name, x, -y, east, north) for name, x, y, east, north in rows]  # written downwards after all
    return rows


def _controls(rows: list[tuple[str, float, float, float, float]], crs: str | None, place: str) -> Controls:
    if len(rows) > MOST_POINTS:
        raise TooMuch(
            f"Có hơn {MOST_POINTS} điểm khống chế.",
            f"There are more than {MOST_POINTS} control points.",
            place,
        )
    numbers = np.array([row[1:] for row in rows], dtype=np.float64).reshape(-1, 4)
    if not np.isfinite(numbers).all() or (np.abs(numbers) > 1e9).any():
        raise BrokenFile(
            "Điểm khống chế có số không hữu hạn hoặc quá lớn.",
            "A control point has a number that is not finite, or absurdly large.",
            place,
        )
    return Controls(tuple(row[0] for row in rows), numbers[:, :2], numbers[:, 2:], crs)


def _number(text: str) -> float:
    """A number, with a comma for a point too. Raises: ValueError."""
    clean = text.strip()
    return float(clean.replace(",", ".") if clean.count(",") == 1 and "." not in clean else clean)
