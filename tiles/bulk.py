"""Blocks in bulk: after an import, so that the first views of a province need not wait for them."""

import multiprocessing
import os
import signal
import struct
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import contextmanager

import numpy as np
import numpy.typing as npt
import psycopg
from psycopg.adapt import Dumper
from psycopg.pq import Format

from geo.cells import place
from register.connect import READER, search_path
from register.statements import load
from tiles.block import Block, changed, to_bytes
from tiles.blocks import boxes, made_of, read_kept

Progress = Callable[[str, int, int | None], None]

_AT_ONCE = 4
FEW = 6
"""So few cells are no work for more processes."""


def reader(conninfo: str, schema: str) -> psycopg.Connection:
    """An autocommit connection for small reads, each statement prepared at its first use."""
    options = f"{search_path(schema)} {READER}"
    conn = psycopg.connect(conninfo, autocommit=True, options=options, prepare_threshold=0)
    conn.adapters.register_dumper(np.ndarray, _Bigints)
    return conn


class _Bigints(Dumper):
    """Whole numbers (n,) as bigint[]: a million one by one would take longer than the parcels they stand for."""

    format = Format.BINARY
    oid = psycopg.adapters.types["int8"].array_oid

    def dump(self, obj: npt.NDArray[np.int64]) -> bytes:
        """The array as PostgreSQL sends it."""
        item = psycopg.adapters.types["int8"].oid
        if obj.size == 0:
            return struct.pack(">iii", 0, 0, item)
        items = np.empty(obj.size, np.dtype([("bytes", ">i4"), ("value", ">i8")]))
        items["bytes"], items["value"] = 8, obj
        return struct.pack(">iiiii", 1, 0, item, obj.size, 1) + items.tobytes()


def build_blocks(
    conninfo: str, schema: str, progress: Progress = lambda *_: None, processes: int | None = None
) -> int:
    """Keep the block of every cell whose kept one lags, or is missing; how many cells there were. Progress: step `blocks`.

    What is done stays done: a run that was killed is taken up by the next.
    """
    with reader(conninfo, schema) as conn:
        keys = [key for (key,) in conn.execute(load("tiles", "blocks.sql")["lagging"]).fetchall()]
    each = _AT_ONCE if len(keys) > 16 * _AT_ONCE else 1
    parts = [keys[k : k + each] for k in range(0, len(keys), each)]
    done = 0
    for count in _spread(
        conninfo, schema, parts, 1 if len(keys) <= FEW else processes or os.cpu_count() or 1
    ):
        done += count
        progress("blocks", done, len(keys))
    return len(keys)


@contextmanager
def workers(processes: int | None) -> Iterator[Executor]:
    """So many worker processes (None: as many as cores); what they have not begun when this ends is dropped."""
    spawn = multiprocessing.get_context("spawn")
    several = ProcessPoolExecutor(processes or os.cpu_count() or 1, spawn, initializer=_alone)
    try:
        yield several
    finally:
        several.shutdown(wait=True, cancel_futures=True)


def _alone() -> None:
    """Begin a worker: it is stopped by its parent only, and ends with it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = os.getppid()

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(0.5)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def _spread(conninfo: str, schema: str, parts: Sequence[list[int]], processes: int) -> Iterator[int]:
    if processes == 1:
        yield from (_kept(conninfo, schema, part) for part in parts)
        return
    with workers(processes) as several:
        for task in [several.submit(_kept, conninfo, schema, part) for part in parts]:
            yield task.result()


def _kept(conninfo: str, schema: str, keys: list[int]) -> int:
    """Keep the blocks of some cells as they are now."""
    with reader(conninfo, schema) as conn:
        for key, revision, block, new in present(conn, keys):
            if new:
                values = {"key": key, "revision": revision, "body": to_bytes(block)}
                conn.execute(load("tiles", "blocks.sql")["keep"], values)
    return len(keys)


def present(conn: psycopg.Connection, keys: Sequence[int]) -> Iterator[tuple[int, int, Block, bool]]:
    """Cell, revision, block, and whether it is another than the kept one, for each of some cells as they are now."""
    sql = load("tiles", "blocks.sql")
    cursor = conn.cursor(binary=True)
    bases: dict[int, Block] = {}
    lagging = dict.fromkeys(keys)
    for key, revision, _, shown, body in cursor.execute(sql["kept"], {"keys": list(keys)}).fetchall():
        read = read_kept(body)
        if read is not None and shown == revision:
            yield key, revision, read, False
            del lagging[key]
        elif read is not None:
            bases[key] = read
    if not lagging:
        return
    for key, revision, _, ids in cursor.execute(sql["present"], boxes([*lagging])).fetchall():
        base = bases.get(key)
        versions = np.array(ids, np.int64)
        known = np.empty(0, np.int64) if base is None else base.id
        new = np.setdiff1d(versions, known)
        more = made_of(rows_of(cursor, new), *place(key))
        yield key, revision, more if base is None else changed(base, np.isin(known, versions), more), True


def rows_of(cursor: psycopg.Cursor, versions: npt.NDArray[np.int64]) -> tuple[object, ...]:
    """What blocks hold of some versions."""
    row = cursor.execute(load("tiles", "blocks.sql")["rows"], {"ids": versions}).fetchone()
    assert row is not None  # noqa: S101 - an aggregate answers one row
    return row
