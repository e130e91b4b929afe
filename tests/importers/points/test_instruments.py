"""Files of real instruments, each held against what its lines say when they are taken apart by hand."""

import csv
import math
import re
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from importers.plots import Drawn
from tests.importers.handed import drawn, examined, refusal, rules
from tests.importers.parcels import data

Placed = tuple[str, float, float]
NS = "{http://www.landxml.org/schema/LandXML-1.2}"


def path(name: str) -> Path:
    return data("survey_instrument_files", name)


def read(name: str) -> Drawn:
    (one,) = drawn(path(name))
    assert one.plots == []
    return one


def placed(one: Drawn, digits: int = 3) -> list[Placed]:
    return [(name, round(x, digits), round(y, digits)) for name, x, y, _ in one.points]


def polar(azimuth_gon: float, zenith_gon: float, slope: float) -> tuple[float, float]:
    """East and north of what is seen from a station at nought."""
    flat = slope * math.sin(zenith_gon * math.pi / 200)
    return flat * math.sin(azimuth_gon * math.pi / 200), flat * math.cos(azimuth_gon * math.pi / 200)


def test_gsi8_with_coordinates() -> None:
    one = read("leica_gsi8_ertola.gsi")
    text = path("leica_gsi8_ertola.gsi").read_text()
    form = re.compile(r"^11\d{4}\+(\S{8}) .*81\.\.00([+-]\d{8}) 82\.\.00([+-]\d{8})", re.M)
    told = {(n.lstrip("0"), int(e) / 1000, int(north) / 1000) for n, e, north in form.findall(text)}
    assert len(form.findall(text)) == text.count(" 81..") == 689
    assert told <= set(placed(one))
    stations = re.findall(r"\+(\S{8}) 25\.", text)
    assert one.counts["points with coordinates"] == 689 + len(stations) == 693
    assert one.counts["stations"] == len(set(stations)) == 2
    assert ("STAZLIB3", 519.659, 465.244) in placed(one)


def test_gsi8_shots_from_an_oriented_station() -> None:
    """The point that was shot has coordinates in the file too: 500, 500, to two centimetres."""
    one = read("leica_gsi8_ertola.gsi")
    east, north = polar(373.33780, 100.39750, 60.114)
    seen = (524.441 + east, 445.069 + north)
    assert math.dist(seen, (500, 500)) < 0.02
    assert ("STAZION1", round(seen[0], 3), round(seen[1], 3)) in placed(one)


def test_gsi8_without_a_station() -> None:
    one = read("RILIEVO.gsi")
    shots = re.findall(r"11\d{4}\+(\d{8}) 21\.", path("RILIEVO.gsi").read_bytes().decode("ascii"))
    assert (len(shots), one.counts["polar observations"], one.points) == (23, 23, [])
    assert rules(one.findings) == {"not_read": 1}
    assert one.findings[0].text_en.startswith("23 of 23")


def test_topcon_blocks_without_a_station() -> None:
    one = read("topcon_gts_229")
    blocks = path("topcon_gts_229").read_text("latin-1").split("\n")
    text = "".join(block.strip("\x02\x03\r\x04")[:-4] for block in blocks)
    assert one.counts["polar observations"] == len(re.findall(r"_ \?\+\d{8}m", text)) == 53
    assert rules(one.findings) == {"not_read": 1}


def test_nikon_shots() -> None:
    one = read("nikon_raw_v200.tops")
    lines = path("nikon_raw_v200.tops").read_text().splitlines()
    shots = [line.split(",") for line in lines if line.startswith("SS,")]
    expected = [("1", 0.0, 0.0)]
    for _, name, _, slope, circle, zenith, *_ in shots:
        east, north = polar(float(circle), float(zenith), float(slope))
        expected.append((name, round(east, 3), round(north, 3)))
    assert len(shots) == 82
    assert placed(one) == expected
    assert one.counts["stations"] == 1
    assert one.points[1][3] == "P"


def test_sdr33_points_north_first() -> None:
    one = read("sokkia_sdr33.tops")
    lines = path("sokkia_sdr33.tops").read_text("latin-1").splitlines()
    rows = [line for line in lines if line[:4] in ("02TP", "08TP")]
    assert len(rows) == 13
    assert placed(one) == [(r[4:20].strip(), float(r[36:52]), float(r[20:36])) for r in rows]
    assert one.counts["stations"] == 1


def test_rw5_against_the_table_its_maker_exported() -> None:
    one = read("Leica1200.rw5")
    with path("Leica1200.rw5.csv").open() as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    base_east, base_north = 942130.662, 16556174.237
    shots = [p for p in one.points if p[3] is not None]
    assert [(name, code) for name, _, _, code in shots] == [(r["Point ID"], r["Description"]) for r in rows]
    for (_, x, y, _), row in zip(shots, rows, strict=True):
        east, north = polar(float(row["Horiz_ Angle"]), float(row["Vert_ Angle"]), float(row["Slope Dist"]))
        assert (x - base_east, y - base_north) == pytest.approx((east, north), abs=2e-8)
    assert [p[:3] for p in one.points[:2]] == [(n, base_east, base_north) for n in ("111", "108")]
    assert (one.unit_m, one.counts["stations"]) == (0.3048, 1)


def test_landxml_of_a_field_book() -> None:
    one = read("landxml.xml")
    root = ET.parse(path("landxml.xml")).getroot()
    told = [
        (p.get("name") or p.get("desc"), *((p.text or "").split()[1::-1]))
        for tag in ("CgPoint", "TargetPoint")
        for p in root.iter(f"{NS}{tag}")
    ]
    assert placed(one) == [(name, float(east), float(north)) for name, east, north in told]
    assert len(told) == 5


NAMES = (
    "leica_gsi8_ertola.gsi",
    "RILIEVO.gsi",
    "topcon_gts_229",
    "nikon_raw_v200.tops",
    "sokkia_sdr33.tops",
    "Leica1200.rw5",
    "landxml.xml",
)


@pytest.mark.parametrize("name", NAMES)
def test_points_alone_stop_a_survey_with_a_word(name: str) -> None:
    said = examined(path(name))
    assert said.plots.num_rows == 0
    (stop,) = [f for f in said.findings if f.severity == "stops"]
    assert stop.rule == "no_shape"
    if name != "landxml.xml":
        assert any("R12" in f.text_vi or "phương vị" in f.text_vi for f in said.findings)


def test_a_table_without_places_names_its_columns() -> None:
    assert "Local_N" in refusal(path("Leica1200.rw5.csv")).text_vi
