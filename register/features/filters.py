"""A CQL2 filter in its JSON form to a condition: properties off a list, values as parameters, bounded in depth and size.

Read here: and, or, not; =, <>, <, <=, >, >=; like, between, in, isNull; s_intersects with a point, line, polygon or box.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

import orjson
import shapely
from sqlalchemy import BigInteger, ColumnElement, Date, Numeric, Text, and_, false, literal, not_, or_, true
from sqlalchemy.dialects.postgresql import TIMESTAMP

from register.errors import InvalidKeyError
from register.features.collections import Collection, Property, area
from register.features.systems import System, in_degrees
from register.keys import printable

DEEPEST = 24
"""Words within words."""
MOST_PARTS = 600
"""Words, values and corners of a filter."""
LONGEST_VALUE = 200

_COMPARE: Mapping[str, Callable[[Any, Any], ColumnElement[bool]]] = {
    "=": lambda a, b: a == b,
    "<>": lambda a, b: a != b,
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
}
_MIRRORED = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}
_SHAPES = ("Point", "MultiPoint", "LineString", "MultiLineString", "Polygon", "MultiPolygon")


def condition(told: Any, collection: Collection, system: System) -> ColumnElement[bool]:
    """What a filter in JSON form asks of `collection`; its places are in `system`. Raises: InvalidKeyError."""
    return _Reader(collection, system).boolean(told, 0)


def value(text: str, of: Property) -> Any:
    """What stands in a query for a property, as its kind. Raises: InvalidKeyError."""
    if of.kind in ("integer", "number"):
        try:
            number: int | float = int(text) if text.lstrip("+-").isdigit() and len(text) < 20 else float(text)
        except ValueError:
            raise _wrong(text, of) from None
        if of.kind == "integer" and isinstance(number, float):
            if not number.is_integer():
                raise _wrong(text, of)
            number = int(number)
        return _literal(number, of)
    if of.kind == "text":
        return _literal(text, of)
    return _literal({"date" if of.kind == "date" else "timestamp": text}, of)


@dataclass(slots=True)
class _Reader:
    collection: Collection
    system: System
    parts: int = field(default=0)

    def boolean(self, told: Any, depth: int) -> ColumnElement[bool]:
        self._count(depth)
        if isinstance(told, bool):
            return true() if told else false()
        if (
            not isinstance(told, dict)
            or not isinstance(told.get("op"), str)
            or not isinstance(told.get("args"), list)
        ):
            raise _refused(
                'a condition is {"op": …, "args": […]}', 'điều kiện phải có dạng {"op": …, "args": […]}'
            )
        op, args = told["op"], told["args"]
        if op in ("and", "or") and args:
            parts = [self.boolean(arg, depth + 1) for arg in args]
            return and_(*parts) if op == "and" else or_(*parts)
        if op == "not" and len(args) == 1:
            return not_(self.boolean(args[0], depth + 1))
        if op == "s_intersects" and len(args) == 2:
            return self._intersects(args, depth)
        if op in _COMPARE and len(args) == 2:
            if not _is_property(args[0]):
                args, op = args[::-1], _MIRRORED.get(op, op)
            of = self._property(args[0])
            return _COMPARE[op](of.column, self._value(args[1], of))
        if op == "isNull" and len(args) == 1:
            return self._column(args[0]).is_(None)
        if op == "like" and len(args) == 2:
            of = self._property(args[0])
            if of.kind != "text":
                raise _refused(
                    f"like goes with text, and {of.name} is none",
                    f"like chỉ dùng cho chữ, {of.name} thì không",
                )
            return self._column(args[0]).like(self._value(args[1], of), escape="\\")
        if op == "between" and len(args) == 3:
            of = self._property(args[0])
            return self._column(args[0]).between(self._value(args[1], of), self._value(args[2], of))
        if op == "in" and len(args) == 2 and isinstance(args[1], list) and args[1]:
            of = self._property(args[0])
            return self._column(args[0]).in_([self._value(arg, of) for arg in args[1]])
        raise _refused(
            f"“{printable(op)}” with {len(args)} arguments is not read here",
            f"không đọc “{printable(op)}” với {len(args)} tham số",
        )

    def _count(self, depth: int, parts: int = 1) -> None:
        self.parts += parts
        if depth > DEEPEST or self.parts > MOST_PARTS:
            raise _refused(
                f"it has more than {MOST_PARTS} parts, or more than {DEEPEST} within each other",
                f"có hơn {MOST_PARTS} phần, hoặc lồng nhau quá {DEEPEST} lớp",
            )

    def _property(self, told: Any) -> Property:
        name = told.get("property") if isinstance(told, dict) else None
        of = self.collection.queryables.get(name) if isinstance(name, str) else None
        if of is None:
            shown = printable(str(name)) if isinstance(name, str) else "?"
            raise _refused(
                f"“{shown}” is no property that can be asked by: see queryables",
                f"“{shown}” không phải thuộc tính hỏi được: xem queryables",
            )
        return of

    def _column(self, told: Any) -> ColumnElement[Any]:
        column = self._property(told).column
        assert column is not None  # noqa: S101 - queryables have one
        return column

    def _value(self, told: Any, of: Property) -> Any:
        self._count(0)
        return _literal(told, of)

    def _intersects(self, args: list[Any], depth: int) -> ColumnElement[bool]:
        if not _is_property(args[0]):
            args = args[::-1]
        if not _is_property(args[0]) or args[0]["property"] not in ("geometry", "geom"):
            raise _refused(
                "s_intersects compares geometry with a shape", "s_intersects so sánh geometry với một hình"
            )
        shape = self._shape(args[1])
        return self.collection.meets(area(in_degrees(shape, self.system)))

    def _shape(self, told: Any) -> shapely.Geometry:
        wrong = _refused("it holds a shape that is none", "có một hình không đọc được")
        if not isinstance(told, dict):
            raise wrong
        if "bbox" in told:
            numbers = told["bbox"]
            if not isinstance(numbers, list):
                raise wrong
            return box(numbers, "filter")
        coordinates = told.get("coordinates")
        if told.get("type") not in _SHAPES or not isinstance(coordinates, list):
            raise wrong
        self._corners(coordinates, 0, wrong)
        try:
            shape = shapely.from_geojson(orjson.dumps({"type": told["type"], "coordinates": coordinates}))
        except (shapely.errors.ShapelyError, ValueError, TypeError):
            raise wrong from None
        if shape.is_empty or not shape.is_valid:
            raise _refused("a shape is empty or meets itself", "có một hình rỗng hoặc tự cắt")
        return shapely.force_2d(shape)

    def _corners(self, told: list[Any], depth: int, wrong: InvalidKeyError) -> None:
        self._count(depth)
        for part in told:
            if isinstance(part, list) and depth < 4:
                self._corners(part, depth + 1, wrong)
            elif not _is_number(part):
                raise wrong


def box(numbers: list[Any], name: str) -> shapely.Geometry:
    """The rectangle, or where west exceeds east the two, of 4 or 6 numbers (heights are passed over).

    Raises: InvalidKeyError.
    """
    flat = [*numbers[:2], *numbers[3:5]] if len(numbers) == 6 else numbers
    if len(flat) != 4 or not all(_is_number(n) for n in numbers):
        raise InvalidKeyError(
            f"{name}= is not a box: it has 4 numbers, the least of both axes, then the greatest.",
            f"{name}= không phải khung: khung có 4 số, hai số nhỏ nhất rồi hai số lớn nhất của hai trục.",
        )
    x0, y0, x1, y1 = (float(n) for n in flat)
    if y0 > y1 or (x0 > x1 and (abs(x0) > 180 or abs(x1) > 180)):
        raise InvalidKeyError(
            f"{name}= is reversed: the first two numbers must not exceed the last two.",
            f"{name}= bị ngược: hai số đầu không được lớn hơn hai số sau.",
        )
    if x0 > x1:  # across the antimeridian
        return shapely.MultiPolygon([shapely.box(x0, y0, 180, y1), shapely.box(-180, y0, x1, y1)])
    if x0 == x1 and y0 == y1:
        return shapely.Point(x0, y0)
    if x0 == x1 or y0 == y1:
        return shapely.LineString([(x0, y0), (x1, y1)])
    return shapely.box(x0, y0, x1, y1)


def _is_property(told: Any) -> bool:
    return isinstance(told, dict) and isinstance(told.get("property"), str)


def _is_number(told: Any) -> bool:
    return (
        isinstance(told, int | float)
        and not isinstance(told, bool)
        and math.isfinite(told)
        and abs(told) < 1e15
    )


def _literal(told: Any, of: Property) -> Any:
    """A parameter of the kind of a property. Raises: InvalidKeyError where the value is of another kind."""
    if of.kind == "text" and isinstance(told, str):
        if len(told) > LONGEST_VALUE or not all(c.isprintable() for c in told):
            raise _wrong(told, of)
        return literal(told, Text)
    if of.kind in ("integer", "number") and _is_number(told):
        # compared as what it is: 1.5 is no whole number, and lies between two
        return literal(told, BigInteger if isinstance(told, int) else Numeric)
    if of.kind in ("date", "instant"):
        moment = _moment(told)
        if moment is not None and of.kind == "instant":
            return literal(moment, TIMESTAMP(timezone=True))
        if moment is not None:
            return literal(moment.date(), Date)
    raise _wrong(told, of)


def _moment(told: Any) -> datetime | None:
    text = told.get("date", told.get("timestamp")) if isinstance(told, dict) else told
    if not isinstance(text, str) or len(text) > 40:
        return None
    try:
        if len(text) == 10:
            day = date.fromisoformat(text)
            return datetime(day.year, day.month, day.day, tzinfo=UTC)
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo is not None else None


def _wrong(told: Any, of: Property) -> InvalidKeyError:
    kinds = {
        "text": ("text", "chữ"),
        "integer": ("a whole number", "số nguyên"),
        "number": ("a number", "số"),
        "date": ("a day such as 2026-05-01", "ngày, ví dụ 2026-05-01"),
        "instant": ("an instant such as 2026-05-01T10:00:00Z", "thời điểm, ví dụ 2026-05-01T10:00:00Z"),
    }
    en, vi = kinds[of.kind]
    shown = printable(told if isinstance(told, str) else str(told)[:60])
    return InvalidKeyError(
        f"{of.name} is {en}; “{shown}” is none, or too long.",
        f"{of.name} là {vi}; “{shown}” thì không, hoặc quá dài.",
    )


def _refused(en: str, vi: str) -> InvalidKeyError:
    return InvalidKeyError(f"filter= cannot be answered: {en}.", f"Không trả lời được filter=: {vi}.")
