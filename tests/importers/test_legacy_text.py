"""Texts of older programs: read right where Vietnamese proves it, untouched where nothing does."""

import json
import shutil
import subprocess
import unicodedata

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from importers.legacy_text import decode, decode_all, encode, found_in
from importers.syllables import COMMON, weight
from tests.importers.parcels import data

SAMPLE = ("vn_vandinh_tcvn3", "vandinh_sheet27_points_tcvn3_sample.geojson")
ENCODINGS = ("tcvn3", "vni", "cp1258", "cp1252-utf8", "latin1-utf8")
MARKED = sorted(
    w
    for w in COMMON
    if len(w) > 2 and not w.isascii() and unicodedata.normalize("NFD", w[0])[0] not in "aeiouy"
)
NAMES = st.lists(st.sampled_from(MARKED), min_size=4, max_size=12, unique=True).map(" ".join)
CASED = st.tuples(NAMES, st.sampled_from([str.lower, str.title, str.upper])).map(lambda p: p[1](p[0]))


@pytest.mark.parametrize("encoding", ENCODINGS)
@given(text=CASED)
def test_what_a_legacy_program_writes_is_read(encoding: str, text: str) -> None:
    written = encode(text, encoding)
    read = decode(written)
    assert read.text == text
    assert read.sure
    assert encode(read.text, read.encoding) == written


@pytest.mark.parametrize("encoding", ["tcvn3", "vni", "cp1258"])
@given(text=CASED)
def test_bytes_of_a_legacy_program_are_read(encoding: str, text: str) -> None:
    raw = encode(text, encoding).encode("latin-1")
    assume(not _is_utf8(raw))
    assert decode(raw).text == text


def _is_utf8(raw: bytes) -> bool:
    try:
        raw.decode()
    except UnicodeDecodeError:
        return False
    return True


@given(CASED)
def test_unicode_stays(text: str) -> None:
    assert decode(text).text == text
    assert decode(text.encode()).text == text
    assert decode(unicodedata.normalize("NFD", text)).text == unicodedata.normalize("NFD", text)


@given(st.lists(CASED, min_size=1, max_size=30), st.integers(1, 3))
def test_short_unicode_labels_stay(texts: list[str], words: int) -> None:
    labels = [" ".join(t.split()[:words]) for t in texts]
    assert [d.text for d in decode_all(labels)] == labels


@pytest.mark.parametrize(
    "text",
    [
        "", "ODT+CLN", "1L654/119.3", "120 m²", "5°30'", "N§", "§ 12", "«mot»", "± 0.05", "Thaï", "où", "noël", "Ø200 ± 5",
        "Müller Straße, München", "à la carte, été, très français, garçon, hôtel", "São João da Conceição", "El Niño mañana",
        "Île-de-France, Nîmes, Thaï, où, déjà", "Århus Ærø Øresund", "Краснодар", "東京都", "Lot 3 © Vina® 2020",
    ],
)  # fmt: skip
def test_what_is_not_vietnamese_stays(text: str) -> None:
    assert decode(text).text == text
    assert decode(text.encode()).text == text


@given(st.text(max_size=60))
def test_any_text_is_read(text: str) -> None:
    read = decode(text)
    assert read.sure or read.text == text


@given(st.binary(max_size=60))
def test_any_bytes_are_read(raw: bytes) -> None:
    decode(raw)


def test_a_column_decides_for_its_labels() -> None:
    column = ["N§", "cã", "ThuËn", "§ång Quan Tiªn", "120", "Th«n Thanh Êm", "Đất Unicode"]
    assert [d.text for d in decode_all(column)] == [
        "NĐ", "có", "Thuận", "Đồng Quan Tiên", "120", "Thôn Thanh Ấm", "Đất Unicode",
    ]  # fmt: skip
    assert decode("cã").text == "cã"
    assert found_in(["cã", "N§"]) is None


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("Th«n Thanh Êm", "Thôn Thanh Ấm"), ("§Êt ë t¹i ®« thÞ", "Đất ở tại đô thị"), ("TH¤N THANH ÊM", "THÔN THANH ẤM"),
        ("Nguyeãn Vaên Hoaøng", "Nguyễn Văn Hoàng"), ("Thôn Thanh Âìm, ĐôÌng", "Thôn Thanh Âìm, ĐôÌng"),
        ("AÁp Bình Ñöôøng", "Ấp Bình Đường"), ("Ðâìt ðôÌi", "Đất đồi"),
    ],
)  # fmt: skip
def test_texts(written: str, read: str) -> None:
    assert decode(written).text == read


def test_the_sample_of_van_dinh_is_read_whole() -> None:
    rows = [f["properties"] for f in json.loads(data(*SAMPLE).read_text())["features"]]
    read = decode_all([row[name] or "" for row in rows for name in ("dia_chi", "xu_dong", "loai_dat")])
    texts = {d.text for d in read if d.encoding == "tcvn3"}
    assert len(rows) == 30
    assert texts == {"Thôn Thanh Ấm", "Đồng Quan Tiên", "NĐ"}
    assert {d.encoding for d in read} == {"tcvn3", "ascii"}


def test_the_table_of_tcvn3_is_that_of_iconv() -> None:
    if shutil.which("iconv") is None:
        pytest.skip("no iconv here")
    raw = bytes(range(0xA1, 0xFF))
    run = subprocess.run(
        ["iconv", "-c", "-f", "TCVN5712-1", "-t", "UTF-8"], input=raw, capture_output=True, check=False
    )
    if run.returncode not in (0, 1) or not run.stdout:
        pytest.skip("this iconv has no TCVN5712-1")
    told = {
        c
        for c in unicodedata.normalize("NFC", run.stdout.decode())
        if encode(c, "tcvn3") != c and c == c.lower()
    }
    for c in {*told, *"ĂÂÊÔƠƯĐ"}:
        byte = encode(c, "tcvn3").encode("latin-1")
        back = subprocess.run(
            ["iconv", "-f", "TCVN5712-1", "-t", "UTF-8"], input=byte, capture_output=True, check=True
        )
        assert unicodedata.normalize("NFC", back.stdout.decode()) == c
    assert len(told) == 7 + 60 - 1  # ý is FD in both


@pytest.mark.parametrize(
    "word",
    str.split("quốc quý quí gì giếng già nghiêng khuya hoàng quyền thuở uỵch rượu mừa duyệt yến hoà hòa"),
)
def test_syllables(word: str) -> None:
    assert weight(word) > 0


@pytest.mark.parametrize("word", str.split("cafộ Mỹnchen trốs ộtộ bàc ngề kà qòa aòi hhà xyzà đđ đà́"))
def test_no_syllables(word: str) -> None:
    assert weight(word) == 0


def test_an_unknown_encoding_is_refused() -> None:
    with pytest.raises(ValueError, match="not an encoding"):
        encode("Đất", "koi8")
