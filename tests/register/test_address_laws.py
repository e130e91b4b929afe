"""Laws of files of addresses, whatever their rows: nothing lost, twice is once, undone is as before, mirrored is the same."""

from typing import Any

import psycopg
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from register.connect import connect
from register.replay import fingerprint, replay
from register.revert import revert
from tests.conftest import Clone
from tests.register.addressing import addresses, at, brought, codes, one_main_each
from tests.register.handed_in import COMMUNE, hand_in, lot
from tests.register.test_changes import feed

LOTS = [
    lot(str(n), 10 * n, 0, 10 * n + 10, 20, address="4 Hàm Nghi" if n == 4 else None) for n in range(1, 5)
]
NUMBERS = st.sampled_from(["1", "2", "3", "4"])
ROWS = st.lists(
    st.fixed_dictionaries(
        {},
        optional={
            "parcel": NUMBERS,
            "number": st.sampled_from(["1", "2", "3", "99"]),
            "place": st.tuples(st.integers(0, 60), st.integers(-15, 25)),
            "text": st.sampled_from(["10 Hàm Nghi", "12 Hàm Nghi", "4 hàm nghi"]),
            "digital": st.sampled_from(["NDAS-1", "NDAS-2"]),
            "main": st.booleans(),
            "known": st.just("olc"),
        },
    ).filter(lambda row: "text" in row or "digital" in row),
    max_size=6,
)


def rows_of(db: psycopg.Connection, drawn: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Drawn rows as a reader gives them."""
    code = codes(db)
    olc = dict(
        db.execute(
            "select v.number, a.code from parcel_version v join parcel_address l on l.code = v.code and l.closed_by is null "
            "join address a on a.id = l.address and a.scheme = 'olc' where v.closed_by is null"
        ).fetchall()
    )
    made = []
    for one in drawn:
        row = {name: one[name] for name in ("text", "digital", "main") if name in one}
        if "parcel" in one:
            row["code"] = code[one["parcel"]]
        if "number" in one:
            row |= {"commune": COMMUNE, "sheet": "1", "number": one["number"]}
        if "place" in one:
            row |= at(*one["place"])
        if "known" in one:
            row["known"] = olc["3"]
        made.append(row)
    return made


def links(db: psycopg.Connection) -> list[Any]:
    """All current links."""
    return db.execute(
        "select l.code, a.scheme, a.code, a.text, l.main from parcel_address l join address a on a.id = l.address "
        "where l.closed_by is null order by 1, 2, 3, 4"
    ).fetchall()


@given(files=st.lists(ROWS, min_size=1, max_size=3))
@settings(max_examples=6, deadline=None, suppress_health_check=list(HealthCheck))
def test_files_of_addresses(clone: Clone, files: list[list[dict[str, Any]]]) -> None:
    with clone() as conninfo, clone() as other, connect(conninfo) as db, connect(other) as mirror:
        hand_in(db, *LOTS)
        was = [links(db)]
        applied = []
        for drawn in files:
            rows = rows_of(db, drawn)
            receipt, told = brought(db, *rows)
            assert one_main_each(db)
            if receipt.correction is None:
                assert links(db) == was[-1]
            else:
                applied.append(receipt.correction)
                was.append(links(db))
            for row in told:
                texts = {
                    text for number, _, _, text, _ in addresses(db) if codes(db)[number] in row["parcels"]
                }
                assert (
                    row["outcome"] not in ("linked", "unchanged")
                    or row["text"] is None
                    or row["text"] in texts
                )
            again, repeated = brought(db, *rows)
            for before, after in zip(told, repeated, strict=True):
                if before["outcome"] in ("linked", "unchanged") and after["rule"] != "disagree":
                    assert after["outcome"] == "unchanged" or before["rule"] == "digital", (before, after)
            if again.correction is not None:
                applied.append(again.correction)
                was.append(links(db))
        replay([item for item, _ in feed(conninfo)], mirror)
        mirror.commit()
        assert fingerprint(mirror) == fingerprint(db)
        for correction in reversed(applied):
            assert links(db) == was.pop()
            with db.transaction():
                revert(db, correction, "tester")
        assert links(db) == was.pop()
