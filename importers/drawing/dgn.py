"""DGN V7 (MicroStation up to V7, IGDS): read here element by element, so that what is read can be proven whole."""

import math
import struct
from dataclasses import dataclass, field

import numpy as np

from geo.finding import Finding
from importers.check.rules import found
from importers.drawing import dgn_elements as e
from importers.drawing.assemble import assemble
from importers.drawing.curves import ellipse, offset_m
from importers.drawing.known import OLE, refuse
from importers.drawing.strokes import Drawing, Floats, Stroke, Word, middle_of
from importers.errors import BrokenFile, EmptyFile, TooMuch
from importers.plots import Drawn, How
from importers.source import SourceFile

MAX_BYTES = 500 << 20
UNITS_M = {"m": 1.0, "mt": 1.0, "mm": 0.001, "cm": 0.01, "dm": 0.1, "km": 1000.0, "ft": 0.3048, "in": 0.0254}
# Kinds that would draw a boundary or a label and are not read.
_UNREAD = frozenset({e.CURVE, 13, 18, 19, 23, 24, 27, e.SHARED_PLACE, 36})
# Kinds that draw nothing by themselves.
_SILENT = frozenset({1, 5, 8, 9, 10, 21, 25, 26, 28, 34, 37, 38, 66, 87, 88, *range(90, 108)})


def read(source: SourceFile, how: How) -> Drawn:
    """The plots of a DGN V7. Records are "#" and the element's number in the file, or "ranh " and those of the lines
    that close a face. Raises: EmptyFile, BrokenFile, TooMuch, UnknownFormat (V8)."""
    if source.path.stat().st_size > MAX_BYTES:
        raise TooMuch(
            f"Tệp DGN quá lớn (hơn {MAX_BYTES >> 20} MB). Hãy tách tệp.",
            f"The DGN is too large (over {MAX_BYTES >> 20} MB). Split it.",
            source.name,
        )
    data = source.path.read_bytes()
    if not data:
        raise EmptyFile("Tệp rỗng (0 byte).", "The file is empty (0 bytes).", source.name)
    if data.startswith(OLE):
        refuse("dgn8", source.name)
    told = e.Walk(len(data))
    reader = _Reader(Drawing(source.name, "dgn"), how)
    for element in e.walk(data, told):
        if element.number > e.MAX_ELEMENTS:
            raise TooMuch(
                f"Tệp DGN có hơn {e.MAX_ELEMENTS} phần tử. Hãy tách tệp.",
                f"The DGN holds over {e.MAX_ELEMENTS} elements. Split it.",
                source.name,
            )
        reader.take(element)
    reader.finish()
    drawing = reader.drawing
    drawing.findings += _complete(told)
    if not drawing.counts:
        if told.whole and reader.settings is not None:
            raise EmptyFile("Bản vẽ không có phần tử nào.", "The drawing holds no element.", source.name)
        raise BrokenFile(
            f"Tệp DGN hỏng hoặc bị cắt ở byte {told.end} / {told.size}. Hãy lưu lại (File > Save As, V7 DGN hoặc DXF).",
            f"The DGN breaks at byte {told.end} of {told.size}. Save it again (File > Save As, V7 DGN or DXF).",
            source.name,
        )
    return assemble(drawing, how)


def _complete(told: e.Walk) -> list[Finding]:
    if not told.whole:
        return [
            found(
                "incomplete_file",
                f"Chuỗi phần tử DGN đứt ở byte {told.end} / {told.size}: chỉ đọc được {told.elements} phần tử đầu.",
                f"The chain of DGN elements breaks at byte {told.end} of {told.size}: only the first {told.elements} "
                "elements were read.",
                f"byte {told.end}",
            )
        ]
    if told.behind:
        return [
            found(
                "incomplete_file",
                f"Sau dấu kết thúc ở byte {told.end} còn {told.behind} phần tử hình học không thuộc bản vẽ.",
                f"Behind the end mark at byte {told.end} stand {told.behind} more drawn elements, which are not read.",
                f"byte {told.end}",
                severity="explain",
            )
        ]
    return []


@dataclass(slots=True)
class _Complex:
    """A complex chain or shape whose parts are still coming."""

    element: e.Element
    left: int
    parts: list[Floats] = field(default_factory=list)
    curved: bool = False


class _Reader:
    """Turns elements into strokes and words in master units."""

    def __init__(self, drawing: Drawing, how: How) -> None:
        self.drawing = drawing
        self.offset_m = offset_m(how.scale)
        self.settings: e.Settings | None = None
        self.open: _Complex | None = None
        self.skipping = False

    def take(self, element: e.Element) -> None:
        """Read one element; those that are deleted or draw nothing are passed over."""
        if element.kind == e.SETTINGS and element.level == 8 and self.settings is None:
            self._settle(e.settings_of(element.data))
            return
        if not element.part:
            self.finish()
            self.skipping = element.kind == e.SHARED_CELL
        if element.deleted or element.kind in _SILENT or (self.skipping and element.part):
            return
        layer = f"Level {element.level}"
        self.drawing.levels[layer] = element.level
        self.drawing.count(layer, e.KINDS[element.kind])
        try:
            self._read(element, layer)
        except (struct.error, ValueError, OverflowError):
            self.drawing.pass_over(layer, e.KINDS[element.kind])

    def finish(self) -> None:
        """A complex shape whose parts are all there is one ring; the parts of a chain are lines."""
        done, self.open = self.open, None
        if done is None or not done.parts:
            return
        layer, number = f"Level {done.element.level}", f"#{done.element.number}"
        ring = done.element.kind == e.RING
        strokes = [_joined(done.parts)] if ring else done.parts
        for i, xy in enumerate(strokes):
            handle = f"{number}/{i + 1}" if len(strokes) > 1 else number
            try:
                self._stroke(done.element, layer, xy, ring, done.curved, handle)
            except ValueError:
                self.drawing.pass_over(layer, e.KINDS[done.element.kind])

    def _settle(self, settings: e.Settings | None) -> None:
        self.settings = settings
        if settings is None:
            self.drawing.findings.append(
                found(
                    "unknown_unit",
                    "Tệp DGN không ghi đơn vị; coi 1000 đơn vị nhỏ là 1 m.",
                    "The DGN does not say its units; 1000 units of resolution are taken for 1 m.",
                )
            )
        else:
            self.drawing.unit_m = UNITS_M.get(settings.unit)

    def _read(self, element: e.Element, layer: str) -> None:
        data, kind = element.data, element.kind
        settings = self.settings or e.Settings(1000.0, (0.0, 0.0), 2, "")
        axes = settings.axes
        if kind in (e.CHAIN, e.RING):
            self.open = _Complex(element, struct.unpack_from("<H", data, 38)[0])
        elif kind == e.LINE:
            self._piece(element, layer, settings.place(e.points(data, 36, 2, axes)), False)
        elif kind in (e.LINE_STRING, e.SHAPE):
            count = struct.unpack_from("<H", data, 36)[0]
            self._piece(element, layer, settings.place(e.points(data, 38, count, axes)), kind == e.SHAPE)
        elif kind in (e.ELLIPSE, e.ARC):
            xy, whole = self._arc(element, settings)
            self._piece(element, layer, xy, whole, curved=True)
        elif kind == e.TEXT:
            self._word(element, layer, settings)
        elif kind in _UNREAD:
            self.drawing.pass_over(layer, e.KINDS[kind])

    def _arc(self, element: e.Element, settings: e.Settings) -> tuple[Floats, bool]:
        """Corners on an arc or ellipse, master units, and whether it is a whole one."""
        data, flat, at = element.data, settings.axes == 2, 36
        start, sweep = 0.0, math.tau
        if element.kind == e.ARC:
            start = math.radians(e.int32(data, 36) / 360_000)
            turned = bytes((data[40], data[41] & 0x7F)) + data[42:44]
            angle = e.int32(turned, 0) / 360_000 * (-1 if data[41] & 0x80 else 1)
            sweep = math.radians(angle) or math.tau
            at = 44
        primary, secondary = (
            e.d_float(data, at) / settings.per_master,
            e.d_float(data, at + 8) / settings.per_master,
        )
        turn = math.radians(e.int32(data, at + 16) / 360_000) if flat else e.turn_of(data, at + 16)
        centre_at = at + 20 if flat else at + 32
        centre = settings.place(np.array([e.d_float(data, centre_at), e.d_float(data, centre_at + 8)]))
        cos, sin = math.cos(turn), math.sin(turn)
        xy = ellipse(
            (float(centre[0]), float(centre[1])),
            (primary * cos, primary * sin),
            (-secondary * sin, secondary * cos),
            start,
            sweep,
            self.offset_m / (self.drawing.unit_m or 1.0),
        )
        whole = abs(sweep) >= math.tau - 1e-9
        return (xy[:-1] if whole else xy), whole

    def _piece(self, element: e.Element, layer: str, xy: Floats, closed: bool, curved: bool = False) -> None:
        if self.open is not None and element.part and self.open.left > 0:
            self.open.left -= 1
            if len(xy) < 2:
                raise ValueError("a part without length")
            self.open.parts.append(xy)
            self.open.curved |= curved
            return
        self._stroke(element, layer, xy, closed, curved)

    def _stroke(
        self,
        element: e.Element,
        layer: str,
        xy: Floats,
        closed: bool,
        curved: bool,
        handle: str | None = None,
    ) -> None:
        self.drawing.add(Stroke(handle or f"#{element.number}", layer, xy, closed, curved))

    def _word(self, element: e.Element, layer: str, settings: e.Settings) -> None:
        data, flat = element.data, settings.axes == 2
        wide, high = (abs(e.int32(data, at)) * 0.006 / settings.per_master for at in (38, 42))
        turn = math.radians(e.int32(data, 46) / 360_000) if flat else e.turn_of(data, 46)
        at, length_at = (50, 58) if flat else (62, 74)
        x, y = settings.place(e.points(data, at, 1, settings.axes))[0].tolist()
        count = struct.unpack_from("<B", data, length_at)[0]
        raw = data[length_at + 2 : length_at + 2 + count]
        if len(raw) < count:
            raise ValueError("text beyond the element")
        # Two bytes for each letter behind FF FD.
        text: str | bytes = (
            raw[2:].decode("utf-16-le", "replace") if raw[:2] == b"\xff\xfd" else raw.rstrip(b"\x00")
        )
        if text.strip():
            middle = middle_of(x, y, high, len(text), turn, wide / high if high else 0.8)
            self.drawing.words.append(Word(f"#{element.number}", layer, text, x, y, high, middle))


def _joined(parts: list[Floats]) -> Floats:
    """Parts end to end; one that was drawn the other way round is turned."""
    out = [parts[0]]
    for i, part in enumerate(parts[1:]):
        last = out[-1]
        if i == 0 and len(parts) > 1:
            ends = [np.hypot(*(a - b)) for a in (last[-1], last[0]) for b in (part[0], part[-1])]
            if min(ends[2:]) < min(ends[:2]):
                last = out[0] = last[::-1]
        out.append(part[::-1] if np.hypot(*(part[-1] - last[-1])) < np.hypot(*(part[0] - last[-1])) else part)
    xy = np.concatenate(out)
    keep = np.ones(len(xy), dtype=bool)
    keep[1:] = (np.abs(xy[1:] - xy[:-1]) > 1e-9).any(axis=1)
    return xy[keep]
