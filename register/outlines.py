"""What each map sheet covers, drawn anew from its parcels."""

from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

import numpy as np
import psycopg
import shapely

from geo import coverage
from register.statements import load


def redraw_sheets(
    conn: psycopg.Connection, correction: int, progress: Callable[[str, int, int | None], None]
) -> None:
    """Outlines (EPSG:3857) of the sheets this correction touched; null where no parcel is left."""
    sql = load("register", "outlines.sql")
    sheets = [
        sheet for (sheet,) in conn.execute(sql["touched_sheets"], {"correction": correction}).fetchall()
    ]
    with ThreadPoolExecutor(2) as pool:
        waiting: deque[tuple[int, Future[bytes | None]]] = deque()

        def settle() -> None:
            sheet, outline = waiting.popleft()
            conn.execute(sql["put_outline"], {"sheet": sheet, "outline": outline.result()})

        for done, sheet in enumerate(sheets):
            rows = conn.cursor(binary=True).execute(sql["shapes_of_sheet"], {"sheet": sheet}).fetchall()
            waiting.append((sheet, pool.submit(_outline, [bytes(row[0]) for row in rows])))
            if len(waiting) > 2:
                settle()
            progress("sheets", done + 1, len(sheets))
        while waiting:
            settle()


def _outline(wkb: list[bytes]) -> bytes | None:
    if not wkb:
        return None
    outline: bytes = shapely.to_wkb(coverage.outline(shapely.from_wkb(np.array(wkb, object))))
    return outline
