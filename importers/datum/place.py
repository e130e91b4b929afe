"""Where the plots of a survey are: each file by its own system, doubted where the evidence speaks against it.

Nothing is moved unasked (rules §1.4, §3): a file in the wrong place is one finding and a proposal; only what the user has
accepted is done, and then told as a note.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.crs import ZONES
from geo.finding import Finding
from importers.check.checked import Proposal
from importers.check.context import Context
from importers.check.rules import found
from importers.crs import Source, inside
from importers.datum import words
from importers.datum.apply import UNITS_M, Course, is_known
from importers.datum.evidence import SAMPLE, Evidence
from importers.datum.far import far_plots
from importers.datum.fit import corners
from importers.datum.guess import Guess, guesses
from importers.datum.placed import Placed
from importers.datum.system import Start, look, start, zone_of
from importers.plots import Drawn

Floats = NDArray[np.float64]

_ROUNDS = 6
_FAR_M = 2000.0


@dataclass(slots=True)
class _File:
    """One file under way: `centres` of its plots and `own` corners, in its own numbers."""

    name: str
    course: Course
    placed: bool
    centres: Floats
    own: Floats
    findings: list[Finding] = field(default_factory=list)
    proposals: list[Proposal] = field(default_factory=list)
    used: list[str] = field(default_factory=list)
    trusted: bool = True
    metres: bool = True


def place(drawn: Sequence[Drawn], context: Context, crs: int | None, accept: Sequence[str]) -> Placed:
    """All plots of all files in one zone, with what is wrong with the place of each file.

    crs: EPSG code the user gives. accept: keys of proposals the user has accepted, in order; one that no file's evidence
    asks for is done to all files.
    """
    shapes = [np.array([p.shape for p in d.plots], dtype=object) for d in drawn]
    middles = [_centres(s) for s in shapes]
    zone = zone_of(list(zip(drawn, middles, strict=True)), context, crs)
    evidence = Evidence(context)
    wanted = [key for key in accept if is_known(key)]
    unknown = [key for key in accept if not is_known(key)]
    files = []
    for d, s, middle in zip(drawn, shapes, middles, strict=True):
        begun = start(d, _sample(middle), context, crs, zone)
        one = _File(d.name, begun.course, begun.refused is None, _sample(middle), corners(s))
        if np.isfinite(middle).any():
            _settle(one, begun, evidence, wanted, alone=len(drawn) == 1)
        files.append(one)
    for key in wanted:
        if files and not any(key in one.used for one in files):
            for one in files:
                _accepted(one, key)
    return _together(drawn, shapes, files, zone, context, unknown)


def _settle(one: _File, begun: Start, evidence: Evidence, accept: Sequence[str], alone: bool) -> None:
    """Doubts a file until nothing is wrong or what is wrong has not been accepted."""
    for _ in range(_ROUNDS):
        doubts = guesses(one.course, one.centres, one.own, evidence)
        left = [key for key in accept if key not in one.used]
        keys = {g.key for g in doubts}
        families = {g.key.partition(":")[0] for g in doubts}
        # An accepted shift may differ by a millimetre from the one found today.
        hit = next((k for k in left if k in keys), None) or next(
            (k for k in left if alone and (not doubts or k.partition(":")[0] in families)), None
        )
        if hit is not None:
            _accepted(one, hit)
            continue
        if doubts:
            _doubted(one, doubts)
        elif not one.placed and begun.refused is not None:
            rule = (
                "degrees"
                if look(one.course.move(one.centres)) == "lon_lat" and begun.undecided
                else "no_place"
            )
            one.findings.append(found(rule, *begun.refused, one.name))
            one.trusted = False
        else:
            _elsewhere(one, evidence)
        return


def _accepted(one: _File, key: str) -> None:
    one.course = one.course.then(key)
    one.used.append(key)
    rule = _RULE_OF[key.partition("+")[0].partition(":")[0]]
    one.findings.append(found(rule, *words.corrected(key), one.name, severity="note"))


_RULE_OF = {
    "swap": "swapped_axes", "degrees": "degrees", "zone": "wrong_meridian", "false_easting": "false_easting",
    "shift": "shifted", "operation": "operation_shift", "feet": "wrong_unit", "us_feet": "wrong_unit", "mm": "wrong_unit",
    "cm": "wrong_unit", "km": "wrong_unit",
}  # fmt: skip


def _doubted(one: _File, doubts: list[Guess]) -> None:
    first = doubts[0]
    now = one.course.move(one.centres)
    then = one.course.then(first.key).move(one.centres)
    x, y, extent = _from_to(now if np.isfinite(now).any() else one.centres, then)
    size = math.hypot(*first.move_m)
    told_vi, told_en = words.wrong(first)
    if len(doubts) > 1:
        told_vi += f" Cũng có thể: {', '.join(g.key for g in doubts[1:4])}."
        told_en += f" It may also be: {', '.join(g.key for g in doubts[1:4])}."
    width = size if math.isfinite(size) else None
    one.findings.append(found(first.rule, told_vi, told_en, one.name, x=x, y=y, extent=extent, width_m=width))
    one.proposals.extend(words.proposal(g) for g in doubts[:4])
    one.trusted = False
    one.metres = not any(part in UNITS_M or part == "degrees" for part in first.key.split("+"))


def _elsewhere(one: _File, evidence: Evidence) -> None:
    """A file that lies far from the commune as a whole, and no known mistake explains it."""
    now = one.course.move(one.centres)
    if not evidence.has_outline:
        _abroad(one, now)
        return
    if evidence.share(now):
        return
    away = evidence.distance_m(now)
    if away is not None and away <= _FAR_M:
        return
    size_vi, size_en = words.length(away) if away is not None else ("rất xa", "far")
    x, y, _ = _from_to(now if np.isfinite(now).any() else one.centres, now)
    one.findings.append(
        found(
            "no_place",
            f"Cả tệp nằm cách xã {size_vi}; đã thử đảo trục, mọi múi, đơn vị và hằng số Y₀, không cách nào đưa về xã. "
            "Kiểm tra mã xã, hoặc chỉ rõ --crs EPSG.",
            f"The whole file lies {size_en} from the commune; swapped axes, every zone, units and false eastings were tried "
            "and none brings it there. Check the commune, or say --crs EPSG.",
            one.name, x=x, y=y,
        )
    )  # fmt: skip
    one.trusted = False


def _abroad(one: _File, now: Floats) -> None:
    """A file in a zone without one plot where Vietnam can be: all that can be said where the commune is not known."""
    good = now[np.isfinite(now).all(axis=1)]
    system = one.course.epsg
    if system is None or not len(good) or inside(Source(system, "file", ""), np.hstack([good, good])).any():
        return
    x, y, _ = _from_to(now, now)
    one.findings.append(
        found(
            "no_place",
            f"Tọa độ không thể nằm trong Việt Nam ở múi {system} ({ZONES[system].name}). Kiểm tra trục, dấu và hệ tọa độ, "
            "hoặc chỉ rõ --crs EPSG.",
            f"The coordinates cannot lie in Vietnam in zone {system} ({ZONES[system].name}). Check axes, signs and system, "
            "or say --crs EPSG.",
            one.name, x=x, y=y,
        )
    )  # fmt: skip
    one.trusted = False


def _together(
    drawn: Sequence[Drawn], shapes: list[NDArray[np.object_]], files: list[_File], zone: int | None, context: Context,
    unknown: list[str],
) -> Placed:  # fmt: skip
    placed = [one.placed for one in files]
    epsg = zone if any(placed) else None
    moved = []
    for s, one in zip(shapes, files, strict=True):
        if epsg is not None and not one.placed:
            # Beside files whose place is known, one in a foreign system has none.
            moved.append(np.full(len(s), None, dtype=object))
        else:
            moved.append(_moved(s, one.course))
    findings = [f for one in files for f in one.findings]
    trusted = all(one.trusted for one in files)
    strayed: frozenset[int] = frozenset()
    if trusted and epsg is not None:
        far, strayed = far_plots(drawn, moved, context.outline if context.epsg == epsg else None)
        findings += far
    for key in unknown:
        findings.append(
            found("no_place", f"Không biết cách sửa “{key[:60]}”; không dời gì.",
                  f'"{key[:60]}" is not a correction that is known; nothing was moved.', severity="note")
        )  # fmt: skip

    def to_zone(file: int, geometry: shapely.Geometry) -> shapely.Geometry:
        moved_one: shapely.Geometry | None = _moved(np.array([geometry], dtype=object), files[file].course)[0]
        return geometry if moved_one is None else moved_one

    proposals: dict[str, Proposal] = {}
    for one in files:
        for p in one.proposals:
            proposals.setdefault(p.key, p)
    all_shapes = np.concatenate(moved) if moved else np.empty(0, dtype=object)
    metres = all(one.metres for one in files)
    return Placed(epsg, all_shapes, trusted, to_zone, findings, list(proposals.values()), metres, strayed)


def _moved(shapes: NDArray[np.object_], course: Course) -> NDArray[np.object_]:
    """Shapes on their course; None where coordinates are no numbers a zone can hold."""
    at = shapely.get_coordinates(shapes)
    then = course.move(at)
    good = np.isfinite(then).all(axis=1)
    made = shapes.copy()
    if not good.all():
        of = shapely.get_coordinates(shapes, return_index=True)[1]
        bad = np.unique(of[~good])
        made[bad] = None
        then = then[~np.isin(of, bad)]
    if len(then) and not np.array_equal(then, at):
        shapely.set_coordinates(made, then)
    return made


def _centres(shapes: NDArray[np.object_]) -> Floats:
    """Middle of each shape's box (n, 2), NaN where there is none."""
    if not len(shapes):
        return np.empty((0, 2))
    box = shapely.bounds(shapes)
    with np.errstate(all="ignore"):
        made: Floats = np.column_stack(((box[:, 0] + box[:, 2]) / 2, (box[:, 1] + box[:, 3]) / 2))
    made[~(np.abs(made) < 1e11).all(axis=1)] = np.nan
    return made


def _sample(centres: Floats) -> Floats:
    good: Floats = centres[np.isfinite(centres).all(axis=1)]
    if len(good) <= SAMPLE:
        return good
    some: Floats = good[np.linspace(0, len(good) - 1, SAMPLE).astype(int)]
    return some


def _from_to(now: Floats, then: Floats) -> tuple[float | None, float | None, str | None]:
    """The plot nearest the middle: where it is, and WKT of the line to where it should be."""
    good = np.isfinite(now).all(axis=1)
    if not good.any():
        return None, None, None
    middle = np.median(now[good], axis=0)
    with np.errstate(all="ignore"):
        k = int(np.nanargmin(np.where(good, np.hypot(*(now - middle).T), np.inf)))
    (x, y), (to_x, to_y) = now[k].tolist(), then[k].tolist()
    if not (math.isfinite(to_x) and math.isfinite(to_y)) or (x, y) == (to_x, to_y):
        return x, y, None
    return x, y, f"LINESTRING ({x:.3f} {y:.3f}, {to_x:.3f} {to_y:.3f})"
