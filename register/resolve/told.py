"""Answers as JSON: plain values beside the texts PostgreSQL wrote, which nobody reads again."""

from typing import Any

import orjson

from register.resolve.answers import Answer, Parcel

_SAID = {
    "current": ("The parcel is current.", "Thửa đất đang hiện hành."),
    "superseded": (
        "The parcel is retired; its successors are named.",
        "Thửa đất không còn; có các thửa kế tiếp.",
    ),
    "withdrawn": (
        "The parcel was withdrawn and has no successor.",
        "Thửa đất đã bị hủy, không có thửa kế tiếp.",
    ),
    "ambiguous": (
        "Several parcels are meant: add scale, map set or a date, or choose.",
        "Có nhiều thửa phù hợp: hãy thêm tỷ lệ, bộ bản đồ hoặc ngày, hoặc chọn một thửa.",
    ),
    "not_found": ("No parcel is found there.", "Không tìm thấy thửa đất nào."),
    "never_issued": ("No parcel has ever had this key.", "Chưa có thửa đất nào mang khóa này."),
}
_MEANT = (
    "No parcel has just this key; those that may be meant are named.",
    "Không có thửa đất nào mang đúng khóa này; có thể ý bạn là các thửa được nêu.",
)


def told(one: Answer) -> dict[str, Any]:
    """The answer as values for orjson."""
    single = one.parcels[0] if len(one.parcels) == 1 else None
    detail, detail_vi = one.key.wrong or (
        _MEANT if one.did_you_mean and not one.parcels else _SAID[one.status]
    )
    return {
        "key": one.key.given,
        "status": one.status,
        "found_by": single.found_by if single else None,
        "parcel": orjson.Fragment(single.told) if single else None,
        "successors": _shares(single) if single else [],
        "candidates": [] if single else [_candidate(parcel) for parcel in one.parcels],
        "more": one.more,
        "did_you_mean": []
        if one.parcels
        else [{"code": m.code, "how": m.how, "at": m.at} for m in one.did_you_mean],
        "detail": detail,
        "detail_vi": detail_vi,
    }


def _candidate(parcel: Parcel) -> dict[str, Any]:
    return {
        "status": parcel.status,
        "found_by": parcel.found_by,
        "parcel": orjson.Fragment(parcel.told),
        "successors": _shares(parcel),
    }


def _shares(parcel: Parcel) -> list[dict[str, Any]]:
    return [{"code": heir.code, "share": heir.share} for heir in parcel.successors]
