"""What each map sheet covers, drawn anew from its parcels."""

from collections import deque
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor

import numpy as np
import psycopg
import shapely

from geo import coverage
from register.correction import Progress
from register.statements import load

_SLIVER_M = 0.003


def redraw_sheets(conn: psycopg.Connection, correction: int, bulk: bool, progress: Progress) -> None:
    """Outlines (EPSG:3857) of the sheets the staged `correction` touches; null where no parcel is left.

    Where few parcels change only sheets whose ground changes are drawn anew: a split leaves its sheet's outline.
    """
    sql = load("register", "outlines.sql")
    if bulk:
        sheets = [sheet for (sheet,) in conn.execute(sql["touched_sheets"]).fetchall()]
    else:
        sheets = _changed(conn.cursor(binary=True).execute(sql["changed_ground"]).fetchall())
    draw_sheets(conn, sheets, progress, correction)


def carry_outlines(conn: psycopg.Connection, correction: int, progress: Progress) -> None:
    """Outlines after parcels went from sheet to sheet as they are: that of a whole sheet goes along, the rest is drawn."""
    rows = conn.execute(load("register", "reorganise.sql")["carry_outlines"]).fetchall()
    draw_sheets(conn, [sheet for (sheet,) in rows], progress, correction)


def draw_sheets(
    conn: psycopg.Connection,
    sheets: Sequence[int],
    progress: Progress = lambda *_: None,
    correction: int | None = None,
) -> None:
    """Outlines of `sheets` as their current parcels make them, changed by `correction`."""
    if not sheets:
        return
    sql = load("register", "outlines.sql")
    with ThreadPoolExecutor(2) as pool:
        waiting: deque[tuple[int, Future[bytes | None]]] = deque()

        def settle() -> None:
            sheet, outline = waiting.popleft()
            values = {"sheet": sheet, "outline": outline.result(), "correction": correction}
            conn.execute(sql["put_outline"], values)

        for done, sheet in enumerate(sheets):
            rows = conn.cursor(binary=True).execute(sql["shapes_of_sheet"], {"sheet": sheet}).fetchall()
            waiting.append((sheet, pool.submit(_outline, [bytes(row[0]) for row in rows])))
            if len(waiting) > 2:
                settle()
            progress("sheets", done + 1, len(sheets))
        while waiting:
            settle()


def _changed(rows: list[tuple[int, bool, bytes]]) -> list[int]:
    """Sheets that cover other ground than before, by more than a sliver of rounding."""
    changed = []
    for sheet in sorted({row[0] for row in rows}):
        given, taken = (
            shapely.union_all(
                shapely.from_wkb(np.array([row[2] for row in rows if row[:2] == (sheet, opens)], object))
            )
            for opens in (True, False)
        )
        parts = shapely.get_parts(shapely.symmetric_difference(given, taken))
        if (coverage.mean_width_m(parts) > _SLIVER_M).any():
            changed.append(sheet)
    return changed


def _outline(wkb: list[bytes]) -> bytes | None:
    if not wkb:
        return None
    outline: bytes = shapely.to_wkb(coverage.outline(shapely.from_wkb(np.array(wkb, object))))
    return outline
