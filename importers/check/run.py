"""The whole check of a survey: place, rules, order. The same on a desk without a network and on the server."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final

import numpy as np
import shapely

from geo.crs import ZONES, to_wgs84
from geo.finding import Finding
from importers.check import against, alone, areas, beside, commune, corners, land_use, numbering
from importers.check.checked import Checked
from importers.check.context import Box, Context, Parcels
from importers.check.gathered import Gathered
from importers.check.later import tempered
from importers.check.matching import Matched, matched
from importers.check.measured import Measured, measured
from importers.check.rules import found
from importers.datum.place import place as place_plots
from importers.datum.placed import Placed
from importers.plots import Drawn

Place = Callable[[Sequence[Drawn], Context, int | None, Sequence[str]], Placed]
Left = list[tuple[str, str, str]]

_AROUND_M: Final = 2.0
_FAR_M: Final = 20_000.0
_OF_SHAPE: Final = frozenset({"open_ring", "no_shape", "unknown_point", "bad_line"})
_OF_NUMBER: Final = frozenset({"no_label", "no_number"})
_REGISTER: Final = (
    "overlap_register", "gap_register", "moved_corner", "edge_length", "registered_area", "number_taken",
)  # fmt: skip
_METRIC: Final = (
    "repeated_vertex", "spike", "sliver", "written_area", "legal_area", "overlap", "gap", "loose_corner",
)  # fmt: skip


def check(
    drawn: Sequence[Drawn],
    context: Context,
    crs: int | None = None,
    accept: Sequence[str] = (),
    place: Place = place_plots,
    later: bool = False,
) -> Checked:
    """All findings about the plots of these files, in the zone of the commune's maps where that is known.

    crs: EPSG code the user gives. accept: keys of proposals to apply (`Proposal.key`). later: the files are the whole later
    state of their sheets.
    """
    placed = place(drawn, context, crs, accept)
    m = measured(drawn, placed, context)
    out, left = Gathered(), _left(m)
    bad, unnumbered = _readers(m, placed, out)
    for finding in placed.findings:
        out.put(finding)
    if not m.plots:
        out.put(
            found(
                "no_shape", "Hồ sơ không có thửa nào: không có gì để kiểm tra.",
                "The survey holds no plot: there is nothing to check.",
            )
        )  # fmt: skip
    known = beside.beside_register(m)
    near = _near(m) if known else Parcels()
    found_in = matched(m, near) if len(near) else Matched(near)
    m.scales.update({k: int(near.scale[r]) for k, r in found_in.of.items() if near.scale[r] > 0})
    alone.alone(m, out, bad, near.shape[found_in.stay])
    numbering.missing(m, out, unnumbered)
    numbering.forms(m, out)
    copies = beside.copies(m, out)
    numbering.repeated(m, out, copies)
    land_use.land_uses(m, out)
    areas.areas(m, out)
    if m.metres:
        ground = m.ground.copy()
        ground[list(copies)] = None
        if not beside.side_by_side(m, out, ground, near, found_in.stay):
            left.append(_dense())
    if known:
        against.on_registered(m, found_in, copies, out)
        against.registered_areas(m, found_in, out)
        against.numbers(m, found_in, out)
        corners.moved(m, found_in, out)
        corners.edges(m, found_in, out)
    against.codes(m, found_in, out)
    if m.trusted and m.epsg is not None and m.epsg == context.epsg:
        commune.inside(m, out)
    told = tempered(out.ordered(), m) if later else out.ordered()
    return Checked(
        m.plots, [drawn[f].name for f in m.file.tolist()], m.shapes, m.epsg, _with_degrees(told, m.epsg),
        list(placed.proposals), {k: near.code[r] for k, r in found_in.of.items()}, near, context.outline, left,
    )  # fmt: skip


def _readers(m: Measured, placed: Placed, out: Gathered) -> tuple[set[tuple[int, str]], set[tuple[int, str]]]:
    """Take over what the readers found, brought to the zone; which records they found without shape, and without number."""
    bad, unnumbered = set(), set()
    first = 0
    for file, drawn in enumerate(m.drawn):
        of_record = {plot.record: first + k for k, plot in enumerate(drawn.plots)}
        first += len(drawn.plots)
        for finding in drawn.findings:
            k = of_record.get(finding.record or "", -1)
            if finding.record is not None:
                if finding.rule in _OF_SHAPE:
                    bad.add((file, finding.record))
                if finding.rule in _OF_NUMBER:
                    unnumbered.add((file, finding.record))
            out.put(_moved(finding, m, placed, file, k), file, k)
    return bad, unnumbered


def _moved(finding: Finding, m: Measured, placed: Placed, file: int, k: int) -> Finding:
    """A reader's finding in the zone's coordinates and in the words of a report about perhaps several files."""
    told = finding.record
    if k >= 0:
        told = m.record(k)
    elif told not in (None, m.drawn[file].name) and len(m.drawn) > 1:
        told = f"{m.drawn[file].name} {told}"
    x, y, extent = finding.x, finding.y, finding.extent
    if x is not None and y is not None and np.isfinite([x, y]).all():
        x, y = shapely.get_coordinates(placed.to_zone(file, shapely.Point(x, y)))[0].tolist()
    shape = shapely.from_wkt(extent, on_invalid="ignore") if extent else None
    if shape is not None and np.isfinite(shapely.get_coordinates(shape)).all():
        extent = str(shapely.to_wkt(placed.to_zone(file, shape), rounding_precision=4))
    return replace(finding, record=told, x=x, y=y, extent=extent)


def _near(m: Measured) -> Parcels:
    """The registered parcels around the plots; plots in a far place do not make that all of the commune."""
    boxes = shapely.bounds(m.ground[~shapely.is_missing(m.ground)])
    middle = (boxes[:, :2] + boxes[:, 2:]) / 2
    close = np.abs(middle - np.median(middle, axis=0)).max(axis=1) < _FAR_M
    west, south = (boxes[close, :2].min(axis=0) - _AROUND_M).tolist()
    east, north = (boxes[close, 2:].max(axis=0) + _AROUND_M).tolist()
    box: Box = (west, south, east, north)
    return m.context.near.parcels(box)


def _left(m: Measured) -> Left:
    """The rules that cannot be run, and why."""
    context = m.context
    left: Left = []
    if not m.metres:
        left += [(rule, "tọa độ chưa phải là mét", "the coordinates are not metres") for rule in _METRIC]
    if not context.land_uses:
        without = ("không có danh mục loại đất", "there is no list of land-use codes")
        left += [(rule, *without) for rule in ("unknown_land_use", "old_land_use")]
    if context.urban is None or not context.land_uses:
        left.append(("homestead", "không rõ là xã hay phường", "commune or ward is not known"))
    why: tuple[str, str] | None = None
    if not context.has_register:
        why = ("không có sổ địa chính để so", "there is no register to compare with")
    elif not m.trusted or m.epsg is None or not m.metres:
        why = ("chưa rõ tệp nằm ở đâu", "it is not certain where the file lies")
    elif m.epsg != context.epsg:
        why = ("tệp khác múi chiếu với bản đồ của xã", "the file is in another zone than the commune's maps")
    if why is not None:
        left += [(rule, *why) for rule in _REGISTER]
    if why is not None and context.has_register and m.metres:
        left.append(("loose_corner", *why))
    if context.outline is None:
        left.append(("outside_commune", "không có ranh giới xã", "the commune's outline is not known"))
    elif not m.trusted or m.epsg is None or m.epsg != context.epsg:
        left.append(("outside_commune", "chưa rõ tệp nằm ở đâu", "it is not certain where the file lies"))
    return left


def _dense() -> tuple[str, str, str]:
    return (
        "overlap", "quá nhiều thửa chồng lên nhau: không so được hết",
        "too many plots lie on one another: not all were compared",
    )  # fmt: skip


def _with_degrees(findings: list[Finding], epsg: int | None) -> list[Finding]:
    """Longitude and latitude from x and y where the zone is known and a finding has none."""
    if epsg not in ZONES or epsg is None:
        return findings
    nan = float("nan")
    x = [nan if f.x is None else f.x for f in findings]
    y = [nan if f.y is None else f.y for f in findings]
    lon, lat = to_wgs84(epsg, x, y)
    good = np.isfinite(lon) & np.isfinite(lat)
    return [
        replace(f, lon_deg=float(lon[k]), lat_deg=float(lat[k])) if good[k] and f.lon_deg is None else f
        for k, f in enumerate(findings)
    ]
