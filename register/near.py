"""What stands around a survey: facts of its commune, and the current parcels at a place or by number.

The answers are plain values and Arrow tables in the VN-2000 zone of the commune's maps, so that whoever checks a survey
needs no connection. One question costs with the parcels it answers with, not with the register.
"""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import psycopg
import pyarrow as pa
import shapely

from geo.crs import from_wgs84, to_web, to_wgs84
from register.errors import NotFoundError, TooWideError
from register.statements import load, one
from register.units import Commune, communes

MAX_PARCELS = 200_000
"""More neighbours than that are no neighbourhood; a commune has 30,000 parcels, the largest 150,000."""
_MARGIN_M = 1.0
# No zone reaches so far from its origin; beyond, the projection has no answer.
_FARTHEST_M = 4e6
_NAMES = ("code", "sheet", "number", "land_use", "area_m2", "legal_area_m2", "scale")
_TYPES = (pa.string(), pa.string(), pa.string(), pa.string(), pa.float64(), pa.float64(), pa.int32())

Box = tuple[float, float, float, float]


class Near:
    """Answers for one survey, over one connection; `about` comes first and settles the commune and the zone."""

    def __init__(self, conn: psycopg.Connection) -> None:
        self._conn = conn
        self._sql = load("register", "near.sql")
        self._maps: list[int] = []
        self._epsg: int | None = None

    def about(
        self, commune: str | None, place: tuple[float, float] | None, sheets: Sequence[str]
    ) -> dict[str, Any]:
        """Facts of the commune by its code, old or new, else of the one at a place (longitude, latitude).

        Out: commune, commune_name, urban, epsg, outline (WKB in hex, in epsg), land_uses (code → name_vi, name_en,
        family, successor, valid_to), last_numbers (sheet → the largest parcel number ever used), has_register.
        """
        told: dict[str, Any] = {"land_uses": self._land_uses(), "has_register": True}
        if commune is None and place is not None:
            row = self._conn.execute(self._sql["commune_at"], {"lon": place[0], "lat": place[1]}).fetchone()
            commune = row[0] if row else None
        unit = None if commune is None else communes(self._conn, [commune]).get(commune)
        if unit is None:
            return told
        maps, epsg, covered = one(
            self._conn, self._sql["maps"], {"unit": unit.id, "today": unit.valid_to is None}
        )
        self._maps, self._epsg = maps, epsg or unit.epsg
        numbers = self._conn.execute(self._sql["last_numbers"], {"maps": maps, "sheets": list(sheets)})
        return told | {
            "commune": unit.code,
            "commune_name": f"{unit.kind} {unit.name}",
            "urban": unit.kind in ("phường", "thị trấn"),
            "epsg": self._epsg,
            "outline": self._outline(unit, covered),
            "last_numbers": dict(numbers.fetchall()),
        }

    def parcels(self, box: Box) -> pa.Table:
        """Current parcels that meet a box (east, north, east, north in the commune's zone). Raises: TooWideError."""
        if self._epsg is None or not (np.abs(box) < _FARTHEST_M).all():
            return _table([], 0)
        west, south, east, north = _web_box(self._epsg, box)
        rows = self._conn.execute(
            self._sql["parcels"],
            {"west": west, "south": south, "east": east, "north": north, "limit": MAX_PARCELS + 1},
        ).fetchall()
        if len(rows) > MAX_PARCELS:
            raise TooWideError(
                f"The survey lies among more than {MAX_PARCELS:,} registered parcels: hand it in by sheet.",
                f"Bản đo nằm giữa hơn {MAX_PARCELS:,} thửa đã đăng ký: hãy nộp theo từng tờ bản đồ.",
            )
        return _table(rows, self._epsg)

    def numbered(self, keys: Sequence[tuple[str, str]]) -> pa.Table:
        """Current parcels of the commune with these (sheet, number)."""
        if self._epsg is None or not keys:
            return _table([], 0)
        rows = self._conn.execute(
            self._sql["numbered"],
            {"sheets": [k[0] for k in keys], "numbers": [k[1] for k in keys], "maps": self._maps},
        ).fetchall()
        return _table(rows, self._epsg)

    def package(self, commune: str) -> tuple[dict[str, Any], pa.Table]:
        """Facts of the commune (those of `about`, with all its sheets, `codes` it goes by, `made_at` and `revision`) and
        every current parcel of its sheets. Raises: NotFoundError for a code that is no commune's."""
        found = self.about(commune, None, [])
        if "commune" not in found or self._epsg is None or not self._maps:
            raise NotFoundError(
                f"There is no commune {commune}, or no map of it here.",
                f"Không có xã {commune}, hoặc ở đây không có bản đồ của xã này.",
            )
        rows = self._conn.execute(self._sql["all_of_commune"], {"maps": self._maps}).fetchall()
        codes, revision, made_at = one(self._conn, self._sql["package"], {"maps": self._maps})
        numbers = self._conn.execute(self._sql["all_last_numbers"], {"maps": self._maps})
        more = {
            "last_numbers": dict(numbers.fetchall()),
            "codes": sorted({found["commune"], commune, *codes}),
            "revision": revision,
            "made_at": made_at.isoformat(timespec="seconds"),
        }
        return found | more, _table(rows, self._epsg)

    def _land_uses(self) -> dict[str, list[Any]]:
        return {code: list(rest) for code, *rest in self._conn.execute(self._sql["land_uses"])}

    def _outline(self, unit: Commune, covered: bytes | None) -> str | None:
        """As the office brought it; else 300 m around what its sheets cover: enough to tell another place."""
        told = one(self._conn, self._sql["outline"], {"unit": unit.today or unit.id})[0]
        shape = shapely.from_wkb(told or covered) if told or covered else None
        if shape is None or self._epsg is None or shapely.is_empty(shape):
            return None
        lon, lat = shapely.get_coordinates(shape).T
        moved = shapely.set_coordinates(shape, np.column_stack(from_wgs84(self._epsg, lon, lat)))
        return str(shapely.to_wkb(moved, hex=True))


def _web_box(epsg: int, box: Box) -> Box:
    """The box of the web map around a box of a zone, whose sides bend a little on the way."""
    x0, y0, x1, y1 = box
    along = np.linspace(0, 1, 5)
    east, north = x0 + along * (x1 - x0), y0 + along * (y1 - y0)
    grid_east, grid_north = np.meshgrid(east, north)
    x, y = to_web(epsg, grid_east.ravel(), grid_north.ravel())
    return (
        float(x.min()) - _MARGIN_M,
        float(y.min()) - _MARGIN_M,
        float(x.max()) + _MARGIN_M,
        float(y.max()) + _MARGIN_M,
    )


def _table(rows: Iterable[tuple[Any, ...]], epsg: int) -> pa.Table:
    """Rows of near.sql as a table; shapes of sheets in another zone are brought to this one (to 1 mm)."""
    found = list(rows)
    columns: list[tuple[Any, ...]] = list(zip(*found, strict=True)) if found else [()] * 9
    shapes = np.array(columns[8], dtype=object)
    for k in [k for k, zone in enumerate(columns[7]) if zone != epsg]:
        shape = shapely.from_wkb(shapes[k])
        east, north = shapely.get_coordinates(shape).T
        lon, lat = to_wgs84(columns[7][k], east, north)
        moved = shapely.set_coordinates(shape, np.column_stack(from_wgs84(epsg, lon, lat)))
        shapes[k] = shapely.to_wkb(shapely.set_precision(moved, 0.001), byte_order=1)
    arrays = [pa.array(c, t) for c, t in zip(columns[:7], _TYPES, strict=True)]
    return pa.table([*arrays, pa.array(list(shapes), pa.binary())], names=[*_NAMES, "shape"])
