"""In which system the numbers of one file are taken to be, before anyone doubts it."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from geo.crs import ZONES, Look, likely_zones, looks_like
from importers import crs
from importers.check.context import Context
from importers.datum.apply import Course
from importers.errors import WrongCrs
from importers.plots import Drawn

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Start:
    """The way of a file into the zone `course.epsg`; `said` where the file or the user names its system. `refused` holds
    the reason (vi, en) why there is no way; `undecided` where that is only that nobody says the system."""

    course: Course
    said: bool = False
    refused: tuple[str, str] | None = None
    undecided: bool = False


def start(drawn: Drawn, middle: Floats, context: Context, wanted: int | None, target: int | None) -> Start:
    """How to begin with a file whose plots have these centres (n, 2), in its own numbers; `target` is the zone of all."""
    try:
        source = crs.identify(drawn.crs, wanted, drawn.name)
    except WrongCrs as error:
        return Start(Course(None, None), refused=(error.text_vi, error.text_en))
    unit_m = _unit_m(drawn, middle)
    if source is not None:
        epsg = target if target is not None else (source.epsg if source.projected else None)
        if epsg is None:
            return Start(Course(None, None), refused=_no_zone(source.name))
        return Start(Course(source.epsg, epsg, unit_m if source.projected else 1.0), said=True)
    if target is not None:
        return Start(Course(target, target, unit_m))
    seen = look(middle * unit_m)
    told = _undecided(seen, middle * unit_m) if not drawn.crs else _unknown(drawn.crs)
    return Start(Course(None, None, unit_m), refused=told, undecided=True)


def zone_of(files: list[tuple[Drawn, Floats]], context: Context, wanted: int | None) -> int | None:
    """The zone all files are brought into: the commune's, else the one said by the user or a file, else the only likely one."""
    if context.epsg in ZONES:
        return context.epsg
    if wanted in ZONES:
        return wanted
    likely: set[int] = set()
    for drawn, middle in files:
        try:
            source = crs.identify(drawn.crs, wanted, drawn.name)
        except WrongCrs:
            continue
        if source is not None and source.projected:
            return source.epsg
        if source is None and len(middle):
            likely.update(_likely(middle * _unit_m(drawn, middle)))
    return likely.pop() if len(likely) == 1 else None


def look(points: Floats) -> Look:
    """What most of these points (n, 2) look like: the middle half of them, so that a few stray ones do not count."""
    good = points[np.isfinite(points).all(axis=1)]
    if not len(good):
        return "unknown"
    low, high = np.quantile(good, 0.25, axis=0), np.quantile(good, 0.75, axis=0)
    return looks_like(float(low[0]), float(low[1]), float(high[0]), float(high[1]))


def _likely(points: Floats) -> tuple[int, ...]:
    good = points[np.isfinite(points).all(axis=1)]
    if not len(good):
        return ()
    x, y = np.median(good, axis=0).tolist()
    return likely_zones(x, y, x, y)


def _unit_m(drawn: Drawn, middle: Floats) -> float:
    """Metres of a unit as the file says, unless its numbers are metres already: headers of drawings are rarely true."""
    told = drawn.unit_m
    if told is None or told == 1.0 or not 1e-6 < told < 1e6:
        return 1.0
    if look(middle) in ("east_north", "north_east") and look(middle * told) not in (
        "east_north",
        "north_east",
    ):
        return 1.0
    return told


def _no_zone(name: str) -> tuple[str, str]:
    return (
        f"Tệp ở {name}, nhưng không rõ múi VN-2000 của xã để chuyển sang. Hãy chỉ rõ mã xã.",
        f"The file is in {name}, but the commune's VN-2000 zone is not known. Say the commune.",
    )


def _unknown(said: str) -> tuple[str, str]:
    """The file does say a system, in words that are no known definition of one."""
    said = " ".join(said.split())[:60]
    return (
        f"Tệp ghi hệ tọa độ “{said}”, không rõ là hệ nào. Hãy chuyển sang múi VN-2000 của xã, hoặc chỉ rõ: --crs EPSG.",
        f'The file names its coordinate system "{said}", which is not known here. Convert it to the commune\'s VN-2000 '
        "zone, or say the system: --crs EPSG.",
    )


def _undecided(seen: Look, points: Floats) -> tuple[str, str]:
    zones = _likely(points if seen != "north_east" else points[:, ::-1])
    told = ", ".join(f"{z} ({ZONES[z].name})" for z in zones[:6])
    if seen == "lon_lat":
        return (
            "Tọa độ là độ (kinh độ, vĩ độ), không phải mét, và không rõ múi của xã. Hãy chỉ rõ mã xã, "
            "và --crs 4326 nếu là WGS84.",
            "The coordinates are degrees (longitude, latitude), not metres, and the commune's zone is not known. Say the "
            "commune, and --crs 4326 if they are WGS84.",
        )
    if not told:
        return (
            "Không rõ hệ tọa độ của tệp. Hãy chỉ rõ: --crs EPSG, hoặc mã xã.",
            "The file does not say its coordinate system. Say it: --crs EPSG, or the commune.",
        )
    return (
        f"Tệp không ghi hệ tọa độ; theo độ lớn có thể là {told}. Hãy chỉ rõ: --crs EPSG, hoặc mã xã.",
        f"The file does not say its coordinate system; by size it may be {told}. Say it: --crs EPSG, or the commune.",
    )
