"""The parcels an intent speaks of and those around them, as they stand; numbers that are free."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import psycopg
import shapely

from geo import crs
from geo.shapes import GRID_M, round_mm
from register.edits.row import Parcel
from register.errors import EditError, NotFoundError
from register.statements import load, one

_MARGIN_M = 2.0
_WGS84 = 4326


class Ground:
    """Questions of one draft, over one connection; `proposal` is the draft's number, whose own numbers it may keep."""

    def __init__(self, conn: psycopg.Connection, proposal: int = 0) -> None:
        self.conn = conn
        self.proposal = proposal
        self._sql = load("register.edits", "ground.sql")
        self._last: dict[int, list[int]] = {}

    def parcels(self, codes: Sequence[str]) -> list[Parcel]:
        """Current parcels in the order of `codes`. Raises: EditError for one that is named twice or has ended,
        NotFoundError for a code never issued."""
        found = {row[1]: _parcel(row) for row in self._binary(self._sql["current"], {"codes": list(codes)})}
        for code in codes:
            if code not in found:
                self._refuse_ended(code)
        if len(found) < len(codes):
            [code, *_] = [code for code, times in Counter(codes).items() if times > 1]
            raise EditError(
                f"Parcel {code} is named twice: name it once.",
                f"Thửa {code} được nêu hai lần: chỉ nêu một lần.",
                "named_twice",
            )
        return [found[code] for code in codes]

    def parcel(self, code: str) -> Parcel:
        """The current parcel of this code. Raises: as `parcels`."""
        return self.parcels([code])[0]

    def around(self, shapes: Iterable[shapely.Geometry], epsg: int, but: Iterable[str] = ()) -> list[Parcel]:
        """Current parcels of the zone within two metres of the boxes of `shapes`, without those named."""
        x0, y0, x1, y1 = shapely.total_bounds(np.array(list(shapes), object))
        x, y = crs.to_web(epsg, [x0, x1, x0, x1], [y0, y1, y1, y0])
        box = {
            "x0": x.min() - _MARGIN_M, "y0": y.min() - _MARGIN_M,
            "x1": x.max() + _MARGIN_M, "y1": y.max() + _MARGIN_M, "epsg": epsg,
        }  # fmt: skip
        left_out = set(but)
        rows = self._binary(self._sql["around"], box)
        return [_parcel(row) for row in rows if row[1] not in left_out]

    def near(self, codes: Sequence[str]) -> list[Parcel]:
        """The current parcels of `codes` and those within two metres of the box of one of them, of all zones, by code."""
        values = {"codes": list(codes), "margin_m": _MARGIN_M}
        return [_parcel(row) for row in self._binary(self._sql["near"], values)]

    def on_sheets(self, sheets: Sequence[int]) -> list[Parcel]:
        """Current parcels of the sheets, by sheet and age."""
        sql = load("register.edits", "resurveyed.sql")
        return [_parcel(row) for row in self._binary(sql["on_sheets"], {"sheets": list(sheets)})]

    def next_number(self, sheet: int, temporary: bool = False) -> str:
        """The number after the largest ever used on the sheet or held by another open draft (rules §4.3); temporary ones
        begin with T."""
        if sheet not in self._last:
            self.conn.execute(self._sql["lock_numbers"], {"sheet": sheet})
            values = {"sheet": sheet, "proposal": self.proposal}
            self._last[sheet] = list(one(self.conn, self._sql["last_number"], values))
        last = self._last[sheet]
        last[temporary] += 1
        return f"T{last[1]}" if temporary else str(last[0])

    def sheet(self, commune: str, number: str, scale: int | None, map_set: str) -> tuple[int, int, int]:
        """Number, zone (EPSG) and today's commune of a sheet of the register. Raises: NotFoundError, EditError where the
        key means several."""
        values = {"commune": commune, "number": number, "scale": scale, "map_set": map_set}
        rows = self.conn.execute(self._sql["sheets"], values).fetchall()
        own = [row for row in rows if row[-1]] or rows
        if not own:
            raise NotFoundError(
                f"There is no sheet {number} in commune {commune}: correct the key, or bring the sheet by an import.",
                f"Không có tờ bản đồ {number} ở xã {commune}: hãy sửa lại, hoặc nhập tờ bản đồ trước.",
            )
        if len(own) > 1:
            said = ", ".join(f"1:{row[2] or '?'} {row[3]}".strip() for row in own)
            raise EditError(
                f"Sheet {number} of commune {commune} means several ({said}): give scale or map set.",
                f"Tờ bản đồ {number} xã {commune} có nhiều tờ ({said}): hãy cho tỷ lệ hoặc bộ bản đồ.",
                "ambiguous_sheet",
            )
        (today,) = one(self.conn, self._sql["commune_today"], {"sheet": own[0][0]})
        return own[0][0], own[0][1], today

    def plots(self, run: int) -> list[tuple[Any, ...]]:
        """Plots of a survey's check, in order."""
        return self._binary(self._sql["plots"], {"run": run})

    def _binary(self, statement: str, values: dict[str, object]) -> list[Any]:
        return self.conn.cursor(binary=True).execute(statement, values).fetchall()

    def _refuse_ended(self, code: str) -> None:
        row = self.conn.execute(self._sql["ended"], {"codes": [code]}).fetchone()
        if row is None:
            raise NotFoundError(
                f"No parcel has ever had the code {code}.",
                f"Mã {code} chưa từng được cấp cho thửa đất nào.",
            )
        now = ", ".join(row[1] or ())
        raise EditError(
            f"Parcel {code} is no longer in force" + (f": it became {now}." if now else "."),
            f"Thửa {code} không còn hiệu lực" + (f": đã thành {now}." if now else "."),
            "retired",
        )


def _parcel(row: Sequence[Any]) -> Parcel:
    return Parcel(*[*row[:-1], shapely.from_wkb(row[-1])])


def placed(points: Sequence[tuple[float, float]], asked: int, epsg: int) -> np.ndarray:
    """Points as given (crs `asked`: 0 or 4326) in metres (n, 2) of the zone, on the millimetre."""
    xy = np.array(points, np.float64).reshape(-1, 2)
    if asked == _WGS84:
        xy = np.column_stack(crs.from_wgs84(epsg, xy[:, 0], xy[:, 1]))
    return np.asarray(np.round(xy / GRID_M) * GRID_M).round(3)


def polygon(rings: Sequence[Sequence[tuple[float, float]]], asked: int, epsg: int) -> shapely.Polygon:
    """The polygon of an outer ring and holes. Raises: EditError where it is not valid."""
    drawn = [placed(ring, asked, epsg) for ring in rings]
    try:
        shape = round_mm(np.array([shapely.Polygon(drawn[0], drawn[1:])], object))[0]
    except (ValueError, shapely.GEOSException):
        raise EditError(
            "A ring has fewer than three corners.", "Một vòng ranh có ít hơn ba đỉnh.", "ring_too_short"
        ) from None
    if not shapely.is_valid(shape) or shapely.area(shape) == 0:
        x, y = drawn[0][0]
        raise EditError(
            f"The shape crosses itself or has no area ({shapely.is_valid_reason(shape)}).",
            f"Ranh thửa tự cắt hoặc không có diện tích ({shapely.is_valid_reason(shape)}).",
            "invalid_shape", float(x), float(y),
        )  # fmt: skip
    return shapely.Polygon(shape)
