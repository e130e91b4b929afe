"""Outlines and postcodes of communes from a user's file: checked, stored, and what was found on the way.

The register comes without outlines (there is no official open set): tiles and the places of divided communes do without,
or with what the office hands in here.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

import psycopg

from geo.finding import Finding
from register.statements import load

Row = tuple[str, str | None, bytes | None]

_REFUSED = {
    "unknown_commune": (
        "Không có xã nào mang mã {code}. Hãy dùng mã 5 chữ số theo QĐ 19/2025/QĐ-TTg.",
        "No commune has the code {code}. Use the 5-digit codes of Decision 19/2025/QĐ-TTg.",
    ),
    "postcode": (
        "Mã bưu chính “{postcode}” của xã {code} không phải 5 chữ số.",
        'The postcode "{postcode}" of commune {code} is not 5 digits.',
    ),
    "nothing": (
        "Dòng của xã {code} không có ranh giới lẫn mã bưu chính.",
        "The row of commune {code} has neither outline nor postcode.",
    ),
    "no_area": (
        "Ranh giới của xã {code} không phải là vùng, kể cả sau khi sửa hình.",
        "The outline of commune {code} encloses no area, even after mending.",
    ),
    "outside": (
        "Ranh giới của xã {code} nằm ngoài Việt Nam: hãy kiểm tra hệ tọa độ và thứ tự kinh độ, vĩ độ.",
        "The outline of commune {code} lies outside Vietnam: check the coordinate system, and that longitude comes first.",
    ),
}


@dataclass(frozen=True, slots=True)
class PutOutlines:
    """Rows read and refused (the rest is stored); communes that got an outline, a postcode; how many differed from before."""

    read: int
    refused: int
    outlines: int
    postcodes: int
    changed: int
    findings: list[Finding] = field(default_factory=list)


def put_outlines(conn: psycopg.Connection, rows: Iterable[Row]) -> PutOutlines:
    """Store outlines and postcodes of communes: rows of (commune code, postcode or None, WKB polygon or None).

    WKB in WGS84 degrees, longitude first; several rows of one code are the parts of one outline. Codes mean communes of
    today, a closed code the last commune that had it. Nothing here changes parcels. Findings name rows from 1: refused
    ones stop, mended and overlapping outlines are noted. The caller owns the transaction, and rolls it back where `rows`
    raises.
    """
    sql = load("register", "units_outlines.sql")
    with conn.cursor() as cursor:
        cursor.execute(sql["drop_rows"])
        cursor.execute(sql["outline_row"])
        with cursor.copy(sql["outline_row_copy"]) as copy:
            for n, (code, postcode, wkb) in enumerate(rows, 1):
                copy.write_row((n, code, postcode, None if wkb is None else wkb.hex()))
        for name in ("find_units", "mend", "judge", "outline_new"):
            cursor.execute(sql[name])
        changed = cursor.execute(sql["put"]).rowcount
        counts = cursor.execute(sql["counts"]).fetchone()
        findings = _refusals(cursor) + _mended(cursor) + _overlaps(cursor)
        cursor.execute(sql["drop_rows"])
    read, refused, outlines, postcodes = counts or (0, 0, 0, 0)
    return PutOutlines(read, refused, outlines, postcodes, changed, findings)


def _refusals(cursor: psycopg.Cursor) -> list[Finding]:
    rows = cursor.execute(load("register", "units_outlines.sql")["problems"]).fetchall()
    found = []
    for n, code, postcode, problem, lon_deg, lat_deg in rows:
        vi, en = (words.format(code=code, postcode=postcode) for words in _REFUSED[problem])
        found.append(Finding(f"outline_{problem}", "stops", vi, en, str(n), lon_deg, lat_deg))
    return found


def _mended(cursor: psycopg.Cursor) -> list[Finding]:
    rows = cursor.execute(load("register", "units_outlines.sql")["mended"]).fetchall()
    return [
        Finding(
            "outline_mended",
            "note",
            f"Ranh giới của xã {code} {name} không hợp lệ (tự cắt), đã được sửa: hãy kiểm tra.",
            f"The outline of commune {code} {name} was not valid (it crosses itself) and was mended: check it.",
            str(n),
            lon_deg,
            lat_deg,
        )
        for n, code, name, lon_deg, lat_deg in rows
    ]


def _overlaps(cursor: psycopg.Cursor) -> list[Finding]:
    rows = cursor.execute(load("register", "units_outlines.sql")["overlaps"]).fetchall()
    return [
        Finding(
            "outline_overlap",
            "note",
            f"Ranh giới xã {code} {name} và xã {other} {other_name} chồng nhau {area_m2:,.0f} m².",
            f"The outlines of communes {code} {name} and {other} {other_name} overlap by {area_m2:,.0f} m².",
            code,
            lon_deg,
            lat_deg,
            size=area_m2,
            other=other,
        )
        for code, name, other, other_name, area_m2, lon_deg, lat_deg in rows
    ]
