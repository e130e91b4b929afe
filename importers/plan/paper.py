"""A plan as PDF: one sheet of paper, everything on it at its true size, set by typst."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from importers.plan.drawing import Colours, Plots, drawing
from importers.plan.sheet import AROUND_MM, Sheet
from importers.report.paper import typeset
from importers.report.picture import Window
from importers.report.wording import shown


@dataclass(frozen=True, slots=True)
class Words:
    """What stands round the map: a title; lines under it; facts (name, value) of the chosen parcel; the key of colours
    (colour, words), lines on scale, system and date; what the plan is not; a language."""

    title: str
    under: str
    facts: Sequence[tuple[str, str]]
    key: Sequence[tuple[str, str]]
    about: Sequence[str]
    note: str
    english: bool


def pdf(
    sheet: Sheet,
    window: Window,
    plots: Plots,
    chosen: str | None,
    colours: Colours,
    words: Words,
    made_s: int,
) -> bytes:
    """One page; `made_s`: Unix time of the PDF's own date."""
    width, height = sheet.size_mm
    left, top = sheet.corner_mm
    frame_wide, frame_high = sheet.frame_mm
    data = {
        "width": width, "height": height, "left": left, "top": top, "wide": frame_wide, "high": frame_high,
        "around": AROUND_MM, "svg": drawing(window, plots, chosen, colours, words.english),
        "title": shown(words.title, 120), "under": shown(words.under, 160),
        "facts": [[name, shown(value, 200)] for name, value in words.facts],
        "key": [list(one) for one in words.key], "about": list(words.about), "note": words.note,
        "lang": "en" if words.english else "vi",
    }  # fmt: skip
    return typeset(Path(__file__).parent / "plan.typ", data, "pdf", timestamp=made_s)
