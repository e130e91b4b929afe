"""Tiles from blocks, feature for feature beside what ST_AsMVT makes of the same register."""

import math
from collections.abc import Iterator

import httpx
import mapbox_vector_tile
import psycopg
import pytest
import shapely
from shapely.geometry import shape

from register.connect import connect
from register.statements import load
from tests.conftest import Clone, Serve
from tests.geo.danang import ARCHIVE, wards
from tests.register.handed_in import EAST, NORTH, Lot, hand_in
from tests.tiles.drawn import WORLD_M, Drawn, Feature

INSIDE = shapely.box(-64, -64, 4160, 4160)
FULL = shapely.box(-62, -62, 4158, 4158)
"""Where a shape is drawn wholly: what cannot be cut at the border of the buffer is cut up to two units inside it."""


@pytest.fixture(scope="module")
def danang(clone: Clone, serve: Serve) -> Iterator[Drawn]:
    """A server over three real wards of Da Nang, roads, canals and all."""
    if not ARCHIVE.exists():
        pytest.skip("the real parcels of Da Nang are not here")
    several = wards()
    real = [parcel for n in (10, 11, 12) for parcel in several[n]]
    sound = [s for s in real if s is not None and s.is_valid and not s.is_empty][:4000]
    lots = [Lot(str(n), shapely.affinity.translate(s, -EAST, -NORTH)) for n, s in enumerate(sound, 1)]
    with clone() as conninfo:
        with connect(conninfo) as conn:
            hand_in(conn, *lots)
        with serve(conninfo) as served, httpx.Client(base_url=served.url, timeout=120) as client:
            yield Drawn(client, conninfo)


def reference(conn: psycopg.Connection, layer: str, z: int, x: int, y: int) -> dict[int, Feature]:
    """The layer by id as PostGIS makes it."""
    row = conn.execute(load("tests.tiles", "reference.sql")[layer], {"z": z, "x": x, "y": y}).fetchone()
    assert row is not None
    return by_id(mapbox_vector_tile.decode(bytes(row[0]), default_options={"y_coord_down": True}).get(layer))


def by_id(layer: dict[str, list[Feature]] | list[Feature] | None) -> dict[int, Feature]:
    features = layer["features"] if isinstance(layer, dict) else layer or []
    found = {f["id"]: f for f in features}
    assert len(found) == len(features), "a parcel stands twice in a tile"
    return found


def busiest(conn: psycopg.Connection, z: int, count: int) -> list[tuple[int, int, int]]:
    """The tiles with the most anchors, and some of the emptiest: those at the rim, where shapes are cut."""
    seen: dict[tuple[int, int], int] = {}
    for x, y in conn.execute("select st_x(anchor), st_y(anchor) from parcel_version where closed_by is null"):
        size_m = WORLD_M / 2**z
        place = math.floor((x + WORLD_M / 2) / size_m), math.floor((WORLD_M / 2 - y) / size_m)
        seen[place] = seen.get(place, 0) + 1
    order = sorted(seen, key=lambda place: (-seen[place], place))
    return [(z, *place) for place in dict.fromkeys(order[:count] + order[-count:])]


def compare(drawn: Drawn, z: int) -> int:
    """All features of some tiles beside their references and beside the truth; how many were compared.

    Each shape lies within one unit, in x and in y, of the parcel as it is. PostGIS leaves out needles and spikes that are
    seen at the zoom, so a few shapes reach farther than its own; all others lie within a unit of those, too.
    """
    compared = differing = 0
    with connect(drawn.conninfo) as conn:
        for tile in busiest(conn, z, 2 if z < 15 else 4):
            mine = by_id(drawn.tile("parcels", *tile).get("parcels"))
            theirs = reference(conn, "parcels", *tile)
            truth = true_shapes(conn, list(mine), *tile)
            for id_ in mine.keys() ^ theirs.keys():
                # one of both sees a sliver in the outermost units of the buffer, or a square at the tile's edge
                only = shape((mine.get(id_) or theirs[id_])["geometry"])
                assert only.intersection(FULL.buffer(-1)).area <= 1.5, (tile, id_)
            for id_ in mine.keys() & theirs.keys():
                assert mine[id_]["properties"] == theirs[id_]["properties"]
                here, there = shape(mine[id_]["geometry"]), shape(theirs[id_]["geometry"])
                assert here.is_valid, (tile, id_, here.wkt)
                assert INSIDE.covers(here)
                assert not beyond(here, truth[id_]), (tile, id_, here.wkt)
                assert not beyond(truth[id_].buffer(-1).intersection(FULL), here), (tile, id_, here.wkt)
                differing += beyond(here, there) or beyond(there, here)
                compared += 1
    assert differing <= 0.04 * compared, (z, differing, compared)
    return compared


def beyond(a: shapely.Geometry, b: shapely.Geometry) -> bool:
    """Whether something of `a` is more than a unit, in x and in y, away from `b`."""
    return not a.difference(b.buffer(1.5, quad_segs=16)).is_empty


def true_shapes(
    conn: psycopg.Connection, ids: list[int], z: int, x: int, y: int
) -> dict[int, shapely.Geometry]:
    """Parcels' shapes in units of a tile, as they are."""
    unit_m = WORLD_M / 2**z / 4096
    west_m, north_m = x * WORLD_M / 2**z - WORLD_M / 2, WORLD_M / 2 - y * WORLD_M / 2**z
    matrix = [1 / unit_m, 0, 0, -1 / unit_m, -west_m / unit_m, north_m / unit_m]
    rows = conn.execute("select id, st_asbinary(web) from parcel_version where id = any(%s)", [ids])
    return {i: shapely.affinity.affine_transform(shapely.from_wkb(bytes(web)), matrix) for i, web in rows}


@pytest.mark.parametrize("z", [14, 15, 16, 17, 18, 22])
def test_every_feature_is_that_of_postgis(drawn: Drawn, z: int) -> None:
    assert compare(drawn, z) > (0 if z == 22 else 20)


@pytest.mark.parametrize("z", [14, 16, *(pytest.param(z, marks=pytest.mark.slow) for z in (15, 18, 20))])
def test_every_real_feature_is_that_of_postgis(danang: Drawn, z: int) -> None:
    assert compare(danang, z) > 20


@pytest.mark.parametrize("z", [16, 18])
def test_every_label_says_what_postgis_says_of_it(drawn: Drawn, z: int) -> None:
    """PostGIS puts it at the deepest point; where the room for the text has its middle elsewhere, it may be another tile's."""
    compared = 0
    with connect(drawn.conninfo) as conn:
        for tile in busiest(conn, z, 4):
            mine = by_id(drawn.tile("labels", *tile).get("labels"))
            theirs = reference(conn, "labels", *tile)
            truth = true_shapes(conn, list(mine), *tile)
            for id_, feature in mine.items():
                assert truth[id_].distance(shape(feature["geometry"])) <= math.sqrt(2)
                if id_ in theirs:
                    facts = feature["properties"]
                    assert {name: facts[name] for name in theirs[id_]["properties"]} == theirs[id_][
                        "properties"
                    ]
                    compared += 1
    assert compared > 20
