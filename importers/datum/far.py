"""Plots that lie far from all others of a survey: numbers typed wrong, or files of two places."""

from collections.abc import Sequence

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.finding import Finding
from importers.check.rules import found
from importers.check.words import record
from importers.datum import words
from importers.plots import Drawn

Floats = NDArray[np.float64]

_APART_M = 10_000.0
_MOST = 200


def far_plots(
    drawn: Sequence[Drawn], shapes: list[NDArray[np.object_]], outline: shapely.Geometry | None
) -> tuple[list[Finding], frozenset[int]]:
    """One finding per plot that is farther than any gap within a commune from the rest, and not inside `outline`; one for a
    file that is so as a whole; and which plots these are. `shapes` (per file) are in one zone, metres; None where coordinates
    could not be placed."""
    file = np.repeat(np.arange(len(drawn)), [len(s) for s in shapes])
    plots = [p for d in drawn for p in d.plots]
    everything = np.concatenate(shapes) if shapes else np.empty(0, dtype=object)
    lost = [k for k, p in enumerate(plots) if everything[k] is None and p.shape is not None]
    told = "Tọa độ của thửa không phải số có thể có.", "The plot's coordinates are no possible numbers."
    names = [record(p, d.name if len(drawn) > 1 else None) for d in drawn for p in d.plots]
    findings = [found("mixed_places", *told, names[k]) for k in lost[:_MOST]]
    rows = np.flatnonzero(~(shapely.is_missing(everything) | shapely.is_empty(everything)))
    if len(rows) < 2:
        return findings, frozenset(lost)
    box = shapely.bounds(everything[rows])
    centres = (box[:, :2] + box[:, 2:]) / 2
    inside = np.zeros(len(rows), np.bool_)
    if outline is not None:
        shapely.prepare(outline)
        inside = shapely.contains_xy(outline, centres[:, 0], centres[:, 1])
    group = _groups(centres)
    if group.max() == 0:
        return findings, frozenset(lost)
    size = np.bincount(group) + np.bincount(group, weights=inside) * len(rows)
    main = int(np.argmax(size))
    rest = np.median(centres[group == main], axis=0)
    far = (group != main) & ~inside
    whole = {
        i
        for i in range(len(drawn))
        if (file[rows] == i).any() and far[file[rows] == i].all() and len(drawn) > 1
    }
    for i in sorted(whole):
        at = np.median(centres[file[rows] == i], axis=0)
        findings.append(_finding(drawn[i].name, at, rest, whole=True))
    single = [k for k in np.flatnonzero(far).tolist() if int(file[rows[k]]) not in whole]
    findings += [_finding(names[int(rows[k])], centres[k], rest) for k in single[:_MOST]]
    if len(single) > _MOST:
        n = len(single) - _MOST
        findings.append(
            found("mixed_places", f"Còn {n} thửa khác nằm rất xa.", f"{n} more plots lie far away.")
        )
    return findings, frozenset([*lost, *rows[far].tolist()])


def _finding(record: str, at: Floats, rest: Floats, whole: bool = False) -> Finding:
    east, north = (rest - at).tolist()
    (size_vi, size_en), (way_vi, way_en) = (
        words.length(float(np.hypot(east, north))),
        words.way(-east, -north),
    )
    hint_vi = hint_en = ""
    if np.hypot(*(at[::-1] - rest)) < _APART_M:
        hint_vi, hint_en = (
            " Có vẻ bắc (X) và đông (Y) đổi chỗ.",
            " North (X) and east (Y) seem to be exchanged.",
        )
    what_vi, what_en = ("Cả tệp", "The whole file") if whole else ("Thửa", "The plot")
    x, y = at.tolist()
    return found(
        "mixed_places",
        f"{what_vi} nằm cách các thửa khác {size_vi} về phía {way_vi}.{hint_vi}",
        f"{what_en} lies {size_en} {way_en} of the others.{hint_en}",
        record, x=x, y=y, extent=f"LINESTRING ({x:.3f} {y:.3f}, {rest[0]:.3f} {rest[1]:.3f})",
    )  # fmt: skip


def _groups(centres: Floats) -> NDArray[np.int64]:
    """Which centres hang together over cells of the distance that is too far: group number of each (n,)."""
    cells, of = np.unique(np.floor(centres / _APART_M).astype(np.int64), axis=0, return_inverse=True)
    number = {(int(c[0]), int(c[1])): i for i, c in enumerate(cells)}
    group = np.full(len(cells), -1, np.int64)
    last = -1
    for first in range(len(cells)):
        if group[first] >= 0:
            continue
        last += 1
        open_cells = [first]
        group[first] = last
        while open_cells:
            x, y = cells[open_cells.pop()].tolist()
            for dx in (-1, 0, 1):
                for dy in (-1, 0, 1):
                    other = number.get((x + dx, y + dy))
                    if other is not None and group[other] < 0:
                        group[other] = last
                        open_cells.append(other)
    made: NDArray[np.int64] = group[np.ravel(of)]
    return made
