"""What keys may mean, before anybody looks."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.positions import Geographic, Grid
from register.resolve.keys import Code, Digital, Key, Sheeted, Typed, Words, key_of


def first(given: object) -> object:
    return key_of(given).readings[0]


@pytest.mark.parametrize("text", ["w6ugmu6r6pux", "W6UG-MU6R-6PUX", " w6ug mu6r 6pux ", "w6ug.mu6r.6pux"])
def test_codes_in_any_form(text: str) -> None:
    assert first(text) == Code("w6ugmu6r6pux")


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("20194.1.55", Sheeted("20194", "1", "55")),
        ("07954_1_2", Sheeted("07954", "1", "2")),
        ("20194/01/55", Sheeted("20194", "1", "55")),
        ("20194 1 55", Sheeted("20194", "1", "55")),
        ("20194, 12, 5a", Sheeted("20194", "12", "5a")),
        ("CHUACOGIAY_20194_1_55", Sheeted("20194", "1", "55")),
        ("CHUACAPGIAY_20194_1_55", Sheeted("20194", "1", "55")),
        ("20194.TĐ03-2014.2", Sheeted("20194", "TĐ03-2014", "2")),
        ("thửa 55 tờ 1 xã 20194", Sheeted("20194", "1", "55")),
        ("Thửa đất số 55, tờ bản đồ số 1, phường Hòa Hiệp Bắc", Sheeted("hoa hiep bac", "1", "55")),
        ("tờ bản đồ số 1 thửa 55, P. Hòa Hiệp Bắc, quận Liên Chiểu", Sheeted("hoa hiep bac", "1", "55")),
        ("phường Hải Châu, tờ 7 (tỷ lệ 1:500), thửa 12", Sheeted("hai chau", "7", "12", 500)),
        ("tờ 1 thửa 55 Hòa Hiệp Bắc", Sheeted("hoa hiep bac", "1", "55")),
        ("Hòa Hiệp Bắc: tờ số 1, thửa số 55.", Sheeted("hoa hiep bac", "1", "55")),
        ("TBĐ 7 thửa 12 xã Hòa Phong tỉ lệ 1/1000", Sheeted("hoa phong", "7", "12", 1000)),
    ],
)
def test_sheet_and_number(text: str, meant: Sheeted) -> None:
    assert first(text) == meant


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ("7P8C35GH+8VQ", Digital("7P8C35GH+8VQ")),
        ("16.0544, 108.2022", Geographic(108.2022, 16.0544)),
        ("ư7ẻ8sp5fqè", Typed("ư7ẻ8sp5fqè")),
        ("12 Trần Phú, Hải Châu", Words("12 Trần Phú, Hải Châu")),
        ({"commune": "20194", "sheet": "01", "number": 55}, Sheeted("20194", "1", "55")),
        (
            {"commune": "Hòa Hiệp Bắc", "sheet": 1, "number": "55", "scale": 500},
            Sheeted("hoa hiep bac", "1", "55", 500),
        ),
        ({"code": "W6UGMU6R6PUX", "address": ""}, Code("w6ugmu6r6pux")),
        ({"lon": 108.2, "lat": "16.05"}, Geographic(108.2, 16.05)),
        ({"east": 546440, "north": 1776812, "epsg": 5899}, Grid(546440.0, 1776812.0, 5899)),
        ({"address": "12 Trần Phú"}, Words("12 Trần Phú")),
    ],
)
def test_other_kinds(given: object, meant: object) -> None:
    assert first(given) == meant


@pytest.mark.parametrize("text", ["w6ugmu6r6pu", "w6ugmu6r6puxx", "w6ugmu6r6puo", "v6ugmu6r6pu", "w6ugqesb"])
def test_what_may_be_a_code_with_a_slip(text: str) -> None:
    assert Typed(text) in key_of(text).readings


@pytest.mark.parametrize(
    "text", ["12 Trần Phú", "Hòa Xuân", "phuong trung", "20194", "Ưng Hòa", "K305/12 Đê Mỹ"]
)
def test_addresses_may_not_be_codes(text: str) -> None:
    assert not [one for one in key_of(text).readings if isinstance(one, Typed | Code)]


@pytest.mark.parametrize(
    "given",
    ["", "  ", "x" * 501, "a\x00b", "w6ug\x1bmu6r6pux", {}, {"key": ""}, {"cod": "x"}, {"sheet": "1"}, {"lon": 2, "lat": 48},
     {"lon": "x", "lat": "y"}, {"lon": "nan", "lat": "16"}, {"east": 1, "north": 2}, {"commune": "20194"}, None, 5, [], ["x"],
     {"commune": "20194", "sheet": "1", "number": "5\x00"}, {"commune": "1", "sheet": "1", "number": "5", "scale": 0},
     "thửa 55 tờ 1", {"lon": 108}],
)  # fmt: skip
def test_wrong_keys_say_why(given: object) -> None:
    key = key_of(given)
    assert key.readings == ()
    assert key.wrong is not None
    assert all(said.strip().endswith((".", "”.")) for said in key.wrong)


@given(
    st.one_of(
        st.text(max_size=600),
        st.dictionaries(st.sampled_from(["key", "commune", "sheet", "lon", "x"]), st.text()),
    )
)
def test_anything_may_come(given: object) -> None:
    key = key_of(given)
    assert isinstance(key, Key)
    assert bool(key.readings) != bool(key.wrong)
