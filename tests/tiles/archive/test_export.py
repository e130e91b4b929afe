"""Archives of a register: what is served, cut by place, as of any date, taken up after a stop."""

import gzip
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import httpx
import mapbox_vector_tile
import psycopg
import pyogrio
import pytest
from pmtiles.reader import MmapSource, Reader, all_tiles

from register.clocks import AsOf
from register.connect import connect
from register.errors import InvalidKeyError, NotFoundError
from register.revert import revert
from tests.conftest import Clone, Served
from tests.register.handed_in import hand_in, lot
from tests.tiles.drawn import Drawn
from tests.tiles.test_tiles import parcels, tiles_of
from tiles.archive.export import Ask, export
from tiles.layers import OPEN

Tiles = dict[tuple[int, int, int], bytes]
PAST = ("land_use", "parcels", "labels")
FAR_M = 30_000


def tiles(path: Path) -> Tiles:
    """The tiles of an archive, unpacked."""
    with path.open("rb") as file:
        return {zxy: gzip.decompress(body) for zxy, body in all_tiles(MmapSource(file))}


def told(body: bytes) -> dict[str, list[str]]:
    """A tile's features by layer, whatever their order."""
    decoded = mapbox_vector_tile.decode(body, default_options={"y_coord_down": True}) if body else {}
    return {name: sorted(map(repr, layer["features"])) for name, layer in decoded.items()}


def ask_all(conninfo: str, to: Path, ask: Ask, **more: object) -> Tiles:
    export(conninfo, "register", to, ask, processes=0, **more)  # type: ignore[arg-type]
    return tiles(to)


def test_an_archive_holds_the_tiles_that_are_served(drawn: Drawn, tmp_path: Path) -> None:
    made = ask_all(drawn.conninfo, tmp_path / "a.pmtiles", Ask())
    seen = 0
    for z in range(6, 17):
        for tile in tiles_of(parcels(drawn), z):
            served = drawn.fetch(",".join(OPEN), *tile).content
            assert told(made.get(tile, b"")) == told(served), tile
            seen += tile in made
    assert {z for z, _, _ in made} == set(range(8, 17))  # further out the town is smaller than what is drawn
    for tile in made.keys() - {t for z in range(6, 17) for t in tiles_of(parcels(drawn), z)}:
        assert told(made[tile]) == told(
            drawn.fetch(",".join(OPEN), *tile).content
        )  # what reaches over by the buffer
    assert seen >= 18
    with (tmp_path / "a.pmtiles").open("rb") as file:
        reader = Reader(MmapSource(file))
        metadata, header = reader.metadata(), reader.header()
    layers = {layer["id"]: layer for layer in metadata["vector_layers"]}
    assert layers.keys() == OPEN.keys()
    assert layers["land_use"]["grain_m"]["10"] == 38.2
    assert metadata["style"]["sources"]["register"]["type"] == "vector"
    assert (header["min_zoom"], header["max_zoom"]) == (6, 16)
    assert not (tmp_path / "a.pmtiles.parts").exists()


def test_gdal_reads_it(drawn: Drawn, tmp_path: Path) -> None:
    if "PMTiles" not in pyogrio.list_drivers():
        pytest.skip("GDAL without PMTiles")
    path = tmp_path / "a.pmtiles"
    ask_all(drawn.conninfo, path, Ask(("parcels",), 13, 14))
    assert [name for name, _ in pyogrio.list_layers(path)] == ["parcels"]
    read = pyogrio.raw.read(path, layer="parcels", columns=["code"])
    assert set(read[3][0]) == parcels(drawn).keys()


@pytest.fixture(scope="module")
def wide(clone: Clone) -> Iterator[str]:
    """Five lots far apart, the last in another commune."""
    with clone() as conninfo, connect(conninfo) as conn:
        hand_in(conn, *(lot(str(n), n * FAR_M, 0, n * FAR_M + 900, 700) for n in range(4)))
        hand_in(conn, lot("9", 4 * FAR_M, 0, 4 * FAR_M + 900, 900, commune="20242", sheet="7"))
        conn.commit()
        yield conninfo


def numbers(made: Tiles) -> set[str]:
    """The numbers of the parcels an archive shows."""
    decoded = [mapbox_vector_tile.decode(body) for (z, _, _), body in made.items() if z >= 12]
    return {
        f["properties"]["number"]
        for tile in decoded
        for f in tile.get("parcels", {"features": []})["features"]
    }


def test_a_commune_and_a_box_are_cut_out(wide: str, tmp_path: Path) -> None:
    path = tmp_path / "a.pmtiles"
    whole = ask_all(wide, path, Ask(PAST))
    one = ask_all(wide, path, Ask(PAST, commune="20242"))
    assert numbers(whole) == {"0", "1", "2", "3", "9"}
    assert numbers(one) == {"9"}
    with connect(wide) as conn:
        box = conn.execute(
            "select st_xmin(b), st_ymin(b), st_xmax(b), st_ymax(b) from (select st_transform(web, 4326) as b "
            "from parcel_version where number = '2') v"
        ).fetchone()
    assert box is not None
    boxed = ask_all(wide, path, Ask(PAST, bbox=box))
    assert numbers(boxed) == {"2"}
    for cut in (one, boxed):
        assert {z for z, _, _ in cut} == set(range(7, 17))  # at zoom 6 a lot is dust
        assert all(cut[tile] == whole[tile] for tile in cut if tile[0] >= 12)


def test_one_layer_and_some_zooms_are_all_there_is(wide: str, tmp_path: Path) -> None:
    made = ask_all(wide, tmp_path / "a.pmtiles", Ask(("parcels",), 13, 15))
    assert {z for z, _, _ in made} == {14, 15}  # farther out they are areas
    assert {name for body in made.values() for name in told(body)} == {"parcels"}
    assert {z for z, _, _ in ask_all(wide, tmp_path / "a.pmtiles", Ask(("land_use",), 8, 9))} == {8, 9}


def test_as_of_an_instant_and_a_day(db: psycopg.Connection, conninfo: str, tmp_path: Path) -> None:
    path = tmp_path / "a.pmtiles"
    assert ask_all(conninfo, path, Ask()) == {}
    first = hand_in(db, lot("1", 0, 0, 900, 700, land_use="LUC"))
    db.commit()
    then = ask_all(conninfo, path, Ask(PAST))
    (made_at,) = db.execute("select made_at from correction order by id desc limit 1").fetchone()  # type: ignore[misc]
    assert first.correction is not None
    revert(db, first.correction, "tester")
    hand_in(db, lot("5", 0, 0, 500, 700, land_use="NTS"))
    db.commit()
    now = ask_all(conninfo, path, Ask(PAST))
    assert now.keys() == then.keys()
    assert now != then
    assert ask_all(conninfo, path, Ask(PAST, as_of=AsOf(known_at=made_at))) == then
    assert ask_all(conninfo, path, Ask(PAST, as_of=AsOf(effective_on=date(2020, 1, 1)))) == {}
    assert ask_all(conninfo, path, Ask(PAST, as_of=AsOf(effective_on=date(2100, 1, 1)))) == now


def test_of_a_date_it_holds_every_layer_as_served_of_it(server: Served, tmp_path: Path) -> None:
    """Sheets, communes and addresses too: what changed since on one sheet, what ended, and what stayed."""
    with httpx.Client(base_url=server.url, timeout=60) as client, connect(server.conninfo) as conn:
        hand_in(
            conn,
            lot("1", 0, 0, 900, 700, land_use="LUC", address="1 Lê Lợi"),
            lot("2", 900, 0, 1800, 700, sheet="2", address="2 Lê Lợi"),
        )
        ended = hand_in(conn, lot("3", 0, 700, 900, 1400, sheet="3", commune="20242"))
        conn.commit()
        (known,) = conn.execute("select max(made_at) from correction").fetchone()  # type: ignore[misc]
        then = ask_all(server.conninfo, tmp_path / "a.pmtiles", Ask(max_zoom=17))
        hand_in(conn, lot("4", 1800, 0, 2700, 700, sheet="2"), lot("5", 0, 1500, 900, 2100, sheet="9"))
        assert ended.correction is not None
        revert(conn, ended.correction, "tester")
        conn.commit()
        past = ask_all(server.conninfo, tmp_path / "a.pmtiles", Ask(max_zoom=17, as_of=AsOf(known_at=known)))
        assert {tile: told(body) for tile, body in past.items()} == {
            tile: told(body) for tile, body in then.items()
        }
        assert ask_all(server.conninfo, tmp_path / "a.pmtiles", Ask(max_zoom=17)).keys() != then.keys()
        assert {name for body in past.values() for name in told(body)} == set(OPEN) - {"points"}
        for tile in sorted(past)[:: max(1, len(past) // 40)]:
            path = "/tiles/{}/{}/{}/{}.mvt".format(",".join(OPEN), *tile)
            assert told(past[tile]) == told(client.get(path, params={"as_of": known.isoformat()}).content), (
                tile
            )


class _Stop(Exception):
    pass


@pytest.mark.parametrize(
    "after",
    [
        pytest.param("archive_cells", marks=pytest.mark.slow),
        "archive_tiles",
        pytest.param("archive_write", marks=pytest.mark.slow),
    ],
)
def test_what_was_stopped_goes_on_and_gives_the_same_bytes(
    clone: Clone, wide: str, tmp_path: Path, after: str
) -> None:
    whole, path = tmp_path / "whole.pmtiles", tmp_path / "a.pmtiles"
    ask_all(wide, whole, Ask())
    seen = 0

    def stop(step: str, _done: int, _total: int | None) -> None:
        nonlocal seen
        seen += step == after
        if seen == (1 if after == "archive_write" else 2):
            raise _Stop

    with pytest.raises(_Stop):
        export(wide, "register", path, Ask(), stop, processes=0)
    assert not path.exists()
    half = tmp_path / "a.pmtiles.parts" / "unit-0-0.tiles.1.half"  # what a kill leaves
    half.write_bytes(b"x")
    made = export(wide, "register", path, Ask(), processes=0)
    assert (made.resumed > 0) == (after != "archive_cells")
    assert path.read_bytes() == whole.read_bytes()
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.pmtiles", "whole.pmtiles"]


def test_taken_up_after_a_correction_it_shows_the_moment_it_was_begun(
    db: psycopg.Connection, conninfo: str, tmp_path: Path
) -> None:
    hand_in(db, lot("1", 0, 0, 900, 700), lot("2", FAR_M, 0, FAR_M + 900, 700))
    db.commit()
    path = tmp_path / "a.pmtiles"
    ask = Ask(PAST)
    whole = ask_all(conninfo, tmp_path / "whole.pmtiles", ask)

    def stop(step: str, _done: int, _total: int | None) -> None:
        raise _Stop

    with pytest.raises(_Stop):
        export(conninfo, "register", path, ask, stop, processes=0)
    for cell in sorted((tmp_path / "a.pmtiles.parts").glob("*.block"))[::2]:
        cell.unlink()  # not everything had been read
    hand_in(db, lot("3", 0, 1000, 900, 1700), lot("4", FAR_M, 1000, FAR_M + 900, 1700))
    db.commit()
    assert {k: told(v) for k, v in ask_all(conninfo, path, ask).items()} == {
        k: told(v) for k, v in whole.items()
    }
    assert numbers(ask_all(conninfo, path, ask)) == {"1", "2", "3", "4"}
    with pytest.raises(_Stop):
        export(conninfo, "register", path, ask, stop, processes=0)
    made = export(
        conninfo, "register", path, replace(ask, max_zoom=13), processes=0
    )  # another ask begins anew
    assert made.resumed == 0
    assert max(z for z, _, _ in tiles(path)) == 13


@pytest.mark.parametrize(
    "ask",
    [
        Ask(min_zoom=7, max_zoom=6),
        Ask(max_zoom=19),
        Ask(min_zoom=-1),
        Ask(bbox=(108.2, 16, 108.1, 17)),
        Ask(bbox=(108, 16, 108.1, 89)),
        Ask(bbox=(float("nan"), 16, 108.1, 17)),
        Ask(commune="abc"),
        Ask(commune="20242", bbox=(108, 16, 108.1, 17)),
    ],
)
def test_what_cannot_be_is_refused_in_both_languages(wide: str, tmp_path: Path, ask: Ask) -> None:
    with pytest.raises(InvalidKeyError) as refused:
        export(wide, "register", tmp_path / "a.pmtiles", ask, processes=0)
    assert refused.value.detail
    assert refused.value.detail_vi
    assert list(tmp_path.iterdir()) == []


def test_a_commune_without_parcels_is_not_found(wide: str, tmp_path: Path) -> None:
    for commune in ("20197", "99999"):
        with pytest.raises(NotFoundError):
            export(wide, "register", tmp_path / "a.pmtiles", Ask(commune=commune), processes=0)


def test_a_dry_run_writes_nothing(wide: str, tmp_path: Path) -> None:
    made = export(wide, "register", tmp_path / "a.pmtiles", Ask(), processes=0, dry_run=True)
    assert (made.units >= 5, made.tiles, made.bytes) == (True, 0, 0)
    assert list(tmp_path.iterdir()) == []
