"""Points with names made into a file as drawn: plots where codes make rings of them, else points that say what is missing."""

from collections.abc import Sequence

from geo.finding import Finding
from importers.check.rules import found
from importers.plots import Axes, Drawn, How
from importers.points import coded
from importers.points.met import Met
from importers.points.polar import FieldBook, Point, reduced
from importers.points.rings import Corners, plots
from importers.source import SourceFile

FEET_M = 0.3048
NO_ROOM = frozenset({"land_use"})
"""What the files of instruments and lists without a heading have no place for."""


def from_book(
    source: SourceFile,
    kind: str,
    book: FieldBook,
    how: How,
    met: Met,
    encoding: str | None,
    unit_m: float = 1.0,
) -> Drawn:
    """What an instrument's file holds, its observations reduced; those that cannot be are counted in one finding.

    The axes are known: each of these formats says which coordinate is north.
    """
    points, left = reduced(book, met)
    shots = sum(len(setup.shots) for setup in book.setups)
    if book.fixed:
        met.counts["points with coordinates"] += len(book.fixed)
    if stations := {setup.station for setup in book.setups if setup.station}:
        met.counts["stations"] += len(stations)
    if shots:
        met.counts["polar observations"] += shots
    if left:
        met.counts["polar observations without coordinates"] += left
        met.add(
            found(
                "not_read",
                f"{left} trên {shots} điểm đo cực chưa có tọa độ: tệp thiếu tọa độ trạm máy, hoặc định hướng (điểm sau "
                "có tọa độ, hay phương vị), hoặc khoảng cách. Hãy xuất tọa độ từ máy, hoặc thêm tọa độ trạm và điểm sau.",
                f"{left} of {shots} polar observations have no coordinates: the file lacks those of the station, or the "
                "orientation (a backsight with coordinates, or an azimuth), or the distance. Export coordinates, or add them.",
            )
        )
    drawn = from_points(source, kind, points, how, met, encoding, unit_m=unit_m)
    drawn.no_room = NO_ROOM
    return drawn


def from_points(
    source: SourceFile, kind: str, points: Sequence[Point], how: How, met: Met, encoding: str | None,
    axes: Axes = "east_north", unit_m: float | None = 1.0,
) -> Drawn:  # fmt: skip
    """Plots by code (`coded`); points of no plot are kept beside them. Without any code a finding says how to make plots."""
    made = coded.rings([p.code for p in points])
    lists = [
        Corners([points[i] for i in ring.positions], ring.number, how.sheet, how.commune, closed=ring.closed)
        for ring in _joined(made)
    ]
    used = {i for ring in made for i in ring.positions}
    drawn = Drawn(source.name, kind, plots(lists, met), axes=axes, unit_m=unit_m, encoding=encoding)
    drawn.points = _once([p for i, p in enumerate(points) if i not in used])
    if lists:
        drawn.columns = frozenset({"number"} | ({"sheet"} if how.sheet else set()))
    elif points:
        met.add(points_only(len(drawn.points)))
    drawn.counts = dict(met.counts)
    drawn.findings = met.close()
    return drawn


def points_only(count: int) -> Finding:
    """The finding of a file that has points and nothing that orders them into plots."""
    return found(
        "not_read",
        f"Tệp chỉ có {count} điểm, chưa thành thửa. Để thành thửa: thêm cột “Thửa”, hoặc dòng “Thửa 12” trước mỗi thửa, "
        "hoặc mã điểm như R12 (điểm ranh của thửa 12).",
        f'The file holds {count} points and no plots. To make plots add a column "Thửa" (parcel), or a line "Thửa 12" '
        "before each plot, or point codes such as R12 (a corner of plot 12).",
    )


def _joined(rings: Sequence[coded.Coded]) -> list[coded.Coded]:
    """Rings of one number are one plot: its outer ring and its holes, or its parts."""
    whole: dict[str, coded.Coded] = {}
    for ring in rings:
        first = whole.get(ring.number)
        if first is None:
            whole[ring.number] = ring
        else:
            # The first corner again is how a list says that its ring ends (`rings.plots`).
            closing = first.positions[:1] if first.closed else ()
            whole[ring.number] = coded.Coded(
                ring.number, (*first.positions, *closing, *ring.positions), ring.closed
            )
    return list(whole.values())


def _once(points: Sequence[Point]) -> list[tuple[str, float, float, str | None]]:
    seen: dict[tuple[str, float, float, str | None], None] = {}
    for p in points:
        seen[(p.name, p.east, p.north, p.code)] = None
    return list(seen)
