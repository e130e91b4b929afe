"""A mirror: another register's feed (`register.changes`, shapes as WKB) written down here, every link of its chain verified.

Numbers of corrections, versions, links and addresses are those of the source; the tables' triggers hold here as there. Not
in a feed, and so not in a mirror: who made a correction, dossiers, where a parcel stood in the file it came from, the list
of inherited defects. What follows from a shape is worked out anew.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

import numpy as np
import psycopg
import pyarrow as pa
import shapely
from psycopg.types.json import Jsonb

from geo import codes, crs
from geo.rounding import clockwise, plain_from
from geo.text import fold
from register import chain, ewkb
from register.errors import ChainError
from register.outlines import draw_sheets
from register.statements import load, one

CHUNK = 20_000
Item = Mapping[str, Any]
Rows = list[dict[str, Any]]
_UNREADABLE = (
    KeyError,
    TypeError,
    ValueError,
    AttributeError,
    psycopg.DataError,
    shapely.errors.GEOSException,
)


def replay(items: Iterable[Item], conn: psycopg.Connection) -> int:
    """The place in the feed up to which this register now goes: `items` continue it from where it stood (0: empty).

    Rows are written item by item: memory does not grow with a correction that comes in several. The caller owns the
    transaction; where an error is raised it must be rolled back. Raises: ChainError.
    """
    sql = load("register", "replay.sql")
    previous, seq = one(conn, sql["chain"])
    writing: _Writing | None = None
    sheets: set[int] = set()
    for item in items:
        if writing is None:
            if item["seq"] != seq + 1 or item["continued"]:
                raise _broken(item["seq"], f"{seq + 1} comes next here", f"ở đây phải tiếp theo là {seq + 1}")
            writing = _Writing(conn, item, bytes(previous))
        elif item["seq"] != seq + 1 or not item["continued"]:
            raise _broken(seq + 1, "the rest of its rows is missing", "thiếu phần còn lại của nó")
        writing.write(item)
        if item["complete"]:
            previous, seq = writing.seal(), item["seq"]
            sheets |= writing.sheets()
            writing = None
    if writing is not None:
        raise _broken(seq + 1, "the rest of its rows is missing", "thiếu phần còn lại của nó")
    draw_sheets(conn, sorted(sheets))
    conn.execute(sql["go_on"])
    return int(seq)


def fingerprint(conn: psycopg.Connection) -> str:
    """SHA-256 over all corrections, versions, codes and links in one order: equal where two registers say the same.

    Not over numbers of versions, sheets, units and addresses, who made a correction, nor what follows from a shape.
    """
    digest = hashlib.sha256()
    for name in ("said_corrections", "said_versions", "said_codes", "said_links"):
        with conn.cursor(name) as cursor:
            cursor.itersize = 2000
            for (said,) in cursor.execute(load("register", "replay.sql")[name]):
                digest.update(f"{said}\n".encode())
        digest.update(b"\n")
    return digest.hexdigest()


@dataclass
class _Writing:
    """One correction on its way in."""

    conn: psycopg.Connection
    head: Item
    previous: bytes
    versions: list[int] = field(default_factory=lambda: [1 << 62, 0])
    links: list[int] = field(default_factory=lambda: [1 << 62, 0])

    def __post_init__(self) -> None:
        said = (
            "correction",
            "kind",
            "reason",
            "basis",
            "effective_on",
            "made_at",
            "reverts",
            "counts",
            "who",
            "hash",
        )
        if not all(name in self.head for name in said):
            raise _unread(self.head["seq"])
        if self.head.get("previous") != self.previous.hex():
            raise _broken(self.head["seq"], "it continues another chain", "nó nối tiếp một chuỗi khác")
        values = {name: self.head[name] for name in ("kind", "reason", "basis", "effective_on", "reverts")}
        bounds = {"id": self.head["correction"], "first_version": None, "first_link": None}
        try:
            self.conn.execute(load("register", "replay.sql")["correction"], values | bounds)
        except psycopg.IntegrityError as error:
            taken, taken_vi = "its number is taken here", "số của nó đã được dùng ở đây"
            raise _broken(self.head["seq"], taken, taken_vi) from error
        except _UNREADABLE as error:
            raise _unread(self.head["seq"]) from error

    def write(self, item: Item) -> None:
        """Its rows, each part in order: what ends before what begins."""
        try:
            self._all("close_versions", item["closed"])
            if item["opened"]:
                rows = _derived(item["opened"])
                self._run("sheets", rows)
                self._run("issue", rows)
                self._all("open_versions", rows)
                _widen(self.versions, (row["version"] for row in rows))
            self._all("close_links", item["links_closed"])
            if item["links_opened"]:
                rows = [
                    row | {"folded": None if row["text"] is None else fold(row["text"])}
                    for row in item["links_opened"]
                ]
                self._run("addresses", rows)
                self._all("open_links", rows)
                _widen(self.links, (row["link"] for row in rows))
        except psycopg.IntegrityError as error:
            law, law_vi = (
                "its rows break a law of the register",
                "các dòng của nó trái với luật của cơ sở dữ liệu",
            )
            raise _broken(self.head["seq"], law, law_vi) from error
        except _UNREADABLE as error:
            raise _unread(self.head["seq"]) from error

    def _run(self, name: str, rows: Rows) -> int:
        values = {"rows": Jsonb(rows), "correction": self.head["correction"]}
        return self.conn.execute(load("register", "replay.sql")[name], values).rowcount

    def _all(self, name: str, rows: Rows) -> None:
        if rows and self._run(name, rows) != len(rows):
            raise _broken(
                self.head["seq"],
                "it names what is not here as it says",
                "nó nêu dữ liệu không có ở đây như đã ghi",
            )

    def _bounds(self) -> dict[str, int]:
        names = ("first_version", "last_version", "first_link", "last_link")
        return {
            "correction": self.head["correction"],
            **dict(zip(names, self.versions + self.links, strict=True)),
        }

    def seal(self) -> bytes:
        """Its link, once what was written here gives the same."""
        head = self.head
        if head["who"] is None:
            old, old_vi = (
                "it was made before links could be verified",
                "nó có trước khi chuỗi kiểm chứng được",
            )
            raise _broken(head["seq"], old, old_vi)
        try:
            made_at = datetime.fromisoformat(head["made_at"])
            day = date.fromisoformat(head["effective_on"])
            by = bytes.fromhex(head["who"])
            counts = json.dumps(head["counts"])
        except _UNREADABLE as error:
            raise _unread(head["seq"]) from error
        said = chain.Head(
            head["seq"],
            head["correction"],
            head["kind"],
            day,
            made_at,
            head["reason"],
            head["basis"],
            head["reverts"],
        )
        link = chain.link(self.previous, said, by, self._content())
        if link.hex() != head["hash"]:
            raise _broken(head["seq"], "its hash is another", "mã băm không khớp")
        values = {"hash": link, "previous": self.previous, "seq": head["seq"], "made_at": made_at, "who": by}
        sql = load("register", "replay.sql")
        self.conn.execute(sql["bump_cells"], self._bounds())
        if head["reverts"] is not None:
            self.conn.execute(sql["unmake"], self._bounds())
        self.conn.execute(sql["seal"], values | self._bounds() | {"counts": counts})
        return link

    def _content(self) -> bytes:
        sql = load("register", "apply.sql")
        content = chain.Content()
        number = self.head["correction"]
        low, high = self.versions
        for first in range(low, high + 1, CHUNK):
            values = {"correction": number, "first": first, "last": min(first + CHUNK - 1, high)}
            content.opened(one(self.conn, sql["digest_opened"], values)[0])
        content.closed(
            one(self.conn, load("register", "replay.sql")["digest_closed"], {"correction": number})[0]
        )
        return content.digest()

    def sheets(self) -> set[int]:
        """Sheets whose parcels it changed."""
        rows = self.conn.execute(load("register", "replay.sql")["touched_sheets"], self._bounds())
        return {sheet for (sheet,) in rows}


def _widen(bounds: list[int], numbers: Iterable[int]) -> None:
    found = list(numbers)
    bounds[:] = [min(bounds[0], *found), max(bounds[1], *found)]


def _derived(rows: Rows) -> Rows:
    """`rows` with what follows from their shapes: shape, web shape and anchor as EWKB in hex, room, first plain zoom.

    Raises: ValueError where one is not a shape of a parcel (a feed asked for without shapes=wkb, too).
    """
    out: Rows = []
    for epsg in sorted({row["sheet"]["epsg"] for row in rows}):
        part = [row for row in rows if row["sheet"]["epsg"] == epsg]
        shapes = shapely.from_wkb(np.array([bytes.fromhex(row["shape"]) for row in part], object))
        if not np.isin(shapely.get_type_id(shapes), (3, 6)).all():
            raise ValueError("not polygons")
        wkb = pa.array(shapely.to_wkb(shapes, output_dimension=2, byte_order=1), pa.binary())
        xy, starts = ewkb.coordinates(wkb)
        web = np.column_stack(crs.to_web(epsg, xy[:, 0], xy[:, 1]))
        one_ring = ewkb.one_ring(wkb)
        minted = codes.mint(shapes, epsg)
        anchor = np.column_stack(crs.to_web(epsg, minted.points[:, 0], minted.points[:, 1]))
        columns = zip(
            part,
            ewkb.with_coordinates(wkb, xy, epsg).to_pylist(),
            ewkb.with_coordinates(wkb, clockwise(web, starts, one_ring), 3857).to_pylist(),
            ewkb.points(anchor, 3857).to_pylist(),
            minted.radius_m.tolist(),
            plain_from(web, starts, one_ring).tolist(),
            strict=True,
        )
        out += [
            row
            | {
                "ewkb": own.hex(),
                "web": w.hex(),
                "anchor": a.hex(),
                "room_m": room,
                "plain_from": zoom,
                "shape": None,
            }
            for row, own, w, a, room, zoom in columns
        ]
    return out


def _unread(seq: int) -> ChainError:
    return _broken(
        seq, "it cannot be read; it is asked for with shapes=wkb", "không đọc được; phải hỏi với shapes=wkb"
    )


def _broken(seq: int, why: str, why_vi: str) -> ChainError:
    return ChainError(
        f"The feed breaks at correction {seq}: {why}. Nothing of it was taken over; fetch it again from the last "
        "place that was.",
        f"Luồng chỉnh lý đứt tại {seq}: {why_vi}. Không có gì được ghi nhận; hãy tải lại từ vị trí đã nhận cuối cùng.",
        seq,
    )
