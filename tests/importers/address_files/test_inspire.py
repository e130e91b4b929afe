"""INSPIRE addresses: components found by xlink wherever they stand, nothing fetched, nothing expanded."""

from pathlib import Path

import pytest

from geo import crs
from importers.errors import ForbiddenMarkup
from tests.importers.address_files.test_address_tables import read
from tests.importers.parcels import data

HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>\n<gml:FeatureCollection xmlns:gml="http://www.opengis.net/gml/3.2" '
    'xmlns:AD="urn:x-inspire:specification:gmlas:Addresses:3.0" xmlns:GN="urn:x-inspire:specification:gmlas:'
    'GeographicalNames:3.0" xmlns:xlink="http://www.w3.org/1999/xlink">\n'
)
EAST, NORTH = 548_010.0, 1_777_020.0


def name(kind: str, id: str, text: str) -> str:
    return (
        f'<gml:featureMember><AD:{kind} gml:id="{id}"><AD:name><GN:GeographicalName><GN:spelling><GN:SpellingOfName>'
        f"<GN:text>{text}</GN:text></GN:SpellingOfName></GN:spelling></GN:GeographicalName></AD:name></AD:{kind}>"
        "</gml:featureMember>\n"
    )


def address(id: str, house: str, pos: str, *components: str, more: str = "") -> str:
    links = "".join(f'<AD:component xlink:href="#{c}"/>' for c in components)
    return (
        f'<gml:featureMember><AD:Address gml:id="{id}"><AD:position><AD:GeographicPosition><AD:geometry>'
        f'<gml:Point srsName="urn:ogc:def:crs:EPSG::5899"><gml:pos>{pos}</gml:pos></gml:Point></AD:geometry>'
        "</AD:GeographicPosition></AD:position><AD:locator><AD:AddressLocator><AD:designator><AD:LocatorDesignator>"
        f"<AD:designator>{house}</AD:designator><AD:type>1</AD:type></AD:LocatorDesignator></AD:designator>"
        f"</AD:AddressLocator></AD:locator>{more}{links}</AD:Address></gml:featureMember>\n"
    )


def test_components_are_found_before_and_after(tmp_path: Path) -> None:
    path = tmp_path / "a.gml"
    path.write_text(
        HEAD
        + name("ThoroughfareName", "TN1", "Hàm Nghi")
        + address("A1", "12", f"{NORTH} {EAST}", "TN1", "PD1", "AU1", "AU0")
        + address(
            "A2", "14", f"{EAST} {NORTH}", "TN1", "TN9", more='<AD:parcel xlink:href="#VN.w7er8sp5fqef"/>'
        )
        + '<gml:featureMember><AD:PostalDescriptor gml:id="PD1"><AD:postCode>50207</AD:postCode></AD:PostalDescriptor>'
        "</gml:featureMember>\n"
        + name("AdminUnitName", "AU1", "Phường Hải Châu")
        + name("AdminUnitName", "AU0", "Thành phố Đà Nẵng")
        + "</gml:FeatureCollection>",
        encoding="utf-8",
    )
    reading, [one, two] = read(path)
    lon, lat = (float(v[0]) for v in crs.to_wgs84(5899, [EAST], [NORTH]))
    for row in (one, two):
        assert (row["lon_deg"], row["lat_deg"]) == pytest.approx((lon, lat), abs=1e-10)
    assert one["text"] == "12 Hàm Nghi, Phường Hải Châu, Thành phố Đà Nẵng"
    assert (one["street"], one["postcode"], one["record"]) == ("Hàm Nghi", "50207", "a.gml#A1")
    assert (two["text"], two["code"]) == ("14 Hàm Nghi", "w7er8sp5fqef")
    assert [f.rule for f in reading.findings] == ["missing_component"]


def test_bad_positions_are_told_and_entities_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.gml"
    path.write_text(
        HEAD + address("A1", "12", "here") + address("A2", "13", "1 2") + "</gml:FeatureCollection>"
    )
    reading, rows = read(path)
    assert rows == []
    assert {(f.rule, f.record) for f in reading.findings} == {("bad_place", "a.gml#A1"), ("away", "a.gml#A2")}
    bomb = HEAD.replace("?>\n", '?>\n<!DOCTYPE x [<!ENTITY a "aaaa">]>\n', 1)
    path.write_text(bomb + address("A1", "&a;", f"{NORTH} {EAST}") + "</gml:FeatureCollection>")
    with pytest.raises(ForbiddenMarkup):
        read(path)


def test_a_whole_municipality_is_read() -> None:
    """All of it lies in Spain: said to be of a VN-2000 zone, each is refused by its place; none is lost."""
    reading, rows = read(data("es_san_roman_inspire", "A.ES.SDGC.AD.45155.zip"), crs=9217)
    assert (reading.read, rows, dict(reading.refused)) == (2943, [], {"away": 2943})
