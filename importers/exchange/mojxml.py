"""Map XML of Japan's Ministry of Justice (地図XML, version 1): parcels (筆) of curves of points by reference; X north, Y east.

Coordinates are metres of a plane coordinate system (公共座標1 to 19系, JGD2011: EPSG 6669 to 6687) or of a system of the
sheet's own (任意座標系).
"""

import re
import unicodedata
from dataclasses import dataclass, field

from geo.finding import Finding
from importers.check.rules import found
from importers.errors import BrokenFile
from importers.exchange.markup import Tag, walk
from importers.exchange.notes import MAX_ENTITIES, Notes, Point, decoded, kept, too_much
from importers.exchange.rings import Piece, bound
from importers.plots import Drawn, How, Plot
from importers.source import SourceFile

_FIRST_PLANE_EPSG = 6668
_FARTHEST = 1e9
# Numbers of records that stand for what is outside the map or drawn on another sheet, roads and waterways.
_NO_PARCEL = ("地区外", "別図", "道路", "水路", "道", "水", "堤", "河川")
_ADDRESS = ("大字名", "丁目名", "小字名")
_OF_PARCEL = ("地番", "予備名", *_ADDRESS)
_COUNTED = ("GM_Point", "GM_Curve", "GM_Surface", "筆", "筆界点", "筆界線", "基準点", "図郭")


@dataclass(slots=True)
class _Surface:
    line: int
    curves: list[str] = field(default_factory=list)


@dataclass(slots=True)
class _Thing:
    """A parcel, corner or control point: its texts and the id of its shape."""

    kind: str
    id: str
    line: int
    shape: str = ""
    texts: dict[str, str] = field(default_factory=dict)


def read(source: SourceFile, how: How) -> Drawn:
    """Its parcels and control points. Raises: BrokenFile, ForbiddenMarkup, TooMuch."""
    told = _Told(source, how)
    return told.drawn(walk(source, told))


class _Told:
    """What the tags told; shapes are put together at the end."""

    def __init__(self, source: SourceFile, how: How) -> None:
        self.source, self.how = source, how
        self.notes = Notes()
        self.counts: dict[str, int] = {}
        self.entities = 0
        self.points: dict[str, Point] = {}
        self.curves: dict[str, list[str | Point]] = {}
        self.surfaces: dict[str, _Surface] = {}
        self.things: list[_Thing] = []
        self.thing: _Thing | None = None
        self.point = self.curve = self.surface = ""
        self.north: float | None = None
        self.system = self.town = self.sheet = ""
        self.scales: set[int] = set()

    def opens(self, tag: Tag, above: Tag | None) -> None:
        name = tag.name
        if above is None and name != "地図":
            raise BrokenFile(
                "Đây không phải tệp 地図XML.",
                "This is no map XML of the Ministry of Justice.",
                self.source.name,
            )
        if name in _COUNTED:
            self.counts[name] = self.counts.get(name, 0) + 1
            self._many()
        key = tag.attributes.get("id", "")
        reference = tag.attributes.get("idref", "")
        if name == "GM_Point":
            self.point = key
        elif name == "GM_Curve":
            self.curve = key
            self.curves[key] = []
        elif name == "GM_Surface":
            self.surface = key
            self.surfaces[key] = _Surface(tag.line)
        elif name == "GM_PointRef.point" and self.curve:
            self._many()
            self.curves[self.curve].append(reference)
        elif name == "GM_CompositeCurve.generator" and self.surface:
            self._many()
            self.surfaces[self.surface].curves.append(reference)
        elif name in ("筆", "筆界点", "基準点"):
            self.thing = _Thing(name, key, tag.line)
        elif name == "形状" and self.thing is not None:
            self.thing.shape = reference

    def closes(self, tag: Tag, above: Tag | None, text: str) -> None:
        name = tag.name
        if name in ("X", "Y"):
            self._coordinate(name, text, tag.line, above)
        elif self.thing is not None and name == self.thing.kind:
            self.things.append(self.thing)
            self.thing = None
        elif self.thing is not None and name in (*_OF_PARCEL, "点番名", "名称"):
            self.thing.texts[name] = text
        elif name == "GM_Curve":
            self.curve = ""
        elif name == "GM_Surface":
            self.surface = ""
        elif name == "GM_Point":
            self.point = ""
        elif name == "座標系":
            self.system = text
        elif name == "市区町村名":
            self.town = text
        elif name == "地図名":
            self.sheet = text
        elif (
            name == "縮尺分母" and text.strip().isascii() and text.strip().isdigit() and len(text.strip()) < 7
        ):
            self.scales.add(int(text))

    def _many(self) -> None:
        self.entities += 1
        if self.entities > MAX_ENTITIES:
            raise too_much(self.source.name)

    def _coordinate(self, name: str, text: str, line: int, above: Tag | None) -> None:
        if above is None or above.name != "DirectPosition":
            return
        try:
            value = float(text)
        except ValueError:
            value = float("nan")
        if not abs(value) < _FARTHEST:
            self.notes.bad_line(self.point or self.curve or name, line, text)
            self.north = None
            return
        if name == "X":
            self.north = value
        elif self.north is not None:
            if self.point:
                self.points[self.point] = (value, self.north)
            elif self.curve:
                self._many()
                self.curves[self.curve].append((value, self.north))
            self.north = None

    def drawn(self, broken: Finding | None) -> Drawn:
        """All of it put together."""
        made = Drawn(self.source.name, "mojxml", counts=self.counts)
        system = unicodedata.normalize("NFKC", self.system[:40])
        zone = re.fullmatch(r"公共座標(\d{1,2})系", system.strip())
        if zone and 1 <= int(zone[1]) <= 19:
            made.crs = f"EPSG:{_FIRST_PLANE_EPSG + int(zone[1])}"
        corner = {t.shape: kept(t.texts.get("点番名")) or "" for t in self.things if t.kind == "筆界点"}
        for thing in self.things:
            if thing.kind == "筆":
                made.plots.append(self._plot(thing, corner))
            elif thing.kind == "基準点" and (xy := self.points.get(thing.shape)) is not None:
                made.points.append((kept(thing.texts.get("名称")) or thing.shape, *xy, None))
        made.columns = frozenset({"number", "sheet", "scale", "address"})
        made.findings = self.notes.all() + ([broken] if broken else [])
        return decoded(made)

    def _plot(self, thing: _Thing, corner: dict[str, str]) -> Plot:
        record = thing.id or f"dòng {thing.line}"
        number = kept(unicodedata.normalize("NFKC", thing.texts.get("地番", "")[:200]))
        parcel = not (number or "").startswith(_NO_PARCEL)
        surface = self.surfaces.get(thing.shape)
        pieces = [
            p
            for c in (surface.curves if surface else ())
            if (p := self._piece(c, record, corner)) is not None
        ]
        shape = bound(pieces, record, self.notes, parcel=parcel)
        if not pieces and parcel:
            self.notes.no_shape(record)
        town = kept("".join([self.town, *(thing.texts.get(n, "") for n in _ADDRESS)]))
        scale = self.how.scale or (next(iter(self.scales)) if len(self.scales) == 1 else None)
        return Plot(
            record, shape.shape, "parcel" if parcel else "other", commune=self.how.commune,
            sheet=self.how.sheet or kept(self.sheet), number=number, scale=scale, address=town, corners=shape.corners,
        )  # fmt: skip

    def _piece(self, curve: str, record: str, corner: dict[str, str]) -> Piece | None:
        xy: list[Point] = []
        names: list[str] = []
        missing = ""
        for place in self.curves.get(curve, ()):
            at = self.points.get(place) if isinstance(place, str) else place
            if at is None:
                missing = str(place)
            else:
                xy.append(at)
                names.append(corner.get(place, "") if isinstance(place, str) else "")
        if curve not in self.curves or missing:
            said = kept(missing or curve)
            self.notes.add(
                found(
                    "unknown_point", f"Ranh dùng “{said}” không có trong tệp.",
                    f'The boundary uses "{said}", which is not in the file.', record,
                )
            )  # fmt: skip
        return Piece(tuple(xy), tuple(names)) if len(xy) > 1 and not missing else None
