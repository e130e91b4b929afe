"""The PDF: A4, its fonts inside, every Vietnamese letter drawn, tagged while it is small."""

import unicodedata
from dataclasses import replace
from io import BytesIO

import pytest
from pypdf import PdfReader
from pypdf.generic import ContentStream, DictionaryObject

from importers.check.checked import Checked
from importers.check.rules import RULES
from tests.importers.report import survey
from tests.importers.report.reading import bare, once, words, written

BASES = "aăâeêioôơuưy"
TONES = ["", "\u0300", "\u0309", "\u0303", "\u0301", "\u0323"]
LOWER = "".join(unicodedata.normalize("NFC", base + tone) for base in BASES for tone in TONES) + "đ"
LETTERS = LOWER + LOWER.upper() + "fijlwz 0123456789 “”–−…→²°‹›·€"


def every_letter() -> Checked:
    """A report that says every letter as a text, a title of a file and a word in italics."""
    checked = survey.faulty(3)
    checked.findings = [
        replace(checked.findings[0], text_vi=LETTERS, text_en=f"{LETTERS} en", record=LETTERS)
    ]
    return checked


def unseen() -> Checked:
    """The same with a letter that no font here has."""
    checked = every_letter()
    checked.findings = [replace(checked.findings[0], text_vi="𒀀 𐤀")]
    return checked


def fonts(reader: PdfReader) -> dict[str, DictionaryObject]:
    """All fonts by name, those of drawings within pages too."""
    found: dict[str, DictionaryObject] = {}
    waiting = [page["/Resources"].get_object() for page in reader.pages]
    while waiting:
        resources = waiting.pop()
        for pointer in resources.get("/Font", {}).values():
            font = pointer.get_object()
            found[font["/BaseFont"]] = font
        for form in resources.get("/XObject", {}).values():
            inner = form.get_object().get("/Resources")
            if inner is not None:
                waiting.append(inner.get_object())
    return found


def missing(pdf: bytes) -> int:
    """How many glyphs are shown that stand for a letter the font has not (.notdef, number 0)."""
    reader = PdfReader(BytesIO(pdf))
    streams = []
    for page in reader.pages:
        streams.append((page.get_contents(), page["/Resources"].get_object()))
    count = 0
    while streams:
        content, resources = streams.pop()
        for operands, operator in ContentStream(content, reader).operations:
            if operator in (b"Tj", b"TJ"):
                parts = operands[0] if operator == b"TJ" else operands
                codes = [p.original_bytes for p in parts if hasattr(p, "original_bytes")]
                count += sum(c[k : k + 2] == b"\0\0" for c in codes for k in range(0, len(c), 2))
            if operator == b"Do":
                form = resources["/XObject"][operands[0]].get_object()
                if form["/Subtype"] == "/Form":
                    streams.append((form, form.get("/Resources", DictionaryObject()).get_object()))
    return count


@pytest.mark.parametrize("make", [survey.clean, survey.faulty, every_letter])
def test_every_letter_has_its_glyph(make) -> None:
    assert missing(once(make).pdf) == 0


def test_a_letter_without_a_glyph_would_be_noticed() -> None:
    assert missing(written(unseen()).pdf) > 0


def test_every_vietnamese_letter_is_said() -> None:
    assert len(set(LOWER)) == 73
    said = words(once(every_letter).pdf)
    assert bare(LETTERS) in said
    assert bare(f"{LETTERS} en") in said


def test_fonts_are_inside() -> None:
    found = fonts(PdfReader(BytesIO(once(every_letter).pdf)))
    assert {name.split("+")[1].split("-")[0] for name in found} == {"LibertinusSerif"}
    for font in found.values():
        assert font["/Subtype"] == "/Type0"
        assert font["/ToUnicode"].get_object().get_data()
        below = font["/DescendantFonts"][0].get_object()["/FontDescriptor"].get_object()
        assert any(key in below for key in ("/FontFile2", "/FontFile3"))


def test_pages_are_a4_and_numbered() -> None:
    pages = PdfReader(BytesIO(once(survey.faulty).pdf)).pages
    for k, page in enumerate(pages, 1):
        assert [float(v) for v in page.mediabox] == pytest.approx([0, 0, 595.276, 841.89], abs=0.01)
        assert f"{k}/{len(pages)}" in page.extract_text().split()


def test_the_paper_says_what_it_is() -> None:
    reader = PdfReader(BytesIO(once(survey.faulty).pdf))
    assert reader.metadata is not None
    assert reader.metadata.title == "Báo cáo kiểm tra đo đạc"
    assert reader.metadata.creation_date is not None
    assert reader.metadata.creation_date.isoformat() == "2026-11-24T07:05:00+00:00"
    root = reader.trailer["/Root"].get_object()
    assert root["/Lang"] == "vi"
    assert root["/MarkInfo"]["/Marked"]
    assert not [key for key in ("/OpenAction", "/AA", "/AcroForm") if key in root]


@pytest.mark.parametrize("rule", RULES.values(), ids=lambda rule: rule.name)
def test_words_of_rules_are_composed(rule) -> None:
    said = [v for k in rule.__slots__ if isinstance(v := getattr(rule, k), str)]
    assert said
    assert all(unicodedata.is_normalized("NFC", text) for text in said)
