"""Drafts of new parcels on their way into the register: what follows from a shape is worked out here, batch by batch."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import psycopg
import pyarrow as pa
import pyarrow.compute as pc
import shapely

from geo import cells, codes, crs, olc
from geo.rounding import clockwise, plain_from
from register import ewkb, pgcopy
from register.fold import fold
from register.places import Places
from register.statements import load

_WORKERS = 2
_COPIED = (
    "n", "opens", "issues", "given", "code", "east_m", "north_m", "epsg", "place", "record", "number", "land_use",
    "area_m2", "legal_area_m2", "room_m", "plain_from", "address", "folded", "postcode", "olc", "cell", "shape", "web",
    "anchor", "point",
)  # fmt: skip


def derive(batch: pa.RecordBatch, places: Places, first: int) -> pa.RecordBatch:
    """The rows of `change` (columns of `copy_changes`) for draft parcels (columns of `importers.draft.DRAFT_SCHEMA`).

    Works out area (m²), code, deepest interior point and its room (m), Open Location Code, web shape (EPSG:3857) and map
    cell. `first` is the number of the first row within the hand-in. Releases the GIL in its heavy parts.
    """
    parts = []
    epsg = batch.column("epsg").to_numpy(zero_copy_only=False)
    for zone in np.unique(epsg):
        rows = np.flatnonzero(epsg == zone)
        part = batch if len(rows) == batch.num_rows else batch.take(pa.array(rows))
        parts.append(_derive_zone(part, int(zone), places, first + rows))
    return parts[0] if len(parts) == 1 else pa.Table.from_batches(parts).combine_chunks().to_batches()[0]


def worked_out(wkb: pa.Array, epsg: int, given: pa.Array | None = None) -> dict[str, pa.Array]:
    """Columns of `change` that follow from shapes (WKB, 2-D, little-endian, on the millimetre) of one zone; codes that
    came with the data are taken where they fit."""
    shapes = shapely.from_wkb(wkb.to_numpy(zero_copy_only=False))
    xy, starts = ewkb.coordinates(wkb)
    web = np.column_stack(crs.to_web(epsg, xy[:, 0], xy[:, 1]))
    one_ring = ewkb.one_ring(wkb)
    minted = codes.mint(shapes, epsg)
    code, is_given = minted.codes, np.zeros(len(shapes), np.bool_)
    if given is not None:
        text, is_given = _given(given, shapes, epsg)
        code = np.where(is_given, text, code)
    anchor = np.column_stack(crs.to_web(epsg, minted.points[:, 0], minted.points[:, 1]))
    return {
        "given": pa.array(is_given),
        "code": pa.array(code.astype("U12")),
        "east_m": pa.array(minted.points[:, 0]),
        "north_m": pa.array(minted.points[:, 1]),
        "epsg": pa.array(np.full(len(shapes), epsg, np.int32)),
        "area_m2": pa.array(shapely.area(shapes)),
        "room_m": pa.array(minted.radius_m.astype(np.float32)),
        "plain_from": pa.array(plain_from(web, starts, one_ring)),
        "olc": pa.array(olc.encode(minted.lon_deg, minted.lat_deg).astype("U12")),
        "cell": pa.array(cells.keys(anchor[:, 0], anchor[:, 1])),
        "shape": ewkb.with_coordinates(wkb, xy, epsg),
        "web": ewkb.with_coordinates(wkb, clockwise(web, starts, one_ring), 3857),
        "anchor": ewkb.points(anchor, 3857),
        "point": ewkb.points(np.column_stack((minted.lon_deg, minted.lat_deg)), 4326),
    }


def _derive_zone(
    batch: pa.RecordBatch, epsg: int, places: Places, n: npt.NDArray[np.int64]
) -> pa.RecordBatch:
    yes = pa.array(np.ones(len(n), np.bool_))
    columns = worked_out(batch.column("shape"), epsg, batch.column("code")) | {
        "n": pa.array(n.astype(np.int64)),
        "opens": yes,
        "issues": yes,
        "place": places.number(batch),
        "record": _record(batch),
        "number": batch.column("number"),
        "land_use": batch.column("land_use"),
        "legal_area_m2": batch.column("legal_area_m2"),
        "address": batch.column("address"),
        "folded": fold(batch.column("address")),
        "postcode": batch.column("postcode"),
    }
    return pa.record_batch({name: columns[name] for name in _COPIED})


def _given(
    column: pa.Array, shapes: npt.NDArray[np.object_], epsg: int
) -> tuple[npt.NDArray[Any], npt.NDArray[np.bool_]]:
    """Codes that came with the data and fit their parcel; the others are minted."""
    given = np.zeros(len(shapes), "S12")
    fits = np.zeros(len(shapes), np.bool_)
    rows = np.flatnonzero(column.is_valid().to_numpy(zero_copy_only=False))
    if len(rows):
        text = column.take(pa.array(rows)).to_numpy(zero_copy_only=False).astype("S12")
        fits[rows] = codes.fits(text, shapes[rows], epsg)
        given[rows] = text
    return given, fits


def _record(batch: pa.RecordBatch) -> pa.Array:
    """`file#row`: where the parcel stands in what was handed in."""
    return pc.binary_join_element_wise(
        batch.column("file"), pc.cast(batch.column("record"), pa.string()), "#"
    )


@dataclass(slots=True)
class ParcelDrafts:
    """New parcels from an upload, in batches that are read, worked out and copied without ever being held together."""

    batches: Iterable[pa.RecordBatch]
    places: Places = field(default_factory=Places)
    progress: Callable[[str, int, int | None], None] = lambda *_: None
    staged: int = 0

    def stage(self, conn: psycopg.Connection, correction: int) -> None:
        """Copy the batches into `change` and the sheets they name into `place`."""
        with conn.cursor() as cursor, cursor.copy(load("register", "apply.sql")["copy_changes"]) as copy:
            copy.write(pgcopy.HEADER)
            for rows, data in self._worked_out():
                copy.write(data.tobytes())
                self.staged += rows
                self.progress("read", self.staged, None)
            copy.write(pgcopy.TRAILER)
        self.places.settle(conn)

    def _worked_out(self) -> Iterator[tuple[int, pgcopy.Bytes]]:
        """Batches as COPY bytes in order; `_WORKERS` are worked on at a time, so that memory stays level."""
        with ThreadPoolExecutor(_WORKERS) as pool:
            waiting: deque[Future[tuple[int, pgcopy.Bytes]]] = deque()
            first = 0
            for batch in self.batches:
                waiting.append(pool.submit(_copy_bytes, batch, self.places, first))
                first += batch.num_rows
                if len(waiting) > _WORKERS:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()


def _copy_bytes(batch: pa.RecordBatch, places: Places, first: int) -> tuple[int, pgcopy.Bytes]:
    return batch.num_rows, pgcopy.rows(derive(batch, places, first))
