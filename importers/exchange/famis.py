"""FAMIS and gCadas text `dcNN.txt` (rules §9.3): a row of attributes for each plot with the point of its label, no shapes.

Fields stand between bars, counted from 0: 1 number (thửa), 2, 3 centre, 4 area (DT), 6 land use on old maps, 7 land use
(MDSD2003), 11 name of the field (xứ đồng). Owner (8) and the owner's address (9) are read over and never kept.
"""

import re
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import shapely

from importers.check.rules import found
from importers.errors import EmptyFile
from importers.exchange import lens
from importers.exchange.notes import MAX_ENTITIES, Notes, decoded, kept, too_much
from importers.plots import Axes, Drawn, How, Plot
from importers.source import SourceFile

_SHEET = re.compile(r"dc[ _-]?0*(\d{1,4})\b", re.IGNORECASE)
_LONGEST_LINE = 10_000
_NORTH_M = (850_000.0, 2_700_000.0)
_EAST_M = (100_000.0, 900_000.0)
_LEAST_FIELDS = 8


def looks_like(head: str) -> bool:
    """Whether a text begins with rows of at least eight fields between bars, of which 2 and 3 are numbers."""
    rows = [line.split("|") for line in head.splitlines()[:50] if line.strip()][:20]
    good = sum(
        len(r) >= _LEAST_FIELDS and _number(r[2]) is not None and _number(r[3]) is not None for r in rows
    )
    return bool(rows) and good * 2 > len(rows)


def read(source: SourceFile, how: How) -> Drawn:
    """A plot without shape per row, its label at the centre; x east, y north by the size of the numbers.

    Raises: EmptyFile, TooMuch.
    """
    notes = Notes()
    named = _SHEET.search(source.name.replace("\\", "/").rpartition("/")[2])
    sheet = how.sheet or (named[1] if named else None)
    made = Drawn(
        source.name,
        "famis",
        columns=frozenset({"sheet", "number", "told_area_m2", "land_use", "address"}),
        crs=None,
    )
    points: list[tuple[float, float]] = []
    for line, text in _lines(source):
        fields = text.split("|")
        record = f"dòng {line}"
        x, y = (_number(fields[i]) if len(fields) > i else None for i in (2, 3))
        if len(fields) < _LEAST_FIELDS or x is None or y is None:
            # A first line may name the columns.
            if line > 1 or any(c.isdigit() for c in text):
                notes.bad_line(record, None, _without_owner(fields))
            continue
        plot = Plot(
            record, None, commune=how.commune, sheet=sheet, number=kept(fields[1]), scale=how.scale,
            land_use=kept(fields[7]) or kept(fields[6]), address=kept(fields[11]) if len(fields) > 11 else None,
        )  # fmt: skip
        plot.told_area_m2 = lens.positive(fields[4])
        if plot.told_area_m2 is None and fields[4].strip():
            notes.bad_line(record, None, fields[4])
        made.plots.append(plot)
        points.append((x, y))
        if len(points) > MAX_ENTITIES:
            raise too_much(source.name)
    if not made.plots and not notes.findings:
        raise EmptyFile("Tệp không có dòng thửa nào.", "The file has no row of a plot.", source.name)
    made.axes = _settle(made.plots, points, how)
    made.counts["rows"] = len(made.plots)
    made.findings = notes.all()
    return decoded(made)


def _lines(source: SourceFile) -> Iterator[tuple[int, str]]:
    """Lines that are not blank, bytes as Latin-1 or, where all of the file is that, UTF-8; 1-based."""
    try:
        with source.path.open(encoding="utf-8-sig", errors="strict") as file:
            while file.read(1 << 20):
                pass
        encoding = "utf-8-sig"
    except UnicodeDecodeError:
        encoding = "latin-1"
    with source.path.open(encoding=encoding, newline=None) as file:
        at = 0
        while text := file.readline(_LONGEST_LINE):
            at += 1
            while not text.endswith("\n") and (rest := file.readline(_LONGEST_LINE)):
                # A line longer than any row: what follows is passed over, the beginning is told.
                if rest.endswith("\n"):
                    break
            if text.strip():
                yield at, text.rstrip("\n")


def _without_owner(fields: list[str]) -> str:
    return "|".join(f for i, f in enumerate(fields) if i not in (8, 9))


def _number(text: str) -> float | None:
    text = text.strip()
    value = lens.positive(text.removeprefix("-"))
    return value if value is None or not text.startswith("-") else -value


def _settle(plots: list[Plot], points: list[tuple[float, float]], how: How) -> Axes:
    """Give the plots their labels in x east, y north; how sure that is."""
    if not points:
        return "guessed"
    first, second = (float(np.median([p[i] for p in points])) for i in (0, 1))
    north_first = _NORTH_M[0] <= first <= _NORTH_M[1] and _EAST_M[0] <= second <= _EAST_M[1]
    east_first = _NORTH_M[0] <= second <= _NORTH_M[1] and _EAST_M[0] <= first <= _EAST_M[1]
    turned = how.axes == "north_east" if how.axes else north_first
    for plot, (a, b) in zip(plots, points, strict=True):
        plot.label = (b, a) if turned else (a, b)
    return "east_north" if how.axes or north_first or east_first else "guessed"


def join(drawing: Drawn, attributes: Drawn) -> Drawn:
    """The plots of a drawing with the attributes of the rows whose centre lies in them; what the drawing says stays.

    A row whose centre lies in no plot takes the plot of its number, if there is one alone; else it is a `stray_label`. Two
    rows in one plot are `two_labels`: of them the one with the plot's own number is taken, or the first. A number that
    differs from the drawing's is told. Findings `no_label` of plots that have a row are dropped: their number is the row's.
    """
    notes = Notes(drawing.unit_m or 1.0)
    plots = [replace(p) for p in drawing.plots]
    bounded = [i for i, p in enumerate(plots) if p.shape is not None and p.kind == "parcel"]
    row_of: dict[int, Plot] = {}
    stray: list[Plot] = []
    for row, plot in zip(attributes.plots, _holding(plots, bounded, attributes.plots), strict=True):
        if plot is None:
            stray.append(row)
        elif plot not in row_of:
            row_of[plot] = row
        else:
            kept_row, other = row_of[plot], row
            if plots[plot].number is not None and row.number == plots[plot].number != kept_row.number:
                row_of[plot], kept_row, other = row, row, kept_row
            notes.add(
                found(
                    "two_labels", f"Hai dòng thuộc tính cùng một thửa: số {kept_row.number} và số {other.number}.",
                    f"Two rows of attributes for one plot: numbers {kept_row.number} and {other.number}.", plots[plot].record,
                    other=other.record, x=_x(other), y=_y(other),
                )
            )  # fmt: skip
    free: dict[str, list[int]] = {}
    for i in bounded:
        if i not in row_of and (number := plots[i].number) is not None:
            free.setdefault(number, []).append(i)
    for row in stray:
        same = free.get(row.number or "", [])
        if len(same) == 1:
            row_of[same[0]] = row
            free[row.number or ""] = []
            continue
        notes.add(
            found(
                "stray_label", f"Dòng thuộc tính của thửa {row.number or '?'} không nằm trong thửa nào.",
                f"The row of attributes of plot {row.number or '?'} lies in no plot.", row.record, x=_x(row), y=_y(row),
            )
        )  # fmt: skip
    for i, row in row_of.items():
        _take(plots[i], row, notes)
    # A drawing without any number says so once, without a record: its rows are there to number it.
    answered = {plots[i].record for i in row_of} | ({None} if row_of else set())
    findings = [f for f in drawing.findings if not (f.rule == "no_label" and f.record in answered)]
    counts = {
        **drawing.counts, **{f"{attributes.name} {k}": v for k, v in attributes.counts.items()},
        f"{attributes.name} joined": len(row_of), f"plots without a row in {attributes.name}": len(bounded) - len(row_of),
    }  # fmt: skip
    return replace(
        drawing, plots=plots, findings=findings + attributes.findings + notes.all(), counts=counts,
        columns=drawing.columns | attributes.columns, encoding=drawing.encoding or attributes.encoding,
    )  # fmt: skip


def _holding(plots: list[Plot], bounded: list[int], rows: list[Plot]) -> list[int | None]:
    """For each row the smallest plot that holds its centre."""
    holding: list[int | None] = [None] * len(rows)
    known = [i for i, row in enumerate(rows) if row.label is not None]
    if not bounded or not known:
        return holding
    shapes = np.array([plots[i].shape for i in bounded], dtype=object)
    areas = np.abs(shapely.area(shapes))
    points = shapely.points(np.array([rows[i].label for i in known]))
    at_row, at_plot = shapely.STRtree(shapes).query(points, predicate="intersects")
    for r, p in sorted(
        zip(at_row.tolist(), at_plot.tolist(), strict=True), key=lambda pair: (pair[0], -areas[pair[1]])
    ):
        holding[known[r]] = bounded[p]
    return holding


def _take(plot: Plot, row: Plot, notes: Notes) -> None:
    if plot.number is not None and row.number is not None and plot.number != row.number:
        notes.add(
            found(
                "two_labels", f"Bản vẽ ghi số {plot.number}, dòng thuộc tính ghi số {row.number}.",
                f"The drawing says number {plot.number}, the row of attributes {row.number}.", plot.record,
                other=row.record, x=_x(row), y=_y(row),
            )
        )  # fmt: skip
    for name in (
        "commune",
        "sheet",
        "number",
        "scale",
        "land_use",
        "legal_area_m2",
        "told_area_m2",
        "address",
        "label",
    ):
        if getattr(plot, name) is None:
            setattr(plot, name, getattr(row, name))


def _x(row: Plot) -> float | None:
    return None if row.label is None else row.label[0]


def _y(row: Plot) -> float | None:
    return None if row.label is None else row.label[1]
