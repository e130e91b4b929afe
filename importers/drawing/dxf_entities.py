"""Entities of a DXF document as strokes and words; blocks are taken apart two levels deep, bounded."""

import math
from typing import Any

import numpy as np

from importers.drawing.curves import MAX_CHORDS, bulged, circle, ellipse, sampled
from importers.drawing.strokes import MAX_COORDINATE, Drawing, Floats, Stroke, Word, middle_of
from importers.errors import Refused

MAX_FROM_BLOCKS = 200_000
MAX_DEPTH = 2
MAX_SPLINE_POINTS = 20_000
# Kinds that draw no boundary and no label.
_PICTURES = frozenset({
    "HATCH", "POINT", "DIMENSION", "ARC_DIMENSION", "LEADER", "MULTILEADER", "VIEWPORT", "IMAGE", "WIPEOUT", "SOLID",
    "TRACE", "SHAPE", "TOLERANCE", "OLE2FRAME", "OLEFRAME", "UNDERLAY", "PDFUNDERLAY", "DWFUNDERLAY", "DGNUNDERLAY",
    "ATTDEF", "RAY", "XLINE", "LIGHT", "ACAD_PROXY_ENTITY",
})  # fmt: skip


def laid_out(document: Any) -> tuple[list[Any], int]:
    """The entities of model space, and how many stand in paper layouts. Raises: anything, of a document in pieces."""
    model: list[Any] = []
    paper = 0
    for layout in document.layouts:
        if layout.is_modelspace:
            model += layout
        else:
            paper += len(layout)
    return model, paper


class Collector:
    """Fills a drawing from a document. offset: of chords from curves, in the drawing's unit. seen: entities met."""

    def __init__(self, drawing: Drawing, offset: float) -> None:
        self.drawing = drawing
        self.offset = offset
        self.seen = 0
        self.from_blocks = 0
        self.readers = {
            "LINE": self._line, "LWPOLYLINE": self._lwpolyline, "POLYLINE": self._polyline, "ARC": self._arc,
            "CIRCLE": self._circle, "ELLIPSE": self._ellipse, "SPLINE": self._spline, "TEXT": self._text,
            "MTEXT": self._mtext, "ATTRIB": self._text,
        }  # fmt: skip

    def collect(self, model: list[Any], paper: int) -> None:
        """Every entity of model space; those of paper layouts are counted as seen."""
        for entity in model:
            self.seen += 1
            self._one(entity, entity.dxf.get("handle") or f"#{self.seen}", None, 0)
        self.seen += paper

    def _one(self, entity: Any, handle: str, layer: str | None, depth: int) -> None:
        kind = entity.dxftype()
        own = str(entity.dxf.get("layer", "0")) if entity.dxf.is_supported("layer") else "0"
        layer = layer if layer is not None and own == "0" else own
        self.drawing.count(layer, kind)
        if kind == "INSERT":
            self._insert(entity, handle, layer, depth)
            return
        reader = self.readers.get(kind)
        if reader is None:
            if kind not in _PICTURES:
                self.drawing.pass_over(layer, kind)
            return
        try:
            reader(entity, handle, layer)
        except (MemoryError, Refused):
            raise
        except Exception:
            self.drawing.pass_over(layer, kind)

    def _insert(self, entity: Any, handle: str, layer: str, depth: int) -> None:
        for attrib in entity.attribs:
            if not attrib.is_alive:  # a broken file may hold one that its own drawing has dropped
                self.drawing.pass_over(layer, "ATTRIB")
                continue
            self._one(
                attrib, attrib.dxf.get("handle") or f"{handle}/{attrib.dxf.get('tag', '')}", layer, depth
            )
        try:
            block = entity.block()
            if block is None or not len(block):
                return
            many = max(1, int(entity.mcount))
            if depth >= MAX_DEPTH or self.from_blocks + many * len(block) > MAX_FROM_BLOCKS:
                self.drawing.pass_over(layer, "INSERT")
                return
            copies = entity.multi_insert() if many > 1 else (entity,)
            for part in (part for copy in copies for part in copy.virtual_entities()):
                self.from_blocks += 1
                if self.from_blocks > MAX_FROM_BLOCKS:
                    self.drawing.pass_over(layer, "INSERT")
                    return
                if part.dxftype() != "ATTDEF":
                    self._one(part, f"{handle}/{self.from_blocks}", layer, depth + 1)
        except (MemoryError, Refused):
            raise
        except Exception:
            self.drawing.pass_over(layer, "INSERT")

    # --- lines

    def _stroke(self, handle: str, layer: str, xy: Floats, closed: bool, curved: bool = False) -> None:
        self.drawing.add(Stroke(handle, layer, xy, closed, curved))

    def _line(self, entity: Any, handle: str, layer: str) -> None:
        a, b = entity.dxf.start, entity.dxf.end
        xy = np.array([[a.x, a.y], [b.x, b.y]])
        if (xy[0] == xy[1]).all():
            return
        self._stroke(handle, layer, xy, closed=False)

    def _lwpolyline(self, entity: Any, handle: str, layer: str) -> None:
        given = np.array(entity.get_points("xyb"), dtype=float).reshape(-1, 3)
        self._chain(entity, handle, layer, given[:, :2], given[:, 2], bool(entity.closed))

    def _polyline(self, entity: Any, handle: str, layer: str) -> None:
        if entity.is_poly_face_mesh or entity.is_polygon_mesh:
            self.drawing.pass_over(layer, "MESH")
            return
        # Of a polyline with a spline through it the frame's corners (flag 16) are not drawn.
        corners = [v for v in entity.vertices if not v.dxf.flags & 16]
        xy = np.array([(v.dxf.location.x, v.dxf.location.y) for v in corners], dtype=float).reshape(-1, 2)
        flat = bool(entity.is_2d_polyline)
        bulges = np.array([v.dxf.get("bulge", 0.0) if flat else 0.0 for v in corners], dtype=float)
        self._chain(entity, handle, layer, xy, bulges, bool(entity.is_closed))

    def _chain(self, entity: Any, handle: str, layer: str, xy: Floats, bulges: Floats, closed: bool) -> None:
        curved = bool(bulges.any())
        if curved:
            xy = bulged(xy, bulges, closed, self.offset)
        self._stroke(handle, layer, self._world(entity, xy), closed, curved)

    def _arc(self, entity: Any, handle: str, layer: str) -> None:
        centre, start = entity.dxf.center, math.radians(entity.dxf.start_angle)
        sweep = (math.radians(entity.dxf.end_angle) - start) % math.tau or math.tau
        xy = circle((centre.x, centre.y), abs(float(entity.dxf.radius)), start, sweep, self.offset)
        self._stroke(handle, layer, self._world(entity, xy), closed=False, curved=True)

    def _circle(self, entity: Any, handle: str, layer: str) -> None:
        centre = entity.dxf.center
        xy = circle((centre.x, centre.y), abs(float(entity.dxf.radius)), 0.0, math.tau, self.offset)
        self._stroke(handle, layer, self._world(entity, xy)[:-1], closed=True, curved=True)

    def _ellipse(self, entity: Any, handle: str, layer: str) -> None:
        centre, major, minor = entity.dxf.center, entity.dxf.major_axis, entity.minor_axis
        start = float(entity.dxf.start_param)
        sweep = (float(entity.dxf.end_param) - start) % math.tau
        closed = sweep < 1e-9 or math.tau - sweep < 1e-9
        xy = ellipse(
            (centre.x, centre.y),
            (major.x, major.y),
            (minor.x, minor.y),
            start,
            math.tau if closed else sweep,
            self.offset,
        )
        self._stroke(handle, layer, xy[:-1] if closed else xy, closed, curved=True)

    def _spline(self, entity: Any, handle: str, layer: str) -> None:
        size = max(len(entity.control_points), len(entity.fit_points))
        if size > MAX_SPLINE_POINTS or not 1 <= int(entity.dxf.get("degree", 3)) <= 11:
            raise ValueError("no spline")
        curve = entity.construction_tool()
        start, end = float(curve.knots()[curve.order - 1]), float(curve.knots()[-curve.order])

        def points(n: int) -> Floats:
            return np.array([(p.x, p.y) for p in curve.points(np.linspace(start, end, n + 1))])

        floor = min(MAX_CHORDS, max(1, size // 4))
        xy = sampled(lambda n: points(n * floor), self.offset) if size <= MAX_CHORDS else points(size)
        self._stroke(handle, layer, xy, bool(entity.closed), curved=True)

    @staticmethod
    def _world(entity: Any, xy: Floats) -> Floats:
        """Corners in the drawing's own axes, for the few entities drawn in a plane of their own (mirrored ones)."""
        if not entity.dxf.hasattr("extrusion"):
            return xy
        extrusion = entity.dxf.extrusion
        if extrusion.x == 0 and extrusion.y == 0 and extrusion.z > 0:
            return xy
        if entity.dxftype() == "POLYLINE" and not entity.is_2d_polyline:
            return xy
        return np.array(
            [(p.x, p.y) for p in entity.ocs().points_to_wcs([(x, y, 0.0) for x, y in xy.tolist()])]
        )

    # --- words

    def _text(self, entity: Any, handle: str, layer: str) -> None:
        text = entity.plain_text()
        place = entity.dxf.insert
        moved = bool(entity.dxf.get("halign", 0) or entity.dxf.get("valign", 0))
        aligned = moved and entity.dxf.hasattr("align_point")
        height = float(entity.dxf.get("height", 1.0))
        turn = math.radians(float(entity.dxf.get("rotation", 0.0)))
        if aligned and entity.dxf.get("halign", 0) not in (3, 5):
            place = entity.dxf.align_point
            self._word(handle, layer, text, place.x, place.y, height, (float(place.x), float(place.y)))
            return
        middle = middle_of(place.x, place.y, height, len(text), turn)
        self._word(handle, layer, text, place.x, place.y, height, middle)

    def _mtext(self, entity: Any, handle: str, layer: str) -> None:
        text = entity.plain_text()
        place, height = entity.dxf.insert, float(entity.dxf.get("char_height", 1.0))
        lines = text.split("\n")
        wide = max(len(line) for line in lines) * height * 0.8
        tall = len(lines) * height * 1.6
        row, column = divmod(int(entity.dxf.get("attachment_point", 1)) - 1, 3)
        middle = (float(place.x) + wide / 2 * (1 - column), float(place.y) - tall / 2 * (1 - row))
        self._word(handle, layer, text, place.x, place.y, height, middle)

    def _word(
        self,
        handle: str,
        layer: str,
        text: str,
        x: float,
        y: float,
        height: float,
        middle: tuple[float, float],
    ) -> None:
        if not all(math.isfinite(v) and abs(v) <= MAX_COORDINATE for v in (x, y, *middle)):
            raise ValueError("no coordinates")
        if text.strip():
            # Bytes that belong to no character come as lone surrogates: no text may carry them on.
            clean = text[:2000].encode("utf-8", "replace").decode()
            self.drawing.words.append(Word(handle, layer, clean, float(x), float(y), abs(height), middle))
