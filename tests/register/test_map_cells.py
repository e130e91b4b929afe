"""The database numbers map cells as geo.cells does: one side stamps, the other asks."""

import numpy as np
import psycopg

from geo import cells
from tests.register.handed_in import hand_in, lot


def test_the_database_and_we_number_the_same_cells(db: psycopg.Connection) -> None:
    rng = np.random.default_rng(7)
    x_m, y_m = rng.uniform(-2.1e7, 2.1e7, (2, 500))
    asked = (
        "select cell_key(cell_column(x), cell_row(y)) "
        "from unnest(%s::float8[], %s::float8[]) with ordinality p (x, y, n) order by n"
    )
    assert [key for (key,) in db.execute(asked, [x_m.tolist(), y_m.tolist()])] == cells.keys(
        x_m, y_m
    ).tolist()


def test_a_cell_holds_what_lies_in_its_bounds(db: psycopg.Connection) -> None:
    hand_in(db, lot("1", 0, 0, 5, 20))
    row = db.execute("select st_x(anchor), st_y(anchor) from parcel_version").fetchone()
    assert row is not None
    (column,), (line,) = cells.at(np.array([row[0]]), np.array([row[1]]))
    west, south, east, north = cells.bounds(column, line)
    assert west <= row[0] < east
    assert south < row[1] <= north
    (stamped,) = db.execute("select array_agg(key) from map_cell").fetchone() or ([],)
    assert cells.key(int(column), int(line)) in stamped
