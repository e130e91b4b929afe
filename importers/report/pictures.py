"""The pictures of a report: one overview for each kind of page, and close-ups by finding."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from geo.finding import Severity
from importers.check.checked import Checked
from importers.plots import Drawn
from importers.report.closeup import closeup, places
from importers.report.overview import Drawing, overview
from importers.report.scene import scene

MOST_CLOSEUPS = 60
_A4_MM, _SCREEN_MM = 174, 90


@dataclass(frozen=True, slots=True)
class Pictures:
    """paper and screen: the overview as wide as an A4 page and as a screen, None where nothing can be drawn. closeups: SVG
    by the number of the first finding shown; shown: finding → that number, for all in a picture. left: findings with a
    place for which no picture was made, as there are enough."""

    paper: Drawing | None = None
    screen: Drawing | None = None
    closeups: dict[int, str] = field(default_factory=dict)
    shown: dict[int, int] = field(default_factory=dict)
    left: int = 0


def pictures(checked: Checked, drawn: Sequence[Drawn], findings: Sequence[dict[str, Any]]) -> Pictures:
    """All pictures of a survey; `findings` are those of its body."""
    drawable = scene(checked, drawn)
    if drawable is None:
        return Pictures()
    severities: list[Severity] = [f.severity for f in checked.findings]
    chosen = places(drawable, MOST_CLOSEUPS)
    svgs = {}
    shown = {}
    for place in chosen:
        first = place.spots[0].n
        svgs[first] = closeup(drawable, place, findings, f"c{first}").svg
        shown.update({spot.n: first for spot in place.spots})
    return Pictures(
        overview(drawable, severities, "paper", _A4_MM),
        overview(drawable, severities, "screen", _SCREEN_MM, linked=True),
        svgs,
        shown,
        len(drawable.spots) - len(shown),
    )
