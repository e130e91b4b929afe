"""The places the tests of this floor look at."""

import random
from collections.abc import Iterator

import httpx
import pytest
import shapely

from register.connect import connect
from tests.conftest import Clone, Serve
from tests.register.handed_in import Lot, hand_in, lot
from tests.tiles.drawn import Drawn


def town() -> list[Lot]:
    """Streets of narrow lots, specks, an alley 0.4 m wide, a road with bends, a field with a pond: 800 m across."""
    dice = random.Random(7)
    lots = []
    number = 0
    for row in range(12):
        x = 0.0
        while x < 780:
            width = round(dice.uniform(2.5, 9.0), 3)
            number += 1
            lots.append(lot(str(number), x, row * 60.0, x + width, row * 60 + 22.5, land_use="ODT"))
            x += width
    lots += [lot(f"9{n}", 20.0 * n, 40, 20.0 * n + 0.3, 40.3, land_use="DNL") for n in range(20)]  # specks
    lots.append(lot("8001", 0, 50, 700, 50.4, land_use="DGT"))  # an alley
    bends = [(x, 720 + 15 * (x // 40 % 2)) for x in range(0, 801, 40)]
    lots.append(Lot("8002", shapely.LineString(bends).buffer(4, cap_style="flat"), land_use="DGT"))
    field = shapely.box(0, 760, 800, 1000).difference(shapely.Point(300, 880).buffer(60))
    lots.append(Lot("8003", field, land_use="LUC"))
    lots.append(Lot("8004", shapely.Point(300, 880).buffer(60), land_use="MNC"))
    return lots


@pytest.fixture(scope="package")
def drawn(clone: Clone, serve: Serve) -> Iterator[Drawn]:
    """A server over `town`; tests only read."""
    with clone() as conninfo:
        with connect(conninfo) as conn:
            receipt = hand_in(conn, *town())
        assert receipt.stored == receipt.read
        with serve(conninfo) as served, httpx.Client(base_url=served.url, timeout=60) as client:
            yield Drawn(client, conninfo)
