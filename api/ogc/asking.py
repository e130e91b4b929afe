"""What a request asks of features: every parameter of the standard, read strictly; what is unknown is refused (7.15, A.3)."""

import math
import re
from collections.abc import Collection as Names
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from typing import Any

import orjson
from fastapi import Request

from register.errors import InvalidKeyError
from register.features.collections import Collection, Days
from register.features.cql2 import LONGEST, to_json, too_long
from register.features.filters import box, value
from register.features.items import Asked
from register.features.systems import CRS84, System, in_degrees, system
from register.keys import printable

LIMIT, MOST = 10, 10_000
"""Features of a page: unless asked for otherwise, and at most."""
FORMATS = ("json", "html")
PAGE = (
    "bbox",
    "bbox-crs",
    "crs",
    "datetime",
    "limit",
    "filter",
    "filter-lang",
    "filter-crs",
    "properties",
    "cursor",
    "f",
)
"""Parameters of a page of features, beside properties one can ask by."""

_VIETNAM = timezone(timedelta(hours=7))
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_INSTANT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?([Zz]|[+ -][0-9]{2}:[0-9]{2})"
)


@dataclass(frozen=True, slots=True)
class Wanted:
    """A page of features: which, how many, from where on, in which system."""

    asked: Asked
    limit: int
    cursor: str | None
    system: System


def parameters(request: Request, known: Names[str]) -> dict[str, str]:
    """The parameters of a request. Raises: InvalidKeyError for one that is not `known`, or given twice."""
    given: dict[str, str] = {}
    for name, text in request.query_params.multi_items():
        if name not in known:
            raise InvalidKeyError(
                f"There is no parameter “{printable(name)}” here; there are: {', '.join(sorted(known))}.",
                f"Ở đây không có tham số “{printable(name)}”; có: {', '.join(sorted(known))}.",
            )
        if name in given:
            raise InvalidKeyError(f"{name}= is given twice.", f"{name}= được cho hai lần.")
        given[name] = text
    return given


def is_html(request: Request, given: dict[str, str]) -> bool:
    """Whether a page for people is wanted: by `f=`, else by the Accept header. Raises: InvalidKeyError."""
    asked = given.get("f")
    if asked is not None and asked not in FORMATS:
        raise InvalidKeyError(
            f"f={printable(asked)} is not given here: f=json or f=html.",
            f"Không có dạng f={printable(asked)}: hãy dùng f=json hoặc f=html.",
        )
    if asked is not None:
        return asked == "html"
    accepted = request.headers.get("accept", "").lower()
    html = accepted.find("text/html")
    json = min(at for at in (accepted.find("json"), len(accepted) + 1) if at >= 0)
    return 0 <= html < json


def wanted(given: dict[str, str], collection: Collection) -> Wanted:
    """A page of `collection` from its parameters. Raises: InvalidKeyError."""
    equal = {name: text for name, text in given.items() if name in collection.queryables}
    for name, text in equal.items():
        value(text, collection.queryables[name])
    asked = Asked(
        collection,
        _place(given),
        days(given["datetime"]) if "datetime" in given else None,
        equal,
        _filter(given),
        system(given["filter-crs"], "filter-crs") if "filter-crs" in given else CRS84,
        names(given, collection),
    )
    return Wanted(asked, _limit(given.get("limit")), given.get("cursor"), system_of(given))


def system_of(given: dict[str, str]) -> System:
    """The system answers are wanted in. Raises: InvalidKeyError."""
    return system(given["crs"], "crs") if "crs" in given else CRS84


def names(given: dict[str, str], collection: Collection) -> tuple[str, ...] | None:
    """The properties wanted; None: all. Raises: InvalidKeyError."""
    if "properties" not in given:
        return None
    asked = tuple(name.strip() for name in given["properties"].split(",") if name.strip())
    known = [p.name for p in collection.properties]
    for name in asked:
        if name not in known:
            raise InvalidKeyError(
                f"{collection.name} have no property “{printable(name)}”; they have: {', '.join(known)}.",
                f"{collection.name} không có thuộc tính “{printable(name)}”; có: {', '.join(known)}.",
            )
    return asked


def days(text: str) -> Days:
    """First and last legal day of `datetime=`: a day or an instant, or two with a slash, `..` for an open end.

    An instant stands for the day it falls on in Vietnam. Raises: InvalidKeyError.
    """
    parts = text.split("/")
    if len(parts) == 1:
        return _day(text, text), _day(text, text)
    if len(parts) != 2 or all(part in ("", "..") for part in parts):
        raise _no_time(text)
    first = date.min if parts[0] in ("", "..") else _day(parts[0], text)
    last = date.max if parts[1] in ("", "..") else _day(parts[1], text)
    if first > last:
        raise _no_time(text)
    return first, last


def _day(part: str, text: str) -> date:
    try:
        if _DAY.fullmatch(part):
            return date.fromisoformat(part)
        if _INSTANT.fullmatch(part):
            return datetime.fromisoformat(part.upper().replace(" ", "+")).astimezone(_VIETNAM).date()
    except (ValueError, OverflowError):
        pass
    raise _no_time(text)


def _no_time(text: str) -> InvalidKeyError:
    return InvalidKeyError(
        f"datetime={printable(text)} is no time: give 2026-05-01, 2026-05-01T10:00:00Z, or two of them as "
        "2026-01-01/2026-06-30, .. for an open end.",
        f"datetime={printable(text)} không phải thời gian: hãy viết 2026-05-01, 2026-05-01T10:00:00Z, hoặc một khoảng như "
        "2026-01-01/2026-06-30, dùng .. cho đầu để ngỏ.",
    )


def _place(given: dict[str, str]) -> Any:
    if "bbox" not in given:
        return None
    of = system(given["bbox-crs"], "bbox-crs") if "bbox-crs" in given else CRS84
    return in_degrees(box(_numbers(given["bbox"].split(",")), "bbox"), of)


def _numbers(parts: Iterable[str]) -> list[float]:
    try:
        return [float(part) for part in parts]
    except ValueError:
        return [math.nan]


def _filter(given: dict[str, str]) -> Any:
    if "filter" not in given:
        return None
    text, language = given["filter"], given.get("filter-lang", "cql2-text")
    if language == "cql2-text":
        return to_json(text)
    if language != "cql2-json":
        raise InvalidKeyError(
            f"filter-lang={printable(language)} is not read here: cql2-text or cql2-json.",
            f"Không đọc filter-lang={printable(language)}: hãy dùng cql2-text hoặc cql2-json.",
        )
    if len(text) > LONGEST:
        raise too_long(len(text))
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        raise InvalidKeyError("filter= is not JSON.", "filter= không phải JSON.") from None


def _limit(text: str | None) -> int:
    if text is None:
        return LIMIT
    if not (text.isascii() and text.isdigit() and int(text[:20]) >= 1):
        raise InvalidKeyError(
            f"limit={printable(text)} is not a whole number of 1 or more.",
            f"limit={printable(text)} không phải số nguyên từ 1 trở lên.",
        )
    return min(int(text[:20]), MOST)
