"""The table of old and new communes and sheets (bảng tham chiếu bản đồ địa chính 2 cấp) as CSV or TSV in UTF-8."""

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from importers.columns import plain
from importers.errors import BrokenFile, EmptyFile, MissingColumn, MissingFile

# The ministry's names first; compared without case, accents and separators. An empty cell says nothing.
COLUMNS: Mapping[str, tuple[str, ...]] = {
    "commune": ("xaidcu", "maxacu", "oldcommune", "commune", "oldcode"),
    "sheet": ("sohieutobandocu", "sotocu", "tocu", "oldsheet", "sheet"),
    "scale": ("tyle", "scale"),
    "map_set": ("bobando", "mapset"),
    "to_commune": ("xaid", "maxa", "maxamoi", "tocommune", "newcommune", "newcode"),
    "to_sheet": ("sohieutobando", "sotomoi", "tomoi", "tosheet", "newsheet"),
    "to_map_set": ("bobandomoi", "tomapset", "newmapset"),
    "number": ("sothututhuacu", "oldnumber"),
    "to_number": ("sothututhua", "newnumber"),
    "name": ("ten", "tenxa", "tenxamoi", "name"),
    "kind": ("loai", "loaixa", "kind"),
    "province": ("tinhid", "matinh", "province"),
    "postcode": ("mabuuchinh", "postcode"),
}
KINDS = ("phường", "xã", "đặc khu", "thị trấn")


@dataclass(frozen=True, slots=True)
class CommuneRow:
    """One line: what an old sheet becomes (`sheet` None: all of the commune), and what it says about the new commune."""

    line: int
    commune: str
    sheet: str | None
    scale: int | None
    map_set: str | None
    to_commune: str
    to_sheet: str | None
    to_map_set: str | None
    name: str | None
    kind: str | None
    province: str | None
    postcode: str | None


def read_commune_table(path: Path) -> list[CommuneRow]:
    """Rows of the file; lines that say the same (one for each parcel of a sheet) once.

    Raises: importers.errors.Refused; a line that gives a parcel another number is refused too: parcels keep theirs.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            head = file.readline()
            file.seek(0)
            reader = csv.reader(file, delimiter=max("\t;,", key=head.count), strict=True)
            names = [plain(name) for name in next(reader, [])]
            rows = list(_rows(reader, _places(names, path.name), path.name))
    except (UnicodeDecodeError, csv.Error) as error:
        raise BrokenFile(
            f"Không đọc được tệp như CSV mã UTF-8: {error}. Hãy lưu lại dạng “CSV UTF-8”.",
            f"The file cannot be read as CSV in UTF-8: {error}. Save it as “CSV UTF-8”.",
            path.name,
        ) from error
    except OSError as error:
        raise MissingFile(
            f"Không mở được tệp: {error.strerror}.",
            f"The file cannot be opened: {error.strerror}.",
            path.name,
        ) from error
    if not rows:
        raise EmptyFile("Bảng không có dòng nào.", "The table has no rows.", path.name)
    return rows


def _places(names: list[str], file: str) -> dict[str, int]:
    places = {}
    for field, known in COLUMNS.items():
        places[field] = next((names.index(name) for name in known if name in names), -1)
    for field, vi in (("commune", "xaIdCu"), ("to_commune", "xaId")):
        if places[field] < 0:
            raise MissingColumn(
                f"Bảng thiếu cột {vi}. Cần xaIdCu, soHieuToBanDoCu, tyLe, xaId, soHieuToBanDo; ten và loai cho xã mới.",
                f"The table has no column {vi}. It needs xaIdCu, soHieuToBanDoCu, tyLe, xaId, soHieuToBanDo; "
                "ten and loai for new communes.",
                file,
            )
    return places


def _rows(reader: Iterator[list[str]], places: Mapping[str, int], file: str) -> Iterator[CommuneRow]:
    seen = set()
    for line, cells in enumerate(reader, 2):
        told = {f: cells[k].strip() if 0 <= k < len(cells) else "" for f, k in places.items()}
        if not any(told.values()):
            continue
        if told["number"] and told["to_number"] and told["number"] != told["to_number"]:
            raise BrokenFile(
                f"Dòng {line}: thửa {told['number']} đổi thành số {told['to_number']}. Việc này chuyển cả tờ, thửa giữ số: "
                "hãy đánh lại số thửa bằng một chỉnh lý riêng.",
                f"Line {line}: parcel {told['number']} becomes {told['to_number']}. Sheets move whole and parcels keep their "
                "number: renumber parcels by a correction of its own.",
                file,
            )
        kind, name = _kind_and_name(told["kind"], told["name"])
        row = CommuneRow(
            line,
            _padded(told["commune"], 5),
            told["sheet"] or None,
            _scale(told["scale"], line, file),
            told["map_set"] or None,
            _padded(told["to_commune"], 5),
            told["to_sheet"] or None,
            told["to_map_set"] or None,
            name or None,
            kind or None,
            _padded(told["province"], 2) or None,
            _padded(told["postcode"], 5) or None,
        )
        key = row.commune, row.sheet, row.scale, row.map_set, row.to_commune, row.to_sheet, row.to_map_set
        if key not in seen:
            seen.add(key)
            yield row


def _kind_and_name(kind: str, name: str) -> tuple[str, str]:
    """The kind may stand before the name."""
    for known in KINDS:
        if name.lower().startswith(known + " "):
            return kind.lower() or known, name[len(known) + 1 :].strip()
    return kind.lower(), name


def _scale(text: str, line: int, file: str) -> int | None:
    """500 out of 500, 1:500 or 1/500, with or without separators of thousands."""
    if not text:
        return None
    digits = text.replace(" ", "").removeprefix("1:").removeprefix("1/").replace(".", "").replace(",", "")
    if not digits.isascii() or not digits.isdigit() or not 0 < int(digits) <= 1_000_000:
        raise BrokenFile(
            f"Dòng {line}: “{text}” không phải tỷ lệ; hãy ghi 500 hoặc 1:500.",
            f'Line {line}: "{text}" is no scale; write 500 or 1:500.',
            file,
        )
    return int(digits)


def _padded(text: str, digits: int) -> str:
    """Spreadsheets drop leading zeros."""
    return text.zfill(digits) if text.isascii() and text.isdigit() else text
