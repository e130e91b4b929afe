"""Real messy addresses matched with real parcels, each row accounted for.

The Spanish municipality is not in Vietnam, and the register rightly refuses its system: parcels and addresses are moved
alike, by whole metres, into a VN-2000 zone; nothing else about them is changed.
"""

import csv
import re
import zipfile
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import psycopg
import pyogrio
import pytest
import shapely

from geo import crs
from importers.address_files.read import read_addresses
from importers.options import ReadOptions
from importers.read import read
from register.address_match.bring import bring, report_rows
from register.address_match.rows import Defaults
from register.receive import receive
from register.revert import revert
from register.units import zones
from tests.importers.parcels import data
from tests.register.addressing import LAW, one_main_each

COMMUNE, EPSG = "20194", 5899
EAST, NORTH = 200_000.0, -2_660_000.0
"""What is added to the coordinates of EPSG:25830 (metres)."""
_POS = re.compile(r"<gml:pos>([0-9.]+) ([0-9.]+)</gml:pos>")


def moved(folder: Path) -> tuple[Path, dict[str, str]]:
    """The parcels as a file of the office: the cadastral reference (7 + 7 characters) is number and sheet."""
    with zipfile.ZipFile(data("es_san_roman_inspire", "A.ES.SDGC.CP.45155.zip")) as packed:
        packed.extractall(folder / "cp")
    path = folder / "cp" / "A.ES.SDGC.CP.45155.cadastralparcel.gml"
    _, _, wkb, (reference,) = pyogrio.raw.read(path, columns=["nationalCadastralReference"])
    shapes = shapely.force_2d(shapely.from_wkb(wkb))
    shapes = shapely.transform(shapes, lambda xy: np.round(xy + np.array([EAST, NORTH]), 3))
    table = folder / "parcels.csv"
    with table.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["ma_xa", "so_to", "so_thua", "geom"])
        for ref, shape in zip(reference, shapes, strict=True):
            writer.writerow(
                [COMMUNE, ref[7:], ref[:7], f"SRID={EPSG};{shapely.to_wkt(shape, rounding_precision=3)}"]
            )
    return table, dict(zip(reference, wkb, strict=True))


def gml(folder: Path) -> str:
    """The addresses in the same place, as INSPIRE GML."""
    with zipfile.ZipFile(data("es_san_roman_inspire", "A.ES.SDGC.AD.45155.zip")) as packed:
        text = packed.read("A.ES.SDGC.AD.45155.gml").decode("iso-8859-1")
    text = _POS.sub(lambda m: f"<gml:pos>{float(m[1]) + EAST:.4f} {float(m[2]) + NORTH:.4f}</gml:pos>", text)
    return text.replace("EPSG::25830", f"EPSG::{EPSG}")


def brought(db: psycopg.Connection, path: Path) -> tuple[Counter[str], list[dict[str, Any]], Any]:
    """Outcomes, rows and receipt of a file."""
    reading = read_addresses([path], ReadOptions(zone_of=zones(db).get))
    try:
        with db.transaction():
            receipt = bring(db, reading, "tester", LAW, Defaults())
            rows = list(report_rows(db, receipt.findings))
    finally:
        reading.close()
    assert receipt.counts.adds_up()
    return Counter(f"{row['outcome']} {row['rule']}" for row in rows), rows, receipt


@pytest.fixture
def village(db: psycopg.Connection, tmp_path: Path) -> psycopg.Connection:
    """The municipality's parcels in the register."""
    table, references = moved(tmp_path)
    reading = read([table], ReadOptions(zone_of=zones(db).get))
    try:
        with db.transaction():
            receipt = receive(db, reading, "tester", LAW)
    finally:
        reading.close()
    assert (receipt.read, len(references)) == (3762, 3754), "eight references stand twice"
    assert receipt.stored + sum(receipt.refused.values()) == 3762
    return db


def by_hand(folder: Path, points: list[tuple[str, float, float]]) -> Counter[str]:
    """Where the points (reference, east, north) lie, by shapely in the plane; two centimetres are the border's."""
    path = folder / "cp" / "A.ES.SDGC.CP.45155.cadastralparcel.gml"
    _, _, wkb, (references,) = pyogrio.raw.read(path, columns=["nationalCadastralReference"])
    shapes = shapely.force_2d(shapely.from_wkb(wkb))
    tree = shapely.STRtree(shapes)
    at = shapely.points([[east - EAST, north - NORTH] for _, east, north in points])
    row, parcel = tree.query(at, "dwithin", 0.02)
    own = {k for k, p in zip(row.tolist(), parcel.tolist(), strict=True) if references[p] == points[k][0]}
    inside = Counter(row.tolist())
    return Counter(
        "own" if k in own else "other" if inside[k] else "none" for k in range(len(points))
    ) + Counter({"one": sum(n == 1 for n in inside.values()), "several": sum(n > 1 for n in inside.values())})


def test_a_municipality_of_inspire(village: psycopg.Connection, tmp_path: Path) -> None:
    text = gml(tmp_path)
    alone = tmp_path / "addresses.gml"
    alone.write_text(text, encoding="iso-8859-1")
    points = [
        (ref, float(east), float(north))
        for ref, east, north in re.findall(
            r'<AD:Address gml:id="[^"]*\.(\w{14})">.*?<gml:pos>([0-9.]+) ([0-9.]+)</gml:pos>', text, re.DOTALL
        )
    ]
    assert len(points) == 2943
    hand = by_hand(tmp_path, points)
    # by place alone, as the file is: no point in no parcel is linked
    found, rows, receipt = brought(village, alone)
    assert found == {"linked found": 1754, "ambiguous several": 4, "outside nearest": 1185}
    assert (found["linked found"], found["ambiguous several"], found["outside nearest"]) == (
        hand["one"], hand["several"], hand["none"],
    )  # fmt: skip
    assert rows[0]["text"] == "1 CL ABAJO, SAN ROMAN DE LOS MONTES"
    assert all(row["nearest"] and row["distance_m"] <= 10 for row in rows if row["rule"] == "nearest")
    assert one_main_each(village)
    with village.transaction():
        revert(village, receipt.correction or 0, "tester")
    # by the cadastral reference its identifiers end in (number and sheet), and the place
    table = tmp_path / "addresses.csv"
    with table.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["ma_xa", "so_to", "so_thua", "dia_chi", "x", "y"])
        for n, (ref, east, north) in enumerate(points):
            writer.writerow([COMMUNE, ref[7:], ref[:7], rows[n]["text"], east, north])
    found, rows, receipt = brought(village, table)
    assert found == {"linked found": 1710, "linked beside": 1185, "conflicting disagree": 48}
    assert (found["linked found"], found["linked beside"], found["conflicting disagree"]) == (
        hand["own"], hand["none"], hand["other"],
    )  # fmt: skip
    assert all(set(row["says"]) == {"number", "place"} for row in rows if row["outcome"] == "conflicting")
    again, _, second = brought(village, table)
    assert (again["conflicting disagree"], second.counts.unchanged, second.correction) == (48, 2895, None)


def test_addresses_of_a_city(db: psycopg.Connection, tmp_path: Path) -> None:
    """Points of Hanoi as they are, and made parcels of 4 by 4 m around every third: only what lies in one is linked."""
    path = data("vn_hanoi_osm_addresses", "hanoi_osm_addresses.csv")
    with path.open(encoding="utf-8") as file:
        theirs = list(csv.DictReader(file))
    zone = 5897
    east, north = crs.from_wgs84(zone, [float(r["lon"]) for r in theirs], [float(r["lat"]) for r in theirs])
    chosen: list[int] = []
    for k in range(0, len(theirs), 3):
        if all(np.hypot(east[k] - east[c], north[k] - north[c]) > 8 for c in chosen):
            chosen.append(k)
    boxes = shapely.box(east[chosen] - 2, north[chosen] - 2, east[chosen] + 2, north[chosen] + 2)
    table = tmp_path / "parcels.csv"
    lines = [
        f'00004,1,{n},"SRID={zone};{shapely.to_wkt(b, rounding_precision=3)}"' for n, b in enumerate(boxes, 1)
    ]
    table.write_text("\n".join(["ma_xa,so_to,so_thua,geom", *lines]), encoding="utf-8")
    reading = read([table], ReadOptions(zone_of=lambda _: zone))
    try:
        with db.transaction():
            assert receive(db, reading, "tester", LAW).stored == len(chosen)
    finally:
        reading.close()
    found, rows, receipt = brought(db, path)
    off = shapely.distance(shapely.points(east, north)[:, None], boxes[None, :]).min(axis=1)
    assert receipt.counts.read == len(theirs) == 486
    assert found == {
        "linked found": int((off == 0).sum()) - 1,
        "unchanged repeated": 1,  # one address stands twice
        "outside nearest": int(((off > 0) & (off <= 10)).sum()),
        "outside far": int((off > 10).sum()),
    }
    assert found["linked found"] == 153
    assert [row["text"] for row in rows[:2]] == ["21 Phố Hàng Gai", "72 Mã Mây"]
