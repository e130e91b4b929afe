"""CQL2 (OGC 21-065r2), the text form to the JSON form: what OGC API Features part 3 needs of it, in time linear in the text.

An LALR(1) grammar: no text makes it look back, as deep as it may be nested. What a filter means is settled in
`register.features.filters`, for both forms alike.
"""

from functools import cache
from typing import Any

from lark import Lark, Token, Transformer, v_args
from lark.exceptions import LarkError, UnexpectedInput, UnexpectedToken

from register.errors import InvalidKeyError
from register.keys import printable

LONGEST = 4_000
"""Characters of a filter."""

_GRAMMAR = r"""
?start: or_
?or_: and_ (_OR and_)*
?and_: not_ (_AND not_)*
?not_: _NOT not_ -> not_
     | predicate
?predicate: "(" or_ ")"
     | TRUE -> yes
     | FALSE -> no
     | scalar OPERATOR scalar -> compare
     | scalar _LIKE STRING -> like
     | scalar _NOT _LIKE STRING -> not_like
     | scalar _BETWEEN scalar _AND scalar -> between
     | scalar _NOT _BETWEEN scalar _AND scalar -> not_between
     | scalar _IN "(" scalar ("," scalar)* ")" -> in_
     | scalar _NOT _IN "(" scalar ("," scalar)* ")" -> not_in
     | scalar _IS _NULL -> null
     | scalar _IS _NOT _NULL -> not_null
     | SPATIAL "(" geometry "," geometry ")" -> spatial
?scalar: property
     | STRING -> string
     | NUMBER -> number
     | _DATE "(" STRING ")" -> date
     | _TIMESTAMP "(" STRING ")" -> timestamp
property: NAME | QUOTED
?geometry: property
     | _POINT coordinates -> point
     | _LINESTRING line -> linestring
     | _POLYGON lines -> polygon
     | _MULTIPOINT (line | lines1) -> multipoint
     | _MULTILINESTRING lines -> multilinestring
     | _MULTIPOLYGON "(" lines ("," lines)* ")" -> multipolygon
     | _BBOX "(" NUMBER ("," NUMBER)* ")" -> bbox
coordinates: "(" position ")"
line: "(" position ("," position)* ")"
lines: "(" line ("," line)* ")"
lines1: "(" coordinates ("," coordinates)* ")"
position: NUMBER+
OPERATOR: "<>" | "<=" | ">=" | "<" | ">" | "="
_OR.3: /or\b/i
_AND.3: /and\b/i
_NOT.3: /not\b/i
_LIKE.3: /like\b/i
_BETWEEN.3: /between\b/i
_IN.3: /in\b/i
_IS.3: /is\b/i
_NULL.3: /null\b/i
TRUE.3: /true\b/i
FALSE.3: /false\b/i
_DATE.3: /date(?=\s*\()/i
_TIMESTAMP.3: /timestamp(?=\s*\()/i
SPATIAL.3: /s_[a-z]+(?=\s*\()/i
_POINT.3: /point(?=\s*\()/i
_LINESTRING.3: /linestring(?=\s*\()/i
_POLYGON.3: /polygon(?=\s*\()/i
_MULTIPOINT.3: /multipoint(?=\s*\()/i
_MULTILINESTRING.3: /multilinestring(?=\s*\()/i
_MULTIPOLYGON.3: /multipolygon(?=\s*\()/i
_BBOX.3: /bbox(?=\s*\()/i
NUMBER.2: /[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)(e[+-]?[0-9]+)?/i
NAME: /[a-z_][a-z0-9_.]*/i
QUOTED: /"([^"]|"")*"/
STRING: /'([^']|''|\\')*'/
%ignore /[ \t\r\n]+/
"""


def _word(op: str, *args: Any) -> dict[str, Any]:
    return {"op": op, "args": list(args)}


def _not(told: dict[str, Any]) -> dict[str, Any]:
    return _word("not", told)


@v_args(inline=True)
class _ToJson(Transformer[Token, Any]):
    """Each rule as the JSON form has it; called while the text is read, so that no tree is built."""

    def or_(self, *args: Any) -> Any:
        return _word("or", *args)

    def and_(self, *args: Any) -> Any:
        return _word("and", *args)

    def not_(self, arg: Any) -> Any:
        return _not(arg)

    def yes(self, _: Token) -> Any:
        return True

    def no(self, _: Token) -> Any:
        return False

    def compare(self, one: Any, operator: Token, other: Any) -> Any:
        return _word(str(operator), one, other)

    def like(self, one: Any, pattern: Token) -> Any:
        return _word("like", one, _unquoted(pattern))

    def not_like(self, one: Any, pattern: Token) -> Any:
        return _not(self.like(one, pattern))

    def between(self, one: Any, low: Any, high: Any) -> Any:
        return _word("between", one, low, high)

    def not_between(self, one: Any, low: Any, high: Any) -> Any:
        return _not(self.between(one, low, high))

    def in_(self, one: Any, *values: Any) -> Any:
        return _word("in", one, list(values))

    def not_in(self, one: Any, *values: Any) -> Any:
        return _not(self.in_(one, *values))

    def null(self, one: Any) -> Any:
        return _word("isNull", one)

    def not_null(self, one: Any) -> Any:
        return _not(self.null(one))

    def spatial(self, name: Token, one: Any, other: Any) -> Any:
        return _word(str(name).lower(), one, other)

    def property(self, name: Token) -> Any:
        text = str(name)
        return {"property": text[1:-1].replace('""', '"') if text.startswith('"') else text}

    def string(self, text: Token) -> Any:
        return _unquoted(text)

    def number(self, text: Token) -> Any:
        return _number(text)

    def date(self, text: Token) -> Any:
        return {"date": _unquoted(text)}

    def timestamp(self, text: Token) -> Any:
        return {"timestamp": _unquoted(text)}

    def point(self, coordinates: Any) -> Any:
        return {"type": "Point", "coordinates": coordinates}

    def linestring(self, line: Any) -> Any:
        return {"type": "LineString", "coordinates": line}

    def polygon(self, lines: Any) -> Any:
        return {"type": "Polygon", "coordinates": lines}

    def multipoint(self, line: Any) -> Any:
        return {"type": "MultiPoint", "coordinates": line}

    def multilinestring(self, lines: Any) -> Any:
        return {"type": "MultiLineString", "coordinates": lines}

    def multipolygon(self, *polygons: Any) -> Any:
        return {"type": "MultiPolygon", "coordinates": list(polygons)}

    def bbox(self, *numbers: Token) -> Any:
        return {"bbox": [_number(n) for n in numbers]}

    def coordinates(self, position: Any) -> Any:
        return position

    def line(self, *positions: Any) -> Any:
        return list(positions)

    def lines(self, *lines: Any) -> Any:
        return list(lines)

    def lines1(self, *positions: Any) -> Any:
        return list(positions)

    def position(self, *numbers: Token) -> Any:
        return [_number(n) for n in numbers]


def _unquoted(text: Token) -> str:
    return str(text)[1:-1].replace("\\'", "'").replace("''", "'")


def _number(text: Token) -> int | float:
    return int(text) if str(text).lstrip("+-").isdigit() else float(text)


@cache
def _parser() -> Lark:
    return Lark(_GRAMMAR, parser="lalr", transformer=_ToJson(), maybe_placeholders=False)


def to_json(text: str) -> Any:
    """The JSON form of a filter in CQL2 text. Raises: InvalidKeyError that tells the place."""
    if len(text) > LONGEST:
        raise too_long(len(text))
    try:
        return _parser().parse(text)
    except UnexpectedInput as error:
        ended = isinstance(error, UnexpectedToken) and error.token.type == "$END"
        at = len(text) if ended or error.pos_in_stream is None else error.pos_in_stream
        near = printable(text[at : at + 20])
        raise InvalidKeyError(
            f"filter= is no CQL2 that is read here: character {at + 1} is not understood, at “{near}”.",
            f"filter= không phải CQL2 đọc được ở đây: không hiểu ký tự thứ {at + 1}, từ “{near}”.",
        ) from None
    except (LarkError, ValueError):
        raise InvalidKeyError(
            "filter= is no CQL2 that is read here.", "filter= không phải CQL2 đọc được ở đây."
        ) from None


def too_long(length: int) -> InvalidKeyError:
    """A filter has more than LONGEST characters."""
    return InvalidKeyError(
        f"filter= has {length:,} characters, more than {LONGEST:,}: ask for less at once.",
        f"filter= có {length:,} ký tự, nhiều hơn {LONGEST:,}: hãy hỏi ít hơn mỗi lần.",
    )
