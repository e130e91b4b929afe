"""What stands around a survey: the commune's facts, the parcels in a box and by number, in the zone of its maps."""

import psycopg
import pytest
import shapely

from geo.crs import to_wgs84
from register import near
from register.errors import NotFoundError, TooWideError
from register.near import Near
from tests.register.handed_in import COMMUNE, EAST, EPSG, NORTH, hand_in, lot


@pytest.fixture
def around(db: psycopg.Connection) -> Near:
    hand_in(
        db,
        lot("1", 0, 0, 20, 30),
        lot("2", 20, 0, 40, 30, legal_area_m2=590.0),
        lot("17", 0, 30, 40, 60, sheet="2"),
        lot("5", 400, 0, 420, 30, sheet="3"),
    )
    return Near(db)


def test_a_commune_is_told_by_its_code(around: Near) -> None:
    told = around.about(COMMUNE, None, ["1", "2", "9"])
    assert (told["commune"], told["epsg"], told["urban"]) == (COMMUNE, EPSG, True)
    assert told["last_numbers"] == {"1": 2, "2": 17}
    assert told["land_uses"]["ODT"][1]
    assert told["land_uses"]["NHK"][3] == "HNK"
    outline = shapely.from_wkb(told["outline"])
    assert outline.contains(shapely.box(EAST, NORTH, EAST + 420, NORTH + 60))


def test_a_commune_is_told_by_a_place(around: Near) -> None:
    lon, lat = to_wgs84(EPSG, [EAST + 10], [NORTH + 10])
    assert around.about(None, (float(lon[0]), float(lat[0])), [])["commune"] == COMMUNE


def test_no_commune_at_a_place_nobody_mapped(around: Near) -> None:
    told = around.about(None, (106.0, 21.0), [])
    assert "commune" not in told
    assert around.parcels((EAST, NORTH, EAST + 1, NORTH + 1)).num_rows == 0


def test_a_box_meets_its_parcels_and_no_others(around: Near) -> None:
    around.about(COMMUNE, None, [])
    table = around.parcels((EAST + 5, NORTH + 5, EAST + 12, NORTH + 10))
    assert table["number"].to_pylist() == ["1"]
    shape = shapely.from_wkb(table["shape"][0].as_py())
    assert shape.equals(shapely.box(EAST, NORTH, EAST + 20, NORTH + 30))
    assert table["area_m2"].to_pylist() == [600.0]


def test_parcels_by_sheet_and_number(around: Near) -> None:
    around.about(COMMUNE, None, [])
    table = around.numbered([("2", "17"), ("1", "2"), ("1", "99")])
    got = dict(zip(table["number"].to_pylist(), table["legal_area_m2"].to_pylist(), strict=True))
    assert got == {"17": None, "2": 590.0}


def test_everything_of_the_commune(around: Near) -> None:
    about, parcels = around.package(COMMUNE)
    assert sorted(parcels["number"].to_pylist()) == ["1", "17", "2", "5"]
    assert about["last_numbers"].keys() == {"1", "2", "3"}
    assert COMMUNE in about["codes"]
    with pytest.raises(NotFoundError):
        around.package("99999")


def test_a_survey_of_half_the_country_is_refused(around: Near, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(near, "MAX_PARCELS", 2)
    around.about(COMMUNE, None, [])
    with pytest.raises(TooWideError):
        around.parcels((EAST - 1e3, NORTH - 1e3, EAST + 1e3, NORTH + 1e3))


def test_a_box_that_is_none_asks_nothing(around: Near) -> None:
    around.about(COMMUNE, None, [])
    assert around.parcels((float("nan"), 0, 1, 1)).num_rows == 0
    assert around.parcels((-1e300, 0, 1e300, 1)).num_rows == 0
