"""Numbers, dates and widths as they are written here and in English; texts of findings in all formats follow."""

import math
import re
import unicodedata
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from importers.report.wording import number, quantity, when, width
from importers.sample.surveys.faults import KINDS
from importers.sample.surveys.formats import FORMATS
from tests.importers.planted import checked, town

VALUES = st.floats(-1e14, 1e14)
# A point before digits that can be no group of thousands, or a comma before such, with a unit behind.
_UNIT = r"[  \u00a0](?:m²|mm|cm|km|m)\b"
POINT = re.compile(rf"(?:\b0\.\d+|\d\.(?:\d{{1,2}}|\d{{4,}})){_UNIT}")
COMMA = re.compile(rf"(?:\b0,\d+|\d,(?:\d{{1,2}}|\d{{4,}})){_UNIT}")


@given(VALUES, st.integers(0, 6))
def test_a_number_says_its_value(value: float, digits: int) -> None:
    vi, en = number(value, digits)
    assert en.translate(str.maketrans(",.", ".,")) == vi
    plain = vi.replace(".", "").replace(",", ".").replace("−", "-")
    assert Decimal(plain) == Decimal(f"{value:.{digits}f}")
    assert re.fullmatch(r"−?\d{1,3}(\.\d{3})*(,\d+)?", vi)


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_no_number_is_a_dash(value: float) -> None:
    assert number(value, 2) == ("—", "—")


@pytest.mark.parametrize(
    ("metres", "vi", "en"),
    [
        (0.0004, "0,4 mm", "0.4 mm"), (0.003, "3 mm", "3 mm"), (0.0994, "99 mm", "99 mm"), (0.0996, "0,10 m", "0.10 m"),
        (1.349, "1,35 m", "1.35 m"), (999.99, "999,99 m", "999.99 m"), (1234.0, "1,2 km", "1.2 km"),
        (2_493_938.4, "2.493,9 km", "2,493.9 km"), (-0.21, "−0,21 m", "−0.21 m"),
    ],
)  # fmt: skip
def test_a_width_has_the_unit_one_would_say(metres: float, vi: str, en: str) -> None:
    assert tuple(said.replace("\u00a0", " ") for said in width(metres)) == (vi, en)


def test_a_number_stays_with_its_unit() -> None:
    assert quantity(1234.56, 1, "m²") == ("1.234,6\u00a0m²", "1,234.6\u00a0m²")


@pytest.mark.parametrize(
    ("iso", "said"),
    [
        ("2026-11-24T14:05:00+07:00", "24/11/2026 14:05"),
        ("2026-11-24T14:05:59", "24/11/2026 14:05"),
        ("2026-11-24T14:05:00+00:00", "24/11/2026 14:05 UTC"),
        ("2026-11-24T14:05:00-05:00", "24/11/2026 14:05 UTC-05:00"),
        ("yesterday\x00", "yesterday‹0000›"),
    ],
)
def test_a_moment_is_said_as_it_is_here(iso: str, said: str) -> None:
    assert when(iso) == said


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.name)
def test_every_kind_of_fault_is_told_in_both_tongues(kind) -> None:
    fitting = [form for form in FORMATS.values() if kind.fits(form.holds)]
    rng = np.random.default_rng(26)
    _, result = checked(fitting[0], kind.plant(town().blocks[0], rng))
    for finding in result.findings:
        told = [finding.text_vi, finding.text_en, finding.repair_vi, finding.repair_en]
        assert all(text is None or unicodedata.is_normalized("NFC", text) for text in told)
        assert finding.text_vi
        assert finding.text_en
        assert not POINT.search(finding.text_vi), finding.text_vi
        assert not COMMA.search(finding.text_en), finding.text_en
