"""A street of sixty lots in two sheets, a road, a pond in a field: what the page is tried on."""

import shapely

from tests.register.handed_in import Lot, lot

LOTS_A_SIDE = 30
LOT_WIDTH_M, LOT_DEPTH_M, ROAD_WIDTH_M = 5.0, 20.0, 8.0
LENGTH_M = LOTS_A_SIDE * LOT_WIDTH_M
STREET = "Lê Lợi"


def lots() -> list[Lot]:
    """North of the road sheet 12, odd houses; south of it sheet 13, even houses, and beyond them a field with a pond."""
    north = LOT_DEPTH_M + ROAD_WIDTH_M
    found = [Lot("5000", shapely.box(0, LOT_DEPTH_M, LENGTH_M, north), sheet="12", land_use="DGT")]
    for n in range(LOTS_A_SIDE):
        west = n * LOT_WIDTH_M
        east = west + LOT_WIDTH_M
        for sheet, south, house in (("12", north, 2 * n + 1), ("13", 0.0, 2 * n + 2)):
            found.append(
                lot(
                    str(n + 1),
                    west,
                    south,
                    east,
                    south + LOT_DEPTH_M,
                    sheet=sheet,
                    legal_area_m2=99.5,
                    address=f"{house} {STREET}",
                    postcode="50206",
                )
            )
    pond = shapely.Point(75, -60).buffer(20)
    field = shapely.box(0, -120, LENGTH_M, 0).difference(pond)
    found.append(Lot("101", field, sheet="13", land_use="LUC"))
    found.append(Lot("102", pond, sheet="13", land_use="NTS"))
    return found
