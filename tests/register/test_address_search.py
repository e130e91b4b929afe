"""The index over the register's addresses follows its corrections; texts are taken apart beside them."""

from typing import Any

import psycopg

from register.address_search import AddressBook, follow, read_book, read_parts
from register.revert import revert
from tests.register.handed_in import hand_in, lot


def found(book: AddressBook, text: str) -> list[int]:
    return [hit.id for hit in book.find(text, 10)]


def followed(db: psycopg.Connection, book: AddressBook) -> AddressBook:
    after = follow(db, book)
    assert after is not None
    return after


def texts(db: psycopg.Connection, ids: list[int]) -> list[str]:
    rows = db.execute("select text from address where id = any(%s) order by text", [ids])
    return [text for (text,) in rows]


def test_the_index_follows_imports_and_their_undo(db: psycopg.Connection) -> None:
    hand_in(db, lot("1", 0, 0, 10, 10, address="5 Ngô Gia Tự"))
    db.commit()
    book = read_book(db)
    assert texts(db, found(book, "5 ngo gia tu")) == ["5 Ngô Gia Tự"]
    made = hand_in(
        db, lot("2", 20, 0, 30, 10, address="7 Ngô Gia Tự"), lot("3", 40, 0, 50, 10, address="9 Bạch Đằng")
    )
    assert found(book, "bach dang") == []
    later = followed(db, book)
    assert texts(db, found(later, "ngo gia tu")) == ["5 Ngô Gia Tự", "7 Ngô Gia Tự"]
    assert texts(db, found(later, "9 bach dang")) == ["9 Bạch Đằng"]
    assert followed(db, later) is later
    assert made.correction is not None
    revert(db, made.correction, "tester")
    last = followed(db, later)
    assert texts(db, found(last, "ngo gia tu")) == ["5 Ngô Gia Tự"]
    assert found(last, "bach dang") == []
    db.commit()
    anew = read_book(db)
    assert found(anew, "ngo gia tu") == found(last, "ngo gia tu")


def test_a_former_name_of_the_commune_finds_the_address(db: psycopg.Connection) -> None:
    hand_in(db, lot("1", 0, 0, 10, 10, address="5 Ngô Gia Tự", commune="20195"))
    db.commit()
    book = read_book(db)
    former = db.execute("select name from unit where code = '20195' and valid_to is not null").fetchone()
    today = db.execute(
        "select n.name from parcel_version v join unit n on n.id = v.commune where v.closed_by is null"
    ).fetchone()
    assert former is not None
    assert today is not None
    for name in (former[0], today[0]):
        assert len(found(book, f"5 ngo gia tu, {name}")) == 1
    (hit,) = book.find(f"5 ngo gia tu, {former[0]}", 10)
    assert [m.former for m in hit.matched if m.part == "commune"] == [former[0] != today[0]]


def objects(db: psycopg.Connection) -> list[dict[str, Any]]:
    names = (
        "text",
        "house",
        "alleys",
        "street",
        "hamlet",
        "commune_given",
        "province_given",
        "made_by",
        "status",
    )
    columns = ", ".join(names)
    rows = db.execute(f"select {columns} from address_object where text is not null order by id").fetchall()
    return [dict(zip(names, row, strict=True)) for row in rows]


def test_texts_are_taken_apart_once_and_addresses_are_objects(db: psycopg.Connection) -> None:
    hand_in(db, lot("1", 0, 0, 10, 10, address="số 3 ngách 45 ngõ 12 Láng Hạ, Tổ 7, P. Láng Hạ, TP Hà Nội"))
    made = hand_in(db, lot("2", 20, 0, 30, 10, address="Thôn Trung Lương, Xã Hòa Xuân"))
    assert made.correction is not None
    provinces = frozenset({"ha noi"})
    assert objects(db)[0]["street"] is None
    last = 0
    lots = 0
    while (read := read_parts(db, last, 1, provinces)) is not None:
        last, lots = read, lots + 1
    assert lots == 2
    assert read_parts(db, 0, 10, provinces) is None
    revert(db, made.correction, "tester")
    house, hamlet = objects(db)
    assert house == {
        "text": "số 3 ngách 45 ngõ 12 Láng Hạ, Tổ 7, P. Láng Hạ, TP Hà Nội", "house": "3", "alleys": ["12", "45"],
        "street": "Láng Hạ", "hamlet": "Tổ 7", "commune_given": "Phường Láng Hạ", "province_given": "Thành phố Hà Nội",
        "made_by": "import", "status": "current",
    }  # fmt: skip
    assert (hamlet["hamlet"], hamlet["commune_given"]) == ("Thôn Trung Lương", "Xã Hòa Xuân")
    assert (hamlet["house"], hamlet["alleys"], hamlet["status"]) == (None, [], "retired")
