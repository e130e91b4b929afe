"""Tiles as of the past: on both clocks what history says stood then; snapped, so that equal moments are equal bytes."""

from collections.abc import Iterator
from datetime import date, timedelta
from urllib.parse import urlencode

import httpx
import numpy as np
import psycopg
import pytest
import shapely

from api.tile_moments import Moments
from geo import crs
from geo.cells import place as cell_place
from register.apply import apply
from register.attributes import AttributeDrafts, Edit, current_version
from register.connect import connect
from register.correction import Correction
from register.revert import revert
from tests.conftest import Clone, Serve
from tests.register.handed_in import DAY, EAST, EPSG, NORTH, hand_in, lot
from tests.register.proposing import done
from tests.tiles.drawn import Drawn, on_the_map, place
from tests.tiles.test_stamps import tile_at
from tiles import layers

LAYERS = "communes,sheets,parcels,labels,addresses"


def codes(conn: psycopg.Connection) -> dict[str, str]:
    """Codes of the current parcels by number."""
    return dict(conn.execute("select number, code from parcel_version where closed_by is null").fetchall())


def used(conn: psycopg.Connection, code: str, use: str, days: int) -> int:
    """The correction that gave a parcel another land use, effective so many days after the import."""
    version = current_version(conn, code)
    assert version is not None
    correction = Correction("attributes", "x", DAY + timedelta(days))
    made = apply(conn, correction, AttributeDrafts([Edit(version, land_use=use)]))
    conn.commit()
    return made.id


@pytest.fixture(scope="module")
def told(clone: Clone, serve: Serve) -> Iterator[Drawn]:
    """A place with a past: imports, an edit back in time, a merger, a new sheet, undos; some far from each other."""
    with clone() as conninfo:
        with connect(conninfo) as conn:
            first = [lot(str(n), 30 * n - 30, 0, 30 * n, 20, address=f"{n} Lê Lợi") for n in (1, 2, 3)]
            hand_in(conn, *first)
            conn.commit()
            code = codes(conn)
            edited = used(conn, code["1"], "CLN", 20)
            hand_in(conn, lot("9", 0, 3000, 30, 3020, sheet="3"), lot("8", 9000, 0, 9030, 20, sheet="3"))
            done(conn, "merge", DAY + timedelta(40), parcels=[code["2"], code["3"]], registered=True)
            conn.commit()
            far = hand_in(conn, lot("1", 0, 40, 200, 260, sheet="2"))
            conn.commit()
            again = used(conn, code["1"], "ODT", 60)
            for one in (again, edited):
                revert(conn, one, "x")
                conn.commit()
            assert far.correction is not None
            revert(conn, far.correction, "x")
            conn.commit()
        with serve(conninfo) as served, httpx.Client(base_url=served.url, timeout=60) as client:
            yield Drawn(client, conninfo)


MOMENTS = """
select c.seq, c.made_at, c.effective_on from correction c where seq is not null order by seq
"""
# the law of both clocks, said again without the functions of the register
STOOD = """
select v.id, v.land_use, st_asbinary(v.web)
from parcel_version v join correction o on o.id = v.opened_by left join correction e on e.id = v.closed_by
where o.seq <= %(seq)s and o.effective_on <= %(day)s
  and not coalesce(e.seq <= %(seq)s and e.effective_on <= %(day)s, false)
  and not exists (select from unmade_version m join correction u on u.id = m.by where u.seq <= %(seq)s and m.version = v.id)
"""


def asked(told: Drawn, names: str, tile: tuple[int, int, int], **query: str) -> httpx.Response:
    answer = told.client.get("/tiles/{}/{}/{}/{}.mvt?{}".format(names, *tile, urlencode(query)))
    assert answer.status_code == 200, answer.text
    return answer


def features(answer: httpx.Response, layer: str) -> list[dict]:  # type: ignore[type-arg]
    import mapbox_vector_tile

    options = {"y_coord_down": True}
    tile = mapbox_vector_tile.decode(answer.content, default_options=options) if answer.content else {}
    found: list[dict] = tile.get(layer, {"features": []})["features"]  # type: ignore[type-arg]
    return found


@pytest.mark.parametrize("z", [14, 16])
def test_on_both_clocks_a_tile_shows_what_stood_then(told: Drawn, z: int) -> None:
    tile = tile_at(z, 40, 10)
    view = shapely.box(-64, -64, 4160, 4160)
    with connect(told.conninfo) as conn:
        rows = conn.execute(MOMENTS).fetchall()
        days = sorted({day + timedelta(n) for _, _, day in rows for n in (-1, 0)})
        seen = set()
        for seq, made_at, _ in rows:
            known = made_at.isoformat()
            for day in [*days, None]:
                stood = conn.execute(STOOD, {"seq": seq, "day": day or date.max}).fetchall()
                shapes = {id_: shapely.from_wkb(bytes(web)) for id_, _, web in stood}
                query = {"as_of": known} if day is None else {"as_of": str(day), "known_at": known}
                answer = asked(told, LAYERS, tile, **query)
                drawn = features(answer, "parcels")
                expected = {
                    id_ for id_, shape in shapes.items()
                    if on_tile(shape, tile).intersects(view) and not on_tile(shape, tile).touches(view)
                }  # fmt: skip
                assert {f["id"] for f in drawn} == expected, (seq, day)
                uses = {id_: use for id_, use, _ in stood}
                assert all(f["properties"]["land_use"] == uses[f["id"]] for f in drawn)
                seen.add(frozenset(expected))
                ground = shapely.union_all([shapes[id_] for id_ in expected])
                sheets = [f for f in features(answer, "sheets") if f["geometry"]["type"] != "Point"]
                communes = features(answer, "communes")
                assert bool(sheets) == bool(communes) == bool(expected)
                for outlines in (sheets, communes) if expected else ():
                    covered = shapely.union_all([on_the_map(f, *tile) for f in outlines])
                    unit_m = 40075016.685578488 / 2**z / 4096
                    assert covered.buffer(3 * unit_m).covers(on_the_ground(tile).intersection(ground))
                    assert ground.buffer(4 * unit_m + 3).covers(covered)
        assert len(seen) > 5


LINKED = """
select a.id from parcel_address l join address a on a.id = l.address and a.text is not null
join correction o on o.id = l.opened_by left join correction e on e.id = l.closed_by
join ({stood}) v on v.code = l.code
where o.seq <= %(seq)s and o.effective_on <= %(day)s
  and not coalesce(e.seq <= %(seq)s and e.effective_on <= %(day)s, false)
  and not exists (select from unmade_link m join correction u on u.id = m.by where u.seq <= %(seq)s and m.link = l.id)
""".format(stood=STOOD.replace("v.id, v.land_use, st_asbinary(v.web)", "v.code"))


def test_addresses_are_those_of_then(told: Drawn) -> None:
    z, x, y = tile_at(17, 40, 10)
    seen = set()
    with connect(told.conninfo) as conn:
        rows = conn.execute(MOMENTS).fetchall()
        for seq, made_at, _ in rows:
            for day in (None, DAY - timedelta(1), DAY, DAY + timedelta(40), DAY + timedelta(60)):
                query = {} if day is None else {"known_at": made_at.isoformat()}
                query["as_of"] = made_at.isoformat() if day is None else str(day)
                told_here = {
                    f["id"]
                    for tile in [(z, x + dx, y + dy) for dx in (-1, 0, 1) for dy in (-1, 0, 1)]
                    for f in features(asked(told, "addresses", tile, **query), "addresses")
                }
                expected = {row[0] for row in conn.execute(LINKED, {"seq": seq, "day": day or date.max})}
                assert told_here == expected, (seq, day)
                seen.add(frozenset(expected))
    assert len(seen) > 1


def on_tile(shape: shapely.Geometry, tile: tuple[int, int, int]) -> shapely.Geometry:
    """A web shape in units of a tile."""
    z, x, y = tile
    unit_m = 40075016.685578488 / 2**z / 4096
    west, north = x * 4096 - 2.0 ** (z + 11), y * 4096 - 2.0 ** (z + 11)
    return shapely.affinity.affine_transform(shape, [1 / unit_m, 0, 0, -1 / unit_m, -west, -north])


def on_the_ground(tile: tuple[int, int, int]) -> shapely.Geometry:
    """What a tile shows, in web metres."""
    z, x, y = tile
    size = 40075016.685578488 / 2**z
    half = 20037508.342789244
    return shapely.box(x * size - half, half - (y + 1) * size, (x + 1) * size - half, half - y * size)


def test_the_last_moment_is_the_present(told: Drawn) -> None:
    with connect(told.conninfo) as conn:
        *_, (_, made_at, _) = conn.execute(MOMENTS).fetchall()
    every = ",".join(layers.OPEN)
    for z in (8, 10, 11, 12, 13, 14, 15, 17, 20):
        tile = tile_at(z, 40, 10)
        now = told.fetch(every, *tile)
        for moment in (made_at.isoformat(), "2999-01-01T00:00:00Z", "2999-01-01"):
            then = asked(told, every, tile, as_of=moment)
            for layer in layers.OPEN:
                assert sorted(map(repr, features(then, layer))) == sorted(map(repr, features(now, layer))), (
                    z,
                    layer,
                )
            assert "immutable" not in then.headers["cache-control"]  # more may come to be known


def test_before_the_register_the_map_is_empty(told: Drawn) -> None:
    tile = tile_at(14, 40, 10)
    for query in ({"as_of": "2000-01-01T00:00:00Z"}, {"as_of": "1990-01-01"}):
        assert asked(told, LAYERS, tile, **query).content == b""


def test_moments_between_corrections_near_a_tile_are_one_state(told: Drawn) -> None:
    tile = tile_at(14, 40, 10)
    with connect(told.conninfo) as conn:
        rows = conn.execute(MOMENTS).fetchall()
        near = {
            seq for key, seq in conn.execute("select h.key, c.seq from map_change h join correction c on c.id = h.correction")
            if cell_place(key) == tile[1:]
        }  # fmt: skip
    assert near < {seq for seq, *_ in rows}, "some corrections are elsewhere"
    tags: dict[int, set[str]] = {}
    bodies: dict[int, set[bytes]] = {}
    for seq, made_at, _ in rows:
        last = max((one for one in near if one <= seq), default=0)
        answer = asked(told, "parcels", tile, as_of=made_at.isoformat())
        tags.setdefault(last, set()).add(answer.headers["etag"])
        bodies.setdefault(last, set()).add(answer.content)
    assert all(len(one) == 1 for one in [*tags.values(), *bodies.values()])
    assert len({tag for one in tags.values() for tag in one}) == len(tags)


def test_what_the_office_knew_is_kept_for_ever_what_the_law_says_is_not(told: Drawn) -> None:
    tile = tile_at(14, 40, 10)
    with connect(told.conninfo) as conn:
        (_, first, day), *_ = conn.execute(MOMENTS).fetchall()
    final = asked(told, "parcels", tile, as_of=first.isoformat())
    assert final.headers["cache-control"] == "public, max-age=31536000, immutable"
    both = asked(told, "parcels", tile, as_of=str(day), known_at=first.isoformat())
    assert both.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert asked(told, "parcels", tile, as_of=str(day)).headers["cache-control"] == "public, no-cache"
    # outlines of communes have no history: they are asked for again the next day
    assert (
        asked(told, LAYERS, tile, as_of=first.isoformat()).headers["cache-control"]
        == "public, max-age=86400, immutable"
    )
    path = f"/tiles/parcels/{tile[0]}/{tile[1]}/{tile[2]}.mvt?" + urlencode({"as_of": first.isoformat()})
    again = told.client.get(path, headers={"if-none-match": final.headers["etag"]})
    assert (again.status_code, again.headers["cache-control"]) == (304, final.headers["cache-control"])


@pytest.mark.parametrize(
    "query",
    [
        {"as_of": "yesterday"}, {"as_of": "2026-02-30"}, {"as_of": ""}, {"known_at": "2026-01-01T00:00:00Z"},
        {"as_of": "2026-01-01", "known_at": "2026-01-01"}, {"as_of": "2026-01-01T00:00:00"},
        {"as_of": "2026-01-01", "v": "1.1.1"}, {"as_of": "99999-01-01"}, {"as_of": "2026-01-01T00:00:00Z' or 1=1"},
    ],
)  # fmt: skip
def test_a_moment_that_is_none_is_refused(told: Drawn, query: dict[str, str]) -> None:
    answer = told.client.get("/tiles/parcels/{}/{}/{}.mvt?{}".format(*tile_at(14, 40, 10), urlencode(query)))
    assert (answer.status_code, answer.headers["cache-control"]) == (422, "no-store")
    assert answer.json()["detail_vi"].endswith(".")


def test_the_moments_of_a_box_are_those_at_which_it_changed(told: Drawn) -> None:
    def moments(x0: float, y0: float, x1: float, y1: float, **more: int) -> tuple[list[int], bool]:
        (west, east), (south, north) = crs.to_wgs84(
            EPSG, np.array([EAST + x0, EAST + x1]), np.array([NORTH + y0, NORTH + y1])
        )
        query = {"bbox": f"{west},{south},{east},{north}", **more}
        said = told.client.get("/tiles/moments.json", params=query).raise_for_status().json()
        Moments.model_validate(said)
        return [one["seq"] for one in said["moments"]], said["complete"]

    with connect(told.conninfo) as conn:
        every = [seq for seq, *_ in conn.execute(MOMENTS)]
    here, complete = moments(0, 0, 90, 20)
    assert set(here) < set(every)
    assert (here, complete) == (sorted(here), True)
    assert moments(0, 0, 90, 20, limit=2) == (here[-2:], False)
    assert moments(8990, 0, 9040, 20)[0] == [3]
    assert moments(-90_000, -90_000, 90_000, 90_000)[0] == every
    assert moments(20_000, 0, 20_100, 20) == ([], True)


@pytest.mark.parametrize("bbox", ["", "1,2,3", "a,b,c,d", "108,17,109,16", "0,0,nan,1", "999,0,1000,1"])
def test_a_box_that_is_none_is_refused(told: Drawn, bbox: str) -> None:
    assert told.client.get("/tiles/moments.json", params={"bbox": bbox}).status_code == 422


def test_the_tests_know_where_tiles_are(told: Drawn) -> None:
    point = shapely.Point(*np.array([12_046_000.0, 1_810_000.0]))
    tile = place(14, point.x, point.y)
    assert shapely.box(0, 0, 4096, 4096).contains(on_tile(point, tile))
    assert on_the_ground(tile).contains(point)
