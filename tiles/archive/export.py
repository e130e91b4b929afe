"""An archive of the map, made by worker processes: what was killed half-way goes on where it stopped."""

import base64
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date
from pathlib import Path
from typing import Any

import numpy as np
import psycopg

from geo.cells import key, place
from geo.web_map import WORLD_M, from_degrees
from register.clocks import AsOf
from register.errors import InvalidKeyError, NotFoundError
from register.keys import commune_code
from register.statements import load, one
from tiles import sprite
from tiles.archive import file, work
from tiles.archive.order import MOST_ZOOM, UNIT_ZOOM, Box, Order, tiles_of, units_of
from tiles.archive.parts import Parts
from tiles.archive.work import Job
from tiles.assemble import cells_of
from tiles.bulk import Progress, reader, workers
from tiles.layers import LAYERS, OPEN
from tiles.style import style
from tiles.tilejson import tilejson

_CELLS_AT_ONCE = 4


@dataclass(frozen=True, slots=True)
class Ask:
    """What somebody wants of an archive. layers: by name; empty: all that can be drawn. bbox: degrees (west, south, east,
    north)."""

    layers: tuple[str, ...] = ()
    min_zoom: int = 6
    max_zoom: int = 16
    commune: str | None = None
    bbox: tuple[float, float, float, float] | None = None
    as_of: AsOf | None = None
    found: bool = False
    """Whether it is to tell of a commune's parcels, so that they can be found in it without a server."""


@dataclass(frozen=True, slots=True)
class Made:
    """An archive that is there, or (bytes 0) would be: tiles and bytes; how many units, and how many of them were there
    already; the moment it shows."""

    tiles: int
    bytes: int
    units: int
    resumed: int
    made_at: str


def export(
    conninfo: str, schema: str, to: Path, ask: Ask, progress: Progress = lambda *_: None,
    processes: int | None = None, dry_run: bool = False,
) -> Made:  # fmt: skip
    """Write the archive `to` with `processes` workers (None: as many as cores; 0: a thread of this one).

    Beside it stands a folder `….parts` until it is done: the same ask takes up what is there, and shows the register as it
    was when it was begun.

    Progress: steps `archive_cells`, `archive_tiles`, `archive_write`. Raises: NotFoundError (commune), InvalidKeyError,
    StateError where another export writes the same file.
    """
    with reader(conninfo, schema) as conn:
        order = _ordered(conn, ask)
        cells = [place(cell) for (cell,) in conn.execute(load("tiles.archive", "archive.sql")["cells"])]
        outlines = _outlines(conn, order)
        described = _described(conn, order, _findable(conn, ask))
    if dry_run:
        units = units_of(order, np.array(cells, np.int64).reshape(-1, 2), outlines)
        return Made(0, 0, len(units), 0, order.made_at)
    parts = Parts(to.with_name(to.name + ".parts"))
    with parts.held():
        begun = parts.order()
        if begun is not None and begun.same_ask(order):
            order = begun
        else:
            parts.begin(order)
        made = _made(
            Job(conninfo, schema, parts.folder, order),
            parts,
            to,
            cells,
            outlines,
            described,
            progress,
            processes,
        )
        parts.remove()
    return made


def _made(
    job: Job, parts: Parts, to: Path, cells: Sequence[tuple[int, int]], outlines: Sequence[Box],
    described: Callable[[Order], dict[str, object]], progress: Progress, processes: int | None,
) -> Made:  # fmt: skip
    order = job.order
    units = units_of(order, np.array(cells, np.int64).reshape(-1, 2), outlines)
    resumed = sum(parts.has(f"unit-{x}-{y}.index") for x, y in units)
    near = {cell for x, y in units for cell in cells_of(UNIT_ZOOM, x, y)}
    keys = [key(*cell) for cell in cells if cell in near]
    lows = _lows(order, units)
    with _workers(processes) as run:
        chunks = [keys[k : k + _CELLS_AT_ONCE] for k in range(0, len(keys), _CELLS_AT_ONCE)]
        _all(
            run,
            "archive_cells",
            progress,
            len(keys),
            [(work.bring_cells, job, chunk) for chunk in chunks],
            None,
        )
        asked: list[Any] = [(work.draw_unit, job, x, y) for x, y in units]
        _all(run, "archive_tiles", progress, len(units) + len(lows), asked, 1)
        asked = [(work.draw_low, job, *low) for low in lows]
        _all(run, "archive_tiles", progress, len(units) + len(lows), asked, 1, len(units))
    names = [f"unit-{x}-{y}" for x, y in units] + [f"low-{z}-{x}-{y}" for z, x, y, _ in lows]
    tiles, size = file.write(
        parts, names, to, described(order), (order.min_zoom, order.max_zoom),
        lambda done, total: progress("archive_write", done, total),
    )  # fmt: skip
    return Made(tiles, size, len(units), resumed, order.made_at)


def _lows(
    order: Order, units: Sequence[tuple[int, int]]
) -> list[tuple[int, int, int, list[tuple[int, int]]]]:
    """Tiles above the units, and the units in each."""
    lows = []
    for z in range(order.min_zoom, min(order.max_zoom, UNIT_ZOOM - 1) + 1):
        under: dict[tuple[int, int], list[tuple[int, int]]] = {}
        for x, y in units:
            under.setdefault((x >> (UNIT_ZOOM - z), y >> (UNIT_ZOOM - z)), []).append((x, y))
        lows += [(z, x, y, some) for (x, y), some in sorted(under.items())]
    return lows


@contextmanager
def _workers(processes: int | None) -> Iterator[Executor]:
    if processes == 0:
        with ThreadPoolExecutor(1) as pool:
            yield pool
        return
    with workers(processes) as several:
        yield several


def _all(
    run: Executor,
    step: str,
    progress: Progress,
    total: int,
    calls: Sequence[Any],
    each: int | None,
    done: int = 0,
) -> None:
    """Do calls (function, arguments …); `each`: what one counts in the progress, None: what it answers."""
    for task in [run.submit(*call) for call in calls]:
        answer = task.result()
        done += answer if each is None else each
        progress(step, done, total)


def _ordered(conn: psycopg.Connection, ask: Ask) -> Order:
    """The order of an ask, at this moment. Raises: NotFoundError, InvalidKeyError."""
    past = ask.as_of is not None
    layers = ask.layers or tuple(OPEN)
    if not 0 <= ask.min_zoom <= ask.max_zoom <= MOST_ZOOM:
        raise InvalidKeyError(
            f"Zooms {ask.min_zoom} to {ask.max_zoom} are not possible: give two from 0 to {MOST_ZOOM}, the lower one first.",
            f"Mức thu phóng {ask.min_zoom} đến {ask.max_zoom} không được: hãy chọn từ 0 đến {MOST_ZOOM}, mức nhỏ trước.",
        )
    if closed := [name for name in layers if name not in OPEN]:
        raise InvalidKeyError(
            f"{', '.join(closed)} is not for everybody: an archive is.",
            f"{', '.join(closed)} không mở cho mọi người, còn tệp bản đồ thì ai cũng đọc được.",
        )
    if ask.bbox is not None and ask.commune is not None:
        raise InvalidKeyError(
            "Give a commune or a box, not both.", "Hãy chọn một xã hoặc một khung, không cả hai."
        )
    seq, made_at = _moment(conn, ask.as_of)
    day = ask.as_of.effective_on if ask.as_of is not None and ask.as_of.effective_on is not None else date.max
    boxes: tuple[Box, ...] | None = None
    if ask.bbox is not None:
        boxes = (_web(ask.bbox),)
    elif ask.commune is not None:
        boxes = _commune(conn, ask.commune, seq, day)
    return Order(
        tuple(n for n in LAYERS if n in layers), ask.min_zoom, ask.max_zoom, boxes, seq, day, made_at, past
    )


def _moment(conn: psycopg.Connection, asked: AsOf | None) -> tuple[int, str]:
    """The last correction known then, and when it was made (empty: there was none)."""
    sql = load("tiles.archive", "archive.sql")
    if asked is None or asked.known_at is None:
        row = conn.execute(sql["now"]).fetchone()
    else:
        (seq, _) = one(conn, load("register", "clocks.sql")["moment"], {"known_at": asked.known_at})
        made = conn.execute(sql["made_at"], {"seq": seq}).fetchone()
        row = None if made is None else (seq, made[0])
    return (0, "") if row is None else (row[0], row[1].astimezone(UTC).isoformat())


def _commune(conn: psycopg.Connection, text: str, seq: int, day: date) -> tuple[Box, ...]:
    """Where the parcels of a commune are. Raises: NotFoundError, InvalidKeyError."""
    sql = load("tiles.archive", "archive.sql")
    code = commune_code(text)
    units = [number for (number,) in conn.execute(sql["units"], {"code": code})]
    rows = conn.execute(sql["commune"], {"units": units, "seq": seq, "day": day}).fetchall() if units else []
    if not rows:
        raise NotFoundError(
            f"The register has no parcels of a commune {code} at that time.",
            f"Sổ không có thửa đất nào của xã {code} vào lúc đó.",
        )
    # one box for what lies in the same tile of the deepest zoom, so that a commune takes little room
    tiles = tiles_of(MOST_ZOOM, rows)
    size = WORLD_M / (1 << MOST_ZOOM)
    west, north = tiles[:, 0] * size - WORLD_M / 2, WORLD_M / 2 - tiles[:, 1] * size
    inside = np.column_stack([west + size / 4, north - size * 3 / 4, west + size * 3 / 4, north - size / 4])
    return tuple(map(tuple, inside.tolist()))


def _outlines(conn: psycopg.Connection, order: Order) -> list[Box]:
    if not {"communes", "sheets"} & set(order.layers):
        return []
    return conn.execute(load("tiles.archive", "archive.sql")["outlines"], {"past": order.past}).fetchall()


def _web(bbox: Sequence[float]) -> Box:
    """A box in degrees as web metres. Raises: InvalidKeyError."""
    west, south, east, north = bbox
    if not (-180 <= west < east <= 180 and -85.06 <= south < north <= 85.06):
        raise InvalidKeyError(
            "A box is west,south,east,north in degrees, for example 108.1,16.0,108.3,16.2.",
            "Khung là tây,nam,đông,bắc theo độ, ví dụ 108.1,16.0,108.3,16.2.",
        )
    x, y = from_degrees([west, east], [south, north])
    return float(x[0]), float(y[0]), float(x[1]), float(y[1])


def _findable(conn: psycopg.Connection, ask: Ask) -> dict[str, object]:
    """The commune and its parcels as rows, where the ask wants them; of the present. Raises: InvalidKeyError."""
    if not ask.found:
        return {}
    if ask.commune is None or ask.as_of is not None:
        raise InvalidKeyError(
            "Only an archive of a commune as it is tells of its parcels.",
            "Chỉ tệp bản đồ hiện nay của một xã mới kèm danh sách thửa.",
        )
    sql, code = load("tiles.archive", "archive.sql"), commune_code(ask.commune)
    units = [number for (number,) in conn.execute(sql["units"], {"code": code})]
    kind, name = one(conn, sql["commune_name"], {"code": code})
    return {
        "commune": {"code": code, "kind": kind, "name": name},
        "parcels": list(map(list, conn.execute(sql["parcels"], {"units": units}))),
    }


def _described(
    conn: psycopg.Connection, order: Order, more: Mapping[str, object]
) -> Callable[[Order], dict[str, object]]:
    """What an archive says of itself: its layers, the moment it shows, the map's style for it and the images it names."""
    families: dict[str, list[str]] = dict(conn.execute(load("tiles", "style.sql")["families"]).fetchall())
    layers = [LAYERS[name] for name in order.layers]
    told = tilejson(layers)

    def describe(order: Order) -> dict[str, object]:
        day = None if order.day == date.max else order.day.isoformat()
        return {
            "name": "Địa Chính",
            "type": "overlay",
            "format": "pbf",
            "description": "Bản đồ địa chính · Cadastral map",
            "vector_layers": told["vector_layers"],
            "as_of": {"seq": order.seq, "made_at": order.made_at, "effective_on": day},
            "style": {name: part for name, part in style(families).items() if name != "sprite"},
            "images": {"index": sprite.index(2), "png": base64.b64encode(sprite.picture(2)).decode()},
            **more,
        }

    return describe
