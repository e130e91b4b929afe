"""The rows of one point list taken one by one: points, titles of plots, lists of corners, and what is neither."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from importers.check.rules import found
from importers.plots import How
from importers.points import headers
from importers.points.columns import Layout
from importers.points.met import Met, place
from importers.points.number import number
from importers.points.polar import Point
from importers.points.rings import Corners
from importers.points.titles import Title, names, title

_COMMENTS = ("#", "//", "--", "==", "*", "%")


@dataclass(slots=True)
class Listing:
    """`plots` are those with titles or a parcel column, `loose` all other points in order, `named` plots whose corners are
    listed by name, `blocks` the loose points as blank lines part them."""

    how: How
    met: Met
    plots: list[Corners] = field(default_factory=list)
    loose: list[Point] = field(default_factory=list)
    named: list[tuple[Corners, tuple[str, ...]]] = field(default_factory=list)
    blocks: list[Corners] = field(default_factory=list)
    _plot: Corners | None = None
    _block: Corners | None = None

    def table(self, rows: Iterable[tuple[int, Sequence[str], str]], told: Layout, name: str = "") -> None:
        """Take the rows (line, cells, text as it stands) of one table; `name` is the sheet of a workbook."""
        self._plot = self._block = None
        if name and (says := title(name)) and says.number:
            self._begin(says, 0, name)
        started = False
        north, east = told.of.get("north"), told.of.get("east")
        for position, (line, cells, text) in enumerate(rows):
            if not text or not any(cells):
                self._block = None
            elif position == told.header:
                started = True
            elif "corners" in told.of:
                self._named_row(cells, told, line, name, position > told.header)
            elif north is not None and east is not None:
                y = number(cells[north]) if north < len(cells) else None
                x = number(cells[east]) if east < len(cells) else None
                if x is not None and y is not None:
                    started = True
                    self._point(cells, told, x, y, line, name)
                else:
                    started |= self._other(cells, text, told, line, name, started, (y, x))

    def whole(self) -> list[Corners]:
        """All plots: those by title or column, those listed by name, else the blocks between blank lines where there are two
        or more of three corners, or one that comes back to its first corner."""
        lists = [*self.plots, *self._resolved()]
        if lists or not self.blocks:
            return lists
        if len(self.blocks) == 1:
            points = self.blocks[0].points
            closes = len(points) >= 4 and (points[0].east, points[0].north) == (
                points[-1].east,
                points[-1].north,
            )
            return self.blocks if closes else []
        return self.blocks if all(len(b.points) >= 3 for b in self.blocks) else []

    def _point(self, cells: Sequence[str], told: Layout, x: float, y: float, line: int, name: str) -> None:
        column = told.of.get("parcel")
        if column is not None:
            self._by_column(cells, told, line, name)
        if self._plot is None and self._block is None:
            self._block = Corners(sheet=self.how.sheet, commune=self.how.commune, table=name, first_line=line)
            self.blocks.append(self._block)
        into = self._plot or self._block
        assert into is not None  # noqa: S101 - set two lines above
        point = Point(
            _cell(cells, told, "point") or str(len(into.points) + 1), x, y, number(_cell(cells, told, "height") or ""),
            _cell(cells, told, "code"), line,
        )  # fmt: skip
        into.points.append(point)
        if self._plot is None:
            self.loose.append(point)

    def _by_column(self, cells: Sequence[str], told: Layout, line: int, name: str) -> None:
        said, sheet = _cell(cells, told, "parcel"), _cell(cells, told, "sheet")
        if said is None and self._plot is not None:
            # A merged cell of a spreadsheet has its value in the first row only.
            return
        if said is None:
            self._plot = None
            return
        sheet = sheet or self.how.sheet
        if self._plot is None or (self._plot.number, self._plot.sheet) != (said, sheet):
            legal, area = (
                number(_cell(cells, told, name) or "") for name in ("legal_area_m2", "told_area_m2")
            )
            self._plot = Corners(
                number=said, sheet=sheet, commune=_cell(cells, told, "commune") or self.how.commune,
                land_use=_cell(cells, told, "land_use"), legal_area_m2=legal, told_area_m2=area,
                table=name, first_line=line,
            )  # fmt: skip
            self.plots.append(self._plot)

    def _other(
        self, cells: Sequence[str], text: str, told: Layout, line: int, name: str, started: bool,
        found_numbers: tuple[float | None, float | None],
    ) -> bool:  # fmt: skip
        """A row that is no point; true where it is the title of a plot."""
        one = found_numbers != (None, None)
        says = None if one and len(cells) > 2 else title(text)
        if says is not None and (says.number or self._plot is not None or self._block is not None):
            self._begin(says, line, name)
            return True
        if text.lstrip().startswith(_COMMENTS):
            self.met.counts["comments"] += 1
        elif headers.columns(cells, self.how.mapping):
            self.met.counts["repeated headers"] += 1
        elif started or (one and len(cells) > 1):
            lacks = "X, Y" if not one else "bắc" if found_numbers[0] is None else "đông"
            lacks_en = "X, Y" if not one else "north" if found_numbers[0] is None else "east"
            self.met.bad_line(
                line, f"không có tọa độ đọc được ({lacks})", f"no readable coordinates ({lacks_en})", name
            )
        else:
            self.met.counts["lines before the list"] += 1
        return False

    def _begin(self, says: Title, line: int, name: str) -> None:
        if says.number is None:
            into = self._plot or self._block
            if into is not None and says.area_m2 is not None:
                into.told_area_m2 = says.area_m2
            return
        sheet = says.sheet or self.how.sheet
        made = Corners(
            number=says.number, sheet=sheet, commune=self.how.commune, told_area_m2=says.area_m2, table=name,
            first_line=line,
        )  # fmt: skip
        if says.corners:
            self.named.append((made, says.corners))
            return
        last = self._plot
        if last is not None and not last.points and last.number == says.number:
            # "Thửa đất số 12", then "Bảng kê tọa độ thửa 12": two lines of one title.
            last.sheet = says.sheet or last.sheet
            last.told_area_m2 = says.area_m2 or last.told_area_m2
            return
        self._plot = made
        self.plots.append(made)

    def _named_row(self, cells: Sequence[str], told: Layout, line: int, name: str, below: bool) -> None:
        said, listed = _cell(cells, told, "parcel"), _cell(cells, told, "corners")
        if not below:
            self.met.counts["lines before the list"] += 1
        elif said is None or listed is None or not names(listed):
            self.met.bad_line(line, "không có danh sách đỉnh", "no list of corners", name)
        else:
            sheet = _cell(cells, told, "sheet") or self.how.sheet
            corners = Corners(number=said, sheet=sheet, commune=self.how.commune, table=name, first_line=line)
            self.named.append((corners, names(listed)))

    def _resolved(self) -> list[Corners]:
        known: dict[str, Point] = {}
        for p in (*self.loose, *(p for c in self.plots for p in c.points)):
            known.setdefault(p.name, p)
        for corners, listed in self.named:
            unknown = [n for n in listed if n not in known]
            # The line of the list, not of the points, is where the plot stands.
            corners.points = [replace(known[n], line=corners.first_line) for n in listed if n in known]
            for n in unknown:
                at = place(corners.first_line, sheet=corners.table)
                self.met.add(
                    found("unknown_point", f"Thửa {corners.number}: không có tọa độ của điểm {n}.",
                          f"Parcel {corners.number}: point {n} has no coordinates.", at)
                )  # fmt: skip
        return [corners for corners, _ in self.named]


def _cell(cells: Sequence[str], told: Layout, field_name: str) -> str | None:
    column = told.of.get(field_name)
    return (cells[column][:60] or None) if column is not None and column < len(cells) else None
