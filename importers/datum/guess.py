"""Which single mistake puts a file where it is: each known one is tried on its numbers, and the evidence decides."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from geo.crs import ZONES, likely_zones
from importers.datum import operations
from importers.datum.apply import UNITS_M, Course
from importers.datum.evidence import Evidence
from importers.datum.fit import Fit
from importers.datum.system import look

Floats = NDArray[np.float64]

_ENOUGH = 0.5
_BETTER = 0.3
_MOST_FITTED = 6


@dataclass(frozen=True, slots=True)
class Guess:
    """A mistake as the key of its correction, the rule it breaks, how far plots move, and the evidence."""

    rule: str
    key: str
    move_m: tuple[float, float]
    before: float | None
    after: float | None
    fit: Fit | None = None


def guesses(course: Course, centres: Floats, own: Floats, evidence: Evidence) -> list[Guess]:
    """What can be wrong with a file of plots with these centres and corners (n, 2), in its own numbers: the likeliest first,
    only one rule; empty where the file lies where it should, or where nothing known explains it."""
    now = course.move(centres)
    before = evidence.share(now)
    if course.epsg is not None and before is not None and before >= _ENOUGH and look(now) == "east_north":
        here = evidence.fit(course.move(own))
        if here is not None and here.matched >= 0.2 * here.tried:
            return _small(course, centres, here, before)
        # No neighbour's corner where it lies: within the commune still, UTM of the same meridian is 700 m off.
        elsewhere = _tried(course, centres, before - _BETTER, evidence)
        fitted = [g for g in _fitted(course, own, elsewhere, evidence) if _fits(g)]
        return fitted or _small(course, centres, here, before)
    if before is None:
        return _by_size(course, centres, now)
    tried = _tried(course, centres, max(_ENOUGH, before + _BETTER), evidence)
    return _fitted(course, own, tried, evidence) if len(tried) > 1 else tried


def _fits(guess: Guess) -> bool:
    return (
        guess.fit is not None
        and guess.fit.matched >= max(6, 0.5 * guess.fit.tried)
        and guess.fit.shift_m < 0.05
    )


def _tried(course: Course, centres: Floats, least: float, evidence: Evidence) -> list[Guess]:
    """Corrections after which at least this share is in its place; a pair of mistakes only where no single one explains it."""
    now = course.move(centres)
    before = evidence.share(now)
    for keys in (_single(course, centres), _double(course, centres)):
        found = []
        for rule, key in keys:
            then = course.then(key).move(centres)
            if look(then) != "east_north":
                continue
            share = evidence.share(then)
            if share is not None and share >= least and share > 0:
                found.append(Guess(rule, key, _moved(now, then), before, share))
        if found:
            best = max(g.after or 0 for g in found)
            kept = [g for g in found if (g.after or 0) >= best - 0.1]
            # UTM has the same meridians as two cadastral zones: the cadastral zone first, then what moves least.
            return sorted(
                kept, key=lambda g: (-(round(g.after or 0, 1)), g.key in ("zone:3405", "zone:3406"))
            )
    return []


def _single(course: Course, centres: Floats) -> Iterator[tuple[str, str]]:
    yield "swapped_axes", "swap"
    if look(centres) == "lon_lat":
        yield "degrees", "degrees"
        return
    for key in _eastings(centres * course.unit_m):
        yield "false_easting", key
    for epsg in ZONES:
        if epsg != course.system:
            yield "wrong_meridian", f"zone:{epsg}"
    for unit, metres in UNITS_M.items():
        if metres != course.unit_m:
            yield "wrong_unit", unit


def _double(course: Course, centres: Floats) -> Iterator[tuple[str, str]]:
    if look(centres) == "lat_lon":
        yield "swapped_axes", "swap+degrees"
        return
    for key in _eastings(centres[:, ::-1] * course.unit_m):
        yield "swapped_axes", f"swap+{key}"
    for epsg in ZONES:
        if epsg != course.system:
            yield "swapped_axes", f"swap+zone:{epsg}"
            for key in _eastings(centres * course.unit_m):
                yield "false_easting", f"{key}+zone:{epsg}"
    for unit in UNITS_M:
        yield "swapped_axes", f"swap+{unit}"


def _eastings(points: Floats) -> Iterator[str]:
    """Constants that may be missing from or too many in east: the 500 km, and the zone's number before it (48 500 000)."""
    good = points[np.isfinite(points).all(axis=1)]
    east = float(np.median(good[:, 0])) if len(good) else 0.0
    yield "false_easting:500000"
    yield "false_easting:-500000"
    if 1e6 <= east < 1e8:
        yield f"false_easting:-{int(east // 1e6) * 1_000_000}"


def _fitted(course: Course, own: Floats, tried: list[Guess], evidence: Evidence) -> list[Guess]:
    """The guesses in the order in which corners fit those of neighbours, and only the fitting ones where any does."""
    with_fit = []
    for g in tried[:_MOST_FITTED]:
        got = evidence.fit(course.then(g.key).move(own))
        with_fit.append(Guess(g.rule, g.key, g.move_m, g.before, g.after, got))
    most = max((g.fit.matched for g in with_fit if g.fit is not None), default=0)
    if most < 6:
        return with_fit + tried[_MOST_FITTED:]
    good = [g for g in with_fit if g.fit is not None and g.fit.matched >= 0.9 * most]
    # Feet and US feet differ by metres here: both fit after a shift, one without.
    return sorted(good, key=lambda g: g.fit.shift_m if g.fit is not None else 0.0)[:1]


def _small(course: Course, centres: Floats, here: Fit | None, before: float | None) -> list[Guess]:
    """A shift of the whole file by centimetres or metres: that of wrong WGS84 parameters, or another."""
    if here is None or not here.is_shift or course.epsg is None:
        return []
    now = course.move(centres)
    middle = np.nanmedian(now, axis=0)[None, :]
    vector = np.array([here.east_m, here.north_m])
    nearest = sorted(
        (float(np.hypot(*(told[0] - vector))), name, told[0])
        for name, told in operations.shifts_m(course.epsg, middle).items()
    )
    apart, name, told = nearest[0]
    if apart <= 0.05:
        return [
            Guess(
                "operation_shift", f"operation:{name}", (float(told[0]), float(told[1])), before, before, here
            )
        ]
    key = f"shift:{here.east_m:.3f},{here.north_m:.3f}"
    return [Guess("shifted", key, (here.east_m, here.north_m), before, before, here)]


def _by_size(course: Course, centres: Floats, now: Floats) -> list[Guess]:
    """Without a commune only the size of numbers tells: what cannot be VN-2000, and would be after one correction."""
    seen = look(now)
    if course.epsg is None and seen in ("north_east", "lat_lon"):
        return [Guess("swapped_axes", "swap", _moved(now, now[:, ::-1]), None, None)]
    if course.epsg is None or seen == "east_north":
        return []
    found = []
    for rule, key in (*_single(course, centres), *_double(course, centres)):
        if key.startswith("zone:") or "+zone:" in key:
            continue
        then = course.then(key).move(centres)
        middle = np.nanmedian(then, axis=0) if np.isfinite(then).any() else np.full(2, np.nan)
        x, y = middle.tolist()
        if look(then) == "east_north" and course.epsg in (*likely_zones(x, y, x, y), 3405, 3406):
            found.append(Guess(rule, key, _moved(now, then), None, None))
    return found[:1] if found and found[0].rule != "wrong_unit" else found


def _moved(now: Floats, then: Floats) -> tuple[float, float]:
    both = np.isfinite(now).all(axis=1) & np.isfinite(then).all(axis=1)
    if not both.any():
        return (float("nan"), float("nan"))
    east, north = np.median(then[both] - now[both], axis=0).tolist()
    return (east, north)
