"""Files of addresses as offices have them: any columns, any of the usual systems, rows that are wrong."""

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo import crs
from importers.address_files.place import degrees
from importers.address_files.read import read_addresses
from importers.errors import AmbiguousColumn, EmptyFile, NoCrs, Refused, WrongCrs
from importers.legacy_text import encode
from importers.options import ReadOptions
from importers.read import Reading
from tests.importers.parcels import data

ZONE = 5899


def read(path: Path, **options: Any) -> tuple[Reading, list[dict[str, Any]]]:
    reading = read_addresses([path], ReadOptions(**{"zone_of": {"20194": ZONE}.get, **options}))
    rows = [row for batch in reading.batches() for row in batch.to_pylist()]
    assert reading.read == reading.stored + sum(reading.refused.values())
    assert reading.stored == len(rows)
    return reading, rows


def table(folder: Path, text: str, name: str = "a.csv") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_vietnamese_columns_with_all_there_is(tmp_path: Path) -> None:
    _, [one, two] = read(
        table(
            tmp_path,
            "Mã định danh thửa;Mã xã;Số tờ;Số thửa;Số nhà;Tên đường;Tổ dân phố;"
            "Mã bưu chính;Mã địa chỉ số;Nguồn;Là địa chỉ chính\n"
            "W7ER 8SP5 FQEF;194;1;7;12/45/3;Hàm Nghi;Tổ 5;50207;ndas-001;VNPost;1\n"
            ";20194;1;8;;;;;ndas-002;;0\n",
        )
    )
    said = {k: v for k, v in one.items() if v is not None}
    assert said == {
        "record": "a.csv#1", "code": "w7er8sp5fqef", "commune": "00194", "sheet": "1", "number": "7",
        "text": "12/45/3 Hàm Nghi, Tổ 5", "house": "12/45/3", "street": "Hàm Nghi", "hamlet": "Tổ 5", "postcode": "50207",
        "digital": "ndas-001", "source": "VNPost", "main": True,
    }  # fmt: skip
    assert (two["text"], two["digital"], two["main"]) == (None, "ndas-002", False)


def test_a_column_called_number_is_a_house_number_without_a_sheet(tmp_path: Path) -> None:
    _, [row] = read(table(tmp_path, "number,street,lat,lon\n12,Hàm Nghi,16.06,108.21\n"))
    assert (row["house"], row["number"], row["text"]) == ("12", None, "12 Hàm Nghi")
    assert (row["lon_deg"], row["lat_deg"]) == (108.21, 16.06)


_METRES = st.tuples(st.floats(450e3, 650e3), st.floats(920e3, 2_580e3))


@given(_METRES, st.booleans(), st.sampled_from([5899, 9217, 3405]))
def test_metres_are_the_same_place_in_either_order(at: tuple[float, float], turned: bool, epsg: int) -> None:
    a, b = at[::-1] if turned else at
    lon, lat = degrees(epsg, np.array([a]), np.array([b]))
    east, north = crs.from_wgs84(epsg, lon, lat)
    assert np.hypot(east - at[0], north - at[1])[0] < 2e-3


@given(st.floats(102, 117), st.floats(7, 23.9), st.booleans())
def test_degrees_are_the_same_place_in_either_order(lon: float, lat: float, turned: bool) -> None:
    a, b = (lat, lon) if turned else (lon, lat)
    assert [float(v[0]) for v in degrees(4326, np.array([a]), np.array([b]))] == [lon, lat]


def test_vn2000_columns_are_in_the_zone_of_the_commune_or_as_said(tmp_path: Path) -> None:
    east, north = 548_010.0, 1_777_020.0
    lon, lat = (float(v[0]) for v in crs.to_wgs84(ZONE, [east], [north]))
    text = f"dia_chi,X,Y,ma_xa\n12 Hàm Nghi,{north},{east},20194\n"
    _, [row] = read(table(tmp_path, text))
    assert (row["lon_deg"], row["lat_deg"]) == pytest.approx((lon, lat), abs=1e-10)
    unsaid = table(tmp_path, text.replace(",20194", ","), "b.csv")
    with pytest.raises(NoCrs, match="--crs"):
        read(unsaid)
    _, [row] = read(unsaid, crs=ZONE)
    assert (row["lon_deg"], row["lat_deg"]) == pytest.approx((lon, lat), abs=1e-10)


def test_rows_that_are_wrong_are_told_and_the_rest_goes_on(tmp_path: Path) -> None:
    reading, rows = read(
        table(
            tmp_path,
            "ma_thua,dia_chi,lat,lon,ma_dia_chi_so\n"
            "w7er8sp5fqef,12 Hàm Nghi,,,\n"
            "w7er8sp5fqeo,13 Hàm Nghi,,,\n"
            ",14 Hàm Nghi,16.06,,\n"
            ",15 Hàm Nghi,abc,108.2,\n"
            ",16 Hàm Nghi,48.85,2.35,\n"
            "w7er8sp5fqef,,,,\n"
            "w7er8sp5fqef,17 Hàm Nghi,,,đỏ\n"
            f"w7er8sp5fqef,{'x' * 501},,,\n"
            "w7er8sp5fqef,a,b\n"
            "w7er8sp5fqef,' or 1=1; drop table address --,,,\n",
        )
    )
    assert [row["record"] for row in rows] == ["a.csv#1", "a.csv#10"]
    assert rows[1]["text"] == "' or 1=1; drop table address --"
    assert dict(reading.refused) == {
        "bad_code": 1, "bad_place": 2, "away": 1, "no_address": 1, "bad_digital": 1, "too_long": 1, "broken_row": 1,
    }  # fmt: skip
    assert {f.record for f in reading.findings if f.rule == "bad_place"} == {"a.csv#3", "a.csv#4"}
    assert all(f.text_vi and f.text_en for f in reading.findings)


def test_the_scheme_of_a_digital_address_has_a_plain_name(tmp_path: Path) -> None:
    text = "ma_thua,ma_dia_chi_so,scheme\nw7er8sp5fqef,A-0001,NDAS 1.0\nw7er8sp5fqef,A-0002,«»\nw7er8sp5fqef,A-0003,\n"
    reading, rows = read(table(tmp_path, text))
    assert [row["scheme"] for row in rows] == ["ndas_1_0", None]
    assert dict(reading.refused) == {"bad_scheme": 1}


def test_texts_of_old_programs_are_unicode(tmp_path: Path) -> None:
    streets = [
        "Đường Nguyễn Trãi",
        "Ngõ Thổ Quan",
        "Phố Khâm Thiên",
        "Thôn Thanh Ấm",
        "Xã Hòa Xá",
        "Đường Trần Phú",
    ]
    path = tmp_path / "a.csv"
    rows = [f"{n},{encode(street, 'tcvn3')},16.06,108.2" for n, street in enumerate(streets, 1)]
    path.write_text("\n".join(["so_nha,ten_duong,lat,lon", *rows]), encoding="utf-8")
    _, found = read(path)
    assert [row["street"] for row in found] == streets


def test_points_of_geojson(tmp_path: Path) -> None:
    def feature(geometry: Any, **properties: Any) -> dict[str, Any]:
        return {"type": "Feature", "properties": properties, "geometry": geometry}

    path = tmp_path / "a.geojson"
    features = [
        feature({"type": "Point", "coordinates": [108.21, 16.06]}, housenumber="12", street="Hàm Nghi"),
        feature(
            {"type": "MultiPoint", "coordinates": [[108.22, 16.07]]}, housenumber="13", street="Hàm Nghi"
        ),
        feature(
            {"type": "LineString", "coordinates": [[108.2, 16], [108.3, 16]]},
            housenumber="14",
            street="Hàm Nghi",
        ),
        feature(None, housenumber="15", street="Hàm Nghi"),
    ]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), encoding="utf-8")
    reading, rows = read(path)
    assert [(row["text"], row["lon_deg"]) for row in rows] == [
        ("12 Hàm Nghi", 108.21), ("13 Hàm Nghi", 108.22), ("15 Hàm Nghi", None),
    ]  # fmt: skip
    assert dict(reading.refused) == {"bad_place": 1}


def test_files_that_hold_no_addresses_are_refused(tmp_path: Path) -> None:
    with pytest.raises(EmptyFile):
        read(table(tmp_path, "dia_chi,lat,lon\n"))
    with pytest.raises(AmbiguousColumn):
        read(table(tmp_path, "ma_dinh_danh,parcel_code,dia_chi\nw7er8sp5fqef,w7er8sp5fqef,x\n"))
    with pytest.raises(WrongCrs):
        read(table(tmp_path, "x,y,dia_chi\n1,2,x\n"), crs=25830)
    (tmp_path / "a.bin").write_bytes(b"\x00\x01" * 100)
    with pytest.raises(Refused):
        read(tmp_path / "a.bin")


def test_a_national_file_of_real_addresses_is_read_whole() -> None:
    path = data("vn_hanoi_osm_addresses", "hanoi_osm_addresses.csv")
    reading, rows = read(path)
    with path.open(encoding="utf-8") as file:
        theirs = list(csv.DictReader(file))
    assert reading.read == len(theirs) == 486
    assert [(row["lon_deg"], row["lat_deg"]) for row in rows] == [
        (float(row["lon"]), float(row["lat"])) for row in theirs
    ]
    assert sum(row["house"] is not None and row["street"] is not None for row in rows) == 363
