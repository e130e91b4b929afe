"""Tables of plots (GeoPackage, Shapefile, GeoJSON, FlatGeobuf, GML with INSPIRE and VLIS, CSV with WKT) as a survey.

Unlike an import (`importers.normalise`) nothing is required: a table without numbers or sheets is read, and the check says
what is missing. Shapes stay as they are drawn.
"""

import codecs
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyproj

from geo.finding import Finding
from importers import delimited, gdal
from importers.check.rules import found
from importers.columns import plain
from importers.dbf import encoding_of
from importers.errors import BrokenFile, EmptyFile, NoGeometry, TooMuch
from importers.exchange import arcs, lens
from importers.exchange.notes import MAX_ENTITIES, Notes, brief, decoded, too_much
from importers.exchange.outlines import rings_of_text
from importers.exchange.rows import Rows
from importers.plots import Drawn, How
from importers.source import SourceFile

MAX_COLUMNS = 2_000
_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
# What GDAL names for us; all other formats are text.
_BINARY = ("gpkg", "shp", "fgb", "parquet")


def read(source: SourceFile, how: How) -> Drawn:
    """The polygons as plots, points as points; other kinds of shapes and unread columns are counted.

    Raises: BrokenFile, EmptyFile, NoGeometry, UnknownColumn, AmbiguousColumn (two geometry columns), TooMuch.
    """
    with warnings.catch_warnings(), _in_utf8(source) as readable:
        # GDAL warns of each open ring; here it is a finding.
        warnings.simplefilter("ignore")
        made = Drawn(source.name, source.format, columns=frozenset(), unit_m=None)
        notes = Notes()
        if readable.format == "csv":
            _csv(readable, how, made, notes)
        else:
            _layers(readable, how, made, notes)
    made.findings = notes.all() + made.findings
    return decoded(made, notes.heard)


@contextmanager
def _in_utf8(source: SourceFile) -> Iterator[SourceFile]:
    """The file itself, or its copy in UTF-8 where it is JSON or GML in UTF-16, which GDAL does not know."""
    if source.format in (*_BINARY, "csv"):
        yield source
        return
    with source.path.open("rb") as file:
        wide = file.read(2) in _UTF16
    if not wide:
        yield source
        return
    with tempfile.TemporaryDirectory(prefix="diachinh-utf8-") as folder:
        copy = Path(folder) / f"copy.{source.format}"
        try:
            with source.path.open(encoding="utf-16") as file, copy.open("w", encoding="utf-8") as out:
                first = True
                while block := file.read(1 << 20):
                    if first:
                        block = block.replace('encoding="UTF-16"', "", 1).replace('encoding="utf-16"', "", 1)
                    first = False
                    out.write(block)
        except UnicodeError as error:
            raise BrokenFile(
                "Tệp UTF-16 bị hỏng. Hãy xuất lại bằng UTF-8.",
                "The UTF-16 is broken. Export the file as UTF-8.",
                source.name,
            ) from error
        yield replace(source, path=copy)


def _layers(source: SourceFile, how: How, made: Drawn, notes: Notes) -> None:
    layers = gdal.layers(source)
    shaped = [layer for layer in layers if layer.kind is None or _wanted(layer.kind)]
    for layer in layers:
        if layer not in shaped:
            made.counts[f"not read: {brief(layer.name or '', 60)} {layer.kind}".strip()] = 1
    if not shaped:
        raise NoGeometry(
            "Tệp không có vùng hay điểm nào để đọc.",
            "The file holds neither polygons nor points.",
            source.name,
        )
    for layer in shaped:
        _layer(source, layer, how, made, notes, len(shaped) > 1)
    if not (made.plots or made.points or notes.findings or made.findings):
        raise EmptyFile("Tệp không có bản ghi nào.", "The file has no records.", source.name)


def _wanted(kind: str) -> bool:
    return any(k in kind for k in gdal.POLYGONAL) or "Point" in kind


def _layer(source: SourceFile, layer: gdal.Layer, how: How, made: Drawn, notes: Notes, named: bool) -> None:
    encoding, assumed = encoding_of(source.path) if source.format == "shp" else (None, False)
    # Latin-1 keeps every byte: which encoding it is, all texts together say afterwards.
    encoding = "ISO-8859-1" if assumed else encoding
    read = 0
    with gdal.opened(source, layer, encoding) as opened:
        if opened.geometry is None:
            made.counts[f"not read: {brief(layer.name or 'table', 60)}"] = opened.rows or 1
            if not named:
                raise NoGeometry("Tệp không có cột hình.", "The file has no column of shapes.", source.name)
            return
        rows = _rows(source, opened.fields, how, made, notes, layer.name if named else None)
        if opened.crs is not None:
            _system(made, opened.crs, notes)
        rows.off = arcs.sagitta(how.scale, made.unit_m or 1.0)
        try:
            for batch in opened.batches:
                names = batch.schema.names
                ids = batch.column(names.index(opened.fid)).to_pylist() if opened.fid is not None else None
                rows.batch(batch, batch.column(names.index(opened.geometry)), ids)
                read += batch.num_rows
                if read > MAX_ENTITIES:
                    raise too_much(source.name)
        except BrokenFile as reason:
            if not read:
                raise
            made.findings.append(_incomplete(f"{reason.text_vi}", f"{reason.text_en}"))
        if opened.rows is not None and read < opened.rows and not made.findings:
            made.findings.append(
                _incomplete(
                    f"Tệp ghi có {opened.rows} bản ghi nhưng chỉ đọc được {read}.",
                    f"The file counts {opened.rows} records, but only {read} could be read.",
                    "note" if source.format == "shp" else None,
                )
            )
        rows.ended()


def _incomplete(vi: str, en: str, severity: Any = None) -> Finding:
    return found("incomplete_file", vi, en, severity=severity)


def _rows(
    source: SourceFile, fields: tuple[str, ...], how: How, made: Drawn, notes: Notes, layer: str | None
) -> Rows:
    """How to read the columns of a layer. Raises: UnknownColumn, TooMuch."""
    if len(fields) > MAX_COLUMNS:
        raise TooMuch(
            f"Tệp có {len(fields):,} cột, nhiều hơn {MAX_COLUMNS:,}. Hãy bỏ bớt cột.",
            f"The file has {len(fields):,} columns, more than {MAX_COLUMNS:,}. Leave some out.",
            source.name,
        )
    columns, left = lens.columns(fields, how.mapping, source.name)
    for field, other in left:
        notes.add(
            found(
                "not_read", f"Cột “{brief(other, 60)}” cũng có thể là {field}; đã dùng cột “{columns[field]}”.",
                f'Column "{brief(other, 60)}" could be {field} too; column "{columns[field]}" was taken.',
            )
        )  # fmt: skip
    constant = {field: value[1:].strip() for field, value in how.mapping.items() if value.startswith("=")}
    given = {"commune": how.commune, "sheet": how.sheet, "scale": str(how.scale) if how.scale else None}
    constant |= {field: value for field, value in given.items() if value and field not in columns}
    made.columns |= frozenset(columns) | frozenset(constant)
    ids = next((f for f in fields if plain(f) == "objectid"), None)
    rows = Rows(made, notes, columns, constant, lens.reference(fields), ids, layer, given)
    # A layer that is alone in its file has no name here; INSPIRE's sheets and polygons (CadastralZoning) have a reference.
    rows.zones |= any("zoningreference" in plain(f) for f in fields)
    return rows


def _system(made: Drawn, definition: str, notes: Notes) -> None:
    """The system and the unit the file names; its first layer speaks for the file."""
    if made.crs is not None:
        return
    made.crs = definition
    try:
        crs = pyproj.CRS.from_user_input(definition)
    except pyproj.exceptions.CRSError:
        return
    if not crs.is_geographic and crs.axis_info:
        made.unit_m = float(crs.axis_info[0].unit_conversion_factor)
        notes.unit_m = made.unit_m
    elif crs.is_geographic:
        # Widths of gaps in degrees are told in metres, near enough for a place in Vietnam.
        notes.unit_m = 111_000.0


def _csv(source: SourceFile, how: How, made: Drawn, notes: Notes) -> None:
    table = delimited.opened(source, how.mapping.get("shape"))
    if table.assumed:
        # As Latin-1 every byte is kept: which encoding it is, all texts together say afterwards.
        table.encoding = "latin-1"
    made.encoding = table.encoding
    fields = tuple(f for f in table.fields if f != table.geometry)
    rows = _rows(source, fields, how, made, notes, None)
    if table.crs is not None:
        _system(made, table.crs, notes)
    rows.off = arcs.sagitta(how.scale, made.unit_m or 1.0)
    read = 0
    try:
        for batch, shapes, records in table.batches():
            told = batch.column(batch.schema.names.index(table.geometry))
            rows.gaps_of = lambda row, told=told: rings_of_text(told[row].as_py() or "")
            rows.text_of = lambda row, told=told: told[row].as_py() or ""
            rows.batch(batch, shapes, records.to_pylist())
            read += batch.num_rows
            if read > MAX_ENTITIES:
                raise too_much(source.name)
    except BrokenFile as reason:
        if not read:
            raise
        made.findings.append(_incomplete(reason.text_vi, reason.text_en))
    for line, text, count in table.broken:
        # The text itself may hold the name of an owner: it is not repeated.
        notes.add(
            found(
                "bad_line", f"Dòng có {count} cột thay vì {len(table.fields)} ({len(text)} ký tự).",
                f"The line has {count} columns, not {len(table.fields)} ({len(text)} characters).", f"dòng {line}",
            )
        )  # fmt: skip
    rows.ended()
    if not (made.plots or made.points or notes.findings):
        raise EmptyFile("Tệp không có bản ghi nào.", "The file has no records.", source.name)
