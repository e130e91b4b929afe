"""The standard change phrases of the land register, in Vietnamese (Circular 10/2024/TT-BTNMT, article 13; rules §6.5)."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

import shapely

from register.edits.resurveyed_words import moved_by
from register.edits.row import Row


def phrases(
    kind: str, rows: Sequence[Row], codes: Sequence[str | None], dossier: str | None, day: date
) -> list[dict[str, str | None]]:
    """What is to be written on the page of each parcel: its code, number, sentence. `codes`: of the rows in order."""
    after = f", theo hồ sơ số {dossier}" if dossier else ""
    mine = [(row, code) for row, code in zip(rows, codes, strict=True) if row.role != "neighbour"]
    if not mine:
        return []
    said = _KINDS.get(kind, _rewritten)(mine, after, day)
    return [{"code": code, "number": row.number, "text": text} for row, code, text in said if text]


_Mine = Sequence[tuple[Row, str | None]]
_Said = list[tuple[Row, str | None, str]]


def m2(area: float | Decimal) -> str:
    """An area as it is written: one decimal, comma, points between thousands."""
    text = f"{Decimal(str(area)).quantize(Decimal('0.1'), ROUND_HALF_UP):,}"
    return text.replace(",", " ").replace(".", ",").replace(" ", ".")


def _area(row: Row) -> str:
    return m2(shapely.area(row.geometry))


def _numbers(rows: Sequence[Row]) -> str:
    return ", ".join(row.number for row in rows)


def _split(mine: _Mine, after: str, day: date) -> _Said:
    parts = [row for row, _ in mine if row.role in ("part", "remainder")]
    kept = next((row for row in parts if row.role == "remainder"), None)
    old = kept.before if kept is not None else mine[0][0].before
    if old is None:
        return []
    said: _Said = []
    for row, code in mine:
        if row.role == "ended":
            said.append((row, code, f"Tách thành các thửa đất số {_numbers(parts)}{after}"))
        elif row.role == "remainder":
            new = "; ".join(
                f"diện tích {_area(p)} m², có số thửa mới là {p.number}" for p in parts if p is not row
            )
            said.append(
                (
                    row,
                    code,
                    f"Tách {new}; diện tích còn lại là {_area(row)} m², có số thửa là {row.number}{after}",
                )
            )
        else:
            said.append((row, code, f"Tách từ thửa đất số {old.number}{after}"))
    return said


def _merge(mine: _Mine, after: str, day: date) -> _Said:
    [whole] = [row for row, _ in mine if row.role == "whole"]
    olds = [row for row, _ in mine if row.role == "ended"]
    if whole.before is not None:
        olds = [*olds, whole]
    numbers = ", ".join(row.before.number for row in olds if row.before is not None)
    return [
        (row, code, f"Hợp từ các thửa đất số {numbers}{after}" if row is whole
         else f"Hợp các thửa đất số {numbers} thành thửa đất số {whole.number}{after}")
        for row, code in mine
    ]  # fmt: skip


def _measured(mine: _Mine, after: str, day: date) -> _Said:
    return [
        (row, code, text)
        for row, code in mine
        if (
            text := _of_later_state(row, after, day)
            or _changes(row, f" do đo đạc lại ngày {day:%d/%m/%Y}", after)
        )
    ]


def _of_later_state(row: Row, after: str, day: date) -> str:
    """The sentence of a parcel that begins, ends or only moved with its sheet; empty where it changed in itself."""
    if row.why is None:
        return ""
    kin = ", ".join(row.why.kin)
    if row.before is None:
        if kin:
            what = "Hợp" if row.why.cause == "merged" else "Tách"
            return f"{what} từ thửa đất số {kin}{after}"
        return f"Lập thửa đất số {row.number}, diện tích {_area(row)} m²{after}"
    if not row.opens:
        if kin:
            made = (
                f"Hợp vào thửa đất số {kin}"
                if row.why.cause == "merged"
                else f"Tách thành các thửa đất số {kin}"
            )
            return f"{made}{after}"
        return f"Thửa đất số {row.number} không còn hiệu lực từ ngày {day:%d/%m/%Y}{after}"
    if row.why.cause == "moved" and row.why.moved_m is not None:
        by, _ = moved_by(*row.why.moved_m)
        return f"Tọa độ đỉnh thửa thay đổi do dời cả tờ bản đồ ({by}); hình thể, diện tích không đổi{after}"
    return ""


def _rewritten(mine: _Mine, after: str, day: date) -> _Said:
    return [(row, code, text) for row, code in mine if (text := _changes(row, "", after))]


def _ended(mine: _Mine, after: str, day: date) -> _Said:
    return [
        (row, code, f"Thửa đất số {row.number} không còn hiệu lực từ ngày {day:%d/%m/%Y}{after}")
        for row, code in mine
    ]


def _new(mine: _Mine, after: str, day: date) -> _Said:
    return [
        (row, code, f"Lập thửa đất số {row.number}, diện tích {_area(row)} m²{after}") for row, code in mine
    ]


def _changes(row: Row, why: str, after: str) -> str:
    old = row.before
    if old is None or not row.opens:
        return ""
    said = []
    if (old.number, old.sheet) != (row.number, row.sheet):
        said.append(f"Số hiệu thửa đất thay đổi từ số thửa {old.number} thành số thửa {row.number}")
    if row.shape is not None and m2(shapely.area(row.shape)) != m2(old.area_m2):
        said.append(f"diện tích thay đổi từ {m2(old.area_m2)} m² thành {_area(row)} m²{why}")
    if old.land_use != row.land_use:
        said.append(
            f"loại đất thay đổi từ {old.land_use or '(chưa ghi)'} thành {row.land_use or '(chưa ghi)'}"
        )
    if old.legal_area_m2 != row.legal_area_m2 and row.legal_area_m2 is not None:
        was = "(chưa ghi)" if old.legal_area_m2 is None else f"{m2(old.legal_area_m2)} m²"
        said.append(f"diện tích pháp lý thay đổi từ {was} thành {m2(row.legal_area_m2)} m²")
    text = "; ".join(said)
    return text[:1].upper() + text[1:] + after if text else ""


_KINDS: Mapping[str, Callable[[_Mine, str, date], _Said]] = {
    "split": _split,
    "merge": _merge,
    "survey": _measured,
    "retire": _ended,
    "create": _new,
}
