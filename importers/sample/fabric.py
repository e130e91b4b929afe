"""A province's worth of parcels as one GeoPackage, for measuring: built as arrays, written as a stream.

Up to sixty communes of the zone EPSG:5899, each a patch of bent streets with about 25,000 parcels on sheets of 300 to 700.
Nothing here is a real boundary.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyogrio
from numpy.typing import NDArray

from importers.sample.lattice import Array, Row, Weft, areas_m2, inner, road, row

EPSG: Final = 5899
# Current communes (from 1 July 2025) of Đà Nẵng, whose two old provinces both have the meridian 107°45.
COMMUNES: Final = (
    "20194", "20197", "20200", "20209", "20242", "20257", "20260", "20263", "20275", "20285", "20305", "20335",
    "20341", "20350", "20356", "20401", "20410", "20413", "20551", "20557", "20575", "20579", "20308", "20320",
    "20332", "20364", "20380", "20392", "20434", "20443", "20455", "20458", "20467", "20476", "20485", "20494",
    "20500", "20506", "20515", "20539", "20542", "20569", "20587", "20599", "20611", "20623", "20635", "20641",
    "20650", "20656", "20662", "20669", "20695", "20698", "20704", "20707", "20710", "20716", "20722", "20728",
)  # fmt: skip
PER_COMMUNE: Final = 25_000
MOST_PER_COMMUNE: Final = 80_000
ROWS_PER_SHEET: Final = 10

_COLUMNS: Final = 10
_WEST_M, _SOUTH_M = 490_000.0, 1_640_000.0
_EAST_STEP_M, _NORTH_STEP_M, _PER_LINE = 7_000.0, 21_000.0, 10
SCHEMA: Final = pa.schema(
    [
        ("maXa", pa.string()),
        ("soHieuToBanDo", pa.string()),
        ("soThuTuThua", pa.string()),
        ("kyHieuMucDichSuDung", pa.string()),
        ("dienTichPhapLy", pa.float64()),
        ("diaChi", pa.string()),
        ("geom", pa.binary()),
    ]
)


def write_fabric(
    path: Path, parcels: int, seed: int = 1, communes: Sequence[str] = COMMUNES, least: int = PER_COMMUNE
) -> None:
    """Write exactly `parcels` parcels to a new GeoPackage, layer `ThuaDat`; a file of that name is replaced.

    Raises: ValueError where there are too few communes for so many parcels.
    """
    if not 0 < parcels <= MOST_PER_COMMUNE * len(communes):
        raise ValueError(
            f"{parcels} parcels do not fit in {len(communes)} communes of {MOST_PER_COMMUNE} at most"
        )
    path.unlink(missing_ok=True)
    reader = pa.RecordBatchReader.from_batches(SCHEMA, batches(parcels, seed, communes, least))
    pyogrio.raw.write_arrow(
        reader,
        path,
        driver="GPKG",
        layer="ThuaDat",
        geometry_name="geom",
        geometry_type="Polygon",
        crs=f"EPSG:{EPSG}",
    )


def batches(
    parcels: int, seed: int = 1, communes: Sequence[str] = COMMUNES, least: int = PER_COMMUNE
) -> Iterator[pa.RecordBatch]:
    """The same parcels as Arrow batches of `SCHEMA`, a line of ten sheets each; shapes are WKB on the millimetre grid.

    A commune gets at least `least` parcels before the next one begins.
    """
    each = max(least, -(-parcels // len(communes)))
    for index in range(-(-parcels // each)):
        left = min(each, parcels - index * each)
        for batch in _commune(communes[index], index, np.random.default_rng((seed, index))):
            yield batch.slice(0, left)
            left -= batch.num_rows
            if left <= 0:
                break


def _commune(code: str, index: int, rng: np.random.Generator) -> Iterator[pa.RecordBatch]:
    """Lines of sheets of one commune from the south, without end."""
    width, depth = ((4.8, 18.0), (7.5, 24.0), (13.0, 42.0))[int(rng.integers(3))]
    weft = Weft(_COLUMNS, int(rng.integers(15, 34)), width, depth, 6.5, 9.0)
    bend = _Bend.drawn(index, rng)
    top: Array | None = None
    line = 0
    while True:
        rows: list[Row] = []
        for step in range(ROWS_PER_SHEET):
            rows.append(row(weft, line * ROWS_PER_SHEET + step, top, rng))
            top = rows[-1].top
        yield _sheets(code, line, weft, rows, bend, rng)
        line += 1


@dataclass(frozen=True, slots=True)
class _Bend:
    """Takes a patch to its place: turned a little, its streets bent; the same corner always falls on the same millimetre."""

    east_m: float
    north_m: float
    turn_rad: float
    phases: Array

    @classmethod
    def drawn(cls, index: int, rng: np.random.Generator) -> "_Bend":
        east = _WEST_M + _EAST_STEP_M * (index % _PER_LINE)
        north = _SOUTH_M + _NORTH_STEP_M * (index // _PER_LINE)
        return cls(east, north, float(rng.uniform(-0.1, 0.1)), rng.uniform(0, 2 * np.pi, 4))

    def __call__(self, points: Array) -> Array:
        x, y = points[..., 0], points[..., 1]
        a, b, c, d = self.phases
        bent_x = x + 24 * np.sin(y / 310 + a) + 5 * np.sin(y / 83 + b)
        bent_y = y + 21 * np.sin(x / 270 + c) + 5 * np.sin(x / 97 + d)
        cos, sin = np.cos(self.turn_rad), np.sin(self.turn_rad)
        placed = np.stack(
            [self.east_m + cos * bent_x - sin * bent_y, self.north_m + sin * bent_x + cos * bent_y], axis=-1
        )
        return np.asarray(np.round(placed, 3), dtype=np.float64)


def _sheets(
    code: str, line: int, weft: Weft, rows: Sequence[Row], bend: _Bend, rng: np.random.Generator
) -> pa.RecordBatch:
    """All parcels of one line of sheets: per row the lots and streets, then the roads; in each sheet one lot has a pond."""
    rural = weft.lot_depth_m > 30
    pond_row, pond_lot = int(rng.integers(len(rows))), int(rng.integers(weft.lots))
    parts: list[pa.RecordBatch] = []
    used = 0
    for index, one in enumerate(rows):
        lots = np.arange(weft.lots)
        street = line * ROWS_PER_SHEET + index + 1
        for rings, house in ((one.lower, 2 * lots + 1), (one.upper, 2 * lots + 2)):
            if index == pond_row and rings is one.lower:
                rest = lots != pond_lot
                parts.append(
                    _records(
                        code,
                        line,
                        bend(rings[:, rest]),
                        used + lots[rest],
                        _use(rural, rng),
                        house[rest],
                        street,
                    )
                )
                parts += _ponds(
                    code, line, bend(rings[:, pond_lot]), used + pond_lot, used + weft.lots, street
                )
                used += weft.lots + 1
                continue
            parts.append(_records(code, line, bend(rings), used + lots, _use(rural, rng), house, street))
            used += weft.lots
        parts.append(_records(code, line, bend(one.streets)[:, None], np.array([used]), "DGT"))
        used += 1
    roads = bend(road([one.west for one in rows], [one.east for one in rows], weft))
    parts.append(_records(code, line, roads[:, None], np.array([used]), "DGT"))
    table = pa.Table.from_batches(parts, SCHEMA).combine_chunks()
    return table.to_batches()[0]


def _use(rural: bool, rng: np.random.Generator) -> str:
    chance = rng.random()
    if rural:
        return "LUC" if chance < 0.7 else "HNK" if chance < 0.85 else "ONT+CLN"
    return "ODT" if chance < 0.85 else "ODT+CLN" if chance < 0.95 else "TMD"


def _ponds(code: str, line: int, outer: Array, lot: int, pond: int, street: int) -> list[pa.RecordBatch]:
    water = np.round(inner(outer, 0.35), 3)
    bank = _records(
        code, line, outer[:, None], np.array([lot]), "CLN", np.array([2 * lot + 1]), street, water[:, None]
    )
    return [bank, _records(code, line, water[:, None], np.array([pond]), "NTS")]


def _records(
    code: str,
    line: int,
    rings: Array,
    place: NDArray[np.int64],
    land_use: str,
    house: NDArray[np.int64] | None = None,
    street: int = 0,
    holes: Array | None = None,
) -> pa.RecordBatch:
    """Records for rings (columns, n, k, 2); `place` (n,) is their place in the sheet, the column says which sheet."""
    columns, count = rings.shape[:2]
    total = columns * count
    area = areas_m2(rings) - (areas_m2(holes) if holes is not None else 0.0)
    sheet = np.repeat(line * _COLUMNS + np.arange(columns) + 1, count)
    texts = pa.nulls(total, pa.string())
    if house is not None:
        numbers = pc.cast(pa.array(np.tile(house, columns)), pa.string())
        texts = pc.binary_join_element_wise(numbers, f"Đường số {street}, Đà Nẵng", " ")
    return pa.RecordBatch.from_arrays(
        [
            pa.array([code] * total),
            pc.cast(pa.array(sheet), pa.string()),
            pc.cast(pa.array(np.tile(place + 1, columns)), pa.string()),
            pa.array([land_use] * total),
            pa.array(np.round(area.reshape(total), 1)),
            texts,
            _wkb(
                rings.reshape(total, *rings.shape[2:]),
                None if holes is None else holes.reshape(total, *holes.shape[2:]),
            ),
        ],
        schema=SCHEMA,
    )


def _wkb(rings: Array, holes: Array | None) -> pa.Array:
    """WKB polygons (little-endian) of rings (n, k, 2), each with one hole where `holes` (n, m, 2) are given."""
    total, corners = rings.shape[:2]
    parts = [np.array([1], np.uint8), np.array([3, 1 if holes is None else 2, corners], "<u4").view(np.uint8)]
    head = np.broadcast_to(np.concatenate(parts), (total, 13))
    bodies = [head, np.ascontiguousarray(rings, "<f8").reshape(total, -1).view(np.uint8)]
    if holes is not None:
        count = np.broadcast_to(np.array([holes.shape[1]], "<u4").view(np.uint8), (total, 4))
        bodies += [count, np.ascontiguousarray(holes[:, ::-1], "<f8").reshape(total, -1).view(np.uint8)]
    blob = np.concatenate(bodies, axis=1)
    offsets = (np.arange(total + 1) * blob.shape[1]).astype(np.int32)
    return pa.Array.from_buffers(pa.binary(), total, [None, pa.py_buffer(offsets), pa.py_buffer(blob)])
