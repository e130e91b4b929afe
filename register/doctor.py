"""The sliver doctor: narrow gaps and overlaps between the current parcels of an area, found piece by piece.

A piece is a sixteenth of a map cell, some 600 m across: memory goes with the parcels of one, not with the register. A
sliver belongs to the piece its place is in; two zones are looked at apart.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby
from typing import Any

import numpy as np
import psycopg
import shapely

from geo import cells, crs
from geo.coverage import GRID_M
from geo.editing.slivers import Sliver, slivers
from register.correction import Progress
from register.doctor_clusters import Cluster, clusters
from register.edits.slivered import place
from register.errors import InvalidKeyError, NotFoundError
from register.keys import commune_code, printable
from register.statements import load
from register.units import communes

MARGIN_M = 20.0
_TOUCH_M = 0.002
_CURSOR = re.compile(r"([0-9]{1,6})\.([0-9]{1,6})\.([0-9]{1,6})")
_WEST, _SOUTH, _EAST, _NORTH = cells.bounds(0, 0)
_PIECE_M = (_EAST - _WEST) / 4


@dataclass(frozen=True, slots=True)
class Area:
    """Where to look: a commune by its code, a sheet of it, a box (west, south, east, north, degrees); `communes`: only
    parcels of these units, None: of all."""

    commune: str | None = None
    sheet: str | None = None
    bbox: tuple[float, float, float, float] | None = None
    communes: frozenset[int] | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """A sliver: codes of the parcels along it and of all its repair could touch; a point of it in degrees and in metres of
    the VN-2000 zone `epsg`; greatest width; the key of an open draft on one of its parcels."""

    kind: str
    parcels: tuple[str, ...]
    reach: frozenset[str]
    lon: float
    lat: float
    x: float
    y: float
    epsg: int
    width_m: float
    area_m2: float
    draft: str | None = None


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """The slivers found, those that one draft would repair together (by their place in `slivers`), and the cursor from
    where to go on; None: the area was looked through."""

    slivers: list[Found] = field(default_factory=list)
    clusters: list[Cluster] = field(default_factory=list)
    next: str | None = None


def find(
    conn: psycopg.Connection,
    area: Area,
    tolerance_m: float,
    limit: int,
    cursor: str | None = None,
    progress: Progress = lambda *_: None,
) -> Diagnosis:
    """At most `limit` slivers no wider than the tolerance, at least one parcel of each in the area, from the north-west.

    Clusters have no parcel in common, nor one that an open draft names.
    Raises: NotFoundError (commune), InvalidKeyError (sheet without a commune, no area, cursor).
    """
    where = _where(conn, area)
    row, column, skip = _opened(cursor)
    grid = {"west": _WEST, "north": _NORTH, "size": _PIECE_M}
    every = conn.execute(load("register", "doctor.sql")["pieces"], where | grid).fetchall()
    pieces = [piece for piece in every if piece >= (row, column)]
    found: list[Found] = []
    next_ = None
    for n, (y, x) in enumerate(pieces):
        here = _of_piece(conn, where, area.bbox, x, y, tolerance_m)
        first = skip if (y, x) == (row, column) else 0
        room = limit - len(found)
        found += here[first : first + room]
        progress("doctor", n + 1, len(pieces))
        if len(here) - first > room:
            next_ = f"{y}.{x}.{first + room}"
            break
        if len(found) == limit and n + 1 < len(pieces):
            next_ = "{}.{}.0".format(*pieces[n + 1])
            break
    drafts = drafted(conn, set().union(*(one.reach for one in found)))
    found = [_with_draft(one, drafts) for one in found]
    return Diagnosis(found, clusters(found, set(drafts)), next_)


def drafted(conn: psycopg.Connection, codes: set[str]) -> dict[str, str]:
    """Which of these parcels have an open draft of this kind: code → its key."""
    rows = conn.execute(load("register", "doctor.sql")["drafted"], {"codes": sorted(codes)}).fetchall()
    return dict(reversed(rows))


def _where(conn: psycopg.Connection, area: Area) -> dict[str, Any]:
    unit = None
    if area.commune is not None:
        code = commune_code(area.commune)
        commune = communes(conn, [code]).get(code)
        if commune is None:
            raise NotFoundError(f"There is no commune {code}.", f"Không có xã nào mang mã {code}.")
        unit = commune.id
    elif area.sheet is not None:
        raise InvalidKeyError(
            "A sheet belongs to a commune: give commune= too.",
            "Tờ bản đồ thuộc một xã: hãy thêm commune=.",
        )
    elif area.bbox is None:
        raise InvalidKeyError(
            "Say where to look: give commune=, or bbox=.",
            "Hãy cho biết nơi cần kiểm tra: thêm commune= hoặc bbox=.",
        )
    return {
        "unit": unit, "sheet": area.sheet, "bbox": None if area.bbox is None else list(area.bbox),
        "communes": None if area.communes is None else sorted(area.communes),
    }  # fmt: skip


def _opened(cursor: str | None) -> tuple[int, int, int]:
    """Row and column of the piece to go on with, and how many of its slivers were told."""
    if cursor is None:
        return 0, 0, 0
    parts = _CURSOR.fullmatch(cursor)
    if parts is None:
        raise InvalidKeyError(
            f"“{printable(cursor)}” is no cursor: take the one of the answer before, or none.",
            f"“{printable(cursor)}” không phải con trỏ hợp lệ: hãy dùng con trỏ của câu trả lời trước, hoặc bỏ đi.",
        )
    y, x, skip = parts.groups()
    return int(y), int(x), int(skip)


def _of_piece(
    conn: psycopg.Connection,
    where: Mapping[str, Any],
    bbox: tuple[float, float, float, float] | None,
    x: int,
    y: int,
    tolerance_m: float,
) -> list[Found]:
    west, north = _WEST + x * _PIECE_M, _NORTH - y * _PIECE_M
    box = {
        "x0": west - MARGIN_M, "y0": north - _PIECE_M - MARGIN_M,
        "x1": west + _PIECE_M + MARGIN_M, "y1": north + MARGIN_M,
    }  # fmt: skip
    cursor = conn.cursor(binary=True).execute(load("register", "doctor.sql")["parcels"], {**where, **box})
    rows = sorted(cursor.fetchall(), key=lambda row: (row[2], row[0]))
    found = []
    for epsg, of_zone in groupby(rows, key=lambda row: int(row[2])):
        for one in _of_zone(list(of_zone), epsg, tolerance_m):
            web_x, web_y = crs.to_web(epsg, np.array([one.x]), np.array([one.y]))
            at = np.floor((web_x[0] - _WEST) / _PIECE_M), np.floor((_NORTH - web_y[0]) / _PIECE_M)
            if at == (x, y) and (
                bbox is None or (bbox[0] <= one.lon <= bbox[2] and bbox[1] <= one.lat <= bbox[3])
            ):
                found.append(one)
    return found


def _of_zone(rows: Sequence[tuple[Any, ...]], epsg: int, tolerance_m: float) -> Iterator[Found]:
    inside = np.array([row[1] for row in rows])
    if not inside.any():
        return
    shapes = shapely.from_wkb(np.array([bytes(row[3]) for row in rows], object))
    for sliver in slivers(shapes, tolerance_m):
        if inside[list(sliver.parcels)].any():
            x, y, lon, lat = place(sliver.polygon, epsg)
            yield Found(
                sliver.kind, tuple(rows[k][0] for k in sliver.parcels),
                frozenset(rows[k][0] for k in _reach(shapes, sliver)), lon, lat, x, y, epsg, sliver.width_m, sliver.area_m2,
            )  # fmt: skip


def _reach(shapes: np.ndarray, sliver: Sliver) -> Sequence[int]:
    """Parcels that a repair could give a new corner, and those along the sliver."""
    near = shapely.dwithin(shapes, sliver.polygon, 2 * (sliver.width_m + GRID_M) + _TOUCH_M)
    return sorted({*np.flatnonzero(near).tolist(), *sliver.parcels})


def _with_draft(one: Found, drafts: Mapping[str, str]) -> Found:
    key = next((drafts[code] for code in one.parcels if code in drafts), None)
    return one if key is None else replace(one, draft=key)
