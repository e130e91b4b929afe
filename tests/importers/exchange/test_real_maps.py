"""Maps of offices as they come, each held against what another program or its own text says is in it."""

import json
import zipfile
from collections import Counter
from pathlib import Path
from xml.etree import ElementTree as ET

import numpy as np
import pyogrio
import pytest
import shapely

from geo.tolerance import area_tolerance_m2
from importers.plots import How
from tests.importers.handed import column, drawn, examined, rules, shapes
from tests.importers.parcels import data

VLIS = "{http://www.vietbando.com/gml/vlis}"
GML = "{http://www.opengis.net/gml/3.2}"


@pytest.mark.parametrize(
    ("parts", "inside", "count", "by_hand"),
    [
        (("es_san_roman_inspire", "A.ES.SDGC.CP.45155.zip"), "A.ES.SDGC.CP.45155.cadastralparcel.gml", 3762, 3762),
        (("es_canarias_gpkg", "parcel.gpkg"), "", 186, 186),
        (("nz_auckland_linz", "nz_primary_parcels.zip"), "nz_primary_parcels.shp", 2993, 2993),
        (("ua_council_two_snapshots", "hnylchenska_two_snapshots.zip"), "hnylchenska_v1.geojson", 1330, 1330),
        (("ua_council_two_snapshots", "hnylchenska_two_snapshots.zip"), "hnylchenska_v2.geojson", 1372, 1372),
    ],
    ids=lambda given: given if isinstance(given, str) else "",
)  # fmt: skip
def test_no_plot_is_lost(
    parts: tuple[str, ...], inside: str, count: int, by_hand: int, tmp_path: Path
) -> None:
    where = path = data(*parts)
    if inside:
        with zipfile.ZipFile(path) as packed:
            packed.extractall(tmp_path)
        where = tmp_path / inside
    layers = [name for name, kind in pyogrio.list_layers(where) if kind is not None]
    told = np.concatenate([pyogrio.raw.read(where, layer=name)[2] for name in layers])
    said = examined(path)
    mine = [i for i, file in enumerate(column(said, "file")) if file.endswith(inside)]
    assert len(mine) == len(told) == count == by_hand
    here = shapely.force_2d(shapely.from_wkb(told))
    areas = shapely.area(here) if abs(here[0].bounds[0]) > 180 else None
    if areas is not None:
        # Through the door shapes are rounded to the millimetre.
        assert np.allclose(shapely.area(shapes(said)[mine]), areas, atol=0.001 * shapely.length(here).max())
    assert len({column(said, "record")[i] for i in mine}) == count
    assert any(f.rule == "no_place" for f in said.findings)


@pytest.mark.slow
def test_inspire_s_zones_are_no_parcels_and_its_metadata_stops_nobody() -> None:
    said = examined(data("es_san_roman_inspire", "A.ES.SDGC.CP.45155.zip"))
    kinds = Counter(
        zip(column(said, "kind"), (f.rsplit(".", 2)[1] for f in column(said, "file")), strict=True)
    )
    assert kinds == {("parcel", "cadastralparcel"): 3762, ("other", "cadastralzoning"): 202}
    assert [f.severity for f in said.findings if ".MD." in (f.record or "")] == ["note"]
    assert not rules(said.findings)["incomplete_file"]


@pytest.mark.parametrize(
    ("parts", "count"),
    [
        (("es_san_roman_inspire", "A.ES.SDGC.AD.45155.zip"), 2943),
        (("es_canarias_gpkg", "address.gml"), 14),
        (("es_canarias_gpkg", "address.geojson"), 12),
        (("nz_auckland_linz", "nz_geodetic_marks.zip"), 149),
    ],
)
def test_points_are_points(parts: tuple[str, ...], count: int) -> None:
    read = drawn(data(*parts))
    assert sum(len(one.points) for one in read) == count
    assert not any(one.plots for one in read)


@pytest.mark.slow
def test_every_record_of_two_snapshots_is_drawn_twice() -> None:
    said = examined(data("ua_council_two_snapshots", "hnylchenska_two_snapshots.zip"))
    twice = rules(said.findings)["duplicate_shape"]
    assert twice == 1330 - 665 + 1372 - 686
    # In degrees no area says anything.
    assert not {"zero_area", "sliver", "gap", "overlap"} & rules(said.findings).keys()


@pytest.fixture(scope="module")
def vlis() -> list[dict[str, str]]:
    """The records of the land system by their own tags, with the ring as text."""
    root = ET.parse(data("vn_vlis_gml", "Thua_Dat.gml")).getroot()
    return [
        {e.tag.removeprefix(VLIS): (e.text or "").strip() for e in record}
        | {"ring": next(record.iter(f"{GML}posList")).text or ""}
        for record in root.iter(f"{VLIS}Thua_Dat")
    ]


@pytest.fixture(scope="module")
def vlis_said():
    return examined(data("vn_vlis_gml", "Thua_Dat.gml"))


def test_the_land_system_s_records(vlis, vlis_said) -> None:
    assert len(vlis) == 129
    assert vlis_said.epsg == 9218
    names = {
        "sheet": "soHieuToBanDo",
        "number": "soThuTuThua",
        "commune": "maXa",
        "land_use": "mucDichSuDung",
    }
    for ours, theirs in names.items():
        assert column(vlis_said, ours) == [r[theirs] for r in vlis]
    assert set(column(vlis_said, "sheet")) == {"5"}
    for shape, record in zip(shapes(vlis_said), vlis, strict=True):
        ring = np.array(record["ring"].split(), dtype=float).reshape(-1, 2)
        assert shapely.hausdorff_distance(shapely.LineString(ring), shape.exterior) < 0.0008


def test_areas_off_by_more_than_a_hundredth_are_findings(vlis, vlis_said) -> None:
    off = set()
    for number, record in enumerate(vlis, 1):
        area = shapely.Polygon(np.array(record["ring"].split(), dtype=float).reshape(-1, 2)).area
        told = float(record["dienTich"])
        if abs(told - area) > 0.01 * area and abs(told - area) > area_tolerance_m2(area, None):
            off.add(f"#{number}")
    found = {str(f.record).split()[0] for f in vlis_said.findings if f.rule == "written_area"}
    assert len(off) == 8
    assert off <= found


def test_no_owner_is_named_anywhere(vlis, vlis_said) -> None:
    owners = {r["tenChu"] for r in vlis if r["tenChu"]}
    assert len(owners) > 50
    (read,) = drawn(data("vn_vlis_gml", "Thua_Dat.gml"))
    said = [repr(read.plots), repr(read.findings), repr(read.counts), repr(vlis_said.findings)]
    said += [
        repr(vlis_said.plots.to_pylist()),
        vlis_said.report["json"].decode(),
        vlis_said.report["html"].decode(),
    ]
    assert not [owner for owner in owners for text in said if owner in text]


def test_a_ward_of_da_nang(tmp_path: Path) -> None:
    with zipfile.ZipFile(data("vn_danang_parcels", "danang_parcels_geojson.zip")) as archive:
        (tmp_path / "20242.geojson").write_bytes(content := archive.read("20242.geojson"))
    features = json.loads(content)["features"]
    (read,) = drawn(tmp_path / "20242.geojson")
    told = [f["properties"] for f in features]
    assert [(p.commune, p.sheet, p.number, p.land_use, p.told_area_m2) for p in read.plots] == [
        (t["MaXa"], str(t["SoHieuToBanDo"]), str(t["SoThuTuThua"]), t["KyHieuMucDichSuDung"], t["DienTich"])
        for t in told
    ]
    assert all(
        shapely.equals(p.shape, shapely.from_geojson(json.dumps(f["geometry"])))
        for p, f in zip(read.plots, features, strict=True)
        if p.shape is not None
    )
    assert len(told) > 1000


def test_old_letters_of_a_village_are_read(tmp_path: Path) -> None:
    """The points of Vân Đình as plots, with the names of field and hamlet as they stand in the file."""
    village = json.loads(data("vn_vandinh_tcvn3", "vandinh_sheet27_points_tcvn3_sample.geojson").read_text())
    for feature in village["features"]:
        x, y = feature["geometry"]["coordinates"]
        corners = [[x, y], [x + 1e-4, y], [x, y + 1e-4], [x, y]]
        feature["geometry"] = {"type": "Polygon", "coordinates": [corners]}
    (tmp_path / "a.geojson").write_text(json.dumps(village, ensure_ascii=False))
    (plain,) = drawn(tmp_path / "a.geojson")
    (fields,) = drawn(tmp_path / "a.geojson", how=How(mapping={"address": "xu_dong"}))
    told = [f["properties"] for f in village["features"]]
    assert [(p.number, p.sheet) for p in plain.plots] == [(t["so_thua"], "27") for t in told]
    assert plain.encoding == "tcvn3"
    assert rules(plain.findings)["legacy_text"] == 1
    assert {p.address for p in plain.plots} == {"Thôn Thanh Ấm"}
    assert (
        dict(zip((t["xu_dong"] for t in told), (p.address for p in fields.plots), strict=True))[
            "§ång Quan Tiªn"
        ]
        == "Đồng Quan Tiên"
    )
    assert {p.land_use for p, t in zip(plain.plots, told, strict=True) if t["loai_dat"] == "N§"} == {"NĐ"}
    texts = [t for one in (plain, fields) for p in one.plots for t in (p.address, p.land_use) if t]
    assert not [t for t in texts if any(mark in t for mark in "§©«ª®¬µ¸¶·¹\ufffd")]


def test_points_of_a_village_are_kept_with_their_codes() -> None:
    (read,) = drawn(data("vn_vandinh_tcvn3", "vandinh_sheet27_points_tcvn3_sample.geojson"))
    assert len(read.points) == 30
    assert {code for *_, code in read.points} >= {"2L", "NĐ"}
