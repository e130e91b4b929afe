"""Digital addresses (mã địa chỉ số) of new parcels, linked under the correction that opens them."""

from collections.abc import Callable, Sequence

import psycopg

from register.statements import load

_FEW = 200


def link_addresses(
    conn: psycopg.Connection,
    correction: int,
    chunks: Sequence[tuple[int, int, int]],
    progress: Callable[[str, int, int | None], None],
) -> int:
    """How many links were made for the parcels whose codes this correction issues.

    Scheme `olc` (Open Location Code, 11 digits, of the parcel's point) always, as the main address, with the text
    address of the file; scheme `vpostcode` (postcode and the last 7 of those digits; rules §2.2) where known.
    """
    sql = load("register", "addresses.sql")
    conn.execute(sql["wanted"])
    linked = 0
    total = sum(rows for _, _, rows in chunks)
    done = 0
    for first, last, rows in chunks:
        conn.execute(sql["empty" if total > _FEW else "empty_few"])
        if conn.execute(sql["fill"], {"first": first, "last": last}).rowcount:
            if total > _FEW:
                conn.execute(sql["analyze"])
            conn.execute(sql["find"])
            linked += conn.execute(sql["make"], {"correction": correction}).rowcount
        done += rows
        progress("address", done, total)
    return linked
