"""The process in which files are parsed: bounded memory and time, no core dump, one pipe out, one pipe in.

`python -m importers.fenced` takes one JSON line (paths, folder, options) on its input, answers with frames
(`importers.frames`) on its output and asks there for the zone of communes. It writes only into the folder it is given.
A crash of a parser, a bomb or an endless file ends this process, never the one that asked.
"""

import contextlib
import json
import os
import resource
import shutil
import signal
import sys
import tempfile
from dataclasses import asdict
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

if TYPE_CHECKING:
    from geo.finding import Finding, Severity
    from importers.delimited import Delimited
    from importers.gdal import Layer
    from importers.normalise import Normaliser, Result
    from importers.source import SourceFile

MEMORY_BYTES = 4 << 30
FILE_BYTES = 17 << 30
CPU_SECONDS = 120
CPU_BYTES_PER_SECOND = 500_000
RASTER_CPU_SECONDS = 1200
MAX_REFUSED = 100_000
MAX_NOTES = 10_000
LOADED = ("importers.examination", "importers.check.run", "importers.report.write", "importers.drawing.dxf")
"""What a process that stands ready for surveys has loaded before it is asked."""


def _limit(cpu_seconds: int) -> None:
    spent = resource.getrusage(resource.RUSAGE_SELF)
    cpu = cpu_seconds + int(spent.ru_utime + spent.ru_stime)
    resource.setrlimit(resource.RLIMIT_CPU, (cpu, resource.getrlimit(resource.RLIMIT_CPU)[1]))


def main() -> None:
    """Serve one request and end."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ[name] = "1"
    os.environ["ARROW_DEFAULT_MEMORY_POOL"] = "system"
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_FSIZE, (FILE_BYTES, FILE_BYTES))
    _limit(CPU_SECONDS)
    # What parsers print must not get between the frames.
    out = os.fdopen(os.dup(1), "wb", buffering=1 << 16)
    os.dup2(2, 1)
    if sys.argv[1:2] == ["loaded"]:
        for name in LOADED:
            import_module(name)
    line = sys.stdin.buffer.readline()
    if not line and sys.argv[2:]:
        # Whoever held this process ready is gone, and cannot clean up.
        shutil.rmtree(sys.argv[2], ignore_errors=True)
        return
    request = json.loads(line)
    tempfile.tempdir = request["folder"]

    if request.get("mode") == "raster":
        from importers.raster import picture

        picture.prepare()
    else:
        from importers import gdal

        gdal.prepare()

    from importers.errors import Refused
    from importers.frames import send_message

    try:
        if request.get("mode") == "survey":
            _examine(request, out)
        elif request.get("mode") == "raster":
            from importers.raster.place import place

            _limit(RASTER_CPU_SECONDS)
            folder = Path(request["folder"])
            told = place([Path(p) for p in request["paths"]], request["options"], folder)
            send_message(out, {"kind": "placed", "placed": told})
        elif request.get("mode") == "addresses":
            from importers.address_files.run import Run

            Run(request, out, sys.stdin.buffer).run(
                lambda size: _limit(CPU_SECONDS + size // CPU_BYTES_PER_SECOND)
            )
            send_message(out, {"kind": "done"})
        else:
            _Run(request, out, sys.stdin.buffer).run()
            send_message(out, {"kind": "done"})
    except BrokenPipeError:
        # Whoever asked is gone, and cannot clean up.
        shutil.rmtree(Path(request["folder"]).parent, ignore_errors=True)
    except Refused as refused:
        said = {"rule": refused.rule, "vi": refused.text_vi, "en": refused.text_en, "place": refused.place}
        send_message(out, {"kind": "refused", **said})
    except MemoryError:
        send_message(out, {"kind": "memory"})
    # At exit GDAL and Arrow would tidy up for long; nothing here needs it.
    with contextlib.suppress(BrokenPipeError):
        out.flush()
    os._exit(0)


def _examine(request: dict[str, Any], out: BinaryIO) -> None:
    """A survey: its questions and its progress go to the parent as they come, then what was found."""
    from importers.examination import examine
    from importers.frames import send_message

    def ask(question: dict[str, Any]) -> Any:
        send_message(out, question)
        answer = sys.stdin.buffer.readline()
        if not answer:
            raise BrokenPipeError
        return json.loads(answer)

    def tell(done: float, step: str) -> None:
        send_message(out, {"kind": "progress", "done": done, "step": step})

    size = sum(Path(p).stat().st_size for p in request["paths"] if Path(p).is_file())
    _limit(CPU_SECONDS + size // CPU_BYTES_PER_SECOND)
    send_message(out, {"kind": "examined", **examine(request, ask, tell)})


class _Run:
    """One request: the layers of its files in order, each batch as a frame, then its findings."""

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
        self.noted: dict[str, int] = {}
        self.done_bytes = 0.0
        self.total_bytes = 1

    def run(self) -> None:
        from importers.address_list import recognised
        from importers.errors import EmptyFile, MissingColumn, NoGeometry, Refused
        from importers.frames import send_batch
        from importers.source import discover

        sources = discover(self.paths, self.folder)
        lists = {s.name: found for s in sources if (found := recognised(s, self.mapping, self.commune))}
        sources = [s for s in sources if s.name not in lists]
        self.total_bytes = max(1, sum(s.bytes for s in sources))
        _limit(CPU_SECONDS + self.total_bytes // CPU_BYTES_PER_SECOND)
        left: list[Refused] = []
        layers_read = 0
        for source in sources:
            try:
                layers = self._layers(source)
            except EmptyFile as reason:
                if len(sources) == 1:
                    raise
                left.append(reason)
                layers = []
            for layer in layers:
                alone = len(sources) == 1 and len(layers) == 1
                try:
                    self._layer(source, layer, len(layers))
                    layers_read += 1
                except (NoGeometry, EmptyFile) as reason:
                    if alone:
                        raise
                    left.append(reason)
                except MissingColumn as reason:
                    if len(layers) == 1:
                        raise
                    left.append(reason)
            self.done_bytes += source.bytes
        if not layers_read and left and not lists:
            raise left[0]
        self._leave(left)
        for addresses in lists.values():
            for batch in addresses.batches():
                send_batch(self.out, batch)
            self._tell(broken_rows(addresses.table, "note"), 0)

    def _leave(self, reasons: list[Any]) -> None:
        from geo.finding import Finding

        self._tell(
            [
                Finding("left_out", "note", f"Không đọc: {r.text_vi}", f"Not read: {r.text_en}", r.place)
                for r in reasons
            ],
            0,
        )

    def _layers(self, source: "SourceFile") -> "list[Layer]":
        from importers import gdal

        if source.format == "csv":
            return [gdal.Layer(None, None)]
        return gdal.layers(source)

    def _layer(self, source: "SourceFile", layer: "Layer", of: int) -> None:
        if source.format == "csv":
            self._csv(source)
        else:
            self._gdal(source, layer, of)

    def _gdal(self, source: "SourceFile", layer: "Layer", of: int) -> None:
        from importers import gdal
        from importers.columns import plain, recognise
        from importers.crs import identify
        from importers.dbf import encoding_of

        name = source.name if of == 1 else f"{source.name}/{layer.name}"
        _refuse_other_kinds(layer.kind, name)
        encoding, assumed = encoding_of(source.path) if source.format == "shp" else (None, False)
        with gdal.opened(source, layer, encoding) as layer_open:
            _refuse_other_kinds("None" if layer_open.geometry is None else layer_open.kind, name)
            # A system that is not kept here is the first thing to say.
            identify(layer_open.crs, self.crs, name)
            mapping = {k: v for k, v in self.mapping.items() if k != "shape"}
            columns = recognise(layer_open.fields, mapping, name)
            ids = next((f for f in layer_open.fields if plain(f) == "objectid"), None)
            normaliser = self._normaliser(name, columns, layer_open.crs, ids)
            if encoding is not None and assumed:
                self._assumed(name, encoding)
            for batch in layer_open.batches:
                names = batch.schema.names
                shapes = batch.column(names.index(layer_open.geometry))
                records = batch.column(names.index(layer_open.fid)) if layer_open.fid is not None else None
                self._send(normaliser.batch(batch, shapes, records), normaliser, source, layer_open.rows, of)
            normaliser.ended()
            if layer_open.rows is not None and normaliser.rows < layer_open.rows:
                self._incomplete(source, name, normaliser.rows, layer_open.rows)

    def _csv(self, source: "SourceFile") -> None:
        from importers import delimited
        from importers.columns import plain, recognise

        table = delimited.opened(source, self.mapping.get("shape"))
        mapping = {k: v for k, v in self.mapping.items() if k != "shape"}
        columns = recognise([f for f in table.fields if f != table.geometry], mapping, source.name)
        ids = next((f for f in table.fields if plain(f) == "objectid"), None)
        normaliser = self._normaliser(source.name, columns, table.crs, ids)
        if table.assumed:
            self._assumed(source.name, table.encoding)
        for batch, shapes, records in table.batches():
            self._send(normaliser.batch(batch, shapes, records), normaliser, source, None, 1)
        self.refused += len(table.broken)
        self._tell(broken_rows(table, "stops"), len(table.broken))
        if not table.broken:
            normaliser.ended()

    def _normaliser(self, name: str, columns: Any, definition: str | None, ids: str | None) -> "Normaliser":
        from importers.normalise import Normaliser

        return Normaliser(name, columns, definition, self.crs, self.commune, self._zone_of, ids)

    def _incomplete(self, source: "SourceFile", name: str, read: int, said: int) -> None:
        """Fewer records came than the file counts: deleted ones in a shapefile, else a file that is cut or damaged."""
        from geo.finding import Finding
        from importers.errors import BrokenFile

        vi = f"Tệp ghi có {said} bản ghi nhưng chỉ đọc được {read}."
        en = f"The file counts {said} records, but only {read} could be read."
        if source.format != "shp":
            raise BrokenFile(
                f"{vi} Tệp có thể hỏng; hãy xuất lại.", f"{en} It may be damaged; export it again.", name
            )
        en = f"{en} Records marked as deleted are not read."
        self._tell(
            [Finding("incomplete", "note", f"{vi} Bản ghi đã đánh dấu xóa không được đọc.", en, name)], 0
        )

    def _assumed(self, name: str, encoding: str) -> None:
        from geo.finding import Finding

        vi = f"Tệp không ghi bảng mã chữ; đã đọc theo {encoding}. Nếu chữ sai, hãy xuất lại bằng UTF-8."
        en = f"The file does not say its text encoding; read as {encoding}. If texts look wrong, export it as UTF-8."
        self._tell([Finding("encoding", "note", vi, en, name)], 0)

    def _zone_of(self, commune: str) -> int | None:
        from importers.frames import send_message

        if commune not in self.zones:
            send_message(self.out, {"kind": "zone", "commune": commune})
            answer = self.answers.readline()
            if not answer:
                raise BrokenPipeError
            self.zones[commune] = json.loads(answer)
        return self.zones[commune]

    def _send(
        self, result: "Result", normaliser: "Normaliser", source: "SourceFile", rows: int | None, of: int
    ) -> None:
        from importers.errors import TooMuch
        from importers.frames import send_batch

        self.refused += sum(f.severity == "stops" for f in result.findings)
        if self.refused > MAX_REFUSED:
            first = next(f for f in result.findings if f.severity == "stops")
            raise TooMuch(
                f"Hơn {MAX_REFUSED:,} bản ghi bị từ chối, ví dụ {first.record}: {first.text_vi} Hãy sửa tệp trước.",
                f"More than {MAX_REFUSED:,} records are refused, such as {first.record}: {first.text_en} "
                "Correct the file first.",
                normaliser.name,
            )
        done = self.done_bytes + (source.bytes * min(1.0, normaliser.rows / rows) / of if rows else 0)
        self._tell(result.findings, result.read, min(1.0, done / self.total_bytes))
        if result.drafts.num_rows:
            send_batch(self.out, result.drafts)

    def _tell(self, findings: "list[Finding]", read: int, done: float | None = None) -> None:
        """Send findings; notes of one kind only up to a number, so that the answer does not grow with the file."""
        from importers.frames import send_message

        told = []
        for finding in findings:
            if finding.severity != "stops":
                self.noted[finding.rule] = self.noted.get(finding.rule, 0) + 1
                if self.noted[finding.rule] > MAX_NOTES:
                    continue
            told.append(asdict(finding))
        send_message(self.out, {"kind": "findings", "findings": told, "read": read, "done": done})


def broken_rows(table: "Delimited", severity: "Severity") -> "list[Finding]":
    """A finding for each line of a CSV that could not be split into its columns."""
    from geo.finding import Finding

    expected = len(table.fields)
    return [
        Finding(
            "broken_row",
            severity,
            f"Dòng có {count} cột thay vì {expected}: “{text}”.",
            f'The line has {count} columns, not {expected}: "{text}".',
            f"{table.source.name} line {line}",
        )
        for line, text, count in table.broken
    ]


def _refuse_other_kinds(kind: str | None, name: str) -> None:
    from importers.errors import NoGeometry
    from importers.gdal import POLYGONAL

    if kind is None or any(p in kind for p in POLYGONAL):
        return
    raise NoGeometry(
        f"Lớp này không có vùng (polygon) nào (loại hình: {kind}): không có thửa đất để đọc.",
        f"The layer holds no polygons (kind of geometry: {kind}): there are no parcels to read.",
        name,
    )


if __name__ == "__main__":
    main()
