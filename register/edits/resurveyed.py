"""A file that is the whole later state of its sheets, as a correction: what really changed, apart from a shift of the sheet.

The register keeps its place (`shift` keep: new shapes are moved back by the shift), or the sheet is moved as a whole (take).
"""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

import numpy as np
import psycopg
import shapely
from numpy.typing import NDArray

from geo import crs, geohash
from geo.editing.fitted import fitted
from geo.later_state import Compared, State, compare
from geo.ragged import Shapes
from geo.sheet_shift import moved
from geo.tolerance import POINT_CM, point_error_cm
from register.edits import resurveyed_words as words
from register.edits.ground import Ground
from register.edits.row import Parcel, Plan, Row, Why, changed, ended
from register.edits.surveyed import other_zone, settle_sheet
from register.errors import NotAcceptedError
from register.statements import load, one

_UNKNOWN_M = 0.3


@dataclass(frozen=True, slots=True)
class Plot:
    """One record of the later state."""

    record: str
    sheet: int
    number: str | None
    code: str | None
    land_use: str | None
    legal_area_m2: Decimal | None


@dataclass(frozen=True, slots=True)
class Later:
    """The later state beside the register: `does` what each plot is called (doubled, unchanged, moved, reshaped, new,
    attributes, split, merged), `sheets` number and tolerance (metres) by id."""

    plots: list[Plot]
    parcels: list[Parcel]
    shapes: Shapes
    compared: Compared
    does: list[str]
    sheets: dict[int, tuple[str, float]]
    epsg: int


def later_state(ground: Ground, run: int, within_m: float | None = None) -> Later:
    """The plots of a check beside the current parcels of the sheets they name. Finds or makes those sheets.

    Raises: NotAcceptedError where a plot names no commune or sheet; SheetZoneError.
    """
    conn = ground.conn
    sql, drafts = load("register.edits", "resurveyed.sql"), load("register", "survey_drafts.sql")
    told, epsg = one(conn, drafts["said"], {"run": run})
    values = {"run": run} | {name: told.get(name) for name in ("commune", "sheet", "scale")}
    conn.execute(drafts["open_sheets"])
    for commune, number, map_set, scale in conn.execute(sql["named_sheets"], values).fetchall():
        settle_sheet(conn, commune, number, map_set, scale, epsg)
    read = conn.cursor(binary=True).execute(sql["plots"], values).fetchall()
    if not read:
        raise NotAcceptedError(
            "The file holds no plot: it cannot be the later state of a sheet.",
            "Tệp không có thửa nào: không thể là hiện trạng mới của tờ bản đồ.",
            "accepted",
        )
    plots = [Plot(*row[:-1]) for row in read]
    sheets = _sheets(conn, {plot.sheet for plot in plots}, epsg, within_m)
    parcels = ground.on_sheets(sorted(sheets))
    was = State(
        _array([p.shape for p in parcels]), np.array([p.sheet for p in parcels], np.int64),
        [(p.sheet, p.number.lower()) for p in parcels],
    )  # fmt: skip
    shapes = _array(shapely.from_wkb([row[-1] for row in read]))
    now = State(shapes, np.array([p.sheet for p in plots], np.int64), _keys(plots, parcels))
    compared = compare(was, now, {sheet: within for sheet, (_, within) in sheets.items()})
    does = [_does(plot, k, compared, parcels) for k, plot in enumerate(plots)]
    return Later(plots, parcels, shapes, compared, does, sheets, epsg)


def resurveyed(ground: Ground, run: int, shift: str = "keep", within_m: float | None = None) -> Plan:
    """The rows of what really changed; with `shift` "take" also those of every parcel of a sheet that was moved."""
    later = later_state(ground, run, within_m)
    found, parcels = later.compared, later.parcels
    by = {s: (one_.east_m, one_.north_m) for s, one_ in found.shift.items()} if shift == "take" else {}
    drawn = _drawn(ground, later)
    plots_of, rows_of = _kin(later)
    rows: list[Row] = []
    touched: set[int] = set()
    communes: dict[int, int] = {}
    for k, does in enumerate(later.does):
        plot, row = later.plots[k], int(found.row[k])
        if does == "doubled":
            continue
        if row < 0:
            if plot.sheet not in communes:
                communes[plot.sheet] = _commune(ground.conn, plot.sheet)
            number = plot.number or ground.next_number(plot.sheet)
            olds = tuple(parcels[r].number for r in rows_of.get(k, ()))
            rows.append(
                Row("new", None, True, plot.sheet, communes[plot.sheet], number, plot.land_use or "", plot.legal_area_m2,
                    later.epsg, shape=drawn[k], why=Why(does, olds))
            )  # fmt: skip
            continue
        if does in ("unchanged", "moved"):
            continue
        touched.add(row)
        others = tuple(parcels[r].number for r in rows_of.get(k, ()) if r != row)
        others += tuple(
            n for q in plots_of.get(row, ()) if q != k and (n := later.plots[q].number) is not None
        )
        rows.append(
            changed(parcels[row], number=plot.number, land_use=plot.land_use, legal_area_m2=plot.legal_area_m2,
                    shape=drawn.get(k), why=Why(does, others))
        )  # fmt: skip
    matched = set(found.row[found.row >= 0].tolist())
    left_alone = 0
    for r, parcel in enumerate(parcels):
        if r in matched or found.twin[r]:
            continue
        if parcel.provisional:
            left_alone += 1
            continue
        touched.add(r)
        cause = found.of_row[r]
        news = tuple(n for k in plots_of.get(r, ()) if (n := later.plots[k].number) is not None)
        rows.append(replace(ended(parcel), why=Why(cause, news)))
    rows += [
        changed(p, shape=p.shape, why=Why("moved", (), by[p.sheet]))
        for r, p in enumerate(parcels)
        if r not in touched and p.sheet in by
    ]
    plan = Plan([_taken(row, by) for row in _in_order(rows)])
    plan.head = words.head(later, shift, plan.rows)
    plan.notes = words.notes(later, shift, plan.rows, left_alone, _codes_outside(plan.rows, later.epsg))
    return plan


def _does(plot: Plot, k: int, found: Compared, parcels: Sequence[Parcel]) -> str:
    if found.of_plot[k] != "same":
        return found.of_plot[k]
    parcel = parcels[int(found.row[k])]
    said = (plot.number, plot.land_use, plot.legal_area_m2)
    held = (parcel.number, parcel.land_use, parcel.legal_area_m2)
    if any(a is not None and a != b for a, b in zip(said, held, strict=True)):
        return "attributes"
    return "moved" if plot.sheet in found.shift else "unchanged"


def _keys(plots: Sequence[Plot], parcels: Sequence[Parcel]) -> list[Hashable | None]:
    """Sheet and number; where a plot has no number, those of the parcel whose code it has."""
    of_code: dict[str | None, tuple[int, str]] = {p.code: (p.sheet, p.number.lower()) for p in parcels}
    return [of_code.get(p.code) if p.number is None else (p.sheet, p.number.lower()) for p in plots]


def _drawn(ground: Ground, later: Later) -> dict[int, shapely.Geometry]:
    """Shapes that are drafted, by plot, in the register's place: on the corners that are there, and off the ground of those
    that stay."""
    found = later.compared
    new = [
        k for k, does in enumerate(later.does) if does not in ("doubled", "unchanged", "moved", "attributes")
    ]
    if not new:
        return {}
    # Parcels that were there come first: where two of the shapes dispute a strip, the new one gives way.
    new.sort(key=lambda k: (found.row[k] < 0, k))
    kept = np.ones(len(later.parcels), dtype=np.bool_)
    kept[[r for r, what in enumerate(found.of_row) if what != "same"]] = False
    kept |= np.array([p.provisional for p in later.parcels], dtype=np.bool_)
    shapes = found.back[new]
    own = {p.code for p in later.parcels}
    beside = _array([p.shape for p in ground.around(shapes.tolist(), later.epsg, own)])
    there = _array([p.shape for p in later.parcels])
    within = np.array([later.sheets[later.plots[k].sheet][1] for k in new])
    made = fitted(shapes, np.concatenate((there, beside)), np.concatenate((there[kept], beside)), within)
    return dict(zip(new, made.tolist(), strict=True))


def _kin(later: Later) -> tuple[dict[int, list[int]], dict[int, list[int]]]:
    """Plots by parcel and parcels by plot, of splits and mergers."""
    plots_of: dict[int, list[int]] = {}
    rows_of: dict[int, list[int]] = {}
    for k, row in later.compared.kin:
        plots_of.setdefault(row, []).append(k)
        rows_of.setdefault(k, []).append(row)
    return plots_of, rows_of


def _taken(row: Row, by: dict[int, tuple[float, float]]) -> Row:
    """The row with its shape where the sheet is now."""
    if row.sheet not in by or not row.opens or row.why is None:
        return row
    [shape] = moved(np.array([row.geometry], dtype=object), *by[row.sheet])
    return replace(row, shape=shape, why=replace(row.why, moved_m=by[row.sheet]))


def _codes_outside(rows: Sequence[Row], epsg: int) -> int:
    """How many parcels shaped anew no longer hold the point of their code, which they keep (rules §1)."""
    mine = [row for row in rows if row.before is not None and row.shape is not None]
    cells = geohash.cells(np.array([row.code for row in mine], "S12"))
    points = shapely.points(*crs.from_wgs84(epsg, *geohash.centres(*cells)))
    return int((~shapely.covers(_array([row.geometry for row in mine]), points)).sum()) if mine else 0


def _in_order(rows: list[Row]) -> list[Row]:
    """What really changed first, each kind together."""
    turns = ("split", "merged", "new", "gone", "reshaped", "attributes", "moved")
    return sorted(rows, key=lambda row: turns.index(row.why.cause) if row.why else 0)


def _sheets(
    conn: psycopg.Connection, ids: set[int], epsg: int, within_m: float | None
) -> dict[int, tuple[str, float]]:
    made = {}
    for id, number, scale, zone in conn.execute(
        load("register.edits", "resurveyed.sql")["sheets"], {"sheets": sorted(ids)}
    ):
        if zone != epsg:
            raise other_zone(number, zone, epsg)
        told = point_error_cm(scale) / 100 if scale is None or scale in POINT_CM else _UNKNOWN_M
        made[id] = (number, within_m or told)
    return made


def _commune(conn: psycopg.Connection, sheet: int) -> int:
    (commune,) = one(conn, load("register.edits", "ground.sql")["commune_today"], {"sheet": sheet})
    return int(commune)


def _array(shapes: Sequence[shapely.Geometry] | NDArray[np.object_]) -> Shapes:
    """The shapes as an array; of several parts only where there are several."""
    made = np.empty(len(shapes), dtype=object)
    made[:] = shapes
    single = np.flatnonzero((shapely.get_type_id(made) == 6) & (shapely.get_num_geometries(made) == 1))
    made[single] = shapely.get_geometry(made[single], 0)
    return made
