"""Addresses over HTTP: by digital code in any dress, and by words with or without accents."""

import pytest

from api.shapes import Addresses
from tests.api.asked import Asked


def digital(asked: Asked, sheet: str, number: str, scheme: str = "olc") -> str:
    """The digital address of a parcel."""
    facts = asked.json(f"/api/v1/parcels/{asked.codes[sheet, number]}")["properties"]
    (code,) = [a["code"] for a in facts["addresses"] if a["scheme"] == scheme]
    return str(code)


@pytest.mark.parametrize(
    "dress", [str, str.lower, lambda c: c.replace("+", ""), lambda c: c.replace("+", "%20")]
)
def test_an_open_location_code_leads_to_its_parcel(asked: Asked, dress: type[str]) -> None:
    code = digital(asked, "1", "1")
    answer = asked.json(f"/api/v1/addresses/{dress(code)}")
    Addresses.model_validate(answer)
    (address,) = answer["addresses"]
    assert (address["scheme"], address["code"]) == ("olc", code)
    assert [p["code"] for p in address["parcels"]] == [asked.codes["1", "1"]]


def test_a_vpostcode_leads_to_its_parcel(asked: Asked) -> None:
    code = digital(asked, "1", "2", "vpostcode")
    (address,) = asked.json(f"/api/v1/addresses/{code[:5]}-{code[5:].lower()}")["addresses"]
    assert [(p["sheet"], p["number"], p["main"]) for p in address["parcels"]] == [("1", "2", False)]


@pytest.mark.parametrize(
    ("code", "says"),
    [("7P8C0000", "No current parcel"), ("ab", "not a digital address"), ("đường", "not a digital address"),
     ("%07%08%09%0a", "not a digital address"), ("9" * 500, "not a digital address")],
)  # fmt: skip
def test_a_wrong_digital_address_is_told_what_is_wrong(asked: Asked, code: str, says: str) -> None:
    assert says in asked.problem(f"/api/v1/addresses/{code}")["detail"]


def test_a_retired_parcels_address_is_not_found(asked: Asked) -> None:
    assert asked.json(f"/api/v1/parcels/{asked.codes['9', '1']}")["properties"]["addresses"] == []


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("12 tran phu", "12 Đường Trần Phú, Phường Hải Châu"),
        ("12 TRẦN PHÚ", "12 Đường Trần Phú, Phường Hải Châu"),
        ("phú trần, 14", "14 Đường Trần Phú, Phường Hải Châu"),
        ("12/3 hoang dieu", "12/3 Đường Hoàng Diệu"),
        ("12/3 hoàng diệu", "12/3 Đường Hoàng Diệu"),  # decomposed letters
        ("đường hoàng diệu", "12/3 Đường Hoàng Diệu"),
    ],
)
def test_words_find_an_address_accents_or_not(asked: Asked, typed: str, first: str) -> None:
    answer = asked.json("/api/v1/addresses", q=typed)
    Addresses.model_validate(answer)
    assert answer["addresses"][0]["text"] == first


def test_each_word_must_occur_and_signs_are_only_text(asked: Asked) -> None:
    for typed in ("99 tran phu", "%%", "__", "' or ''='"):
        assert asked.json("/api/v1/addresses", q=typed)["addresses"] == []
    assert len(asked.json("/api/v1/addresses", q="tran phu", limit=1)["addresses"]) == 1


@pytest.mark.parametrize("typed", ["", "a", " , ", "\u0301\u0301"])
def test_too_little_to_search_for_is_said(asked: Asked, typed: str) -> None:
    assert "2 to 200 letters" in asked.problem("/api/v1/addresses", q=typed)["detail"]
