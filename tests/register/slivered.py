"""A town with planted gaps and overlaps, and what the register says about them."""

import psycopg
import shapely

from tests.register.handed_in import EAST, NORTH, Lot, hand_in, lot

WIDTHS_MM = (2, 5, 13, 40)
LANE_M = 0.3
LOTS = 4


def town() -> list[Lot]:
    """For each width a gap (in front) and an overlap (behind) between two lots under a third, 100 metres apart; and two
    lots with a lane between."""
    lots: list[Lot] = []
    for n, mm in enumerate(WIDTHS_MM):
        for behind, off in ((0, mm / 1000), (1, -mm / 1000)):
            x, y, k = 100.0 * n, 100.0 * behind, 10 * (2 * n + behind)
            lots += [
                lot(str(k + 1), x, y, x + 10, y + 20),
                lot(str(k + 2), x + 10 + off, y, x + 20, y + 20),
                lot(str(k + 3), x, y + 20, x + 20, y + 30),
            ]
    lots += [lot("901", 500, 0, 510, 20), lot("902", 510 + LANE_M, 0, 520, 20)]
    return lots


def planted(conn: psycopg.Connection) -> dict[str, str]:
    """The town in the register: codes by number."""
    hand_in(conn, *town())
    return codes(conn)


def codes(conn: psycopg.Connection) -> dict[str, str]:
    """Codes of current parcels by number."""
    return dict(conn.execute("select number, code from parcel_version where closed_by is null").fetchall())


def defects(conn: psycopg.Connection) -> list[tuple[str, str, float]]:
    """Overlaps on the list, by the pair."""
    rows = conn.execute(
        "select least(code, other), greatest(code, other), size from defect "
        "where closed_by is null and kind = 'overlap' order by 1, 2"
    )
    return [(a, b, round(size, 4)) for a, b, size in rows]


def at(x: float, y: float) -> tuple[float, float]:
    """A place of the town in metres of its zone."""
    return EAST + x, NORTH + y


def far(before: shapely.Geometry, after: shapely.Geometry, most_m: float) -> bool:
    """Whether a point of either boundary is farther than `most_m` from the other boundary."""
    a, b = shapely.boundary(before), shapely.boundary(after)
    return not all(
        shapely.covers(shapely.buffer(one, most_m + 2e-5, quad_segs=64), other)
        for one, other in ((a, b), (b, a))
    )
