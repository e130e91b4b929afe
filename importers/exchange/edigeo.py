"""EDIGEO (French cadastre, AFNOR Z 13-150): parcels of one section, as .tar.bz2 or unpacked beside its .THF."""

import bz2
import re
import tarfile
import tempfile
import warnings
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np
import pyarrow as pa
import shapely

from importers.check.rules import found
from importers.errors import BadArchive, BrokenFile, MissingFile, ReaderFailed, TooMuch
from importers.exchange import lens
from importers.exchange.notes import Notes, decoded, kept
from importers.plots import Drawn, How, Plot
from importers.source import SourceFile

MAX_MEMBERS = 200
MAX_UNPACKED_BYTES = 1 << 30
_PARTS = frozenset((".thf", ".vec", ".dic", ".gen", ".geo", ".qal", ".scd"))
_LAYER = "PARCELLE_id"
_CHUNK_BYTES = 1 << 18
# Commune or its former code (3), prefix (3), section (2), number (4).
_IDU = re.compile(r"\d{6}([0-9A-Z]{2})(\d{4})")


def read(source: SourceFile, how: How) -> Drawn:
    """The parcels of a section: `sheet` is the section, `told_area_m2` the contents on record (SUPF).

    Raises: BadArchive, BrokenFile, MissingFile, TooMuch, ReaderFailed (GDAL without its EDIGEO driver).
    """
    import pyogrio

    if "EDIGEO" not in pyogrio.list_drivers():
        raise ReaderFailed(
            "GDAL ở máy chủ không có trình đọc EDIGEO. Xin báo cho người quản trị hệ thống.",
            "GDAL has no EDIGEO driver here. Please tell those who run this service.",
            source.name,
        )
    with _laid_out(source) as header:
        return _drawn(source, header, how)


@contextmanager
def _laid_out(source: SourceFile) -> Iterator[Path]:
    """The .THF with all other parts beside it."""
    with source.path.open("rb") as file:
        packed = file.read(3) == b"BZh"
    if not packed:
        yield source.path.resolve()
        return
    with tempfile.TemporaryDirectory(prefix="diachinh-edigeo-") as folder:
        headers = _unpacked(source, Path(folder))
        if len(headers) != 1:
            raise MissingFile(
                f"Tệp nén có {len(headers)} tệp .THF, cần đúng một. Hãy nén từng section riêng.",
                f"The archive holds {len(headers)} .THF files; it takes one. Pack each section by itself.",
                source.name,
            )
        yield headers[0]


def _unpacked(source: SourceFile, folder: Path) -> list[Path]:
    """Its parts by their bare names: no path of the archive is followed, links and other files are passed over."""
    headers: list[Path] = []
    left = MAX_UNPACKED_BYTES
    try:
        # A bound on the whole stream, also on what is passed over.
        with bz2.open(source.path) as stream, tarfile.open(fileobj=stream, mode="r|") as archive:
            for met, member in enumerate(archive, 1):
                left -= max(0, member.size) + 512
                if met > MAX_MEMBERS or left < 0:
                    raise TooMuch(
                        f"Tệp nén có hơn {MAX_MEMBERS} tệp hoặc giải nén ra quá {MAX_UNPACKED_BYTES >> 20} MB.",
                        f"The archive holds more than {MAX_MEMBERS} files, or unpacks to more than "
                        f"{MAX_UNPACKED_BYTES >> 20} MB.",
                        source.name,
                    )
                name = PurePosixPath(member.name.replace("\\", "/")).name
                part = archive.extractfile(member) if member.isreg() else None
                if part is None or Path(name).suffix.lower() not in _PARTS or len(name) > 100:
                    continue
                target = folder / name
                with target.open("xb") as out:
                    while chunk := part.read(_CHUNK_BYTES):
                        out.write(chunk)
                if target.suffix.lower() == ".thf":
                    headers.append(target)
    except (tarfile.TarError, OSError, EOFError, zlib.error, ValueError) as error:
        raise BadArchive(
            f"Tệp nén bị hỏng hoặc có hai tệp cùng tên ({kept(type(error).__name__)}). Hãy tải lại.",
            f"The archive is broken or holds two files of one name ({type(error).__name__}). Fetch it again.",
            source.name,
        ) from error
    return headers


def _drawn(source: SourceFile, header: Path, how: How) -> Drawn:
    from pyogrio.errors import DataLayerError, DataSourceError, FieldError, GeometryError

    with header.open("rb") as file:
        names = re.findall(
            rb"^(?:LON|GNI|GON|GOI|QAN|QAI|DIN|DII|SCN|SCI|GDN|GDI)S\w\d\d:(.*)$", file.read(1 << 16), re.M
        )
    if any(b"/" in name or b"\\" in name for name in names):
        raise BrokenFile(
            "Tệp .THF chỉ tới tệp ngoài thư mục của nó: từ chối.",
            "The .THF points outside its folder: refused.",
            source.name,
        )
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return _read(source, header, how)
    except (
        DataLayerError, DataSourceError, FieldError, GeometryError, pa.ArrowException, OSError, RuntimeError, ValueError,
    ) as error:  # fmt: skip
        said = " ".join(str(error).replace(str(header.parent), "").split())[:200]
        raise BrokenFile(
            f"Không đọc được EDIGEO: {said}. Hãy nộp đủ .THF, .VEC, .GEN, .GEO, .QAL, .SCD, .DIC.",
            f"The EDIGEO cannot be read: {said}. Hand in all of .THF, .VEC, .GEN, .GEO, .QAL, .SCD and .DIC.",
            source.name,
        ) from error


def _read(source: SourceFile, header: Path, how: How) -> Drawn:
    import pyogrio

    made = Drawn(source.name, "edigeo", columns=frozenset({"sheet", "number", "told_area_m2"}))
    layers = [str(name) for name, _ in pyogrio.list_layers(header)]
    if _LAYER not in layers:
        raise BrokenFile(
            "Tệp EDIGEO này không có lớp thửa đất (PARCELLE).",
            "This EDIGEO has no layer of parcels (PARCELLE).",
            source.name,
        )
    for name in layers[:100]:
        told = pyogrio.read_info(header, layer=name, force_feature_count=True)
        made.counts[name[:60] if name == _LAYER else f"not read: {name[:60]}"] = int(told["features"])
    meta, table = pyogrio.read_arrow(header, layer=_LAYER)
    made.crs = meta["crs"]
    shapes = shapely.from_wkb(
        np.array(table.column(meta["geometry_name"] or "wkb_geometry").to_pylist(), dtype=object),
        on_invalid="ignore",
    )
    notes = Notes()
    rows: list[dict[str, Any]] = table.drop_columns([meta["geometry_name"] or "wkb_geometry"]).to_pylist()
    seen: set[str] = set()
    for at, (row, shape) in enumerate(zip(rows, shapely.force_2d(shapes), strict=True), 1):
        made.plots.append(_plot(row, shape, at, how, notes, seen))
    made.findings = notes.all()
    if not made.plots:
        made.findings.append(
            found("incomplete_file", "Tệp không có thửa đất nào.", "The file holds no parcel.")
        )
    return decoded(made)


def _plot(row: dict[str, Any], shape: Any, at: int, how: How, notes: Notes, seen: set[str]) -> Plot:
    texts = {key: kept(str(value)) for key, value in row.items() if value is not None}
    idu = texts.get("IDU") or ""
    record = idu if idu and idu not in seen else f"{idu} #{at}".strip()
    seen.add(record)
    parts = _IDU.fullmatch(idu)
    section = parts[1].lstrip("0") if parts else None
    number = (parts[2].lstrip("0") if parts else None) or texts.get("TEX")
    if shape is None or shape.geom_type not in ("Polygon", "MultiPolygon") or shape.is_empty:
        notes.no_shape(record)
        shape = None
    area = lens.positive(texts.get("SUPF") or "")
    if area is None and texts.get("SUPF"):
        notes.bad_line(record, None, texts["SUPF"] or "")
    return Plot(
        record,
        shape,
        commune=how.commune,
        sheet=how.sheet or section,
        number=number,
        scale=how.scale,
        told_area_m2=area,
    )
