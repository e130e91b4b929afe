"""Which column of a point list is which, with a header or without one."""

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from importers.plots import Axes, How
from importers.points import headers
from importers.points.axes import order
from importers.points.number import number

SAMPLE_ROWS = 2000
_MOST_COLUMNS = 40


@dataclass(frozen=True, slots=True)
class Layout:
    """Column of each field (`headers.NAMES`), how sure north and east are, and what there is to say about it.

    `header` is the position of the header's row, -1 without one. `swapped`: numbers overruled what X and Y mean here, or
    without a header the order that is usual here.
    `local`: neither header nor numbers told. `degrees`: the numbers are degrees.
    """

    of: Mapping[str, int] = field(default_factory=dict)
    axes: Axes = "guessed"
    header: int = -1
    swapped: bool = False
    local: bool = False
    degrees: bool = False


def layout(rows: Sequence[Sequence[str]], how: How) -> Layout | None:
    """The layout of a list of which these are the first rows; None where they are no list of points."""
    for position, cells in enumerate(rows[:SAMPLE_ROWS]):
        if headers.columns(cells, how.mapping):
            # Headers of two rows: "Tên điểm | Tọa độ | |" over " | X (m) | Y (m) |".
            above = rows[position - 1] if position else ()
            whole = [c or (above[i] if i < len(above) else "") for i, c in enumerate(cells)]
            return _told(rows, position, headers.columns(whole, how.mapping), how)
    return _bare(rows, how)


def is_other_table(rows: Sequence[Sequence[str]]) -> bool:
    """Whether the first row names the columns of its table and knows no coordinates: a table of attributes."""
    filled = [cells for cells in rows if any(cells)][:2]
    if len(filled) < 2 or headers.columns(filled[0], {}):
        return False
    first, second = filled
    names = [c for c in first if any(x.isalpha() for x in c)]
    as_wide = abs(len(first) - len(second)) <= 1 and len(first) >= 3
    return (
        as_wide
        and len(names) >= 2
        and all(number(c) is None for c in first if c)
        and any(map(number, second))
    )


def _apart(pairs: Sequence[tuple[float, float]]) -> tuple[list[float], list[float]]:
    return [a for a, _ in pairs], [b for _, b in pairs]


def _told(rows: Sequence[Sequence[str]], position: int, taken: dict[str, int], how: How) -> Layout:
    if "north" not in taken or "east" not in taken:
        return Layout(taken, "east_north", position)
    pairs = _pairs(rows[position + 1 :], taken["north"], taken["east"])
    by_numbers, degrees = order(*_apart(pairs)) if pairs else (None, False)
    exchanged = {**taken, "north": taken["east"], "east": taken["north"]}
    if how.axes is not None:
        # The user speaks of the order of the columns, whatever they are called.
        wrong = (taken["north"] < taken["east"]) != (how.axes == "north_east")
        return Layout(exchanged if wrong else taken, "east_north", position, degrees=degrees)
    if headers.says_directions(rows[position], taken):
        return Layout(taken, "east_north", position, degrees=degrees)
    if by_numbers == "east_north":
        return Layout(exchanged, "guessed", position, swapped=True, degrees=degrees)
    return Layout(taken, "guessed", position, local=by_numbers is None, degrees=degrees)


def _bare(rows: Sequence[Sequence[str]], how: How) -> Layout | None:
    """Without a header: the pair of number columns that are VN-2000 by size, else the first two with decimals after the
    name; the name is what stands before them, the height is the next number, the code the first text behind."""
    sample = [
        cells
        for cells in rows[:SAMPLE_ROWS]
        if sum(number(c) is not None for c in cells[:_MOST_COLUMNS]) >= 2
    ]
    if not sample:
        return None
    width = min(_MOST_COLUMNS, max(len(cells) for cells in sample))
    values = [[number(cells[c]) if c < len(cells) else None for cells in sample] for c in range(width)]
    numeric = [c for c in range(width) if sum(v is not None for v in values[c]) >= 0.6 * len(sample)]
    found = _coordinates(values, numeric, sample)
    if found is None:
        return None
    first, second, by_numbers, degrees = found
    told = how.axes or by_numbers
    north, east = (second, first) if told == "east_north" else (first, second)
    of = {"north": north, "east": east}
    before = list(range(first))
    if len(before) >= 2 and _runs([cells[0] for cells in sample]):
        of["parcel"] = before.pop(0)
    if before:
        of["point"] = before.pop(0)
    after = list(range(second + 1, width))
    if after and after[0] in numeric:
        of["height"] = after.pop(0)
    texts = [c for c in (*before, *after) if c not in numeric]
    if texts or before:
        of["code"] = (texts or before)[0]
    turned = told == "east_north" and not how.axes
    return Layout(
        of, "east_north" if how.axes else "guessed", swapped=turned, local=told is None, degrees=degrees
    )


def _coordinates(
    values: Sequence[Sequence[float | None]], numeric: Sequence[int], sample: Sequence[Sequence[str]]
) -> tuple[int, int, str | None, bool] | None:
    decimal = [
        c
        for c in numeric
        if sum(c < len(r) and ("." in r[c] or "," in r[c]) for r in sample) >= len(sample) / 2
    ]
    beside = [(a, b) for a, b in itertools.pairwise(decimal) if b == a + 1]
    # Names of points and heights are numbers too: a short east is looked for in the first two decimals alone.
    for columns, whole in ((itertools.pairwise(numeric), True), (beside[:1], False)):
        for first, second in columns:
            pairs = [
                (a, b)
                for a, b in zip(values[first], values[second], strict=True)
                if a is not None and b is not None
            ]
            if pairs:
                by_numbers, degrees = order(*_apart(pairs), whole=whole)
                if by_numbers is not None:
                    return first, second, by_numbers, degrees
    return (*beside[0], None, False) if beside else None


def _pairs(rows: Sequence[Sequence[str]], north: int, east: int) -> list[tuple[float, float]]:
    pairs = []
    for cells in rows[:SAMPLE_ROWS]:
        if max(north, east) < len(cells):
            a, b = number(cells[north]), number(cells[east])
            if a is not None and b is not None:
                pairs.append((a, b))
    return pairs


def _runs(cells: Sequence[str]) -> bool:
    """Whether values come in runs of three or more, as the number of a parcel does beside its corners."""
    starts = [i for i, cell in enumerate(cells) if i == 0 or cells[i - 1] != cell]
    lengths = [end - start for start, end in zip(starts, [*starts[1:], len(cells)], strict=True)]
    return bool(cells) and all(cells) and min(lengths) >= 3
