"""What is said of a later state of a sheet: the head of its preview, and its findings."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from register.edits.row import Note, Row

if TYPE_CHECKING:
    from register.edits.resurveyed import Later

_MANY_GONE = 0.2


@dataclass(frozen=True, slots=True)
class _Shifted:
    """One vector and the numbers of the sheets that it moved."""

    sheets: list[str]
    east_m: float
    north_m: float
    spread_m: float
    support: int
    of: int


def head(later: "Later", shift: str, rows: Sequence[Row]) -> dict[str, Any]:
    """`sheet_shift`: the vectors of sheets in metres, spread, how many parcels support it; `resurvey`: counts by cause,
    doubled records."""
    told = _counts(later, rows)
    return {
        "sheet_shift": [
            {
                "sheets": one.sheets, "east_m": one.east_m, "north_m": one.north_m,
                "length_m": round(float(np.hypot(one.east_m, one.north_m)), 3), "spread_m": one.spread_m,
                "support": one.support, "of": one.of, "taken": shift == "take",
            }
            for one in _shifts(later)
        ],
        "resurvey": {
            "records": len(later.plots), "doubled": told.pop("doubled", 0), "counts": told,
            "within_m": dict(later.sheets.values()),
        },
    }  # fmt: skip


def notes(later: "Later", shift: str, rows: Sequence[Row], provisional: int, outside: int) -> list[Note]:
    """What an approver should know: the shift and what is done with it, doubled records, a sheet that lost much."""
    found = later.compared
    made = [_shifted(one, shift) for one in _shifts(later)]
    if found.doubled:
        made.append(
            Note(
                "doubled", "note",
                f"{found.doubled} bản ghi lặp lại nguyên một thửa khác của tệp (cùng số, cùng ranh): chỉ tính một lần.",
                f"{found.doubled} records repeat another of the file (same number, same boundary): each counts once.",
            )
        )  # fmt: skip
    if twins := int(found.twin.sum()):
        made.append(
            Note(
                "registered_twice", "explain",
                f"{twins} thửa có hai lần trong sổ với cùng số, cùng ranh; bản thứ hai được giữ nguyên: hãy xem lại.",
                f"{twins} parcels are in the register twice, same number and boundary; the second stays: look at them.",
            )
        )  # fmt: skip
    if provisional:
        made.append(
            Note(
                "provisional_kept", "explain",
                f"{provisional} thửa tạm của tờ không có trong tệp, được giữ nguyên: hãy đăng ký hoặc hoàn tác chúng.",
                f"{provisional} provisional parcels are not in the file and stay: register them, or undo what made them.",
            )
        )  # fmt: skip
    if outside:
        made.append(
            Note(
                "code_outside", "note",
                f"Điểm đặc trưng của mã {outside} thửa nằm ngoài ranh mới; mã vẫn giữ nguyên.",
                f"The points of the codes of {outside} parcels are outside their new boundaries; the codes are kept.",
            )
        )  # fmt: skip
    gone = sum(row.why is not None and row.why.cause == "gone" for row in rows)
    if gone > _MANY_GONE * len(later.parcels):
        made.append(
            Note(
                "many_gone", "explain",
                f"{gone} trong {len(later.parcels)} thửa không còn trong tệp: hãy kiểm tra tệp có đủ cả tờ không.",
                f"{gone} of {len(later.parcels)} parcels are not in the file: check that it holds the whole sheet.",
            )
        )  # fmt: skip
    return made


def moved_by(east_m: float, north_m: float) -> tuple[str, str]:
    """A vector in words, vi and en."""
    told = f"{east_m:+.3f} m", f"{north_m:+.3f} m"
    vi = [text.replace(".", ",") for text in told]
    return f"đông {vi[0]}, bắc {vi[1]}", f"east {told[0]}, north {told[1]}"


def _counts(later: "Later", rows: Sequence[Row]) -> dict[str, int]:
    """How many parcels by cause; those that are as they were are `unchanged` or `moved`; second records `doubled`."""
    told = Counter(row.why.cause for row in rows if row.why is not None and row.why.cause != "moved")
    told.update(does for does in later.does if does in ("unchanged", "moved", "doubled"))
    return dict(told)


def _shifts(later: "Later") -> list[_Shifted]:
    """The shifts of the sheets, those that moved together in one."""
    together: dict[tuple[float, float], list[int]] = {}
    for sheet, one in sorted(later.compared.shift.items()):
        together.setdefault((one.east_m, one.north_m), []).append(sheet)
    made = []
    for by, sheets in together.items():
        of = [later.compared.shift[sheet] for sheet in sheets]
        numbers = [later.sheets[sheet][0] for sheet in sheets]
        spread = max(one.spread_m for one in of)
        made.append(_Shifted(numbers, *by, spread, sum(one.support for one in of), sum(one.of for one in of)))
    return made


def _shifted(one: _Shifted, shift: str) -> Note:
    named = ", ".join(one.sheets[:5]) + (" …" if len(one.sheets) > 5 else "")
    vi, en = moved_by(one.east_m, one.north_m)
    length, spread = f"{np.hypot(one.east_m, one.north_m):.2f}", f"{one.spread_m:.2f}"
    done_vi, done_en = (
        ("cả tờ được dời theo", "the whole sheet is moved so")
        if shift == "take"
        else (
            "sổ giữ nguyên vị trí, thửa thay đổi được dời trả lại",
            "the register keeps its place, what changed is moved back",
        )
    )  # fmt: skip
    return Note(
        "sheet_shift", "explain",
        f"Tờ {named} trong tệp lệch {length.replace('.', ',')} m ({vi}) so với sổ: {one.support} trong {one.of} thửa cùng "
        f"lệch như vậy, còn dư {spread.replace('.', ',')} m; {done_vi}.",
        f"Sheet {named} stands {length} m ({en}) from the register: {one.support} of {one.of} parcels agree, {spread} m left "
        f"over; {done_en}.",
    )  # fmt: skip
