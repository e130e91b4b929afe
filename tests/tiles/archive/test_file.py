"""PMTiles files as others read them: every tile in its place, each content once, in order."""

import gzip
import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pmtiles.reader import MmapSource, Reader, all_tiles
from pmtiles.tile import deserialize_header, tileid_to_zxy, zxy_to_tileid

from register.errors import StateError
from tiles.archive.file import write
from tiles.archive.parts import Parts
from tiles.archive.work import _Drawn


def archive(folder: Path, several: list[dict[int, bytes]]) -> tuple[Path, dict[str, object]]:
    """A file of parts, each with tiles by their number (contents are compressed); and its header."""
    parts = Parts(folder / "parts")
    parts.folder.mkdir()
    names = []
    for n, tiles in enumerate(several):
        drawn = _Drawn(parts, f"part-{n}")
        for number, body in tiles.items():
            drawn.add(*tileid_to_zxy(number), body)
        drawn.keep()
        names.append(f"part-{n}")
    path = folder / "a.pmtiles"
    write(parts, names, path, {"name": "thử"}, (0, 10))
    return path, deserialize_header(path.read_bytes()[:127])  # type: ignore[return-value]


@settings(max_examples=40, deadline=None)
@given(
    st.dictionaries(st.integers(0, 5000), st.sampled_from([b"a", b"b", b"\0", b"ab\0"]), max_size=200),
    st.randoms(),
)
def test_tiles_are_read_back_as_they_were_put_in(
    tmp_path_factory: pytest.TempPathFactory, tiles: dict[int, bytes], dice: object
) -> None:
    several: list[dict[int, bytes]] = [{}, {}, {}]
    for number, body in tiles.items():
        several[dice.randrange(3)][number] = body  # type: ignore[attr-defined]
    path, header = archive(tmp_path_factory.mktemp("a"), several)
    assert header["clustered"]
    assert header["addressed_tiles_count"] == len(tiles)
    assert header["tile_contents_count"] == len(set(tiles.values()))
    runs = sum(tiles.get(n - 1) != body for n, body in tiles.items())
    assert header["tile_entries_count"] == runs
    if not tiles:
        return
    with path.open("rb") as file:
        got = {zxy_to_tileid(*zxy): gzip.decompress(body) for zxy, body in all_tiles(MmapSource(file))}
        assert Reader(MmapSource(file)).metadata() == {"name": "thử"}
    assert got == tiles


def test_many_tiles_go_into_leaves_and_are_found(tmp_path: Path) -> None:
    dice = random.Random(3)
    tiles = {n: dice.randbytes(dice.randrange(1, 99)) for n in dice.sample(range(400_000), 20_000)}
    path, header = archive(tmp_path, [tiles])
    assert header["leaf_directory_length"]
    assert int(header["root_length"]) <= 16384 - 127  # type: ignore[call-overload]
    with path.open("rb") as file:
        reader = Reader(MmapSource(file))
        for number in [*dice.sample(range(400_000), 100), min(tiles), max(tiles)]:
            body = reader.get(*tileid_to_zxy(number))
            assert (None if body is None else gzip.decompress(body)) == tiles.get(number)


def test_two_exports_of_one_file_do_not_meet(tmp_path: Path) -> None:
    parts = Parts(tmp_path / "parts")
    with parts.held(), pytest.raises(StateError), Parts(tmp_path / "parts").held():
        pass
