"""The waist: the one function that changes the register. One row and a million run the same statements."""

import json
from collections.abc import Iterator
from secrets import token_bytes

import psycopg
import shapely

from geo import codes
from register import chain
from register.addresses import link_addresses
from register.check import check_numbers, check_overlaps, close_defects
from register.correction import Applied, Correction, Drafts, Finishing, Progress
from register.errors import EarlyError, NoCodeError, StaleError
from register.outlines import carry_outlines, redraw_sheets
from register.statements import load, one

CHUNK = 20_000
SMALL = 200
"""Corrections of at most so many rows need no facts for the planner."""
SHAPELESS = frozenset({"attributes", "renumber", "register", "address"})
# those that may change addresses of parcels that stay as they are
LINKING = frozenset({"import", "address", "revert"})
"""Kinds that leave every shape and every sheet as it is."""


def apply(
    conn: psycopg.Connection, correction: Correction, drafts: Drafts, progress: Progress = lambda *_: None
) -> Applied:
    """The correction as applied: versions closed and opened, codes issued, addresses linked, map cells stamped, chained.

    The caller owns the transaction; where an error is raised it must be rolled back. Locks: the map cells touched, then
    the sheets, each in the order of their keys; at the end the chain. Cost grows with the changed parcels and their
    neighbours only.

    Raises: StaleError, OverlapError, NumberTakenError, EarlyError, SheetZoneError, NotFoundError (commune), NoCodeError.
    """
    number, content, counts = _change(conn, correction, drafts, progress)
    return _seal(conn, number, correction, content, counts)


def rehearse(
    conn: psycopg.Connection, correction: Correction, drafts: Drafts
) -> tuple[dict[int, tuple[str, str | None]], dict[str, int]]:
    """What `apply` would do, undone at once: code and Open Location Code of the rows by number, and the counts;
    no outline is drawn for it.

    Raises: what `apply` raises; the transaction goes on all the same.
    """
    with conn.transaction(force_rollback=True):
        _, _, counts = _change(conn, correction, drafts, lambda *_: None, draws=False)
        rows = conn.execute(load("register", "apply.sql")["codes"]).fetchall()
        codes_of = {n: (code, olc) for n, code, olc in rows}
    return codes_of, counts


def _change(
    conn: psycopg.Connection, correction: Correction, drafts: Drafts, progress: Progress, draws: bool = True
) -> tuple[int, bytes, dict[str, int]]:
    """Number, digest and counts of the correction, everything written but its place in the chain."""
    sql = load("register", "apply.sql")
    conn.execute(sql["settle"])
    conn.execute(sql["open_changes"])
    conn.execute(sql["open_places"])
    if one(conn, sql["worn"])[0]:
        conn.execute(sql["clear"])
    conn.execute(sql["empty_changes"])
    conn.execute(sql["empty_places"])
    (number,) = one(
        conn,
        sql["correction"],
        {
            "kind": correction.kind,
            "author": correction.author,
            "approver": correction.approver,
            "reason": correction.reason,
            "basis": correction.basis,
            "dossier": correction.dossier,
            "effective_on": correction.effective_on,
            "content_hash": correction.content_hash,
            "reverts": correction.reverts,
        },
    )
    drafts.stage(conn, number)
    bulk = one(conn, sql["staged"], {"small": SMALL, "correction": number})[0] > SMALL
    if bulk:
        conn.execute(sql["index_changes"])
        conn.execute(sql["analyze_changes"])
    conn.execute(sql["bump_cells"], {"correction": number, "linked": correction.kind in LINKING})
    drafts.settle(conn, number)
    conn.execute(sql["lock_sheets"])
    _refuse_stale(conn)
    if correction.kind != "revert":
        _refuse_early(conn, correction, number)
    counts = {"issued": _issue(conn, number)}
    counts["closed"] = conn.execute(sql["close"], {"correction": number}).rowcount
    conn.execute(
        sql["close_links"], {"correction": number}
    )  # after it: links are made under a lock of the version
    content = chain.Content()
    counts["opened"] = _open(conn, number, content, progress)
    if correction.reverts is not None:
        conn.execute(sql["unmake"], {"correction": number})
    counts["linked"] = link_addresses(conn, number, list(_chunks(conn)), progress) if counts["issued"] else 0
    if isinstance(drafts, Finishing):
        counts["linked"] += drafts.finish(conn, number)
    nature = correction.kind if correction.reverts is None else _root_kind(conn, correction.reverts)
    if nature == "reorganise":
        carry_outlines(conn, number, progress)
    elif nature not in SHAPELESS:
        counts["overlaps"] = check_overlaps(conn, correction, number, progress)
        if draws:
            redraw_sheets(conn, number, bulk, progress)
    counts["numbers"] = check_numbers(conn, correction, number)
    close_defects(conn, number)
    content.closed(one(conn, sql["digest_closed"], {"correction": number})[0])
    if bulk:
        conn.execute(sql["drop_index"])
    return number, content.digest(), counts


def _root_kind(conn: psycopg.Connection, reverted: int) -> str:
    """The kind of what an undo, or the undo of an undo, goes back to: it changes no more than that did."""
    kind: str = one(conn, load("register", "reorganise.sql")["root"], {"id": reverted})[1]
    return kind


def _refuse_early(conn: psycopg.Connection, correction: Correction, number: int) -> None:
    values = {"effective_on": correction.effective_on, "correction": number}
    row = conn.execute(load("register", "apply.sql")["early"], values).fetchone()
    if row is not None:
        code, since = row
        raise EarlyError(
            f"Parcel {code} stands as it is since {since.isoformat()}, this correction would be effective on "
            f"{correction.effective_on.isoformat()}: give a later date.",
            f"Thửa {code} có hiệu lực từ {since:%d/%m/%Y}, chỉnh lý này lại có hiệu lực từ "
            f"{correction.effective_on:%d/%m/%Y}: hãy chọn ngày muộn hơn.",
            since.isoformat(),
        )


def _refuse_stale(conn: psycopg.Connection) -> None:
    stale = conn.execute(load("register", "apply.sql")["stale"]).fetchall()
    if stale:
        first = stale[0][0]
        raise StaleError(
            f"Parcel {first} was changed by someone else since this correction was drafted: look at it again.",
            f"Thửa {first} đã được người khác chỉnh lý sau khi bản thảo này được lập: hãy xem lại.",
            dict(stale),
        )


def _issue(conn: psycopg.Connection, correction: int) -> int:
    """Issue the codes of new parcels; where one is taken, the next interior candidate, always the same one."""
    sql = load("register", "apply.sql")
    issued = conn.execute(sql["issue"], {"correction": correction, "algorithm": codes.ALGORITHM}).rowcount
    if issued < one(conn, sql["wanted"])[0]:
        for n, epsg, wkb in conn.execute(sql["clashes"], {"correction": correction}).fetchall():
            _issue_other(conn, correction, n, epsg, wkb)
            issued += 1
    broken = conn.execute(sql["broken"]).fetchone()
    if broken is not None:
        raise StaleError(
            f"The code {broken[0]} went to another parcel meanwhile: look at the correction again.",
            f"Mã {broken[0]} vừa được cấp cho thửa khác: hãy xem lại chỉnh lý.",
            {broken[0]: 0},
        )
    return issued


def _issue_other(conn: psycopg.Connection, correction: int, n: int, epsg: int, wkb: bytes) -> None:
    sql = load("register", "apply.sql")
    for code, east_m, north_m in codes.candidates(shapely.from_wkb(wkb), epsg):
        if not one(conn, sql["is_issued"], {"code": code})[0]:
            values = {"n": n, "code": code, "east_m": east_m, "north_m": north_m, "correction": correction}
            conn.execute(sql["issue_other"], values | {"algorithm": codes.ALGORITHM})
            return
    raise NoCodeError(
        "A parcel has no free code: it is smaller than a GeoHash cell (2 × 4 cm) or lies exactly on others.",
        "Một thửa không còn mã trống: thửa nhỏ hơn một ô GeoHash (2 × 4 cm) hoặc nằm trùng lên thửa khác.",
    )


def _chunks(conn: psycopg.Connection) -> Iterator[tuple[int, int, int]]:
    """First cell, last cell and rows of runs of neighbouring map cells with about `CHUNK` rows."""
    first: int | None = None
    last = 0
    rows = 0
    for cell, count in conn.execute(load("register", "apply.sql")["cells"]).fetchall():
        if first is not None and rows + count > CHUNK:
            yield first, last, rows
            first, rows = None, 0
        first = cell if first is None else first
        last, rows = cell, rows + count
    if first is not None:
        yield first, last, rows


def _open(conn: psycopg.Connection, correction: int, content: chain.Content, progress: Progress) -> int:
    sql = load("register", "apply.sql")
    chunks = list(_chunks(conn))
    total = sum(rows for _, _, rows in chunks)
    opened = 0
    for first, last, _ in chunks:
        try:
            low, high, count = one(
                conn, sql["open"], {"correction": correction, "first": first, "last": last}
            )
        except psycopg.errors.UniqueViolation as error:
            if error.diag.constraint_name != "parcel_version_one_current":
                raise
            raise StaleError(
                "A parcel this correction would open is current already: look at it again.",
                "Một thửa mà chỉnh lý này sẽ mở lại đang còn hiệu lực: hãy xem lại.",
                {},
            ) from error
        if count:
            content.opened(
                one(conn, sql["digest_opened"], {"correction": correction, "first": low, "last": high})[0]
            )
        opened += count
        progress("store", opened, total)
    return opened


def _seal(
    conn: psycopg.Connection, number: int, correction: Correction, content: bytes, counts: dict[str, int]
) -> Applied:
    sql = load("register", "apply.sql")
    previous, seq, made_at = one(conn, sql["chain"])
    nonce = token_bytes(16)
    by = chain.who(nonce, correction.author, correction.approver)
    head = chain.Head(
        seq,
        number,
        correction.kind,
        correction.effective_on,
        made_at,
        correction.reason,
        correction.basis,
        correction.reverts,
    )
    link = chain.link(previous, head, by, content)
    values = {"correction": number, "hash": link, "previous": previous, "seq": seq, "made_at": made_at}
    conn.execute(sql["seal"], values | {"counts": json.dumps(counts), "nonce": nonce, "who": by})
    return Applied(number, seq, made_at, link, counts)
