"""LandXML 1.0 to 1.2: parcels bounded by lines and curves between named points (CgPoint). Coordinates are north, east."""

import math
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from geo.finding import Finding
from importers.check.rules import found
from importers.crs import metres_by_size
from importers.errors import BrokenFile
from importers.exchange import arcs, lens
from importers.exchange.markup import Tag, walk
from importers.exchange.notes import MAX_ENTITIES, Notes, Point, decoded, kept, too_much
from importers.exchange.rings import Piece, bound
from importers.plots import Drawn, How, Plot
from importers.source import SourceFile

_LENGTHS_M = {
    "meter": 1.0, "metre": 1.0, "kilometer": 1000.0, "centimeter": 0.01, "millimeter": 0.001, "foot": 0.3048,
    "ussurveyfoot": 1200 / 3937, "inch": 0.0254, "mile": 1609.344,
}  # fmt: skip
_AREAS_M2 = {
    "squaremeter": 1.0, "hectare": 10_000.0, "squarecentimeter": 1e-4, "squaremillimeter": 1e-6, "squarekilometer": 1e6,
    "squarefoot": 0.3048**2, "acre": 4046.8564224, "squareinch": 0.0254**2, "squaremiles": 1609.344**2,
}  # fmt: skip
# Classes of the Australian ePlan and of programs' defaults that are no parcel of their own.
_OTHER = (
    "road", "easement", "restriction", "hydrography", "walkway", "railway", "covenant", "profit", "administrative",
)  # fmt: skip
_PIECES = ("Line", "Curve", "IrregularLine", "Spiral", "Chain")
_COUNTED = (
    *_PIECES, "CgPoint", "TargetPoint", "Parcel", "PlanFeature", "ReducedObservation", "RawObservation", "Surface", "Alignment",
)  # fmt: skip
_UNREAD = (
    "PlanFeatures", "Survey", "Surfaces", "Alignments", "PipeNetworks", "Roadways", "GradeModel", "Monuments",
)  # fmt: skip
# Farther than Vietnam's north in millimetres.
_FARTHEST = 1e10

Place = str | Point


@dataclass(slots=True)
class _Run:
    """A piece of boundary as told: places are names of points or points (x east, y north)."""

    kind: str
    attributes: dict[str, str]
    line: int
    places: dict[str, Place] = field(default_factory=dict)
    between: list[Place] = field(default_factory=list)


@dataclass(slots=True)
class _Parcel:
    record: str
    attributes: dict[str, str]
    line: int
    runs: list[_Run] = field(default_factory=list)
    properties: dict[str, str] = field(default_factory=dict)
    label: Place | None = None
    holds: bool = False


def read(source: SourceFile, how: How) -> Drawn:
    """Its parcels, in the file's unit and system. Raises: BrokenFile, ForbiddenMarkup, TooMuch."""
    told = _Told(source, how)
    broken = walk(source, told)
    if not told.root:
        raise BrokenFile(
            "Đây không phải tệp LandXML. Hãy xuất lại từ phần mềm gốc.",
            "This is no LandXML. Export it again.",
            source.name,
        )
    return told.drawn(broken)


class _Told:
    """What the tags told; parcels are put together at the end, because points may stand after them."""

    def __init__(self, source: SourceFile, how: How) -> None:
        self.source, self.how = source, how
        self.root = False
        self.notes = Notes()
        self.counts: dict[str, int] = {}
        self.points: dict[str, Point] = {}
        self.aliases: dict[str, str] = {}
        self.codes: dict[str, str | None] = {}
        self.parcels: list[_Parcel] = []
        self.inner: list[_Parcel] = []
        self.run: _Run | None = None
        self.unit: str | None = None
        self.area_unit = "squaremeter"
        self.crs: str | None = None
        self.system: list[str] = []
        self.entities = 0
        self.records: dict[str, int] = {}

    def opens(self, tag: Tag, above: Tag | None) -> None:
        name = tag.name
        if above is None:
            self.root = name.lower() == "landxml"
            if not self.root:
                raise BrokenFile(
                    "Đây không phải tệp LandXML. Hãy xuất lại từ phần mềm gốc.", "This is no LandXML. Export it again.",
                    self.source.name,
                )  # fmt: skip
        if name in _COUNTED:
            self.counts[name] = self.counts.get(name, 0) + 1
            self.entities += 1
            if self.entities > MAX_ENTITIES:
                raise too_much(self.source.name)
        if name in _UNREAD:
            self.counts[f"not read: {name}"] = self.counts.get(f"not read: {name}", 0) + 1
        if name in ("Metric", "Imperial"):
            self.unit = tag.attributes.get("linearUnit", "").lower() or None
            self.area_unit = tag.attributes.get("areaUnit", "").lower()
        elif name == "CoordinateSystem":
            self._system(tag.attributes)
        elif name == "CgPoints" and (zone := tag.attributes.get("zoneNumber")):
            self.system.append(f"zone {zone}")
        elif name == "Parcel":
            if self.inner:
                self.inner[-1].holds = True
            self.inner.append(_Parcel(self._record(tag), tag.attributes, tag.line))
        elif name in _PIECES and above is not None and above.name == "CoordGeom":
            self.run = _Run(name, tag.attributes, tag.line)
        elif name == "Property" and self.inner and "label" in tag.attributes:
            properties = self.inner[-1].properties
            if len(properties) < 100:
                properties[tag.attributes["label"]] = tag.attributes.get("value", "")

    def closes(self, tag: Tag, above: Tag | None, text: str) -> None:
        name = tag.name
        if name == "CgPoint" or (name == "TargetPoint" and text.strip()):
            self._point(tag, text)
        elif name == "Parcel":
            self.parcels.append(self.inner.pop())
        elif name in ("Start", "End", "Center", "PI") and above is not None:
            if self.run is not None and above.name == self.run.kind:
                place = self._place(tag, text)
                if place is not None:
                    self.run.places[name] = place
            elif name == "Center" and above.name == "Parcel" and self.inner:
                self.inner[-1].label = self._place(tag, text)
        elif name in ("PntList2D", "PntList3D") and self.run is not None:
            self._list(tag, text, 2 if name == "PntList2D" else 3)
        elif (
            self.run is not None and name == self.run.kind and above is not None and above.name == "CoordGeom"
        ):
            if name == "Chain":
                names = text.split()
                self._many(len(names))
                self.run.between = list(names)
            if self.inner:
                self.inner[-1].runs.append(self.run)
            self.run = None

    def _many(self, count: int) -> None:
        self.entities += count
        if self.entities > MAX_ENTITIES:
            raise too_much(self.source.name)

    def _record(self, tag: Tag) -> str:
        name = kept(tag.attributes.get("name") or tag.attributes.get("oID")) or f"dòng {tag.line}"
        self.records[name] = met = self.records.get(name, 0) + 1
        return name if met == 1 else f"{name} (dòng {tag.line})"

    def _system(self, told: dict[str, str]) -> None:
        code, wkt = told.get("epsgCode", "").strip(), told.get("ogcWktCode", "").strip()
        code = code.upper().removeprefix("EPSG:").strip()
        if code.isascii() and code.isdigit() and 0 < int(code[:9]) < 10**6:
            self.crs = f"EPSG:{int(code[:9])}"
        elif wkt:
            self.crs = wkt
        keys = ("horizontalCoordinateSystemName", "name", "desc", "datum", "horizontalDatum")
        self.system += [kept(told[key]) or "" for key in keys if told.get(key)]

    def _xy(self, numbers: list[str]) -> Point | None:
        try:
            first, second = (float(n) for n in numbers[:2])
        except ValueError:
            return None
        if not (abs(first) < _FARTHEST and abs(second) < _FARTHEST):
            return None
        return (first, second) if self.how.axes == "east_north" else (second, first)

    def _place(self, tag: Tag, text: str) -> Place | None:
        if reference := tag.attributes.get("pntRef", "").strip():
            return reference
        xy = self._xy(text.split(maxsplit=3))
        if xy is None and text.strip():
            self.notes.bad_line(self.inner[-1].record if self.inner else tag.name, tag.line, text)
        return xy

    def _point(self, tag: Tag, text: str) -> None:
        name = (tag.attributes.get("name") or tag.attributes.get("oID") or "").strip()
        if not name and tag.name == "TargetPoint":
            name = tag.attributes.get("desc", "").strip()
        if reference := tag.attributes.get("pntRef", "").strip():
            self.aliases[name] = reference
            return
        xy = self._xy(text.split(maxsplit=3))
        if xy is None:
            self.notes.bad_line(kept(name) or "CgPoint", tag.line, text)
            return
        known = self.points.setdefault(name or f"dòng {tag.line}", xy)
        self.codes.setdefault(name, kept(tag.attributes.get("code") or tag.attributes.get("desc")))
        if math.dist(known, xy) > 0.001:
            self.notes.add(
                found(
                    "duplicate_point", f"Điểm “{kept(name)}” có hai tọa độ, lần hai ở dòng {tag.line}.",
                    f'Point "{kept(name)}" has two places, the second at line {tag.line}.', kept(name), x=xy[0], y=xy[1],
                )
            )  # fmt: skip

    def _list(self, tag: Tag, text: str, size: int) -> None:
        assert self.run is not None  # noqa: S101 - asked by the caller
        numbers = text.split()
        self._many(len(numbers) // size)
        for i in range(0, len(numbers) - size + 1, size):
            xy = self._xy(numbers[i : i + 2])
            if xy is None:
                self.notes.bad_line(
                    self.inner[-1].record if self.inner else tag.name, tag.line, " ".join(numbers[i : i + 2])
                )
            else:
                self.run.between.append(xy)

    def _written(self) -> Iterator[Point]:
        """Places that stand in boundaries themselves and have no name."""
        for parcel in self.parcels:
            for run in parcel.runs:
                yield from (p for p in (*run.places.values(), *run.between) if not isinstance(p, str))

    def drawn(self, broken: Finding | None) -> Drawn:
        """All of it put together; parcels still open when the file broke are among them."""
        self.parcels += reversed(self.inner)
        unit_m = _LENGTHS_M.get(self.unit or "meter")
        made = Drawn(self.source.name, "landxml", unit_m=unit_m, counts=self.counts, crs=self.crs)
        made.crs = self.crs or kept(" ".join(dict.fromkeys(w for w in self.system if w)))
        at = np.array([*self.points.values(), *self._written()], dtype=np.float64).reshape(-1, 2)
        by_size = metres_by_size(at)
        # The word of the file holds, but for numbers no such unit can have: degrees, or far beyond any place.
        sure = by_size is not None and (unit_m is None or by_size < 0.1 or by_size > 1000)
        self.notes.unit_m = (by_size if sure else unit_m) or 1.0
        if unit_m is None or unit_m != 1.0:
            said = kept(self.unit) or "?"
            self.notes.add(
                found(
                    "unknown_unit",
                    f"Đơn vị chiều dài của tệp là “{said}”.",
                    f'The file\'s unit of length is "{said}".',
                )
            )
        for alias, name in self.aliases.items():
            if name in self.points:
                self.points.setdefault(alias, self.points[name])
        used: set[str] = set()
        columns = lens.properties({label for p in self.parcels for label in p.properties}, self.how.mapping)
        off = arcs.sagitta(self.how.scale, self.notes.unit_m)
        for parcel in self.parcels:
            made.plots.append(_Maker(self, used, off).plot(parcel, columns))
        made.columns = frozenset({"number"} | set(columns)) if made.plots else frozenset()
        made.points = [
            (name, x, y, self.codes.get(name)) for name, (x, y) in self.points.items() if name not in used
        ]
        self.counts["points of no parcel"] = len(made.points)
        made.findings = self.notes.all() + ([broken] if broken else [])
        return decoded(made)


class _Maker:
    """One parcel put together from its runs."""

    def __init__(self, told: _Told, used: set[str], off: float) -> None:
        self.told, self.used, self.off = told, used, off
        self.missing: set[str] = set()
        self.chorded = 0
        self.spirals = 0

    def plot(self, parcel: _Parcel, columns: dict[str, str]) -> Plot:
        told, record = self.told, parcel.record
        kind_words = f"{parcel.attributes.get('class', '')} {parcel.attributes.get('parcelType', '')}".lower()
        other = any(word in kind_words for word in _OTHER)
        pieces = [p for run in parcel.runs if (p := self._piece(run, record)) is not None]
        shape = bound(pieces, record, told.notes, parcel=not other)
        if not pieces and not other and not (parcel.holds and not parcel.runs):
            told.notes.no_shape(record)
        if self.chorded or self.spirals:
            spirals_vi = f"; {self.spirals} đường xoắn thay bằng đoạn thẳng" if self.spirals else ""
            spirals_en = f"; {self.spirals} spirals by straight lines" if self.spirals else ""
            told.notes.add(
                found(
                    "curve", f"{self.chorded} cung tròn được thay bằng dây cung{spirals_vi}.",
                    f"{self.chorded} arcs were replaced by chords{spirals_en}.", record,
                    severity="explain" if self.spirals else None,
                )
            )  # fmt: skip
        label = self._resolve(parcel.label, record, quiet=True) if parcel.label is not None else None
        plot = Plot(
            record, shape.shape, kind="other" if other or (parcel.holds and not parcel.runs) else "parcel",
            number=kept(parcel.attributes.get("name")), label=label, corners=shape.corners,
            told_area_m2=self._area(parcel), commune=told.how.commune, sheet=told.how.sheet, scale=told.how.scale,
        )  # fmt: skip
        lens.fill(plot, {field: parcel.properties.get(label) for field, label in columns.items()}, told.notes)
        return plot

    def _area(self, parcel: _Parcel) -> float | None:
        said = parcel.attributes.get("area", "").strip()
        if not said:
            return None
        area = lens.positive(said)
        if area is None:
            self.told.notes.bad_line(parcel.record, parcel.line, said)
            return None
        return area * _AREAS_M2.get(self.told.area_unit, 1.0) or None

    def _resolve(self, place: Place, record: str, quiet: bool = False) -> Point | None:
        if not isinstance(place, str):
            return place
        self.used.add(place)
        xy = self.told.points.get(place)
        if xy is None and not quiet and place not in self.missing:
            self.missing.add(place)
            name = kept(place)
            self.told.notes.add(
                found(
                    "unknown_point", f"Ranh dùng điểm “{name}” không có tọa độ trong tệp.",
                    f'The boundary uses point "{name}", which has no coordinates in the file.', record,
                )
            )  # fmt: skip
        return xy

    def _piece(self, run: _Run, record: str) -> Piece | None:
        places = run.between
        if run.kind != "Chain":
            start, end = run.places.get("Start"), run.places.get("End")
            places = [p for p in (start, *run.between, end) if p is not None]
        known = [
            (xy, p if isinstance(p, str) else "")
            for p in places
            if (xy := self._resolve(p, record)) is not None
        ]
        if len(known) < len(places) and run.kind in ("Line", "Curve", "Spiral"):
            return None
        if len(known) < 2:
            return None
        names = [name for _, name in known]
        corners = [at for at, _ in known]
        if run.kind == "Spiral":
            self.spirals += 1
        if run.kind == "Curve":
            return self._curve(run, record, corners[0], corners[-1], names)
        return Piece(tuple(corners), tuple(names))

    def _curve(self, run: _Run, record: str, start: Point, end: Point, names: list[str]) -> Piece:
        self.chorded += 1
        clockwise = run.attributes.get("rot", "ccw").strip().lower() == "cw"
        told = run.places.get("Center")
        centre = self._resolve(told, record, quiet=True) if told is not None else None
        radius = lens.positive(run.attributes.get("radius", "")) or 0.0
        if centre is None:
            centre = arcs.centre_of(start, end, radius, clockwise)
        if centre is None or not _round(centre, start, end):
            self.told.notes.add(
                found(
                    "curve", f"Cung tròn ở dòng {run.line} có tâm không khớp hai đầu: thay bằng đoạn thẳng.",
                    f"The centre of the arc at line {run.line} does not fit its ends: a straight line stands for it.", record,
                    severity="explain", x=start[0], y=start[1],
                )
            )  # fmt: skip
            return Piece((start, end), (names[0], names[-1]))
        xy = arcs.arc(start, centre, end, clockwise, self.off)
        return Piece(xy, (names[0], *[""] * (len(xy) - 2), names[-1]))


def _round(centre: Point, start: Point, end: Point) -> bool:
    """Whether both ends lie on one circle about the centre, but for rounding and measuring."""
    first, last = math.dist(centre, start), math.dist(centre, end)
    return 0 < first < _FARTHEST and abs(first - last) <= 0.05 + 0.001 * first
