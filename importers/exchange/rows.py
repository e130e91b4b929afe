"""Batches of a table to plots and points: texts by Arrow's kernels, shapes as they are, every row somewhere."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import shapely

from importers import clean, texts, wkb
from importers.check.rules import found
from importers.exchange.notes import Notes, Point, brief, kept
from importers.exchange.outlines import Outline, outline
from importers.plots import Drawn, Plot

_ADDRESS = ("address", "house", "street", "hamlet")
_HEARD = 1_000
_PLAIN = ("sheet", "number", "map_set", "land_use")
_AREAS = ("legal_area_m2", "told_area_m2")

Column = list[Any]


class Rows:
    """One layer on its way into `made`. `off` bounds chords, in the file's unit; `zones`: its areas are zones of parcels, not
    parcels; for text shapes `gaps_of` and `text_of` answer for a row of the batch at hand."""

    def __init__(
        self,
        made: Drawn,
        notes: Notes,
        columns: Mapping[str, str],
        constant: Mapping[str, str],
        reference: str | None,
        ids: str | None,
        layer: str | None,
        given: Mapping[str, str | None],
    ) -> None:
        self.made, self.notes, self.columns, self.constant = made, notes, columns, constant
        self.reference, self.ids, self.layer, self.given = reference, ids, layer, given
        self.off = 0.1
        self.zones = layer is not None and "zoning" in layer.lower()
        self.gaps_of: Callable[[int], list[tuple[Point, Point]]] | None = None
        self.text_of: Callable[[int], str] | None = None
        self.seen: set[str] = {p.record for p in made.plots}
        self.read = 0
        self.chorded = 0
        self.chorded_first: str | None = None

    def batch(self, batch: pa.RecordBatch, shapes: pa.Array, ids: Column | None) -> None:
        """Take one batch; `shapes` is WKB, `ids` the feature ids (None: rows are counted from 1)."""
        n = batch.num_rows
        if n == 0:
            return
        fields = self._fields(batch, n)
        records = self._records(batch, ids, n)
        if shapes.type != pa.binary():
            shapes = shapes.cast(pa.binary())
        status = wkb.unpack(shapes, clean.MAX_POINTS).status
        made = np.full(n, None, dtype=object)
        good = status == wkb.OK
        if good.any():
            content = np.array(shapes.filter(pa.array(good)).to_pylist(), dtype=object)
            made[good] = shapely.force_2d(shapely.from_wkb(content, on_invalid="ignore"))
        for row in range(n):
            shape = made[row]
            record = records[row]
            if shape is None:
                told = shapes[row].as_py()
                found_out = self._odd(int(status[row]), told, row, record)
                if found_out is not None and found_out.points and not found_out.polygons:
                    name = fields["number"][row] or record
                    code = fields["land_use"][row]
                    self.made.points += [(name, x, y, code) for x, y in found_out.points]
                    if (address := fields["address"][row]) and len(self.notes.heard) < _HEARD:
                        self.notes.heard.append(address)
                    self._count("points", len(found_out.points))
                    continue
                if found_out is not None and found_out.lines and not found_out.polygons:
                    self._count("not read: lines", 1)
                    continue
                shape = found_out.shape() if found_out is not None else None
                if shape is None and not (found_out is not None and found_out.gaps()):
                    self.notes.no_shape(record, *self._why(int(status[row]), row))
            self.made.plots.append(self._plot(record, shape, fields, row))
        self.read += n
        self._unread(batch)

    def ended(self) -> None:
        """To be called after the last batch."""
        if self.chorded:
            self.notes.add(
                found(
                    "curve", f"{self.chorded} cung tròn được thay bằng dây cung.",
                    f"{self.chorded} arcs were replaced by chords.", self.chorded_first,
                )
            )  # fmt: skip

    def _count(self, name: str, count: int) -> None:
        self.made.counts[name] = self.made.counts.get(name, 0) + count

    def _fields(self, batch: pa.RecordBatch, n: int) -> dict[str, Column]:
        told: dict[str, pa.Array] = {}
        for field in (*_PLAIN, *_ADDRESS):
            told[field] = texts.text(self._column(batch, field, n))
        told["land_use"] = pc.utf8_upper(told["land_use"])
        told["address"] = texts.address_line(*(told[name] for name in _ADDRESS))
        told["commune"] = texts.commune(self._column(batch, "commune", n))
        told["scale"] = texts.scale(self._column(batch, "scale", n))
        told["code"] = texts.text(self._column(batch, "code", n))
        fields = {name: values.to_pylist() for name, values in told.items()}
        for field in _AREAS:
            values, bad = texts.number(self._column(batch, field, n))
            fields[field] = values.to_pylist()
            fields[f"bad {field}"] = bad.to_pylist()
            fields[f"said {field}"] = texts.text(self._column(batch, field, n)).to_pylist()
        return fields

    def _column(self, batch: pa.RecordBatch, field: str, n: int) -> pa.Array:
        name = self.columns.get(field)
        if name is None or name not in batch.schema.names:
            value = self.constant.get(field)
            return pa.repeat(pa.scalar(value), n) if value else pa.nulls(n, pa.string())
        column = batch.column(batch.schema.names.index(name))
        kind = column.type
        if pa.types.is_nested(kind):
            # A list of texts, as GML and JSON have it: the first is the field.
            return pa.array([None if v is None else kept(_first(v)) for v in _values(column)], pa.string())
        return pa.nulls(n, pa.string()) if pa.types.is_null(kind) else column

    def _records(self, batch: pa.RecordBatch, ids: Column | None, n: int) -> list[str]:
        """`ES.SDGC.CP.1` where the file has references of its own, else `#12 (OBJECTID 967812)`; unique in the file."""
        names = batch.schema.names
        references = (
            texts.text(batch.column(names.index(self.reference))).to_pylist()
            if self.reference
            else [None] * n
        )
        objects = texts.text(batch.column(names.index(self.ids))).to_pylist() if self.ids else [None] * n
        records = []
        for row in range(n):
            number = f"#{ids[row] if ids is not None else self.read + row + 1}"
            record = kept(references[row]) or (
                f"{number} ({self.ids} {objects[row]})" if objects[row] is not None else number
            )
            if self.layer is not None and not references[row]:
                record = f"{brief(self.layer, 60)} {record}"
            if record in self.seen:
                record = f"{record} {number}"
            self.seen.add(record)
            records.append(record)
        return records

    def _odd(self, status: int, told: bytes | None, row: int, record: str) -> Outline | None:
        """A shape that is no plain polygon, with its gaps and arcs told; None where nothing can be made of it."""
        if told is None or status in (wkb.NULL, wkb.EMPTY, wkb.NOT_FINITE, wkb.TOO_MANY):
            return None
        read: Outline | None
        if status == wkb.CORRUPT and self.gaps_of is not None and self.text_of is not None:
            gaps = self.gaps_of(row)
            shape = shapely.from_wkt(self.text_of(row), on_invalid="fix") if gaps else None
            read = outline(shapely.to_wkb(shapely.force_2d(shape)), self.off) if shape is not None else None
        else:
            read = outline(told, self.off)
            gaps = read.gaps() if read is not None else []
        for start, end in gaps if read is not None else []:
            self.notes.open_ring(record, start, end)
        if read is not None and read.arcs:
            self.chorded += read.arcs
            self.chorded_first = self.chorded_first or record
        return read

    def _why(self, status: int, row: int) -> tuple[str, str]:
        if status in (wkb.OK, wkb.COLLECTION, wkb.NOT_POLYGON):
            return "không có vùng nào", "it holds no polygon"
        return clean.REASONS[status][1:]

    def _plot(self, record: str, shape: shapely.Geometry | None, fields: dict[str, Column], row: int) -> Plot:
        plot = Plot(record, shape)
        if self.zones:
            plot.kind = "other"
        for field in ("commune", *_PLAIN, "code", "address"):
            value = fields[field][row]
            setattr(plot, field, kept(value) if value is not None else None)
        plot.scale = fields["scale"][row]
        for field in ("commune", "sheet"):
            if getattr(plot, field) is None:
                setattr(plot, field, self.given.get(field))
        for field in _AREAS:
            value = fields[field][row]
            if fields[f"bad {field}"][row] or (value is not None and value < 0):
                self.notes.bad_line(record, None, str(fields[f"said {field}"][row]))
            else:
                setattr(plot, field, value)
        return plot

    def _unread(self, batch: pa.RecordBatch) -> None:
        """Columns that no field takes: how many values they hold, never which."""
        taken = {*self.columns.values(), self.reference, self.ids}
        for name, column in zip(batch.schema.names, batch.columns, strict=True):
            if name not in taken and not pa.types.is_binary(column.type) and column.null_count < len(column):
                self._count(f"column {brief(name, 60)}", len(column) - column.null_count)


def _values(column: pa.Array) -> list[Any]:
    """The values; a list that holds bytes of no text as U+FFFD, which is told."""
    try:
        made: list[Any] = column.to_pylist()
    except UnicodeDecodeError:
        made = [_value(one) for one in column]
    return made


def _value(one: pa.Scalar) -> Any:
    try:
        return one.as_py()
    except UnicodeDecodeError:
        return "\ufffd"


def _first(value: Any) -> str | None:
    while isinstance(value, (list, tuple)) and value:
        value = value[0]
    return value if isinstance(value, str) else None
