"""Counts of an office as a table for a spreadsheet."""

import csv
from collections.abc import Iterable, Mapping
from io import StringIO
from typing import Any, Final

_HEAD_VI: Final = (
    "Tháng", "Mã xã", "Xã, phường", "Hồ sơ đo đạc nhận", "Đạt", "Trả lại", "Chỉnh lý", "Thửa chỉnh lý",
    "Diện tích chỉnh lý (ha)", "Đúng hạn", "Trễ hạn", "Quá hạn chưa xong", "Hoàn tác", "Lần nhập", "Thửa nhập",
    "Diện tích nhập (ha)",
)  # fmt: skip
_HEAD_EN: Final = (
    "Month", "Commune code", "Commune", "Surveys received", "Accepted", "Returned", "Corrections", "Parcels corrected",
    "Area corrected (ha)", "On time", "Late", "Overdue, open", "Undone", "Imports", "Parcels imported",
    "Area imported (ha)",
)  # fmt: skip
_FIELDS: Final = (
    "surveys", "accepted", "returned", "corrections", "parcels", "area_m2", "on_time", "late", "overdue", "reverts",
    "imports", "imported", "imported_m2",
)  # fmt: skip


def table(rows: Iterable[Mapping[str, Any]], total: Mapping[str, Any], vietnamese: bool) -> bytes:
    """Rows and their total as CSV that a spreadsheet opens by itself: UTF-8 with its mark, and for Vietnamese ones semicolons
    and decimal commas."""
    text = StringIO()
    writer = csv.writer(text, delimiter=";" if vietnamese else ",")
    writer.writerow(_HEAD_VI if vietnamese else _HEAD_EN)
    unknown, all_of_them = ("không rõ", "Tổng cộng") if vietnamese else ("not known", "Total")
    for row in rows:
        commune = row["commune"] or {"code": "", "name": unknown}
        writer.writerow([row["month"], commune["code"], commune["name"], *_figures(row, vietnamese)])
    writer.writerow([all_of_them, "", "", *_figures(total, vietnamese)])
    return text.getvalue().encode("utf-8-sig")


def _figures(row: Mapping[str, Any], vietnamese: bool) -> list[str]:
    told = [f"{row[one] / 10_000:.4f}" if one.endswith("_m2") else str(row[one]) for one in _FIELDS]
    return [one.replace(".", ",") for one in told] if vietnamese else told
