"""A file of addresses read within the fenced process: batches and findings as frames."""

import json
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any, BinaryIO

import pyarrow as pa

from geo.finding import Finding
from importers import delimited, gdal
from importers.address_files.columns import recognised
from importers.address_files.inspire import is_inspire, read_inspire
from importers.address_files.table import Table
from importers.crs import identify
from importers.dbf import encoding_of
from importers.errors import EmptyFile, NoGeometry, Refused, TooMuch
from importers.fenced import broken_rows
from importers.frames import send_batch, send_message
from importers.source import SourceFile, discover

MAX_REFUSED = 100_000
_HEAD_BYTES = 1 << 16


class Run:
    """One request: its files in order."""

    def __init__(self, request: dict[str, Any], out: BinaryIO, answers: BinaryIO) -> None:
        self.paths = [Path(p) for p in request["paths"]]
        self.folder = Path(request["folder"])
        self.mapping: dict[str, str] = request["mapping"]
        self.crs: int | None = request["crs"]
        self.commune: str | None = request["commune"]
        self.out = out
        self.answers = answers
        self.zones: dict[str, int | None] = {}
        self.refused = 0
        self.read = 0

    def run(self, limit: Callable[[int], None]) -> None:
        """Read all; `limit` is told the bytes before the work begins. Raises: Refused."""
        sources = discover(self.paths, self.folder)
        limit(sum(source.bytes for source in sources))
        left: list[Refused] = []
        for source in sources:
            try:
                self._file(source)
            except (EmptyFile, NoGeometry) as reason:
                left.append(reason)
        if not self.read and left:
            raise left[0]
        if not self.read:
            raise EmptyFile("Tệp không có địa chỉ nào.", "The file holds no address.", self.paths[0].name)
        self._say(
            [Finding("left_out", "note", f"Không đọc: {r.text_vi}", f"Not read: {r.text_en}", r.place) for r in left]
        )  # fmt: skip

    def _file(self, source: SourceFile) -> None:
        if source.format == "csv":
            self._csv(source)
            return
        if source.format == "gml":
            with source.path.open("rb") as file:
                head = file.read(_HEAD_BYTES)
            if is_inspire(head):
                self._say(read_inspire(source, self.crs, self._tell))
                return
        layers = gdal.layers(source)
        for layer in layers:
            self._layer(source, layer, len(layers) > 1)

    def _csv(self, source: SourceFile) -> None:
        table = delimited.opened(source, self.mapping.get("shape"), shapes=False)
        mapping = {k: v for k, v in self.mapping.items() if k != "shape"}
        columns = recognised([f for f in table.fields if f != table.geometry], mapping, source.name)
        said = identify(table.crs, self.crs, source.name)
        made = Table(source.name, columns, None if said is None else said.epsg, self.commune, self._zone_of)
        for batch, shapes, records in table.batches():
            rows = [f"{source.name}#{n}" for n in records.to_pylist()]
            self._tell(*made.batch(batch, shapes if table.geometry else None, rows), batch.num_rows)
        self._say(broken_rows(table, "stops"), len(table.broken))
        if table.assumed:
            vi = f"Tệp không ghi bảng mã chữ; đã đọc theo {table.encoding}. Nếu chữ sai, hãy xuất lại bằng UTF-8."
            en = f"The file does not say its text encoding; read as {table.encoding}. If texts look wrong, use UTF-8."
            self._say([Finding("encoding", "note", vi, en, source.name)])

    def _layer(self, source: SourceFile, layer: gdal.Layer, many: bool) -> None:
        name = f"{source.name}/{layer.name}" if many else source.name
        encoding, _ = encoding_of(source.path) if source.format == "shp" else (None, False)
        with gdal.opened(source, layer, encoding) as opened:
            said = identify(opened.crs, self.crs, name)
            columns = recognised(opened.fields, {k: v for k, v in self.mapping.items() if k != "shape"}, name)
            made = Table(name, columns, None if said is None else said.epsg, self.commune, self._zone_of)
            n = 0
            for batch in opened.batches:
                rows = [f"{name}#{k}" for k in range(n + 1, n + 1 + batch.num_rows)]
                n += batch.num_rows
                at = None if opened.geometry is None else batch.schema.names.index(opened.geometry)
                shapes = None if at is None else batch.column(at).cast(pa.binary())
                self._tell(*made.batch(batch, shapes, rows), batch.num_rows)

    def _zone_of(self, commune: str) -> int | None:
        if commune not in self.zones:
            send_message(self.out, {"kind": "zone", "commune": commune})
            answer = self.answers.readline()
            if not answer:
                raise BrokenPipeError
            self.zones[commune] = json.loads(answer)
        return self.zones[commune]

    def _tell(self, batch: pa.RecordBatch, findings: list[Finding], read: int) -> None:
        self._say(findings, read)
        if batch.num_rows:
            send_batch(self.out, batch)

    def _say(self, findings: list[Finding], read: int = 0) -> None:
        self.read += read
        self.refused += sum(f.severity == "stops" for f in findings)
        if self.refused > MAX_REFUSED:
            first = next(f for f in findings if f.severity == "stops")
            raise TooMuch(
                f"Hơn {MAX_REFUSED:,} dòng bị từ chối, ví dụ {first.record}: {first.text_vi} Hãy sửa tệp trước.",
                f"More than {MAX_REFUSED:,} rows are refused, such as {first.record}: {first.text_en} Correct the file.",
                self.paths[0].name,
            )
        told = [asdict(finding) for finding in findings]
        send_message(self.out, {"kind": "findings", "findings": told, "read": read, "done": None})
