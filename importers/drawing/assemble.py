"""A drawing as read made into plots: layers sorted, rings taken, lines closed to faces, labels put to them."""

import math
from collections.abc import Iterable

import numpy as np
import shapely

from geo.finding import Finding
from importers.check.rules import found
from importers.check.words import metres, square_metres
from importers.crs import metres_by_size
from importers.drawing.decoding import readable
from importers.drawing.labelling import Said, put, read_labels
from importers.drawing.layers import Layers, sort_layers, unused
from importers.drawing.levels import BOUNDARY, LEGAL, LEVELS, RING
from importers.drawing.network import Network, close, points_of
from importers.drawing.strokes import Drawing, Floats, Stroke
from importers.plots import Drawn, How, Plot

GRID_M = 0.001
NEAR_M = 0.5
MAX_TOLD = 500


def assemble(drawing: Drawing, how: How) -> Drawn:
    """Plots and findings of a drawing. Raises: TooMuch where its lines form no map but a tangle."""
    layer_names = sorted({layer for layer, _ in drawing.counts})
    read = readable([w.text for w in drawing.words] + list(layer_names))
    texts = read.texts[: len(drawing.words)]
    names = dict(zip(layer_names, read.texts[len(drawing.words) :], strict=True))
    layers = sort_layers(drawing, names, how.layers, texts)
    unit_m = metres_of_one(drawing)
    work = _Work(drawing, layers, unit_m)
    work.plots_of_rings()
    work.plots_of_legal()
    labels = read_labels(drawing.words, [layers.word_level(w.layer) for w in drawing.words], texts)
    numbered = any(not isinstance(what, str) and what.number is not None for _, _, what in labels.labels)
    places = [
        drawing.words[w].middle for w, _, what in labels.labels if not isinstance(what, str) and what.number
    ]
    work.plots_of_lines(places)
    drawn = Drawn(drawing.name, drawing.format, unit_m=drawing.unit_m, encoding=read.encoding)
    for (layer, kind), n in sorted(drawing.counts.items()):
        counted = _counted(layer, kind, names, layers)
        drawn.counts[counted] = drawn.counts.get(counted, 0) + n
    drawn.findings = [*drawing.findings, *read.findings, *work.findings]
    drawn.findings += _told_once(labels.findings)
    plots = [plot for plot in work.plots if plot.kind != "legal"]
    shapes = np.array([plot.shape for plot in plots], dtype=object)
    said, stray = put(labels, shapes)
    for plot, one in zip(plots, said, strict=True):
        _say(plot, one, drawing)
    if numbered:
        unlabelled = _unlabelled(plots, said, work.soft, unit_m)
        # Of a drawing that was cut, the numbers may stand in what is missing.
        cut = any(f.rule == "incomplete_file" and f.severity == "stops" for f in drawing.findings)
        drawn.findings += _told_once(f for f in unlabelled if not (cut and f.rule == "no_label"))
        drawn.findings += _told_once(_stray(drawing, texts, stray))
    elif plots:
        drawn.findings.append(
            found(
                "no_label",
                "Bản vẽ không có số thửa nào (lớp 13): các thửa chưa có số.",
                "The drawing holds no parcel number at all (level 13): its plots have none.",
                severity="note",
            )
        )
    drawn.plots = work.plots
    held = {
        name for name in ("number", "land_use", "told_area_m2") for p in plots if getattr(p, name) is not None
    }
    for plot in drawn.plots:
        plot.commune, plot.sheet, plot.scale = how.commune, how.sheet, how.scale
    held |= {name for name in ("commune", "sheet", "scale") if getattr(how, name) is not None}
    drawn.columns = frozenset(held)
    if not drawn.plots:
        drawn.findings.append(_nothing(drawing, names))
    drawn.findings += _about(drawing, names) + unused(drawing, layers, names)
    return drawn


def metres_of_one(drawing: Drawing) -> float:
    """Metres of one unit of the drawing, for tolerances: by the size of its numbers, by its word, else 1."""
    sample = [s.xy for s in drawing.strokes[:2000]]
    return (metres_by_size(np.concatenate(sample)) if sample else None) or drawing.unit_m or 1.0


class _Work:
    """Plots of one drawing as they are made."""

    def __init__(self, drawing: Drawing, layers: Layers, unit_m: float) -> None:
        self.drawing, self.layers, self.unit_m = drawing, layers, unit_m
        self.near, self.grid = NEAR_M / unit_m, GRID_M / unit_m
        self.plots: list[Plot] = []
        self.findings: list[Finding] = []
        self.soft: set[str] = set()  # records of plots bounded by roads and waters more than by plots
        self.taken: set[str] = set()
        lines = [s for s in drawing.strokes if layers.level(s.layer) in RING]
        self.rings = [s for s in lines if s.closed and len(s.xy) >= 3 and layers.level(s.layer) == BOUNDARY]
        kept = {id(s) for s in self.rings}
        self.open = [s for s in lines if id(s) not in kept]
        # Roads and waters own the stretches they share with plots.
        self.open.sort(key=lambda s: layers.level(s.layer) == BOUNDARY)

    def plots_of_rings(self) -> None:
        """Each closed boundary is a plot as it is drawn."""
        for stroke in self.rings:
            self._plot(stroke.handle, _polygon(stroke.xy))

    def plots_of_legal(self) -> None:
        """Boundaries on paper, closed ones and those that lines close."""
        legal = [s for s in self.drawing.strokes if self.layers.level(s.layer) == LEGAL]
        for stroke in legal:
            if stroke.closed and len(stroke.xy) >= 3:
                self._plot(stroke.handle, _polygon(stroke.xy)).kind = "legal"
        lines = [s for s in legal if not (s.closed and len(s.xy) >= 3)]
        network = close([_line(s) for s in lines], self.grid, 0.0, self.drawing.name)
        for face, owners in zip(network.faces, network.owners, strict=True):
            self._plot(_round(lines, owners), face).kind = "legal"

    def plots_of_lines(self, labels: list[tuple[float, float]]) -> None:
        """Faces that lines close, by themselves or with the rings, and what is wrong with the lines.

        A ring in which lines divide two labels or more from one another is an outline of plots, not a plot.
        """
        if not self.open:
            return
        strokes = [*self.rings, *self.open]
        network = close([_line(s) for s in strokes], self.grid, self.near, self.drawing.name)
        self._open_rings(strokes, network)
        if not network.faces:
            return
        faces = np.array(network.faces, dtype=object)
        of_lines = np.array([any(o >= len(self.rings) for o in owners) for owners in network.owners])
        inside: list[list[int]] = [[] for _ in faces]
        outlines: set[int] = set()
        rings = np.array([p.shape for p in self.plots if p.kind == "parcel"][: len(self.rings)], dtype=object)
        if len(rings):
            face, ring = shapely.STRtree(rings).query(shapely.point_on_surface(faces), predicate="within")
            for f, r in zip(face.tolist(), ring.tolist(), strict=True):
                inside[f].append(r)
            outlines = _outlines(faces, of_lines, inside, labels)
            gone = {self.rings[r].handle for r in outlines}
            self.plots = [p for p in self.plots if p.record not in gone]
        for f, owners in enumerate(network.owners):
            if of_lines[f] and all(r in outlines for r in inside[f]):
                plot = self._plot(_round(strokes, owners), network.faces[f])
                outer = sum(
                    part
                    for o, part in owners.items()
                    if self.layers.level(strokes[o].layer) not in (BOUNDARY, LEGAL)
                )
                if outer > 0.5:
                    self.soft.add(plot.record)

    def _open_rings(self, strokes: list[Stroke], network: Network) -> None:
        """Openings and stubs as findings; among rings a chain that closes no face with others is a ring left open."""
        told: list[Finding] = []
        for o in network.openings:
            told.append(
                _opening(
                    strokes[o.owner].handle, strokes[o.other].handle, o.start, o.end, o.width * self.unit_m
                )
            )
        owning = {o for owners in network.owners for o in owners}
        left: set[int] = set()
        for i, stroke in enumerate(strokes):
            if i < len(self.rings) or i in owning or len(stroke.xy) < 3 or len(self.rings) < len(self.open):
                continue
            if self.layers.level(stroke.layer) == BOUNDARY:
                left.add(i)
                start, end = stroke.xy[0], stroke.xy[-1]
                self._plot(stroke.handle, _polygon(stroke.xy))
                gap = float(np.hypot(*(end - start))) * self.unit_m
                told.append(_opening(stroke.handle, None, (start[0], start[1]), (end[0], end[1]), gap))
        self.findings += _told_once(told)
        self.findings += _told_once(
            found(
                "dangle",
                f"Đường {strokes[s.owner].handle} ({_level_name(self.layers.level(strokes[s.owner].layer))}) cụt tại đây, "
                f"dài {metres(s.length * self.unit_m)[0]} tính đến nút gần nhất.",
                f"Line {strokes[s.owner].handle} (level {self.layers.level(strokes[s.owner].layer)}) ends in nothing, "
                f"{metres(s.length * self.unit_m)[1]} from the nearest junction.",
                strokes[s.owner].handle,
                severity=None if self.layers.level(strokes[s.owner].layer) == BOUNDARY else "note",
                x=s.end[0],
                y=s.end[1],
                extent=shapely.to_wkt(s.way, rounding_precision=-1),
                width_m=s.length * self.unit_m,
            )
            for s in network.stubs
            if s.owner not in left
        )

    def _plot(self, record: str, shape: shapely.Geometry | None) -> Plot:
        name, n = record, 1
        while name in self.taken:
            n += 1
            name = f"{record} ({n})"
        self.taken.add(name)
        plot = Plot(name, shape)
        self.plots.append(plot)
        return plot


def _polygon(xy: Floats) -> shapely.Geometry:
    return shapely.Polygon(xy)


def _line(stroke: Stroke) -> Floats:
    return np.concatenate((stroke.xy, stroke.xy[:1])) if stroke.closed else stroke.xy


def _round(strokes: list[Stroke], owners: dict[int, float]) -> str:
    """The record of a face: the three lines that have most of its boundary, in the file's order."""
    most = sorted(owners, key=lambda o: (-round(owners[o], 9), o))[:3]
    return "ranh " + ",".join(strokes[o].handle for o in sorted(most))


def _outlines(
    faces: np.ndarray[tuple[int], np.dtype[np.object_]],
    of_lines: np.ndarray[tuple[int], np.dtype[np.bool_]],
    inside: list[list[int]],
    labels: list[tuple[float, float]],
) -> set[int]:
    """Rings in which two or more faces made by lines hold a label."""
    if not labels:
        return set()
    points = points_of(np.array(labels))
    labelled = set(shapely.STRtree(points).query(faces, predicate="intersects")[0].tolist())
    count: dict[int, int] = {}
    for f in sorted(labelled):
        for r in inside[f] if of_lines[f] else ():
            count[r] = count.get(r, 0) + 1
    return {r for r, n in count.items() if n > 1}


def _opening(
    handle: str, other: str | None, start: tuple[float, float], end: tuple[float, float], gap: float
) -> Finding:
    with_vi = f" với {other}" if other not in (None, handle) else ""
    with_en = f" to {other}" if other not in (None, handle) else ""
    wide = metres(gap)
    return found(
        "open_ring",
        f"Ranh {handle} hở {wide[0]}{with_vi}; đã khép tạm bằng đoạn thẳng để kiểm tra tiếp.",
        f"Boundary {handle} is open by {wide[1]}{with_en}; closed by a straight line to go on checking.",
        handle,
        x=(start[0] + end[0]) / 2,
        y=(start[1] + end[1]) / 2,
        extent=f"LINESTRING ({start[0]} {start[1]}, {end[0]} {end[1]})",
        width_m=gap,
        other=other,
    )


def _level_name(level: int | None) -> str:
    return LEVELS.get(level or 0, f"lớp {level}")


def _say(plot: Plot, said: Said, drawing: Drawing) -> None:
    if said.numbers:
        number, word, _ = said.numbers[0]
        plot.number = number
        plot.label = (drawing.words[word].x, drawing.words[word].y)
    elif said.open_land:
        plot.kind = "other"
    plot.land_use = said.land_use
    plot.told_area_m2 = said.areas[0] if said.areas else None


def _unlabelled(plots: list[Plot], said: list[Said], soft: set[str], unit_m: float) -> Iterable[Finding]:
    """Plots without a number and with several."""
    for plot, one in zip(plots, said, strict=True):
        numbers = list(dict.fromkeys(number for number, _, _ in one.numbers))
        if len(numbers) == 1 or plot.kind == "other":
            continue
        area = float(shapely.area(plot.shape)) * unit_m**2
        sound = area > 0 and shapely.is_valid(plot.shape)
        at = shapely.point_on_surface(plot.shape) if sound else shapely.centroid(plot.shape)
        place = (float(shapely.get_x(at)), float(shapely.get_y(at)))
        if numbers:
            listed = ", ".join(numbers[:10])
            text_vi, text_en = f"Trong một thửa có các số {listed}.", f"One plot holds the numbers {listed}."
            yield found("two_labels", text_vi, text_en, plot.record, x=place[0], y=place[1])
            continue
        if plot.record in soft:
            plot.kind = "other"
        large = square_metres(area)
        yield found(
            "no_label",
            f"Khoảnh {plot.record} rộng {large[0]} không có số thửa."
            + (" Có thể là đường hoặc kênh." if plot.record in soft else ""),
            f"The face {plot.record} of {large[1]} has no number."
            + (" It may be a road or canal." if plot.record in soft else ""),
            plot.record,
            severity="explain" if plot.record in soft else None,
            x=place[0],
            y=place[1],
            size=area,
        )


def _stray(drawing: Drawing, texts: list[str], stray: list[int]) -> Iterable[Finding]:
    for w in stray:
        word = drawing.words[w]
        yield found(
            "stray_label",
            f"Nhãn “{texts[w][:40]}” ({word.handle}) nằm ngoài mọi thửa.",
            f"The label “{texts[w][:40]}” ({word.handle}) lies outside every plot.",
            word.handle,
            x=word.x,
            y=word.y,
            extent=f"POINT ({word.x} {word.y})",
        )


def _told_once(findings: Iterable[Finding]) -> list[Finding]:
    """Findings of one rule, the first `MAX_TOLD` by themselves and one for the rest."""
    each = list(findings)
    told = each[:MAX_TOLD]
    if len(each) > MAX_TOLD:
        rest = len(each) - MAX_TOLD
        told.append(
            found(
                each[0].rule,
                f"… và {rest} chỗ nữa như vậy.",
                f"… and {rest} more of these.",
                severity=each[0].severity,
            )
        )
    return told


def _nothing(drawing: Drawing, names: dict[str, str]) -> Finding:
    listed = ", ".join(f"“{name}”" for name in list(names.values())[:12])
    return found(
        "no_shape",
        f"Bản vẽ không có ranh thửa nào khép kín. Các lớp có trong tệp: {listed or 'không có'}.",
        f"No boundary in the drawing closes. Its layers: {listed or 'none'}.",
    )


def _about(drawing: Drawing, names: dict[str, str]) -> list[Finding]:
    """What holds for the whole file: curves, the unit, kinds of entities that are not read."""
    findings = []
    if drawing.curves:
        text_vi = f"{drawing.curves} cung tròn, đường cong được thay bằng dây cung."
        findings.append(found("curve", text_vi, f"{drawing.curves} arcs and curves were replaced by chords."))
    if drawing.unit_m is not None and not math.isclose(drawing.unit_m, 1.0):
        text_vi = f"Tệp ghi đơn vị bản vẽ bằng {f'{drawing.unit_m:g}'.replace('.', ',')} m."
        findings.append(
            found("unknown_unit", text_vi, f"The file says that its unit is {drawing.unit_m:g} m.")
        )
    if drawing.not_read:
        each = [
            f"{kind} “{names.get(layer, layer)}” ({n})"
            for (layer, kind), n in sorted(drawing.not_read.items())
        ]
        listed = ", ".join(each[:20]) + (f", … (+{len(each) - 20})" if len(each) > 20 else "")
        text_vi, text_en = f"Các đối tượng không đọc: {listed}.", f"Entities that are not read: {listed}."
        findings.append(found("not_read", text_vi, text_en, severity="explain"))
    return findings


def _counted(layer: str, kind: str, names: dict[str, str], layers: Layers) -> str:
    level = layers.level(layer)
    name = names.get(layer, layer)
    return (
        f"level {level} {kind}"
        if level is not None and name in (str(level), f"Level {level}")
        else f"{name} {kind}"
    )
