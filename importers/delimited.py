"""CSV with a column of WKT as Arrow batches: any of the usual separators, encodings and line ends."""

import codecs
import csv
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import shapely
from numpy.typing import NDArray

from importers.columns import plain
from importers.draft import MAX_BATCH_ROWS
from importers.errors import AmbiguousColumn, BrokenFile, EmptyFile, NoGeometry, TooMuch, UnknownColumn
from importers.source import SourceFile

GEOMETRY_NAMES = (
    "wkt",
    "geom",
    "geometry",
    "thegeom",
    "geomwkt",
    "wktgeom",
    "wktgeometry",
    "shape",
    "ranhgioi",
    "geomtext",
)
_BLOCK_BYTES = 16 << 20
_HEAD_CHARS = 1 << 16
_LISTED = 50
_SEPARATORS = ",;\t|"
_EWKT = re.compile(r"^\s*SRID\s*=\s*(\d+)\s*;", re.IGNORECASE)
# Kinds that shapely does not read; their WKB says no more than that.
_CURVED = "CIRCULARSTRING|COMPOUNDCURVE|CURVEPOLYGON|MULTICURVE|MULTISURFACE|TIN|TRIANGLE|POLYHEDRALSURFACE"
_CURVED_WKB = b"\x01\x0a\x00\x00\x00\x00\x00\x00\x00"


@dataclass(slots=True)
class Delimited:
    """An open CSV: its columns, which of them holds the shapes, the encoding it was read in, an EPSG code from EWKT, and
    rows that could not be split into columns (row, text) as they are met."""

    fields: tuple[str, ...]
    geometry: str
    encoding: str
    separator: str
    assumed: bool
    source: SourceFile
    crs: str | None = None
    broken: list[tuple[int, str, int]] = field(default_factory=list)

    def batches(self) -> Iterator[tuple[pa.RecordBatch, pa.Array, pa.Array]]:
        """Batches of text columns, their shapes as WKB (unreadable WKT becomes WKB that is none), and their 1-based rows.

        Raises: BrokenFile.
        """

        def keep(row: pa.csv.InvalidRow) -> str:
            self.broken.append((row.number or 0, (row.text or "")[:80], row.actual_columns))
            return "skip"

        read = pa.csv.ReadOptions(
            use_threads=False, block_size=_BLOCK_BYTES, encoding=self.encoding, column_names=list(self.fields), skip_rows=0,
            skip_rows_after_names=1,
        )  # fmt: skip
        parse = pa.csv.ParseOptions(
            delimiter=self.separator, newlines_in_values=True, invalid_row_handler=keep
        )
        convert = pa.csv.ConvertOptions(
            column_types={name: pa.string() for name in self.fields},
            strings_can_be_null=False,
            check_utf8=False,
        )
        try:
            last = 0
            reader = pa.csv.open_csv(self.source.path, read, parse, convert)
            for block in reader:
                for start in range(0, block.num_rows, MAX_BATCH_ROWS):
                    batch = block.slice(start, MAX_BATCH_ROWS)
                    records = self._rows(last + 1, batch.num_rows)
                    last = int(records[-1])
                    yield batch, self._shapes(batch), pa.array(records)
        except (pa.ArrowException, OSError, UnicodeError, ValueError) as error:
            said = " ".join(str(error).split())[:200]
            if "straddling" in said or "block" in said:
                raise BrokenFile(
                    f"Có dòng dài hơn {_BLOCK_BYTES >> 20} MB (thửa quá nhiều đỉnh, hoặc thiếu dấu ngoặc kép). Hãy sửa tệp.",
                    f"A line is longer than {_BLOCK_BYTES >> 20} MB (too many points, or a missing quote). Correct the file.",
                    self.source.name,
                ) from error
            raise BrokenFile(
                f"Không đọc được CSV: {said}.", f"The CSV cannot be read: {said}.", self.source.name
            ) from error

    def _rows(self, first: int, count: int) -> NDArray[np.int64]:
        """The numbers of the next `count` rows that were not broken; the header is not counted."""
        if not self.broken:
            return np.arange(first, first + count, dtype=np.int64)
        rows = np.arange(first, first + count + len(self.broken), dtype=np.int64)
        left = np.array([line - 1 for line, _, _ in self.broken], dtype=np.int64)
        return np.asarray(rows[~np.isin(rows, left)][:count], dtype=np.int64)

    def _shapes(self, batch: pa.RecordBatch) -> pa.Array:
        if not self.geometry:
            return pa.nulls(batch.num_rows, pa.binary())
        values = batch.column(batch.schema.names.index(self.geometry))
        values = pc.utf8_trim_whitespace(values)
        told = values.to_numpy(zero_copy_only=False)
        if pc.any(pc.match_substring(values, ";")).as_py():
            told = np.array([_EWKT.sub("", v) if v else v for v in told], dtype=object)
        empty = np.asarray(pc.equal(pc.binary_length(values), 0))
        hexed = np.asarray(pc.match_substring_regex(values, "^0[01][0-9A-Fa-f]{8,}$"))
        curved = np.asarray(pc.match_substring_regex(values, _CURVED, ignore_case=True))
        shapes = np.empty(len(told), dtype=object)
        plain_text = ~empty & ~hexed & ~curved
        shapes[plain_text] = shapely.from_wkt(told[plain_text], on_invalid="ignore")
        for row in np.flatnonzero(hexed).tolist():
            shapes[row] = _from_hex(told[row])
        out = shapely.to_wkb(shapes, byte_order=1)
        missing = shapely.is_missing(shapes)
        for row in np.flatnonzero(missing & ~empty).tolist():
            out[row] = _CURVED_WKB if curved[row] else b"?"
        return pa.array(out, pa.binary())


def _from_hex(text: str) -> shapely.Geometry | None:
    try:
        return shapely.from_wkb(text, on_invalid="ignore")
    except NotImplementedError:
        return None


def opened(source: SourceFile, wanted: str | None, *, shapes: bool = True) -> Delimited:
    """Look at the head of a CSV; `wanted` names the geometry column where it is not recognised; with `shapes` false it may
    have none, and its batches come without.

    Raises: EmptyFile, NoGeometry, AmbiguousColumn (two geometry columns, two columns of one name), UnknownColumn,
    BrokenFile, TooMuch.
    """
    encoding, assumed = _encoding(source)
    try:
        with source.path.open(encoding=encoding, newline="", errors="strict") as file:
            head = file.read(_HEAD_CHARS)
    except (UnicodeError, OSError) as error:
        raise BrokenFile(
            f"Không đọc được chữ trong CSV: {error}.", f"The CSV's text cannot be read: {error}.", source.name
        ) from error
    head = head.lstrip("\ufeff")
    if not head.strip():
        raise EmptyFile("Tệp không có dòng nào.", "The file has no lines.", source.name)
    line = re.split(r"\r\n|\r|\n", head, maxsplit=1)[0]
    if len(line) == len(head) == _HEAD_CHARS:
        raise TooMuch(
            f"Dòng đầu của CSV dài hơn {_HEAD_CHARS:,} ký tự: quá nhiều cột. Hãy bỏ bớt cột.",
            f"The CSV's first line is longer than {_HEAD_CHARS:,} characters: too many columns. Leave some out.",
            source.name,
        )
    separator = max(_SEPARATORS, key=line.count)
    try:
        names = [n.strip() for n in next(csv.reader([line], delimiter=separator))]
    except csv.Error as error:
        raise BrokenFile(
            f"Dòng đầu của CSV hỏng: {error}.", f"The CSV's first line is broken: {error}.", source.name
        ) from error
    listed = ", ".join(names[:_LISTED]) + (" …" if len(names) > _LISTED else "")
    twice = sorted(n for n, met in Counter(names).items() if met > 1)
    if twice:
        raise AmbiguousColumn(
            f"Cột “{twice[0]}” có hai lần trong dòng đầu: {listed}. Hãy đặt tên khác nhau.",
            f'Column "{twice[0]}" stands twice in the first line: {listed}. Give them different names.',
            source.name,
        )
    if wanted is not None:
        found = [n for n in names if plain(n) == plain(wanted)]
        if not found:
            raise UnknownColumn(
                f"Tệp không có cột “{wanted}”. Các cột: {listed}.",
                f'The file has no column "{wanted}". Its columns: {listed}.',
                source.name,
            )
    else:
        found = [n for n in names if plain(n) in GEOMETRY_NAMES]
    if not found and not shapes:
        return Delimited(tuple(names), "", encoding, separator, assumed, source)
    if not found:
        raise NoGeometry(
            f"CSV không có cột hình WKT (wkt, geom, geometry…). Các cột: {listed}. Hãy chỉ rõ: --map shape=TÊN_CỘT.",
            f"The CSV has no column of WKT shapes (wkt, geom…). Its columns: {listed}. Say which: --map shape=COLUMN.",
            source.name,
        )
    if len(found) > 1:
        raise AmbiguousColumn(
            f"Các cột {', '.join(found)} đều có thể là hình. Hãy chỉ rõ: --map shape={found[0]}.",
            f"Columns {', '.join(found)} can all be the shape. Say which: --map shape={found[0]}.",
            source.name,
        )
    told = re.search(r"SRID\s*=\s*(\d{4,5})\s*;", head, re.IGNORECASE)
    crs = f"EPSG:{told[1]}" if told else None
    return Delimited(tuple(names), found[0], encoding, separator, assumed, source, crs)


def _encoding(source: SourceFile) -> tuple[str, bool]:
    """The encoding of a text file, and whether it had to be assumed: BOM, else UTF-8 if all of it is, else windows-1258
    (Vietnamese), else Latin-1."""
    with source.path.open("rb") as file:
        head = file.read(4)
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16", False
    if head.startswith(codecs.BOM_UTF8):
        return "utf-8", False
    for encoding in ("utf-8", "cp1258"):
        decoder = codecs.getincrementaldecoder(encoding)()
        try:
            with source.path.open("rb") as file:
                while block := file.read(1 << 20):
                    decoder.decode(block)
                decoder.decode(b"", True)
        except UnicodeDecodeError:
            continue
        return encoding, encoding != "utf-8"
    return "latin-1", True
