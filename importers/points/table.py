"""Point lists of spreadsheets and receivers (CSV, TXT, XLSX): `name, X (north), Y (east), H, code` in any order and with any
separator, with a header in Vietnamese or English or without one (rules §9.6).

Corners become plots where a column holds the parcel, where title lines ("Thửa 12") stand before each plot, where codes say
so (`coded`), where lines list corners by name ("Thửa 12: 1-2-3-4"), or where blank lines part lists of three or more.
"""

import itertools
from collections.abc import Iterable, Iterator

from importers.check.rules import found
from importers.errors import MissingColumn
from importers.plots import Drawn, How
from importers.points import coded, dialect, headers
from importers.points.columns import SAMPLE_ROWS, Layout, is_other_table, layout
from importers.points.drawn import NO_ROOM, from_points, points_only
from importers.points.listing import Listing
from importers.points.met import Met
from importers.points.polar import SAME_M, Point
from importers.points.rings import plots
from importers.points.sheets import sheets
from importers.points.text import MAX_LINE_CHARS, lines
from importers.source import SourceFile


def read(source: SourceFile, how: How) -> Drawn:
    """Plots and points of a text or a workbook (told by its first bytes).

    Raises: EmptyFile, BrokenFile, BadArchive, ForbiddenMarkup, TooMuch, MissingColumn (no coordinates anywhere).
    """
    with source.path.open("rb") as file:
        packed = file.read(4) == b"PK\x03\x04"
    met = Met()
    if packed:
        listing, told = _of_workbook(source, how, met)
        return _drawn(source, "xlsx", listing, told, how, met, None)
    text = lines(source)
    met.findings.extend(text.findings)
    head = [line for _, line in text.rows[:SAMPLE_ROWS]]
    mark = dialect.separator(head)
    first = layout([dialect.cells(line, mark) for line in head], how) if mark else None
    if mark is None or first is None:
        raise _no_coordinates(source.name)
    listing = Listing(how, met)
    listing.table(_split(text.rows, mark, met), first)
    return _drawn(source, "points", listing, [first], how, met, text.encoding)


def looks_like_points(text: str) -> bool:
    """Whether the beginning of a text is a list of points, and no table of attributes with one row to a parcel.

    The last line may be cut and is not looked at where there are others.
    """
    rows = text.splitlines()
    rows = rows[:-1] if len(rows) > 1 and not text.endswith(("\n", "\r")) and len(text) > 60_000 else rows
    head = rows[:500]
    mark = dialect.separator(head)
    if mark is None:
        return False
    cells = [dialect.cells(line, mark) for line in head if len(line) <= MAX_LINE_CHARS]
    found_columns = layout(cells, How())
    if found_columns is None or "north" not in found_columns.of:
        return False
    if found_columns.header < 0 and (is_other_table(cells) or (found_columns.local and len(cells) < 3)):
        return False
    column = found_columns.of.get("parcel")
    if column is None or found_columns.header < 0:
        return True
    parcels = [c[column] for c in cells[found_columns.header + 1 :] if column < len(c)]
    repeated = sum(a == b or not b for a, b in itertools.pairwise(parcels))
    return repeated * 2 >= len(parcels) - 1 and len(parcels) > 1


def _of_workbook(source: SourceFile, how: How, met: Met) -> tuple[Listing, list[Layout]]:
    listing = Listing(how, met)
    told: list[Layout] = []
    for name, rows in sheets(source):
        first = layout([cells for _, cells in rows[:SAMPLE_ROWS]], how)
        if first is None:
            met.counts["sheets without coordinates"] += 1
            continue
        told.append(first)
        listing.table(((line, cells, " ".join(cells)) for line, cells in rows), first, name)
    if not told:
        raise _no_coordinates(source.name)
    return listing, told


def _split(rows: Iterable[tuple[int, str]], mark: str, met: Met) -> Iterator[tuple[int, list[str], str]]:
    for line, text in rows:
        if len(text) > MAX_LINE_CHARS:
            met.bad_line(line, f"dài {len(text)} ký tự", f"it is {len(text)} characters long")
        else:
            yield line, dialect.cells(text, mark), text


def _drawn(
    source: SourceFile,
    kind: str,
    listing: Listing,
    told: list[Layout],
    how: How,
    met: Met,
    encoding: str | None,
) -> Drawn:
    first = next((t for t in told if "north" in t.of), None)
    if first is None:
        raise _no_coordinates(source.name)
    if (
        not listing.plots
        and not listing.loose
        and not met.left
        and not any(f.rule == "bad_line" for f in met.findings)
    ):
        raise _no_coordinates(source.name)
    _about_axes(first, met)
    axes = first.axes
    unit_m = None if first.degrees else 1.0
    met.counts["points"] = len(listing.loose) + sum(len(c.points) for c in listing.plots)
    if not listing.plots and not listing.named and coded.rings([p.code for p in listing.loose]):
        _moved(listing.loose, met)
        coded_ones = from_points(source, kind, listing.loose, how, met, encoding, axes, unit_m)
        coded_ones.no_room = _no_room(first)
        return coded_ones
    lists = listing.whole()
    for corners in lists:
        _moved(corners.points, met)
    used = {id(p) for corners in lists for p in corners.points}
    loose = [p for p in listing.loose if id(p) not in used]
    _moved(loose, met)
    drawn = Drawn(source.name, kind, plots(lists, met), axes=axes, unit_m=unit_m, encoding=encoding)
    drawn.points = [(p.name, p.east, p.north, p.code) for p in loose]
    if not lists and loose:
        met.add(points_only(len(loose)))
    said = {f for t in told for f in t.of if f in headers.PLOT_FIELDS}
    said |= {"number"} if any(c.number for c in lists) else set()
    said |= {"sheet"} if any(c.sheet for c in lists) else set()
    drawn.columns = frozenset(said)
    drawn.no_room = _no_room(first)
    drawn.counts = dict(met.counts)
    drawn.findings = met.close()
    return drawn


def _no_room(first: Layout) -> frozenset[str]:
    return NO_ROOM if first.header < 0 else frozenset()


def _moved(points: Iterable[Point], met: Met) -> None:
    """One name with two places within one list: names begin anew in the next plot's."""
    known: dict[str, Point] = {}
    for p in points:
        first = known.setdefault(p.name, p)
        if abs(first.east - p.east) > SAME_M or abs(first.north - p.north) > SAME_M:
            met.moved(p.name, (first.east, first.north, first.line), (p.east, p.north, p.line))


def _about_axes(first: Layout, met: Met) -> None:
    if first.swapped and first.header < 0:
        met.add(
            found(
                "swapped_axes",
                "Danh sách không có tên cột: theo độ lớn, đông đứng trước bắc (thường X, bắc, đứng trước); đã đọc theo đó.",
                "The list has no heading: by size, east stands before north (usually X, north, comes first); read so.",
                severity="note",
            )
        )
    elif first.swapped:
        met.add(
            found(
                "swapped_axes",
                "Cột X của tệp là hướng đông, cột Y là hướng bắc (theo độ lớn VN-2000); đã đọc theo đó.",
                "The file's X column is east and its Y column north (by the size of VN-2000 numbers); read so.",
                severity="note",
            )
        )
    if first.local:
        met.add(
            found(
                "no_place",
                "Tọa độ không phải VN-2000 nên không tự rõ trục; đã hiểu X là bắc, Y là đông (hoặc: --axes east_north).",
                "The coordinates are not VN-2000 and do not tell their axes; X was taken as north, Y as east "
                "(or say: --axes east_north).",
                severity="note",
            )
        )


def _no_coordinates(name: str) -> MissingColumn:
    return MissingColumn(
        "Không nhận ra hai cột tọa độ. Hãy đặt tên cột: Tên điểm, X(m), Y(m), và Thửa nếu có.",
        "No two columns of coordinates were recognised. Name the columns: point, X (north), Y (east), and parcel if any.",
        name,
    )
