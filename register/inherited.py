"""Inherited defects in words: what an import brought that breaks a law, for the receipt."""

import psycopg

from geo.finding import Finding
from register.statements import load


def inherited_findings(conn: psycopg.Connection, correction: int) -> list[Finding]:
    """One finding (severity `explain`) per defect that `correction` put on the list, in the numbers of its files."""
    rows = conn.execute(load("register", "receive.sql")["inherited"], {"correction": correction})
    return [_in_words(*row) for row in rows]


def _in_words(
    kind: str,
    record: str | None,
    sheet: str,
    number: str,
    code: str,
    other_record: str | None,
    other: str | None,
    size: float | None,
    width_m: float | None,
    lon_deg: float | None,
    lat_deg: float | None,
) -> Finding:
    parcel_vi, parcel_en = f"Thửa {number} tờ {sheet} ({code})", f"Parcel {number} of sheet {sheet} ({code})"
    if kind == "overlap":
        area = f"{size:.2f}"
        vi = f"{parcel_vi} chồng {area.replace('.', ',')} m² lên thửa {other}; đã ghi vào danh sách, cần đo lại ranh."
        en = (
            f"{parcel_en} overlaps parcel {other} by {area} m²; listed, the boundary needs a new measurement."
        )
    elif kind == "number":
        vi = f"{parcel_vi} trùng số tờ, số thửa với thửa {other}; đã ghi vào danh sách, cần đánh số lại."
        en = f"{parcel_en} has the same sheet and number as parcel {other}; listed, one needs a new number."
    else:
        vi = f"{parcel_vi} có diện tích pháp lý bằng 0; đã ghi vào danh sách, cần bổ sung theo giấy tờ."
        en = f"{parcel_en} has a legal area of zero; listed, to be filled in from its papers."
    return Finding(kind, "explain", vi, en, record, lon_deg, lat_deg, size, width_m, other_record or other)
