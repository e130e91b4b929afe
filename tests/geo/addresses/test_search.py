"""The search over a few addresses: what is found, in which order, and what is said to have matched."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.addresses.index import AddressIndex, Gathering, UnitName
from geo.addresses.letters import bare
from geo.addresses.names_found import EDIT
from geo.addresses.read import WORD, read
from geo.addresses.search import Hit, find

DA_NANG = UnitName("province", "thành phố", "Đà Nẵng", False)
UNITS = {
    1: [UnitName("commune", "phường", "Hòa Xuân", False), UnitName("commune", "phường", "Hòa Thọ Đông", True),
        UnitName("district", "quận", "Cẩm Lệ", True), DA_NANG],
    2: [UnitName("commune", "phường", "Hải Châu", False), UnitName("commune", "phường", "Hải Châu 1", True),
        UnitName("commune", "xã", "Hòa Liên", True), UnitName("district", "quận", "Hải Châu", True), DA_NANG],
    4: [UnitName("commune", "phường", "Yên Sở", False), DA_NANG],
    3: [UnitName("commune", "xã", "Bà Nà", False), UnitName("commune", "xã", "Hòa Liên", True), DA_NANG],
}  # fmt: skip
ROWS = {
    1: ("12 Đường Trần Phú, Phường Hải Châu, Đà Nẵng", 2, 108.20),
    2: ("12/45/3 Trần Phú, Phường Hòa Xuân", 1, 108.30),
    3: ("14 Đường Trần Phú, Phường Hải Châu, Đà Nẵng", 2, 108.20),
    4: ("K12/5 Lê Lợi, Tổ 7, P.Hải Châu", 2, 108.20),
    5: ("Thôn Trung Lương, Phường Hòa Xuân", 1, 108.30),
    6: ("12 Đường Nguyễn Thị Minh Khai, Xã Bà Nà", 3, 108.40),
    7: ("12 Đường 3/2, Hòa Xuân", 1, 108.30),
    8: ("5 Đường số 7, Hòa Xuân", 1, 108.30),
    9: ("7 Đường Hoà Bình, Xã Bà Nà", 3, 108.40),
    10: ("21 Đường Đông Thạnh 16, Hải Châu", 2, 108.20),
    11: ("12 Đường Trần Phú, Xã Bà Nà", 3, 108.40),
    12: ("120 Đường Trần Phú, Phường Hải Châu", 2, 108.20),
    13: ("5 Đường Láng, Phường Hải Châu", 2, 108.20),
    14: ("5 Đường Lăng, Phường Hải Châu", 2, 108.20),
    15: ("35 Đường Hồ Nguyên Trừng, Phường Yên Sở", 4, 108.50),
}


@pytest.fixture(scope="module")
def index() -> AddressIndex:
    return made()


def made() -> AddressIndex:
    gathering = Gathering(UNITS, frozenset({"da nang"}))
    gathering.add((number, text, unit, lon, 16.0) for number, (text, unit, lon) in ROWS.items())
    return gathering.index()


def ask(index: AddressIndex, text: str, **more: object) -> list[Hit]:
    unfinished = bool(more.pop("unfinished", True))
    return find([index], text, 10, unfinished=unfinished, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("12 tran phu hai chau", [1]),
        ("12 trần phú, hải châu, đà nẵng", [1]),
        ("hai chau, tran phu 14", [3]),
        ("phú trần, 14", [3]),
        ("số 5 kiệt 12 lê lợi", [4]),
        ("5 ng. 12 le loi", [4]),
        ("le loi to 7", [4]),
        ("12 nguyeenx thij minh khai", [6]),
        ("12 nguye6n4 thi5 minh khai", [6]),
        ("12 ntmk", [6]),
        ("trung luong hoa xuan", [5]),
        ("12 duong 3 thang 2", [7]),
        ("5 duong 7", [8]),
        ("21 dong thanh 16", [10]),
        ("7 hòa bình", [9]),
        ("7 hoà bình", [9]),
        ("12tran phu ba na", [11]),
        ("12 tran phu, hai chau, tp D Nang", [1]),
        ("12 trna phu p hai chau", [1]),
        ("12 tarn pu, p. hai chau", [1]),
        ("14 tran phu hai chau 1 da nang", [3]),
        ("12/45/3 tran phu, q cam le", [2]),
        ("12 trần phú hoa lien", [1, 11]),
        ("Yen So 35 Duong Ho Nguyen Trung", [15]),
        ("Yên Sở, số 35 Hồ Nguyên Trừng", [15]),
        ("99 tran phu", []),
        ("12 tran phu q cam le", []),
        ("12 qwertyuiop", []),
        ("", []),
        ("' or ''='", []),
    ],
)
def test_what_people_type_finds_what_they_mean(index: AddressIndex, typed: str, found: list[int]) -> None:
    assert [hit.id for hit in ask(index, typed)] == found


def test_a_mark_typed_that_the_name_lacks_costs_one_left_out_does_not(index: AddressIndex) -> None:
    acute, breve, bare_ = (ask(index, f"5 {name} hai chau") for name in ("láng", "lăng", "lang"))
    assert (acute[0].id, breve[0].id) == (13, 14)
    assert {hit.id for hit in bare_} == {13, 14}
    assert bare_[0].cost == bare_[1].cost < 25 <= acute[1].cost - acute[0].cost


def test_the_last_word_may_go_on_unless_it_is_complete(index: AddressIndex) -> None:
    assert {hit.id for hit in ask(index, "12 tran ph")} == {1, 11}
    assert ask(index, "12 tran ph", unfinished=False)[0].cost >= 100
    assert [hit.id for hit in ask(index, "hai chau, tran phu 12")] == [1, 12]
    assert [hit.id for hit in ask(index, "hai chau, tran phu 12", unfinished=False)] == [1]


def test_the_nearest_comes_first_where_a_place_is_given(index: AddressIndex) -> None:
    assert [h.id for h in ask(index, "12 tran phu", near=(108.4, 16.0))][:2] == [11, 1]
    assert [h.id for h in ask(index, "12 tran phu", near=(108.2, 16.0))][:2] == [1, 11]


@pytest.mark.parametrize(
    ("typed", "matched"),
    [
        ("12 tran phu p. ba na", "house 12 exact | street đường trần phú without_marks | commune xã bà nà without_marks"),
        ("14 tran pu hai chau 1",
         "house 14 exact | street đường trần phú typo | commune phường hải châu 1 without_marks former"),
        ("12/5 Lê Lợi, Quận Hải C", "house 12/5 exact | street lê lợi exact | district quận hải châu beginning former"),
        ("12 ntmk", "house 12 exact | street đường nguyễn thị minh khai initials"),
        ("7 hóa bình", "house 7 exact | street đường hoà bình other_marks"),
        ("tran phu 1", "house 12 beginning | street đường trần phú without_marks"),
    ],
)  # fmt: skip
def test_each_hit_says_what_matched_and_how(index: AddressIndex, typed: str, matched: str) -> None:
    best = ask(index, typed)[0]
    said = [" ".join([m.part, m.name, m.how, *(["former"] if m.former else [])]) for m in best.matched]
    assert " | ".join(said) == matched


def test_what_is_forgotten_is_not_found() -> None:
    index = made()
    index.forget([1, 12, 777])
    assert {hit.id for hit in ask(index, "12 tran phu")} == {11}
    index.forget([])
    assert {hit.id for hit in ask(index, "12 tran phu")} == {11}


@given(st.sampled_from(sorted(ROWS)), st.data())
def test_whatever_is_typed_of_an_address_every_answer_goes_on_with(number: int, data: st.DataObject) -> None:
    text = ROWS[number][0]
    cut = data.draw(st.integers(3, len(text)))
    typed = text[:cut] if data.draw(st.booleans()) else bare(text[:cut])
    hits = ask(INDEX, typed)
    assert hits or not any(w.role == WORD for w in read(typed))
    for hit in hits if hits and hits[0].cost < EDIT else ():
        answer = ROWS[hit.id][0]
        if any(m.former for m in hit.matched):  # goes on with a name its commune had
            continue
        assert goes_on(typed, answer), f"{answer} does not go on with {typed}"


def goes_on(typed: str, answer: str) -> bool:
    """Whether the words typed stand in the answer in their order, the last one as the beginning of a word."""
    words = [bare(w.text) for w in read(typed, unfinished=True)]
    at = 0
    for word in (bare(w.text) for w in read(answer)):
        if at < len(words) and (word == words[at] or (at == len(words) - 1 and word.startswith(words[at]))):
            at += 1
    return at == len(words)


@given(st.text(max_size=250))
def test_any_text_gets_an_answer(text: str) -> None:
    assert len(ask(INDEX, text)) <= 10


INDEX = made()
