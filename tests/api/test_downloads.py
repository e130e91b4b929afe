"""Parcels as files: what is downloaded comes back through our own readers as it was, to the millimetre; what is too much, asked
wrongly or not waited for costs nothing."""

import socket
import tempfile
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import psutil
import psycopg
import pyogrio
import pyproj
import pytest
import shapely

from api.limits import Limits
from api.ogc.documents import DOWNLOADS
from cli.bring import Choices, into_register
from geo import crs
from importers.drawing import dxf
from importers.export import WRITERS
from importers.plots import How
from importers.source import SourceFile
from register.connect import connect
from tests.api.asked import STREET, Asked, problem_in
from tests.api.ogc.test_days import edited
from tests.api.test_parcels import box
from tests.conftest import Clone, Serve
from tests.register.handed_in import EAST, EPSG, NORTH, Lot, hand_in, lot

MAPS = [ending for ending in DOWNLOADS if ending != "dxf"]
TWO = shapely.MultiPolygon(
    [shapely.box(300, 0, 310, 10), shapely.box(300, 15, 310, 25).difference(shapely.box(302, 17, 304, 19))]
)
LOTS = [
    *STREET[:5],
    STREET[6],
    Lot("9a/1", TWO, sheet="DC 7", land_use="SON", address='“Bến” "Đò", thôn 1; hẻm 2'),
]  # type: ignore[arg-type]

FAR = lot("1", 600, 0, 610, 10, sheet="77", commune="20242")


@pytest.fixture(scope="module")
def office(clone: Clone, serve: Serve) -> Iterator[Asked]:
    """The lots of one commune, and one of another; parcel 4 was DGT until 1 April."""
    with clone() as conninfo:
        with connect(conninfo) as db:
            hand_in(db, *LOTS, FAR)
            rows = db.execute(
                "select s.number, v.number, v.code from parcel_version v join sheet s on s.id = v.sheet"
            ).fetchall()
            codes = {(sheet, number): code for sheet, number, code in rows}
            edited(db, codes["1", "4"], date(2026, 4, 1), "DKV")
        limits = Limits(download_parcels=len(LOTS))
        with (
            serve(conninfo, limits=limits) as served,
            httpx.Client(base_url=served.url, timeout=120) as client,
        ):
            yield Asked(client, conninfo, codes)


def download(office: Asked, folder: Path, ending: str, **query: object) -> Path:
    """The file as a browser stores it."""
    answer = office.get(f"/api/v1/downloads/parcels.{ending}", **query)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].split(";")[0] == DOWNLOADS[ending]
    assert answer.headers["content-length"] == str(len(answer.content))
    path = folder / answer.headers["content-disposition"].split('"')[1]
    assert path.suffix == f".{ending}"
    path.write_bytes(answer.content)
    return path


def held(conninfo: str) -> dict[str, tuple[Any, ...]]:
    """What a register holds of each parcel of the commune: all that a file carries."""
    with psycopg.connect(conninfo, options="-c search_path=register,public") as conn:
        rows = conn.execute(
            "select v.code, u.code, s.number, s.scale, s.map_set, s.epsg, v.number, v.land_use, v.area_m2, v.legal_area_m2, "
            "(select a.text from parcel_address l join address a on a.id = l.address where l.code = v.code and l.main "
            "and l.closed_by is null), st_asbinary(v.shape) from parcel_version v join sheet s on s.id = v.sheet "
            "join unit u on u.id = v.commune where v.closed_by is null and u.code = '20194'"
        )
        return {row[0]: row[1:] for row in rows}


@pytest.mark.parametrize("ending", MAPS)
def test_a_commune_comes_back_through_our_own_import_as_it_was(
    office: Asked, clone: Clone, tmp_path: Path, ending: str
) -> None:
    path = download(office, tmp_path, ending, commune="20194")
    with clone() as other:
        receipt = into_register([path], other, "register", "tester", Choices(effective_on=date(2026, 3, 1)))
        assert (receipt.stored, sum(receipt.refused.values())) == (len(LOTS), 0)
        there, here = held(other), held(office.conninfo)
    assert there.keys() == here.keys() == set(office.codes.values()) - {office.codes["77", "1"]}
    for code, facts in here.items():
        assert there[code][:-1] == facts[:-1]
        was, now = (shapely.normalize(shapely.from_wkb(shape)) for shape in (facts[-1], there[code][-1]))
        assert now.equals_exact(was, 0.0011 if ending == "geojson" else 0.0)


@pytest.mark.parametrize(("ending", "epsg"), [("gpkg", 4326), ("gml", 9217)])
def test_a_file_in_another_system_lies_where_the_parcels_lie(
    office: Asked, tmp_path: Path, ending: str, epsg: int
) -> None:
    path = download(office, tmp_path, ending, commune="20194", crs=str(epsg))
    meta, _, wkb, (codes,) = pyogrio.raw.read(path, columns=["code"])
    assert pyproj.CRS.from_user_input(meta["crs"]).to_epsg() == epsg
    shapes = dict(zip(codes, shapely.from_wkb(wkb), strict=True))
    for code, facts in held(office.conninfo).items():
        corners = shapely.get_coordinates(shapely.from_wkb(facts[-1]))
        lon_lat = crs.to_wgs84(EPSG, *corners.T)
        wanted = np.column_stack(lon_lat if epsg == 4326 else crs.from_wgs84(epsg, *lon_lat))
        got = shapely.get_coordinates(shapes[code])
        assert len(got) == len(wanted)
        assert all(
            np.abs(wanted - corner).max(axis=1).min() < (2e-8 if epsg == 4326 else 0.0015) for corner in got
        )


def test_a_drawing_holds_the_same_rings_and_words(office: Asked, tmp_path: Path) -> None:
    """A drawing knows rings, and words in them: parcels of two parts or with a hole are rings beside each other."""
    path = download(office, tmp_path, "dxf", commune="20194")
    drawn = dxf.read(SourceFile(path.name, path, "dxf", path.stat().st_size), How())
    found = [(shapely.normalize(plot.shape), plot) for plot in drawn.plots]
    rings = 0
    for one in LOTS:
        for part in shapely.get_parts(shapely.affinity.translate(one.shape, EAST, NORTH)):
            for ring in (part.exterior, *part.interiors):
                rings += 1
                wanted = shapely.normalize(shapely.Polygon(ring))
                (plot,) = [plot for shape, plot in found if shape.equals_exact(wanted, 0.0005)]
                if ring is not part.exterior or len(shapely.get_parts(one.shape)) > 1:
                    continue
                use = "DKV" if one.number == "4" else one.land_use
                assert (plot.number, plot.land_use) == (one.number, use)
                assert plot.told_area_m2 == round(one.shape.area, 1)
    assert rings == len(drawn.plots)


def test_files_of_a_box_and_of_then(office: Asked, tmp_path: Path) -> None:
    def uses(**query: object) -> list[tuple[str, str]]:
        names, *_, values = pyogrio.raw.read(
            download(office, tmp_path, "gpkg", **query), columns=["number", "land_use"]
        )
        assert list(names["fields"]) == ["number", "land_use"]
        return sorted(zip(*values, strict=True))

    assert uses(bbox=box(-1, 1, 7, 25)) == [("1", "ODT"), ("2", "ODT+CLN"), ("4", "DKV")]
    assert uses(bbox=box(-1, 1, 7, 25), as_of="2026-03-15") == [("1", "ODT"), ("2", "ODT+CLN"), ("4", "DGT")]
    assert uses(bbox=box(-1, 1, 7, 25), as_of="2026-02-15") == []
    assert uses(bbox=box(-1, 1, 7, 200), commune="20242") == []
    now = office.json("/ogc/collections/parcels/items", limit=1)["features"][0]["properties"]["made_at"]
    assert uses(bbox=box(-1, 1, 7, 25), as_of=now.replace("+00:00", "Z")) == [
        ("1", "ODT"),
        ("2", "ODT+CLN"),
        ("4", "DGT"),
    ]


@pytest.mark.parametrize("ending", ["gpkg", "dxf"])
def test_an_empty_file_is_whole_too(office: Asked, tmp_path: Path, ending: str) -> None:
    path = download(office, tmp_path, ending, bbox="0,0,1,1")
    assert path.stat().st_size > 0
    if ending == "gpkg":
        assert pyogrio.read_info(path)["features"] == 0


def test_an_unchanged_file_is_not_made_again(office: Asked) -> None:
    path = "/api/v1/downloads/parcels.csv?commune=20194"
    first = office.client.get(path)
    again = office.client.get(path, headers={"if-none-match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    other = office.client.get(f"{path}&crs=4326", headers={"if-none-match": first.headers["etag"]})
    assert other.status_code == 200


@pytest.mark.parametrize(
    ("ending", "query", "status", "says"),
    [
        ("gpkg", {}, 422, "commune= or bbox="),
        ("shp", {"commune": "20194"}, 422, "ending"),
        ("gpkg", {"commune": "2019"}, 422, "not a commune code"),
        ("gpkg", {"bbox": "1,2,3"}, 422, "not a box"),
        ("gpkg", {"commune": "20194", "crs": "2056"}, 422, "crs=2056"),
        ("gpkg", {"commune": "20194", "crs": "'; drop table a"}, 422, "crs="),
        ("dxf", {"commune": "20194", "crs": "4326"}, 422, "metres"),
        ("gpkg", {"commune": "20194", "as_of": "yesterday"}, 422, "as_of=yesterday"),
        ("gpkg", {"bbox": "108,16,109,17"}, 413, "more than 7 parcels"),
    ],
)
def test_what_is_asked_wrongly_is_told(
    office: Asked, ending: str, query: dict[str, str], status: int, says: str
) -> None:
    problem = problem_in(office.get(f"/api/v1/downloads/parcels.{ending}", **query))
    assert problem["status"] == status
    assert says in problem["detail"]


def writers() -> list[psutil.Process]:
    """Processes of ours that write a file just now."""
    found = []
    for child in psutil.Process().children(recursive=True):
        try:
            if "api.download_job" in child.cmdline():
                found.append(child)
        except psutil.Error:
            continue
    return found


def until(test: Any) -> None:
    """Wait for what comes within a minute. Raises: AssertionError where it does not."""
    for _ in range(600):
        if test():
            return
        time.sleep(0.1)
    raise AssertionError("it did not come to be")


def left() -> list[Path]:
    return list(Path(tempfile.gettempdir()).glob("diachinh-read-*/parcels.*"))


def test_a_file_nobody_waits_for_is_not_written(office: Asked) -> None:
    with psycopg.connect(office.conninfo, options="-c search_path=register,public") as conn:
        conn.execute("lock table address in access exclusive mode")  # the writer has to wait for it
        with socket.create_connection((office.client.base_url.host, office.client.base_url.port)) as line:
            line.sendall(b"GET /api/v1/downloads/parcels.gpkg?commune=20194 HTTP/1.1\r\nHost: here\r\n\r\n")
            until(writers)
            assert office.get("/health").status_code == 200
        until(lambda: not writers())  # while the lock still holds
        conn.rollback()
    until(lambda: not left())
    assert office.get("/api/v1/downloads/parcels.gpkg", commune="20194").status_code == 200
    assert left() == []


def test_each_format_is_offered(office: Asked) -> None:
    assert set(WRITERS) == set(DOWNLOADS)
    commune = office.json("/ogc/collections/communes/items/20194")
    links = [one for one in commune["links"] if one["rel"] == "enclosure"]
    assert {one["type"] for one in links} == set(DOWNLOADS.values())
    assert all("commune=20194" in one["href"] for one in links)
    answer = office.client.get(links[4]["href"])
    assert answer.headers["content-type"].split(";")[0] == links[4]["type"]
