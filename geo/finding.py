"""One thing wrong with one place (finding, điều phát hiện): what readers, checks and imports report.

A finding speaks in the numbers of the user's own file and says what to do, in Vietnamese and English.
"""

from dataclasses import dataclass
from typing import Literal

Severity = Literal["stops", "explain", "note"]


@dataclass(frozen=True, slots=True)
class Finding:
    """What is wrong (`rule`), how bad, where in the file (`record`) and where on the ground (WGS84 degrees).

    `size` is in m² and `width_m` in metres where the problem has an extent; `other` names the second record of a pair.
    `x`, `y` are the same place in the coordinates of the file (east, north: metres, or degrees where the file has
    degrees) and `extent` is WKT of the problem's point, line or polygon in them: known before any system is.
    `repair_vi`, `repair_en` suggest one repair.
    """

    rule: str
    severity: Severity
    text_vi: str
    text_en: str
    record: str | None = None
    lon_deg: float | None = None
    lat_deg: float | None = None
    size: float | None = None
    width_m: float | None = None
    other: str | None = None
    x: float | None = None
    y: float | None = None
    extent: str | None = None
    repair_vi: str | None = None
    repair_en: str | None = None
