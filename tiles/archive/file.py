"""Finished tiles as one PMTiles file: in the order of their numbers, each content once."""

import json
import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
from isal import igzip
from pmtiles.tile import Compression, Entry, TileType, serialize_header, tileid_to_zxy
from pmtiles.writer import optimize_directories

from tiles.archive.parts import ENTRY, Parts

_ROOT_BYTES = 16384 - 127
_WORLD = 360.0


def write(
    parts: Parts, names: Sequence[str], to: Path, metadata: Mapping[str, object], zooms: tuple[int, int],
    progress: Callable[[int, int], None] = lambda *_: None,
) -> tuple[int, int]:  # fmt: skip
    """Write the parts `names` as the file `to`, which is there whole or not at all; how many tiles, and how many bytes.

    metadata: what the archive says of itself. zooms: first and last.
    """
    indexes = [parts.entries(name) for name in names]
    every = np.concatenate([np.empty(0, ENTRY), *indexes])
    of = np.repeat(np.arange(len(indexes)), [index.size for index in indexes])
    order = np.argsort(every["id"], kind="stable")
    entries: list[Entry] = []
    sources: list[tuple[int, int, int]] = []
    places: dict[bytes, int] = {}
    size = 0
    for k in order.tolist():
        number, offset, length, digest = every[k].item()
        at = places.get(digest)
        if at is None:
            at = places[digest] = size
            sources.append((int(of[k]), offset, length))
            size += length
        last = entries[-1] if entries else None
        if last is not None and last.offset == at and last.tile_id + last.run_length == number:
            last.run_length += 1
        else:
            entries.append(Entry(number, at, length, 1))
    root, leaves, _ = optimize_directories(entries, _ROOT_BYTES)  # type: ignore[no-untyped-call]
    told: bytes = igzip.compress(json.dumps(metadata, ensure_ascii=False).encode(), 3, mtime=0)
    header = _header(entries, every["id"][order], len(places), zooms)
    header |= {"root_length": len(root), "metadata_offset": 127 + len(root), "metadata_length": len(told)}
    header |= {"leaf_directory_offset": 127 + len(root) + len(told), "leaf_directory_length": len(leaves)}
    header |= {"tile_data_offset": 127 + len(root) + len(told) + len(leaves), "tile_data_length": size}
    half = parts.folder / "archive.half"
    with half.open("wb") as out:
        out.write(serialize_header(header) + root + told + leaves)  # type: ignore[arg-type]
        opened = [(parts.folder / f"{name}.tiles").open("rb") for name in names]
        try:
            for done, (part, offset, length) in enumerate(sources, 1):
                opened[part].seek(offset)
                out.write(opened[part].read(length))
                if done % 1000 == 0 or done == len(sources):
                    progress(done, len(sources))
        finally:
            for file in opened:
                file.close()
        out.flush()
        os.fsync(out.fileno())
    half.replace(to)
    return every.size, to.stat().st_size


def _header(
    entries: Sequence[Entry], numbers: npt.NDArray[np.uint64], contents: int, zooms: tuple[int, int]
) -> dict[str, object]:
    """The header, but for where what begins: the extent is that of the tiles of the deepest zoom there is."""
    tiles = [tileid_to_zxy(int(number)) for number in numbers.tolist()]
    deepest = max((z for z, _, _ in tiles), default=0)
    xs = [x for z, x, _ in tiles if z == deepest] or [0]
    ys = [y for z, _, y in tiles if z == deepest] or [0]
    west, east = (_WORLD * x / (1 << deepest) - _WORLD / 2 for x in (min(xs), max(xs) + 1))
    north, south = (_latitude(y / (1 << deepest)) for y in (min(ys), max(ys) + 1))
    return {
        "root_offset": 127,
        "addressed_tiles_count": len(tiles),
        "tile_entries_count": len(entries),
        "tile_contents_count": contents,
        "clustered": True,
        "internal_compression": Compression.GZIP,
        "tile_compression": Compression.GZIP,
        "tile_type": TileType.MVT,
        "min_zoom": zooms[0],
        "max_zoom": zooms[1],
        "min_lon_e7": round(west * 1e7),
        "min_lat_e7": round(south * 1e7),
        "max_lon_e7": round(east * 1e7),
        "max_lat_e7": round(north * 1e7),
        "center_zoom": min(zooms[1], max(zooms[0], 12)),
        "center_lon_e7": round((west + east) / 2 * 1e7),
        "center_lat_e7": round((south + north) / 2 * 1e7),
    }


def _latitude(share: float) -> float:
    """Degrees north of a place at this share of the web map's height from the top."""
    return float(np.degrees(np.arctan(np.sinh(np.pi * (1 - 2 * share)))))
