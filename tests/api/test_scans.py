"""Scans over HTTP: handed in, told of, tiled, retired; who may; what is wrong with a picture."""

import asyncio
import warnings
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
from numpy.typing import NDArray
from rasterio.io import MemoryFile

from api.scan_shapes import ScanAnswer
from geo import crs
from register.accounts import add_account, grant
from register.connect import connect
from register.scans import find, path_of
from register.units import communes
from tests.api.asked import STREET, problem_in
from tests.conftest import Clone, Serve
from tests.importers.raster import paper
from tests.register.awaited import awaited
from tests.register.handed_in import COMMUNE, EAST, EPSG, NORTH, hand_in

LETTERS = "Trường Sa 1988 – Hoàng Sa"
SCANS = "/api/v1/scans"
WIDTH, HEIGHT, PIXEL_M = 600, 400, 0.25


@dataclass(frozen=True)
class Desk:
    """The server, tokens of chi (office of all) and an (editor of COMMUNE), and the folder of files."""

    client: httpx.Client
    conninfo: str
    tokens: dict[str, str]
    folder: Path

    def send(self, who: str | None, *files: tuple[str, bytes], **fields: str) -> httpx.Response:
        headers = {} if who is None else {"authorization": f"Bearer {self.tokens[who]}"}
        sent = [("file", file) for file in files]
        return self.client.post(SCANS, files=sent, data=fields, headers=headers)

    def added(self, *files: tuple[str, bytes], **fields: str) -> dict[str, Any]:
        answer = self.send("chi", *files, **fields)
        assert answer.status_code in (200, 201), answer.text
        told: dict[str, Any] = answer.json()
        ScanAnswer.model_validate(told)
        return told

    def tile(self, scan: str, z: int, x: int, y: int, form: str = "webp") -> NDArray[np.uint8]:
        """A tile (512, 512, 4)."""
        answer = self.client.get(f"/tiles/scans/{scan}/{z}/{x}/{y}.{form}")
        assert answer.status_code == 200, answer.text
        assert answer.headers["content-type"] == f"image/{form}"
        return decoded(answer.content)


def decoded(content: bytes) -> NDArray[np.uint8]:
    with warnings.catch_warnings(), MemoryFile(content) as kept:
        warnings.simplefilter("ignore")  # a tile does not say where it lies
        with kept.open() as picture:
            found = np.moveaxis(picture.read(), 0, 2)
    if found.shape[2] == 3:
        found = np.dstack([found, np.full(found.shape[:2], 255, np.uint8)])
    assert found.shape == (512, 512, 4)
    return found


@pytest.fixture(scope="module")
def desk(clone: Clone, serve: Serve, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    folder = tmp_path_factory.mktemp("scans")
    with clone() as conninfo:
        with connect(conninfo) as conn:
            hand_in(conn, *STREET)
            here = communes(conn, ["20242"])["20242"].id
            for name, role, commune in (
                ("chi", "office", None),
                ("an", "editor", here),
                ("ba", "surveyor", None),
            ):
                add_account(conn, "tester", name, name, LETTERS)
                grant(conn, "tester", name, role, commune)
        with (
            serve(conninfo, scans=folder) as served,
            httpx.Client(base_url=served.url, timeout=120) as client,
        ):
            tokens = {
                name: client.post("/api/v1/sessions", json={"name": name, "password": LETTERS}).json()[
                    "access"
                ]
                for name in ("chi", "an", "ba")
            }
            yield Desk(client, conninfo, tokens, folder)


@pytest.fixture(scope="module")
def chequered(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A picture of red, green, blue and white quarters."""
    picture = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
    picture[:200, :300, 0] = picture[:200, 300:, 1] = picture[200:, :300, 2] = 220
    picture[200:, 300:] = 220
    return paper.save(picture, tmp_path_factory.mktemp("made") / "to.png").read_bytes()


def world(east: float = EAST + 80, north: float = NORTH + 80) -> bytes:
    return f"{PIXEL_M}\n0\n0\n-{PIXEL_M}\n{east + PIXEL_M / 2}\n{north - PIXEL_M / 2}\n".encode()


def points(moved: float = 0.0) -> str:
    corners = [(0, 0), (WIDTH, 0), (WIDTH, HEIGHT), (0, HEIGHT), (WIDTH / 2, HEIGHT / 2)]
    rows = [f"{x},{y},{EAST + 80 + x * PIXEL_M + moved},{NORTH + 80 - y * PIXEL_M}" for x, y in corners]
    return "\n".join(["col,row,east,north", *rows])


def at(east: float, north: float, z: int) -> tuple[int, int, int, int]:
    """Column and row of the tile a VN-2000 point lies in, and pixel in it."""
    x, y = (float(one[0]) for one in crs.to_web(EPSG, [east], [north]))
    half, n = 20037508.342789244, 1 << z
    column, row = (x + half) / (2 * half) * n, (half - y) / (2 * half) * n
    return int(column), int(row), int(column % 1 * 512), int(row % 1 * 512)


def colour(desk: Desk, scan: str, z: int, east: float, north: float, form: str = "webp") -> list[int]:
    x, y, i, j = at(EAST + 80 + east, NORTH + 80 - north, z)
    return [int(v > 110) for v in desk.tile(scan, z, x, y, form)[j, i]]


QUARTERS = [
    ((30, 20), [1, 0, 0, 1]),
    ((120, 20), [0, 1, 0, 1]),
    ((30, 80), [0, 0, 1, 1]),
    ((120, 80), [1, 1, 1, 1]),
]


@pytest.mark.parametrize("way", ["world file", "points"])
def test_a_picture_is_drawn_where_it_lies_on_every_zoom(desk: Desk, chequered: bytes, way: str) -> None:
    if way == "points":
        told = desk.added(("to.png", chequered), crs=str(EPSG), points=points())
        assert told["method"] == "control_points"
        assert told["rms_m"] < 1e-6
    else:
        told = desk.added(("to.png", chequered), ("to.pgw", world()), crs=str(EPSG), title="Tờ 2")
        assert (told["method"], told["title"], told["points"]) == ("world_file", "Tờ 2", [])
    assert told["pixel_m"] == pytest.approx(PIXEL_M, rel=5e-3)
    scan = told["id"]
    for z in (told["min_zoom"] - 2, told["min_zoom"], told["max_zoom"], told["max_zoom"] + 3):
        for form in ("webp", "png"):
            for (east, north), seen in QUARTERS:
                assert colour(desk, scan, z, east, north, form) == seen, (z, form, east, north)
            assert colour(desk, scan, z, -40, -40, form)[3] == 0
    listed = desk.client.get("/tiles/scans.json").json()["scans"]
    [one] = [one for one in listed if one["id"] == scan]
    _, south, _, north_deg = one["bounds"]
    assert (north_deg - south) * 110_600 == pytest.approx(HEIGHT * PIXEL_M, rel=0.03)
    assert desk.client.get(f"/tiles/scans/{scan}.json").json() == one
    assert httpx.get(one["tiles"][0].format(z=17, x=1, y=1)).status_code == 200


def test_twice_is_once_and_a_retired_one_can_be_placed_anew(desk: Desk, chequered: bytes) -> None:
    files = ("to.png", chequered), ("to.pgw", world(EAST))
    first = desk.send("chi", *files, crs=str(EPSG))
    again = desk.send("chi", ("khac.png", chequered), ("khac.pgw", world(EAST)), crs=str(EPSG))
    assert (first.status_code, again.status_code) == (201, 200)
    scan = first.json()["id"]
    assert again.json()["id"] == scan
    assert first.headers["location"] == f"{SCANS}/{scan}"
    headers = {"authorization": f"Bearer {desk.tokens['chi']}"}
    assert desk.client.delete(f"{SCANS}/{scan}", headers=headers).status_code == 204
    assert problem_in(desk.client.delete(f"{SCANS}/{scan}", headers=headers))["status"] == 410
    assert scan not in {one["id"] for one in desk.client.get("/tiles/scans.json").json()["scans"]}
    assert desk.client.get(f"{SCANS}/{scan}").json()["retired_at"] is not None
    anew = desk.send("chi", *files, crs=str(EPSG))
    assert anew.status_code == 201
    assert anew.json()["id"] != scan
    with connect(desk.conninfo) as conn:
        tiles = bytes(find(conn, scan)["tiles"])
        with pytest.raises(Exception, match="retired once"):
            conn.execute("update scan set title = 'x'")
    assert path_of(desk.folder, tiles).is_file()


def test_who_has_a_tile_is_not_sent_it_again(desk: Desk, chequered: bytes) -> None:
    told = desk.added(("to.png", chequered), ("to.pgw", world()), crs=str(EPSG))
    x, y, _, _ = at(EAST + 100, NORTH + 60, told["max_zoom"])
    path = f"/tiles/scans/{told['id']}/{told['max_zoom']}/{x}/{y}.webp"
    first = desk.client.get(path)
    assert "immutable" in first.headers["cache-control"]
    assert first.content[:4] + first.content[8:12] == b"RIFFWEBP"
    known = desk.client.get(path, headers={"if-none-match": first.headers["etag"]})
    assert (known.status_code, known.content) == (304, b"")
    png = desk.client.get(path.replace(".webp", ".png"), headers={"if-none-match": first.headers["etag"]})
    assert png.status_code == 200


def test_a_scan_is_cropped_to_its_sheet(desk: Desk, chequered: bytes) -> None:
    told = desk.added(
        ("to.png", chequered), ("to.pgw", world()), crs=str(EPSG), commune=COMMUNE, sheet="2", crop="sheet"
    )
    assert (told["commune"], told["sheet"], told["title"]) == (COMMUNE, "2", "Tờ 2")
    z = told["max_zoom"]
    assert colour(desk, told["id"], z, 30, 40)[3] == 1  # in parcel 1 of sheet 2
    assert colour(desk, told["id"], z, 30, 10)[3] == 0  # north of it
    assert colour(desk, told["id"], z, 10, 40)[3] == 0  # west of it


def test_residuals_are_told_and_names_only_to_who_is_signed_in(desk: Desk, tmp_path: Path) -> None:
    scan = paper.scanned(4)
    content = paper.save(scan.picture, tmp_path / "to.jpg").read_bytes()
    listed = paper.control_points(scan, paper.MARKS)
    told = desk.added(
        ("to.jpg", content), ("diem.csv", listed.encode()), crs=str(paper.EPSG), transformation="projective"
    )
    assert (told["transformation"], told["proposed"]) == ("projective", "thin_plate")
    assert len(told["points"]) == 16
    square = np.sum(np.array([one["residual_px"] for one in told["points"]]) ** 2, axis=1)
    assert told["rms_px"] == pytest.approx(np.sqrt(square.mean()), abs=1e-3)
    assert [one["name"] for one in told["files"]] == ["to.jpg", "diem.csv"]
    everybody = desk.client.get(f"{SCANS}/{told['id']}").json()
    ScanAnswer.model_validate(everybody)
    assert (everybody["files"], everybody["made_by"]) == (None, None)
    assert everybody["points"] == told["points"]


def test_finished_uploads_are_taken_by_their_keys(desk: Desk, chequered: bytes) -> None:
    tus = {"tus-resumable": "1.0.0"}
    keys = []
    for name, content in (("to.png", chequered), ("to.pgw", world(EAST + 3))):
        metadata = f"filename {b64encode(name.encode()).decode()}"
        made = desk.client.post(
            "/api/v1/uploads", headers=tus | {"upload-length": str(len(content)), "upload-metadata": metadata}
        )
        keys.append(made.headers["location"].rsplit("/", 1)[1])
        sent = tus | {"upload-offset": "0", "content-type": "application/offset+octet-stream"}
        short = content[: -1 if name == "to.pgw" else None]
        assert desk.client.patch(made.headers["location"], content=short, headers=sent).status_code == 204
    headers = {"authorization": f"Bearer {desk.tokens['chi']}"}
    body = {"uploads": keys, "crs": EPSG, "title": "Tờ 3"}
    assert problem_in(desk.client.post(SCANS, json=body, headers=headers))["status"] == 409  # not finished
    rest = sent | {"upload-offset": str(len(short))}
    assert desk.client.patch(made.headers["location"], content=content[-1:], headers=rest).status_code == 204
    answer = desk.client.post(SCANS, json=body, headers=headers)
    assert answer.status_code == 201, answer.text
    assert [one["name"] for one in answer.json()["files"]] == ["to.png", "to.pgw"]
    files = ("to.png", chequered), ("to.pgw", world(EAST + 3))
    assert desk.added(*files, crs=str(EPSG))["id"] == answer.json()["id"]


def test_who_may_hand_in_and_retire(desk: Desk, chequered: bytes) -> None:
    files = ("to.png", chequered), ("to.pgw", world(EAST + 7))
    assert problem_in(desk.send(None, *files, crs=str(EPSG)))["status"] == 401
    assert problem_in(desk.send("ba", *files, crs=str(EPSG)))["status"] == 403
    assert problem_in(desk.send("an", *files, crs=str(EPSG)))["status"] == 403  # editor of one commune only
    assert problem_in(desk.send("an", *files, crs=str(EPSG), commune="20195"))["status"] == 403
    made = desk.send("an", *files, crs=str(EPSG), commune="20242")
    assert made.status_code == 201, made.text
    path = f"{SCANS}/{made.json()['id']}"
    assert problem_in(desk.client.delete(path))["status"] == 401
    ba = {"authorization": f"Bearer {desk.tokens['ba']}"}
    assert problem_in(desk.client.delete(path, headers=ba))["status"] == 403
    an = {"authorization": f"Bearer {desk.tokens['an']}"}
    assert desk.client.delete(path, headers=an).status_code == 204


@pytest.mark.parametrize(
    ("fields", "status", "kind"),
    [
        ({"crs": str(EPSG)}, 422, "no_place"),
        ({"points": points()}, 422, "no_crs"),
        ({"points": "\n".join(points().splitlines()[:3]), "crs": str(EPSG)}, 422, "unusable_points"),
        ({"points": "0,0,1,1\n1,1,2,2\n2,2,3,3\n", "crs": "4326"}, 422, "unusable_points"),
        ({"points": points(), "crs": "3857x"}, 422, None),
        ({"points": points(), "crs": str(EPSG), "crop": "1,2;3"}, 422, None),
        ({"points": points(), "crs": str(EPSG), "sheet": "2"}, 422, None),
        ({"points": points(), "crs": str(EPSG), "sheet": "999", "commune": COMMUNE}, 404, None),
        ({"points": points(), "crs": str(EPSG), "transformation": "polynomial"}, 422, None),
        (
            {"points": points(), "crs": str(EPSG), "crop": "2000,2000;3000,2000;3000,3000"},
            422,
            "unusable_points",
        ),
    ],
)
def test_what_cannot_be_placed(
    desk: Desk, chequered: bytes, fields: dict[str, str], status: int, kind: str | None
) -> None:
    said = problem_in(desk.send("chi", ("to.png", chequered), **fields))
    assert said["status"] == status
    assert said.get("rule") == kind


def test_hostile_pictures_are_refused(desk: Desk) -> None:
    for name, content, rule in (
        ("to.tif", b"Ban do", "unknown_format"),
        ("to.tif", paper.tiff(46_000, 46_000), "too_much"),
    ):
        said = problem_in(desk.send("chi", (name, content), ("to.tfw", world()), crs=str(EPSG)))
        assert (said["status"], said["rule"]) == (422, rule)
    headers = {"authorization": f"Bearer {desk.tokens['chi']}"}
    none = desk.client.post(SCANS, files={"crs": (None, str(EPSG))}, headers=headers)
    assert problem_in(none)["status"] == 400


@pytest.mark.parametrize(
    "tail", ["31/0/0.webp", "25/0/0.png", "3/8/0.webp", "3/0/-1.webp", "3/0/99999999.png"]
)
def test_tiles_there_are_not(desk: Desk, chequered: bytes, tail: str) -> None:
    told = desk.added(("to.png", chequered), ("to.pgw", world()), crs=str(EPSG))
    assert problem_in(desk.client.get(f"/tiles/scans/{told['id']}/{tail}"))["status"] == 404
    assert problem_in(desk.client.get(f"/tiles/scans/{'a' * 26}/3/0/0.webp"))["status"] == 404


def test_a_file_that_is_lost_takes_no_other_down(desk: Desk, chequered: bytes) -> None:
    good = desk.added(("to.png", chequered), ("to.pgw", world()), crs=str(EPSG))
    bad = desk.added(("to.png", chequered), ("to.pgw", world(EAST + 31)), crs=str(EPSG))
    with connect(desk.conninfo) as conn:
        path_of(desk.folder, bytes(find(conn, bad["id"])["tiles"])).write_bytes(b"II*\0" + b"\xff" * 3)
    z = good["max_zoom"]
    x, y, _, _ = at(EAST + 100, NORTH + 60, z)

    async def both() -> list[int]:
        async with httpx.AsyncClient(base_url=str(desk.client.base_url), timeout=60) as client:
            asked = [f"/tiles/scans/{one['id']}/{z}/{x}/{y}.webp" for one in (good, bad) * 8]
            return [one.status_code for one in await asyncio.gather(*map(client.get, asked))]

    assert awaited(both()) == [200, 500] * 8
    with connect(desk.conninfo) as conn:
        conn.execute("update scan set retired_at = now(), retired_by = 'tester' where key = %s", [bad["id"]])
