"""The match report of a file of addresses, and lists of links, as files."""

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

_COLUMNS = (
    "n", "record", "outcome", "rule", "text_vi", "text_en", "parcels", "ways", "nearest", "distance_m", "scheme", "digital",
    "text",
)  # fmt: skip
WORDS: Mapping[str, tuple[str, str]] = {
    "found": ("Đã gắn địa chỉ.", "Linked."),
    "digital": ("Đã gắn theo mã địa chỉ số.", "Linked by its digital address."),
    "beside": (
        "Đã gắn; điểm nằm ngoài thửa nhưng gần thửa đã nêu.",
        "Linked; the point lies beside the parcel named.",
    ),
    "same": ("Thửa đã có địa chỉ này.", "The parcel has this address already."),
    "repeated": ("Lặp lại một dòng trước của tệp.", "Repeats an earlier row of the file."),
    "several": (
        "Có nhiều thửa: hãy nêu mã thửa hoặc tọa độ.",
        "Several parcels: give a parcel code or a position.",
    ),
    "text_alone": (
        "Chỉ khớp nội dung địa chỉ, không rõ xã: hãy nêu mã xã hoặc mã thửa.",
        "Only the text agrees, of no known commune: give the commune or the parcel.",
    ),
    "nearest": (
        "Điểm không nằm trong thửa nào; thửa gần nhất chỉ là đề xuất.",
        "The point lies in no parcel; the nearest is only a proposal.",
    ),
    "far": ("Điểm không nằm trong hay gần thửa nào.", "The point lies in no parcel and near none."),
    "far_from_named": (
        "Điểm nằm xa thửa đã nêu: hãy kiểm tra.",
        "The point lies far from the parcel named: check it.",
    ),
    "disagree": (
        "Các cách tìm chỉ đến các thửa khác nhau: hãy kiểm tra.",
        "The ways lead to different parcels: check the row.",
    ),
    "unknown_code": ("Mã thửa chưa từng được cấp.", "The parcel code was never issued."),
    "ended": ("Thửa không còn hiệu lực và không có thửa kế tiếp.", "The parcel ended without successors."),
    "unknown_number": ("Không có số thửa này trên tờ bản đồ.", "There is no such number on that sheet."),
    "no_commune": ("Có tờ, thửa nhưng thiếu mã xã.", "Sheet and number without a commune."),
    "unknown_digital": ("Không có mã địa chỉ số này.", "No parcel bears this digital address."),
    "unknown_text": ("Không tìm thấy địa chỉ này.", "No such address was found."),
}
"""Why a row came to what it did, in Vietnamese and English."""


def told(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row of the report with words to its rule."""
    vi, en = WORDS.get(row["rule"], ("Dòng không đọc được.", "The row could not be read."))
    return {**row, "text_vi": vi, "text_en": en}


def report_json(
    head: Mapping[str, Any], rows: Iterable[Mapping[str, Any]], findings: Iterable[Mapping[str, Any]]
) -> Iterator[bytes]:
    """The report as one JSON object: `head`, then its `findings` and its `rows`, as they come."""
    yield json.dumps(head, ensure_ascii=False, default=str)[:-1].encode() + b',"findings":'
    yield json.dumps(list(findings), ensure_ascii=False).encode() + b',"rows":['
    first = True
    for row in rows:
        yield (b"\n" if first else b",\n") + json.dumps(told(row), ensure_ascii=False, default=str).encode()
        first = False
    yield b"]}\n"


def report_csv(rows: Iterable[Mapping[str, Any]]) -> Iterator[bytes]:
    """The report as CSV (UTF-8 with a mark, as spreadsheets want it)."""

    def line(row: Mapping[str, Any]) -> list[Any]:
        ways = "; ".join(f"{way}: {' '.join(codes)}" for way, codes in sorted(row["says"].items()))
        return [
            *(row[name] for name in _COLUMNS[:6]), " ".join(row["parcels"]), ways, *(row[name] for name in _COLUMNS[8:]),
        ]  # fmt: skip

    yield from table_csv(_COLUMNS, (line(told(row)) for row in rows))


def table_csv(names: Iterable[str], rows: Iterable[Iterable[Any]]) -> Iterator[bytes]:
    """Rows as CSV in pieces; a cell that a spreadsheet would take for a formula begins with an apostrophe."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\r\n")
    buffer.write("\ufeff")
    writer.writerow(names)
    for row in rows:
        writer.writerow(
            [f"'{cell}" if isinstance(cell, str) and cell[:1] in "=+@\t\r" and cell else cell for cell in row]
        )
        if buffer.tell() > 1 << 16:
            yield buffer.getvalue().encode()
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue().encode()
