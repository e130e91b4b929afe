"""Address texts of offices and people, taken apart."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.addresses.house import House, house
from geo.addresses.keys_left import finished
from geo.addresses.letters import bare, letters
from geo.addresses.parts import Parts, parse, split_house
from geo.addresses.read import read

PROVINCES = frozenset({"da nang", "ha noi"})


def said(parts: Parts) -> str:
    """The parts on one line: house | street | hamlets | commune | district | province."""
    house_key = parts.house.key if parts.house else "-"
    hamlets = ", ".join(map(str, parts.hamlets)) or "-"
    others = (parts.street, hamlets, parts.commune, parts.district, parts.province)
    return " | ".join([house_key, *(str(one) if one is not None else "-" for one in others)])


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("12/45/3 Đường Trần Phú, Phường Hòa Xuân, Quận Cẩm Lệ, TP Đà Nẵng",
         "12/45/3 | đường trần phú | - | phường hòa xuân | quận cẩm lệ | thành phố đà nẵng"),
        ("Số 12 ngõ 45 phố Huế", "45/12 | phố huế | - | - | - | -"),
        ("số 3 ngách 45/12 ngõ 45 Láng Hạ, P. Láng Hạ, Q. Đống Đa, HN",
         "45/12/3 | láng hạ | - | phường láng hạ | quận đống đa | hà nội"),
        ("K12/5 Lê Lợi, Tổ 7, P.Hải Châu 1", "12/5 | lê lợi | tổ 7 | phường hải châu 1 | - | -"),
        ("12 tra62n phu1 p5 q1 tphcm", "12 | trần phú | - | phường 5 | quận 1 | thành phố hồ chí minh"),
        ("Thôn Bồ Bản, Xã Hòa Xuân", "- | - | thôn bồ bản | xã hòa xuân | - | -"),
        ("Đường 3/2, Phường 10, Quận 10", "- | đường 3/2 | - | phường 10 | quận 10 | -"),
        ("12 Đường số 7, KP3, TP Thủ Đức, TP HCM",
         "12 | đường số 7 | khu phố 3 | - | thành phố thủ đức | thành phố hồ chí minh"),
        ("152 Xã Đàn, Đống Đa, Hà Nội", "152 | xã đàn | - | đống đa | - | ha noi"),
        ("442 Đường Kim Giang, Đại Kim, Hoàng Mai, Hà Nội",
         "442 | đường kim giang | - | đại kim | hoàng mai | hà nội"),
        ("5 Bà Huyện Thanh Quan, Phường Văn Miếu - Quốc Tử Giám",
         "5 | bà huyện thanh quan | - | phường văn miếu quốc tử giám | - | -"),
        ("21 Đường Đông Thạnh 16, Phường Tam Kỳ", "21 | đường đông thạnh 16 | - | phường tam kỳ | - | -"),
        ("", "- | - | - | - | - | -"),
    ],
)  # fmt: skip
def test_a_text_is_taken_apart(text: str, parts: str) -> None:
    assert said(parse(text, PROVINCES)) == parts.replace("ha noi", "hà nội")


@pytest.mark.parametrize(
    "same",
    [
        ["45/12", "K45/12", "số 12 ngõ 45", "12 kiệt 45", "hẻm 45 số 12", "số nhà 12 hẻm 45"],
        [
            "45/12/3",
            "số 3 ngách 12 ngõ 45",
            "số 3 ngách 45/12",
            "3 ngách 45/12 ngõ 45",
            "ngõ 45 ngách 12 số 3",
        ],
        ["12A", "12a"],
    ],
)
def test_all_ways_to_write_a_house_are_one(same: list[str]) -> None:
    assert {house(text.split()) for text in same} == {house(same[0].split())}


def test_an_alley_without_a_house_is_no_house() -> None:
    assert house(["ngõ", "45"]) == House("", ("45",))
    assert house(["trần", "phú"]) is None


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("nguyeenx", "nguyễn"), ("nguye6n4", "nguyễn"), ("ddieenj", "điện"), ("d9ie6n5", "điện"), ("dduwowngf", "đường"),
     ("hoaf", "hoà"), ("quangr", "quảng")],
)  # fmt: skip
def test_what_the_keyboard_left_is_finished(typed: str, meant: str) -> None:
    assert letters(finished(typed)) == letters(meant)


@pytest.mark.parametrize(
    "word", ["trần", "nguyen", "hoa", "thi", "oanh", "lang", "krông", "d5", "k12", "12a", "pasteur", "drung"]
)
def test_what_is_a_word_already_is_left_alone(word: str) -> None:
    assert finished(word) == word


WORDS = st.sampled_from(
    [
        "Trần",
        "Phú",
        "Nguyễn",
        "Thị",
        "Minh",
        "Khai",
        "Hòa",
        "Xuân",
        "Láng",
        "Hạ",
        "Đống",
        "Đa",
        "Ngô",
        "Quyền",
        "Bạch",
        "Đằng",
        "Thọ",
        "Quang",
        "Mỹ",
        "Khê",
    ]
)


@given(st.lists(WORDS, min_size=1, max_size=4), st.integers(1, 999), st.integers(1, 60))
def test_house_and_street_come_back_in_any_dress(name: list[str], number: int, alley: int) -> None:
    street = " ".join(name)
    for text in (
        f"{alley}/{number} Đường {street}",
        f"Số {number} ngõ {alley} đường {street}",
        f"K{alley}/{number}, đ. {street.upper()}",
        f"hẻm {alley} số {number} Đường {street}",
    ):
        parts = parse(text)
        assert parts.house == House(str(number), (str(alley),))
        assert parts.street is not None
        assert letters(parts.street.name.replace(" ", "")) == letters(street.replace(" ", ""))


@given(st.text(max_size=300))
def test_any_text_is_read_and_marks_are_only_marks(text: str) -> None:
    words = read(text)
    assert sum(len(w.codes) for w in words) <= 120
    assert all(any(c.isalnum() for c in w.text) for w in words)
    parse(text)
    head, tail = split_house(text)
    assert head == "" or head[0] in "kKhH0123456789" or head[0].isdigit()
    assert len(head) + len(tail) <= len(text)


@given(st.sampled_from(["hoà", "hòa", "thuỷ", "thủy", "quý", "quí", "khoẻ", "khỏe", "hoàn", "giáp", "giuộc"]))
def test_where_a_tone_stands_does_not_matter(word: str) -> None:
    old = {"hoà": "hòa", "thuỷ": "thủy", "khoẻ": "khỏe"}
    assert letters(word) == letters(old.get(word, word))
    assert letters(bare(word)) == tuple(c & 63 for c in letters(word))
