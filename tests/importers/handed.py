"""Surveys handed in by somebody without a register: through the fenced door, or read in this process."""

import tempfile
from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
import shapely

from geo.finding import Finding
from importers.check.context import Box
from importers.errors import ReaderFailed, Refused
from importers.examination import read_files
from importers.plots import Drawn, How
from importers.surroundings import AROUND_SCHEMA
from importers.survey import Asked, Examined, examine


class Nobody:
    """Knows no commune and no parcel."""

    def about(
        self, commune: str | None, place: tuple[float, float] | None, sheets: list[str]
    ) -> dict[str, Any]:
        return {}

    def parcels(self, box: Box) -> pa.Table:
        return AROUND_SCHEMA.empty_table()

    def numbered(self, keys: list[tuple[str, str]]) -> pa.Table:
        return AROUND_SCHEMA.empty_table()


def examined(*paths: Path, how: How | None = None, crs: int | None = None) -> Examined:
    """What the fenced process says; each finding is in two languages and speaks of no program."""
    said = examine(paths, Asked(how or How(), crs), Nobody(), datetime(2026, 11, 1, tzinfo=UTC))
    for finding in said.findings:
        in_two_languages(finding.text_vi, finding.text_en)
    assert {"json", "html"} <= said.report.keys()
    return said


def refusal(*paths: Path, how: How | None = None) -> Refused:
    """The refusal that handing in ends in: never a fault of the program."""
    with pytest.raises(Refused) as caught:
        examined(*paths, how=how)
    assert not isinstance(caught.value, ReaderFailed), caught.value.text_en
    in_two_languages(caught.value.text_vi, caught.value.text_en)
    return caught.value


def outcome(*paths: Path) -> Examined | Refused:
    """Read or refused, either way in words."""
    try:
        return examined(*paths)
    except Refused as reason:
        refused = reason
    assert not isinstance(refused, ReaderFailed), refused.text_en
    in_two_languages(refused.text_vi, refused.text_en)
    return refused


def in_two_languages(vi: str, en: str) -> None:
    assert vi
    assert en
    assert vi != en
    for text in (vi, en):
        assert "Traceback" not in text
        assert "Error:" not in text


def drawn(*paths: Path, how: How | None = None) -> list[Drawn]:
    """The files as read, in this process: for files written by the test itself."""
    with tempfile.TemporaryDirectory() as folder:
        return read_files(list(paths), Path(folder), how or How(), lambda _done, _step: None)


def rules(findings: Iterable[Finding]) -> Counter[str]:
    return Counter(f.rule for f in findings)


def column(said: Examined, name: str) -> list[Any]:
    return said.plots[name].to_pylist()  # type: ignore[no-any-return]


def shapes(said: Examined) -> "np.ndarray[tuple[int], np.dtype[np.object_]]":
    return shapely.from_wkb(np.array(column(said, "shape"), dtype=object))  # type: ignore[no-any-return]
