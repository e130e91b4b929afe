"""What must hold after a correction: no new overlaps, no number twice. An import lists what it inherits instead."""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import psycopg
import shapely

from geo import cells, coverage, crs
from register.correction import Correction
from register.errors import NumberTakenError, OverlapError
from register.statements import load, one

_SMALL = 200
_WORKERS = 2
GROWS_M2 = 1e-3
"""Rounding corners to the millimetre changes a listed overlap by less."""

Floats = npt.NDArray[np.float64]
Row = tuple[str, bool, int, bytes]


@dataclass(frozen=True, slots=True)
class Pair:
    """Two current parcels that share ground: m², mean width, a point of it in the plane of `epsg`, metres."""

    code: str
    other: str
    size: float
    width_m: float
    x: float
    y: float
    epsg: int


def check_overlaps(
    conn: psycopg.Connection,
    correction: Correction,
    number: int,
    progress: Callable[[str, int, int | None], None],
) -> int:
    """How many overlaps of this correction's parcels with each other and with their neighbours were put on the list.

    Only imports, and reverts that bring an import back, may list; an overlap of other corrections, or one that grew, is
    refused. Small corrections look at their neighbours, large ones at map cells in turn, so that memory stays level.

    Raises: OverlapError.
    """
    sql = load("register", "check.sql")
    refused: list[tuple[str, str, float]] = []
    listed = 0
    still: dict[frozenset[str], float] = {}
    for pair in _pairs(conn, number, progress):
        values: dict[str, object] = {
            "code": pair.code,
            "other": pair.other,
            "ever": correction.kind == "revert",
        }
        still[frozenset((pair.code, pair.other))] = pair.size
        if correction.kind != "import":
            known = conn.execute(sql["known_overlap"], values).fetchone()
            if known is None or known[0] is None or pair.size > known[0] + GROWS_M2:
                refused.append((pair.code, pair.other, pair.size))
                continue
            there = conn.execute(sql["is_listed"], values).fetchone()
            if there is not None and there[0] and pair.size > known[0] - GROWS_M2:
                continue
        place = {"x": pair.x, "y": pair.y, "epsg": pair.epsg, "size": pair.size, "width_m": pair.width_m}
        conn.execute(sql["put_overlap"], values | place | {"correction": number})
        listed += 1
    if refused:
        code, other, size = refused[0]
        raise OverlapError(
            f"Parcels {code} and {other} would overlap by {size:.2f} m².",
            f"Thửa {code} và thửa {other} sẽ chồng lên nhau {size:.2f} m².".replace(".", ",", 1),
            refused,
        )
    if correction.kind != "import":
        _shrink(conn, number, still)
    return listed


def _shrink(conn: psycopg.Connection, number: int, still: dict[frozenset[str], float]) -> None:
    """Listed overlaps of the parcels shaped anew that are gone or smaller come off the list."""
    sql = load("register", "check.sql")
    rows = conn.execute(sql["listed_overlaps"], {"correction": number}).fetchall()
    gone = [
        id for id, code, other, size in rows if still.get(frozenset((code, other)), 0.0) < size - GROWS_M2
    ]
    if gone:
        conn.execute(sql["close_overlap"], {"ids": gone, "correction": number})


def _pairs(
    conn: psycopg.Connection, number: int, progress: Callable[[str, int, int | None], None]
) -> Iterator[Pair]:
    sql = load("register", "check.sql")
    (opened,) = one(conn, sql["opened"])
    if opened == 0:
        return
    if opened <= _SMALL:
        rows = conn.execute(sql["neighbourhood"], {"correction": number}).fetchall()
        yield from _overlaps(rows)
        return
    boxes = conn.execute(sql["touched_boxes"]).fetchall()
    with ThreadPoolExecutor(_WORKERS) as pool:
        waiting: deque[Future[list[Pair]]] = deque()
        for done, (x, y) in enumerate(boxes):
            box = dict(zip(("x0", "y0", "x1", "y1"), cells.bounds(x, y), strict=True))
            rows = (
                conn.cursor(binary=True)
                .execute(sql["parcels_in_box"], box | {"correction": number})
                .fetchall()
            )
            waiting.append(pool.submit(_overlaps_of_cell, rows, x, y))
            if len(waiting) > _WORKERS:
                yield from waiting.popleft().result()
            progress("check", done + 1, len(boxes))
        while waiting:
            yield from waiting.popleft().result()


def _overlaps_of_cell(rows: Sequence[Row], x: int, y: int) -> list[Pair]:
    """Overlaps whose point lies in map cell x, y: each pair is found in one cell, whichever it reaches into."""
    found = []
    for pair in _overlaps(rows):
        column, row = cells.at(*crs.to_web(pair.epsg, np.array([pair.x]), np.array([pair.y])))
        if (column[0], row[0]) == (x, y):
            found.append(pair)
    return found


def _overlaps(rows: Sequence[Row]) -> list[Pair]:
    """Overlaps among `rows` with at least one new parcel."""
    new = np.array([row[1] for row in rows], np.bool_)
    if not new.any():
        return []
    srid = np.array([row[2] for row in rows])
    shapes = shapely.from_wkb(np.array([bytes(row[3]) for row in rows], object))
    zone = int(np.bincount(srid).argmax())
    for other in np.unique(srid[srid != zone]):
        away = srid == other
        xy = shapely.get_coordinates(shapes[away])
        shapes[away] = shapely.set_coordinates(shapes[away], _rezone(int(other), zone, xy))
    found = coverage.overlaps(shapes)
    mine = new[found.i] | new[found.j]
    return [
        Pair(rows[i][0], rows[j][0], float(a), float(w), float(px), float(py), zone)
        for i, j, a, w, px, py in zip(
            found.i[mine],
            found.j[mine],
            found.area_m2[mine],
            found.width_m[mine],
            found.x[mine],
            found.y[mine],
            strict=True,
        )
        if srid[i] == srid[j] or w > 0.005  # two zones meet within a few millimetres of each other
    ]


def _rezone(epsg: int, to_epsg: int, xy: Floats) -> Floats:
    lon_deg, lat_deg = crs.to_wgs84(epsg, xy[:, 0], xy[:, 1])
    return np.column_stack(crs.from_wgs84(to_epsg, lon_deg, lat_deg))


def check_numbers(conn: psycopg.Connection, correction: Correction, number: int) -> int:
    """How many repeated numbers and impossible legal areas were put on the list; others than imports may add none.

    Raises: NumberTakenError.
    """
    sql = load("register", "check.sql")
    values = {"correction": number}
    if correction.kind != "import":
        taken = conn.execute(sql["known_numbers"], values).fetchall()
        if taken:
            sheet, parcel, code = taken[0]
            raise NumberTakenError(
                f"Number {parcel} is taken on sheet {sheet} by parcel {code}.",
                f"Số thửa {parcel} trên tờ bản đồ {sheet} đã thuộc thửa {code}.",
                taken,
            )
        if correction.kind not in ("revert", "reorganise"):
            _refuse_used(conn, number)
        if correction.kind != "revert":
            return 0
    listed = conn.execute(sql["put_numbers"], values).rowcount
    return listed + conn.execute(sql["put_legal_areas"], values).rowcount


def _refuse_used(conn: psycopg.Connection, number: int) -> None:
    """Raises: NumberTakenError for a number that was used before, or a temporary one of an official parcel."""
    sql = load("register", "check.sql")
    used = conn.execute(sql["used_numbers"], {"correction": number}).fetchall()
    if used:
        sheet, parcel, code = used[0]
        raise NumberTakenError(
            f"Number {parcel} of sheet {sheet} was parcel {code}'s once, and is not used again: take the next free one.",
            f"Số thửa {parcel} trên tờ bản đồ {sheet} đã từng thuộc thửa {code}, không dùng lại: hãy lấy số tiếp theo.",
            used,
        )
    temporary = conn.execute(sql["temporary_numbers"], {"correction": number}).fetchall()
    if temporary:
        sheet, parcel, _ = temporary[0]
        raise NumberTakenError(
            f"Number {parcel} of sheet {sheet} is a temporary one (T…): give an official parcel an official number.",
            f"Số thửa {parcel} trên tờ bản đồ {sheet} là số tạm (T…): thửa chính thức phải mang số chính thức.",
            temporary,
        )


def close_defects(conn: psycopg.Connection, number: int) -> None:
    """Take off the list what this correction put right or closed."""
    conn.execute(load("register", "check.sql")["close_defects"], {"correction": number})
