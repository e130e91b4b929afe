"""What lies in the paths handed in: files by what their bytes are, whatever they are called."""

import codecs
import mmap
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from xml.parsers import expat

from importers.errors import BrokenFile, EmptyFile, ForbiddenMarkup, MissingFile, UnknownFormat
from importers.unpack import is_zip, unpack

Format = Literal["gpkg", "shp", "geojson", "fgb", "gml", "csv", "parquet"]
# Asked first, with the first 64 KiB and the suffix: the formats of survey files (`importers.examination`).
Recogniser = Callable[[bytes, str], str | None]
_READ = "GeoPackage, Shapefile, GeoJSON, FlatGeobuf, GeoParquet, GML, CSV (WKT), .zip"
_SIDE = {
    ".shx",
    ".dbf",
    ".prj",
    ".cpg",
    ".qpj",
    ".sbn",
    ".sbx",
    ".qix",
    ".idm",
    ".ind",
    ".fix",
    ".xsd",
    ".gfs",
    ".qml",
    ".sld",
}
_MARKS = (b"<!DOCTYPE", b"<!ENTITY")
_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


@dataclass(frozen=True, slots=True)
class SourceFile:
    """One file to read: `name` as the user knows it, where it lies, its format and size."""

    name: str
    path: Path
    format: Format | str
    bytes: int


def discover(paths: list[Path], folder: Path, more: Recogniser | None = None) -> list[SourceFile]:
    """The files to read among paths, folders and zips; what is unpacked or mirrored lies under `folder`.

    A file named by the user must be readable; in a folder or a zip, files of other kinds are passed over as long as one
    is left. Raises: MissingFile, EmptyFile, UnknownFormat, BadArchive, ForbiddenMarkup.
    """
    found: list[SourceFile] = []
    for path in paths:
        if path.is_dir():
            inside = sorted(p for p in path.rglob("*") if p.is_file() and not p.name.startswith("."))
            got: list[SourceFile] = []
            for p in inside:
                if is_zip(p) and not _is_book(p):
                    got.extend(_zipped(p, p.relative_to(path.parent).as_posix(), folder, more))
                else:
                    got.extend(_one(p, p.relative_to(path.parent).as_posix(), folder, must=False, more=more))
            if not got:
                raise _nothing(path.name, [p.name for p in inside])
            found.extend(got)
        elif is_zip(path) and not _is_book(path):
            found.extend(_zipped(path, path.name, folder, more))
        else:
            found.extend(_one(path, path.name, folder, must=True, more=more))
    return found


def _is_book(path: Path) -> bool:
    """Whether a zip is a workbook: its own list of contents comes first, whatever its name."""
    with path.open("rb") as file:
        head = file.read(4096)
    return b"[Content_Types].xml" in head[:128] or (path.suffix.lower() == ".xlsx" and b"xl/" in head)


def _zipped(path: Path, name: str, folder: Path, more: Recogniser | None) -> list[SourceFile]:
    got: list[SourceFile] = []
    members = unpack(path, name, folder)
    for member, where in members:
        got.extend(_one(where, f"{name}/{member}", folder, must=False, more=more))
    if not got:
        raise _nothing(name, [member for member, _ in members])
    return got


def _nothing(name: str, members: list[str]) -> EmptyFile | UnknownFormat:
    if not members:
        return EmptyFile(
            f"Không có tệp nào bên trong. Các dạng đọc được: {_READ}.",
            f"There is no file inside. Formats: {_READ}.",
            name,
        )
    listed = ", ".join(members[:20])
    return UnknownFormat(
        f"Không có tệp bản đồ nào bên trong ({listed}). Các dạng đọc được: {_READ}.",
        f"No map file is inside ({listed}). Formats that are read: {_READ}.",
        name,
    )


def _one(path: Path, name: str, folder: Path, must: bool, more: Recogniser | None) -> list[SourceFile]:
    if not path.is_file():
        raise MissingFile("Không có tệp này.", "There is no such file.", name)
    size = path.stat().st_size
    if size == 0:
        if must:
            raise EmptyFile("Tệp rỗng (0 byte).", "The file is empty (0 bytes).", name)
        return []
    with path.open("rb") as file:
        head = file.read(65536)
    suffix = path.suffix.lower()
    if suffix in _SIDE:
        if must:
            raise UnknownFormat(
                f"Đây là tệp đi kèm. Hãy nạp tệp chính (.shp, .gml) hoặc cả bộ trong một .zip. Các dạng đọc được: {_READ}.",
                f"This is a side file. Hand in the main file (.shp, .gml) or all in one .zip. Formats: {_READ}.",
                name,
            )
        return []
    known = None if more is None else more(head, suffix)
    if known is not None:
        if _text(head) is not None and (_text(head) or "").lstrip("\ufeff \t\r\n").startswith("<"):
            _refuse_markup(path, name)
            _parse(path, name)
        return [SourceFile(name, _mirror(path, folder, suffix), known, size)]
    kind = _format(head, suffix)
    if kind is None:
        if must:
            raise UnknownFormat(
                f"Không nhận ra dạng tệp. Các dạng đọc được: {_READ}.",
                f"The format is not recognised. Formats that are read: {_READ}.",
                name,
            )
        return []
    if kind in ("gml", "xml"):
        _refuse_markup(path, name)
    if kind == "gml":
        _parse(path, name)
    if kind == "xml":
        if must:
            root = head.decode("latin-1").split("<")[-1][:40] if head.count(b"<") == 1 else ""
            raise UnknownFormat(
                f"Tệp XML này không phải GML {root}. Các dạng đọc được: {_READ}.".replace("  ", " "),
                f"This XML is not GML. Formats that are read: {_READ}.",
                name,
            )
        return []
    if kind == "shp":
        return [SourceFile(name, _shapefile(path, name, folder), "shp", size)]
    if kind != "csv":
        path = _mirror(path, folder, f".{kind}")
    return [SourceFile(name, path, kind, size)]


def _format(head: bytes, suffix: str) -> str | None:
    """The format by the first bytes; the name decides only for CSV, which has no mark of its own."""
    if head.startswith(b"SQLite format 3\x00"):
        return "gpkg"
    if head.startswith(b"fgb\x03"):
        return "fgb"
    if head.startswith(b"PAR1"):
        return "parquet"
    if head.startswith(b"\x00\x00\x27\x0a"):
        return "shp"
    text = _text(head)
    if text is None:
        return None
    start = text.lstrip("\ufeff \t\r\n")[:1]
    if start == "<":
        return "gml" if "opengis.net/gml" in text else "xml"
    if suffix in (".csv", ".tsv", ".txt", ".wkt"):
        return "csv"
    if start == "{" and not head.startswith(_UTF16):
        return "geojson"
    return None


def _text(head: bytes) -> str | None:
    if head.startswith(_UTF16):
        return head[: len(head) // 2 * 2].decode("utf-16", "replace")
    if b"\x00" in head:
        return None
    return head.decode("utf-8", "replace")


def _refuse_markup(path: Path, name: str) -> None:
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        for mark in _MARKS:
            text = mark.decode()
            for form in (mark, text.encode("utf-16-le"), text.encode("utf-16-be")):
                if content.find(form) >= 0:
                    raise ForbiddenMarkup(
                        f"XML có khai báo {text}: từ chối, vì có thể phình to vô hạn. Hãy xuất lại không có DTD.",
                        f"The XML holds {text}: refused, it could expand without end. Export it without a DTD.",
                        name,
                    )


def _parse(path: Path, name: str) -> None:
    """Read the XML through once: GDAL stops at the first fault without a word and gives what it has so far."""
    parser = expat.ParserCreate()
    try:
        with path.open("rb") as file:
            parser.ParseFile(file)
    except expat.ExpatError as error:
        raise BrokenFile(
            f"XML hỏng ở dòng {error.lineno}, cột {error.offset}. Tệp có thể bị cắt; hãy xuất lại.",
            f"The XML breaks at line {error.lineno}, column {error.offset}. It may be cut short; export it again.",
            name,
        ) from error
    except (LookupError, ValueError) as error:
        raise BrokenFile(
            f"XML ghi một bảng mã chữ không có ({error}). Hãy xuất lại bằng UTF-8.",
            f"The XML names a text encoding that does not exist ({error}). Export it as UTF-8.",
            name,
        ) from error


def _mirror(path: Path, folder: Path, suffix: str) -> Path:
    """A link in a folder of its own with the suffix of its format: nothing is written beside the user's file, and no
    other file is found beside it."""
    place = folder / f"m{len(list(folder.iterdir()))}"
    place.mkdir()
    link = place / f"{path.stem or 'file'}{suffix}"
    link.symlink_to(path.resolve())
    return link


def _shapefile(path: Path, name: str, folder: Path) -> Path:
    place = folder / f"m{len(list(folder.iterdir()))}"
    place.mkdir()
    beside = {
        p.suffix.lower(): p for p in sorted(path.parent.iterdir()) if p.stem.lower() == path.stem.lower()
    }
    if ".dbf" not in beside:
        raise MissingFile(
            "Thiếu tệp .dbf đi kèm (bảng thuộc tính). Hãy nạp đủ .shp, .shx, .dbf, .prj, hoặc nén cả bộ thành .zip.",
            "Its .dbf (the attribute table) is missing. Hand in .shp, .shx, .dbf and .prj together, or zip them.",
            name,
        )
    for suffix in (".shx", ".dbf", ".prj", ".cpg"):
        if suffix in beside:
            (place / f"{path.stem}{suffix}").symlink_to(beside[suffix].resolve())
    main = place / f"{path.stem}.shp"
    if ".shx" in beside:
        main.symlink_to(path.resolve())
    else:
        # The index is rebuilt from the shapes; GDAL opens the main file for writing to do so: give it a copy.
        shutil.copyfile(path, main)
    return main
