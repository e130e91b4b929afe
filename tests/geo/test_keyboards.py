"""Codes typed on Vietnamese keyboards are read back; addresses are never taken for codes."""

import unicodedata
from importlib.resources import files

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from geo.geohash import ALPHABET
from geo.keyboards import CUTS, MOST_LOST, Candidate, Search, is_mangled, plainly
from tests.geo.keyboards import Engine, typed

CODE = "w7er8sp5fqef"
ENGINES = st.builds(
    Engine,
    st.sampled_from(["telex", "vni", "viqr"]),
    st.sampled_from(["break", "stop"]),
    st.booleans(),
    st.booleans(),
    st.booleans(),
    st.booleans(),
)
TRAPS = "".join(c for c in "uuueeyywdsfrxjz012345679" if c in ALPHABET)
CODES = st.builds(
    lambda rest: "w" + rest,
    st.text(ALPHABET, min_size=11, max_size=11) | st.text(TRAPS, min_size=11, max_size=11),
)


def read(text: str, *issued: str) -> list[Candidate]:
    """The readings that are among the issued codes."""
    search = Search(text)
    for length in (*CUTS, 12):
        search.keep({code[:length] for code in issued} & search.grow(length))
    return search.found()


@pytest.mark.parametrize(
    "text",
    [
        "ư7ẻ8sp5fqè",
        "Ư7Ẻ8SP5FQÈ",
        "ư7ẻ8 sp5f-qè",
        unicodedata.normalize("NFD", "ư7ẻ8sp5fqè"),
        "ư7er8sp5fqef",
    ],
)
def test_marks_typed_at_once_are_read_plainly(text: str) -> None:
    assert is_mangled(text)
    assert CODE in plainly(text)


@pytest.mark.parametrize(
    ("code", "engine", "text"),
    [
        (CODE, Engine(), "ư7ẻ8sp5fqè"),
        (CODE, Engine(digits="stop"), "ư7er8sp5fqef"),
        (CODE, Engine(simple=True), "w7ẻ8sp5fqè"),
        ("w6ugqeqs7b8y", Engine(), "ư6ugqéq7b8y"),
        ("w6ugqesf7b8y", Engine(), "ư6ugqè7b8y"),
        ("w6ugqess7b8y", Engine(), "ư6ugqes7b8y"),
        ("w6ugqusy7b8y", Engine(modern=True), "ư6ugquý7b8y"),
        ("w6ugqdud7b8y", Engine(), "ư6ugqđu7b8y"),
        ("w6ugqee77b8y", Engine(), "ư6ugqê77b8y"),
        ("ww6ugqe7b8yb", Engine(), "w6ugqe7b8yb"),
        ("w6uqb2c8qd9b", Engine("vni"), "w6ủqbc8qđb"),
        ("w6ugqdd8yvbc", Engine("viqr"), "w6ugqđ8yvbc"),
    ],
)
def test_what_keyboards_make_of_codes_is_read_back(code: str, engine: Engine, text: str) -> None:
    if engine.method == "vni":
        text = typed(code, engine)
    assert typed(code, engine) == text
    other = code[:-1] + ("2" if code[-1] != "2" else "3")
    assert code in [one.code for one in read(text, code, other, CODE)]


@given(CODES, ENGINES, st.booleans(), st.booleans())
@example("w6ugqurene8y", Engine(free=False), False, False)
@example("w6uz0e1e20e7", Engine("vni"), False, True)
def test_every_code_is_among_the_readings_of_what_any_keyboard_makes_of_it(
    code: str, engine: Engine, grouped: bool, capitals: bool
) -> None:
    keys = f"{code[:4]} {code[4:8]} {code[8:]}" if grouped else code
    text = typed(keys.upper() if capitals else keys, engine)
    left = sum(
        one != " " for one in unicodedata.normalize("NFD", text.lower().replace("ư", "w").replace("đ", "dd"))
    )
    assume(len(code) - left <= MOST_LOST)
    if text.lower() != keys:
        found = {one.code: one for one in read(text, code)}
        assert code in found
        assert code in plainly(text) or found[code].cost > 0 or not is_mangled(text)


def test_keys_without_a_trace_are_counted() -> None:
    [one] = read("ư6ugqè7b8y", "w6ugqesf7b8y")
    assert (one.code, one.lost) == ("w6ugqesf7b8y", 1)
    [one] = read("ư7ẻ8sp5fqè", CODE)
    assert (one.lost, one.cost) == (0, 0)


UNITS = [
    line.split("\t") for line in (files("register") / "data/units.tsv").read_text("utf-8").splitlines()[1:]
]
NAMES = sorted({name for row in UNITS for name in (row[2], f"{row[1]} {row[2]}")})


def test_names_of_communes_are_no_codes() -> None:
    for name in NAMES:
        for text in (name, f"12 {name}", f"K305/7 {name}", f"{name} 5"):
            assert plainly(text) == []
            assert Search(text).grow(4) == set()


SYLLABLES = sorted(
    {part for name in NAMES for part in name.split()} | {"Ưu", "Ứng", "Ước", "Ưng", "ư", "Mỹ", "Đê", "w"}
)


@given(
    st.lists(st.sampled_from(SYLLABLES), min_size=1, max_size=6).map(" ".join),
    st.sampled_from(["", "12 ", "Số 7 ngõ 12 ", "K30/12 ", "tổ 5 "]),
    st.sampled_from(["", ", P. Hải Châu", " Đà Nẵng", ", xã Hòa Vang"]),
)
@example("Ưu Đê Ngụy Đê Đền", "", "")
@example("Ước Lễ", "", "")
def test_addresses_are_never_taken_for_codes(street: str, house: str, place: str) -> None:
    address = f"{house}{street}{place}"
    issued = {CODE, "w6ugmu6r6pux", "w3gv7cp47ee1"}
    assert not issued & set(plainly(address))
    assert read(address, *issued) == []


@pytest.mark.parametrize(
    "text", ["", " ", "w", "ư", "đ" * 64, "w" * 10_000, "w6\x00u", "ﬀ", "ẽ̃", "w6ṵ", "😀", "ư" * 12]
)
def test_nothing_strange_is_a_code(text: str) -> None:
    assert all(len(code) == 12 for code in plainly(text))
    assert read(text, CODE) == []
