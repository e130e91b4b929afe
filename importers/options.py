"""What the caller may say about files that do not say it themselves."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field


def _no_zone(commune: str) -> int | None:
    return None


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """How to read.

    mapping: field → column of the file, overruling recognition; a value that begins with "=" is a constant for every
        record ("sheet" → "=12").
    crs: EPSG code that overrules the file's own (a VN-2000 zone, 4326 or 3857).
    commune: commune code for files without such a column (as in the file: old codes are kept).
    zone_of: commune code (5 digits) → EPSG code of the VN-2000 zone of its maps, None for an unknown commune.
    """

    mapping: Mapping[str, str] = field(default_factory=dict)
    crs: int | None = None
    commune: str | None = None
    zone_of: Callable[[str], int | None] = _no_zone
