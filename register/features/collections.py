"""What the collections are: their properties, where those stand, which rows count on which legal day."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Literal

import shapely
from geoalchemy2 import functions as gis
from sqlalchemy import ColumnElement, FromClause, String, and_, cast, exists, literal, or_, select

from register.tables import (
    address,
    correction,
    parcel_address,
    parcel_version,
    sheet,
    unit,
    unit_successor,
    unmade_version,
)

Kind = Literal["text", "integer", "number", "date", "instant"]
Days = tuple[date, date]
"""A first and a last legal day, both included."""


@dataclass(frozen=True, slots=True)
class Property:
    """A property of features: its kind and what it is, in both languages. `column`: None where nobody can ask by it."""

    name: str
    kind: Kind
    text_vi: str
    text_en: str
    column: ColumnElement[object] | None = None


@dataclass(frozen=True, slots=True)
class Collection:
    """A collection: the table its features are rows of, their order, and who is in it.

    `identity`: the feature's id as people write it, of what is in force. `number`: the number its row has. `order`: keys
    of the order of pages, those of what is in force and those of any day. `alive`: the halves of the rows, each by an
    index of its own, that are in force (None) or were on one of these days. `meets`: what meets a geometry in WGS84.
    """

    name: str
    title_vi: str
    title_en: str
    text_en: str
    text_vi: str
    geometry: Literal["surface", "point"]
    source: FromClause
    identity: ColumnElement[str]
    number: ColumnElement[int]
    order: tuple[ColumnElement[object], ...]
    order_of_days: tuple[ColumnElement[object], ...]
    alive: Callable[[Days | None], tuple[ColumnElement[bool], ...]]
    meets: Callable[[ColumnElement[object]], ColumnElement[bool]]
    properties: tuple[Property, ...]

    @property
    def queryables(self) -> Mapping[str, Property]:
        """The properties one can ask by, by their names."""
        return MappingProxyType({p.name: p for p in self.properties if p.column is not None})


def area(shape: shapely.Geometry) -> ColumnElement[object]:
    """A shape in degrees of WGS84 as a parameter."""
    return gis.ST_GeomFromWKB(literal(shapely.to_wkb(shape)), 4326)


_v, _s, _a = parcel_version.c, sheet.c, address.c
_today, _surveyed = unit.alias("today"), unit.alias("surveyed")
_opener, _closer = correction.alias("opener"), correction.alias("closer")


def _on_web(column: ColumnElement[object]) -> Callable[[ColumnElement[object]], ColumnElement[bool]]:
    return lambda area: gis.ST_Intersects(column, gis.ST_Transform(area, 3857))


# Left joins by primary keys: the planner leaves out those nothing is asked of.
_PARCELS = (
    parcel_version.outerjoin(sheet, _s.id == _v.sheet)
    .outerjoin(_today, _today.c.id == _v.commune)
    .outerjoin(_surveyed, _surveyed.c.id == _s.commune)
    .outerjoin(_opener, _opener.c.id == _v.opened_by)
    .outerjoin(_closer, _closer.c.id == _v.closed_by)
)


def _parcels_alive(days: Days | None) -> tuple[ColumnElement[bool], ...]:
    if days is None:
        return (_v.closed_by.is_(None),)
    first, last = days
    unmade = exists().where(unmade_version.c.version == _v.id)
    began = and_(_opener.c.effective_on <= last, ~unmade)
    lasted = and_(_closer.c.effective_on > first, _closer.c.effective_on > _opener.c.effective_on)
    return and_(_v.closed_by.is_(None), began), and_(_v.closed_by.is_not(None), began, lasted)


def _sheets_alive(days: Days | None) -> tuple[ColumnElement[bool], ...]:
    return (_s.outline.is_not(None),)


_u = unit.c


def _drawn(*conditions: ColumnElement[bool]) -> ColumnElement[bool]:
    """Communes with sheets: those surveyed for them, and of communes they were made of those with their parcels."""
    own = select(_s.commune).where(_s.outline.is_not(None), *conditions)
    grown = unit_successor.join(sheet, _s.commune == unit_successor.c.unit)
    parcels = select(_v.id).where(
        _v.sheet == _s.id, _v.commune == unit_successor.c.successor, _v.closed_by.is_(None)
    )
    taken_over = select(unit_successor.c.successor).select_from(grown)
    taken_over = taken_over.where(
        _s.outline.is_not(None),
        unit_successor.c.undone_by.is_(None),
        exists(parcels.correlate(sheet, unit_successor)),
        *conditions,
    )
    return or_(_u.id.in_(own), _u.id.in_(taken_over))


def _communes_alive(days: Days | None) -> tuple[ColumnElement[bool], ...]:
    here = and_(_u.level == "commune", _u.undone_by.is_(None), or_(_u.outline.is_not(None), _drawn()))
    if days is None:
        return (and_(here, _u.valid_to.is_(None)),)
    first, last = days
    began = or_(_u.valid_from.is_(None), _u.valid_from <= last)
    return (and_(here, began, or_(_u.valid_to.is_(None), _u.valid_to >= first)),)


def _commune_meets(area: ColumnElement[object]) -> ColumnElement[bool]:
    by_sheets = _drawn(gis.ST_Intersects(_s.outline, gis.ST_Transform(area, 3857)))
    return or_(gis.ST_Intersects(_u.outline, area), and_(_u.outline.is_(None), by_sheets))


def _addresses_alive(days: Days | None) -> tuple[ColumnElement[bool], ...]:
    link = parcel_address.c
    if days is None:
        return (exists().where(link.address == _a.id, link.closed_by.is_(None)),)
    first, last = days
    lives = (
        select(link.id)
        .select_from(
            parcel_address.join(_opener, _opener.c.id == link.opened_by).outerjoin(
                _closer, _closer.c.id == link.closed_by
            )
        )
        .where(
            link.address == _a.id,
            _opener.c.effective_on <= last,
            or_(
                link.closed_by.is_(None),
                and_(_closer.c.effective_on > first, _closer.c.effective_on > _opener.c.effective_on),
            ),
        )
        .correlate(address)
    )
    return (exists(lives),)


def _of_unit(column: ColumnElement[object], of: ColumnElement[object]) -> ColumnElement[object]:
    return select(column).where(_today.c.id == of).scalar_subquery()


PARCELS = Collection(
    "parcels",
    "Thửa đất",
    "Parcels",
    "Parcels (thửa đất) in force; with datetime=, those in force by law on these days, each version a feature of its own.",
    "Thửa đất hiện hành; với datetime=, các thửa có hiệu lực trong những ngày đó, mỗi phiên bản là một đối tượng.",
    "surface",
    _PARCELS,
    _v.code,
    _v.id,
    (_v.code,),
    (_v.code, _v.id),
    _parcels_alive,
    _on_web(_v.web),
    (
        Property("code", "text", "Mã định danh thửa đất", "Parcel code", _v.code),
        Property("version", "integer", "Số của phiên bản", "Number of the version", _v.id),
        Property("commune", "text", "Mã xã hiện nay", "Code of today's commune", _today.c.code),
        Property("commune_name", "text", "Tên xã hiện nay", "Name of today's commune", _today.c.name),
        Property("sheet", "text", "Số tờ bản đồ", "Map sheet number", _s.number),
        Property("scale", "integer", "Mẫu số tỷ lệ của tờ", "Scale of the sheet, 500 for 1:500", _s.scale),
        Property("map_set", "text", "Bộ bản đồ", "Map set of the sheet", _s.map_set),
        Property("epsg", "integer", "Múi VN-2000 của tờ", "VN-2000 zone of the sheet, EPSG", _s.epsg),
        Property("sheet_commune", "text", "Mã xã khi đo vẽ tờ", "Code of the commune the sheet was surveyed for",
                 _surveyed.c.code),
        Property("number", "text", "Số thứ tự thửa", "Parcel number", _v.number),
        Property("land_use", "text", "Loại đất", "Land use", _v.land_use),
        Property("area_m2", "number", "Diện tích theo hình, m²", "Area of the shape, m²", _v.area_m2),
        Property("legal_area_m2", "number", "Diện tích pháp lý, m²", "Area on paper, m²", _v.legal_area_m2),
        Property("address", "text", "Địa chỉ chính", "Text of the main address"),
        Property("address_code", "text", "Mã địa chỉ số chính", "Code of the main digital address"),
        Property("effective_on", "date", "Có hiệu lực từ ngày", "In force by law since", _opener.c.effective_on),
        Property("ended_on", "date", "Hết hiệu lực từ ngày", "No longer in force since", _closer.c.effective_on),
        Property("made_at", "instant", "Vào sổ lúc", "In the register since", _opener.c.made_at),
    ),
)  # fmt: skip

SHEETS = Collection(
    "sheets",
    "Tờ bản đồ",
    "Map sheets",
    "Map sheets (tờ bản đồ) as far as parcels cover them.",
    "Tờ bản đồ, trong phạm vi các thửa đất trên tờ.",
    "surface",
    sheet.outerjoin(_surveyed, _surveyed.c.id == _s.commune),
    cast(_s.id, String),
    _s.id,
    (_s.id,),
    (_s.id,),
    _sheets_alive,
    _on_web(_s.outline),
    (
        Property("number", "text", "Số tờ bản đồ", "Map sheet number", _s.number),
        Property("scale", "integer", "Mẫu số tỷ lệ", "Scale, 500 for 1:500", _s.scale),
        Property("map_set", "text", "Bộ bản đồ", "Map set", _s.map_set),
        Property("kind", "text", "Loại: map hay extract", "Kind: map or extract", _s.kind),
        Property("epsg", "integer", "Múi VN-2000 của tờ", "VN-2000 zone of the sheet, EPSG", _s.epsg),
        Property("commune", "text", "Mã xã khi đo vẽ", "Code of the commune it was surveyed for",
                 _surveyed.c.code),
        Property("commune_name", "text", "Tên xã khi đo vẽ", "Name of the commune it was surveyed for",
                 _surveyed.c.name),
    ),
)  # fmt: skip

COMMUNES = Collection(
    "communes",
    "Xã, phường, đặc khu",
    "Communes",
    "Communes (xã, phường, đặc khu) of today that are drawn here: by their own outline, else by their parcels' sheets; "
    "with datetime=, those there were on these days.",
    "Xã, phường, đặc khu hiện nay có trên bản đồ; với datetime=, những đơn vị có trong những ngày đó.",
    "surface",
    unit,
    _u.code,
    _u.id,
    (_u.code, _u.id),
    (_u.code, _u.id),
    _communes_alive,
    _commune_meets,
    (
        Property("code", "text", "Mã xã", "Code", _u.code),
        Property("name", "text", "Tên", "Name", _u.name),
        Property("kind", "text", "Loại: xã, phường, đặc khu …", "Kind: xã, phường, đặc khu …", _u.kind),
        Property("district", "text", "Huyện cũ", "Former district", _u.district),
        Property("province", "text", "Mã tỉnh", "Code of the province", _of_unit(_today.c.code, _u.parent)),
        Property("province_name", "text", "Tên tỉnh", "Name of the province",
                 _of_unit(_today.c.name, _u.parent)),
        Property("postcode", "text", "Mã bưu chính", "Postcode", _u.postcode),
        Property("valid_from", "date", "Có từ ngày", "First day", _u.valid_from),
        Property("valid_to", "date", "Có đến ngày", "Last day", _u.valid_to),
    ),
)  # fmt: skip

ADDRESSES = Collection(
    "addresses",
    "Địa chỉ",
    "Addresses",
    "Digital addresses (mã địa chỉ số) of current parcels; with datetime=, of parcels then.",
    "Địa chỉ số của các thửa đất hiện hành; với datetime=, của các thửa trong những ngày đó.",
    "point",
    address,
    cast(_a.id, String),
    _a.id,
    (_a.id,),
    (_a.id,),
    _addresses_alive,
    lambda area: gis.ST_Intersects(_a.point, area),
    (
        Property("scheme", "text", "Bộ mã", "Scheme of the code", _a.scheme),
        Property("code", "text", "Mã địa chỉ số", "Code of the digital address", _a.code),
        Property("text", "text", "Địa chỉ", "The address in words", _a.text),
        Property("parcel", "text", "Mã thửa đất", "Code of its parcel, the main one of several"),
        Property("parcels", "integer", "Số thửa đất", "How many parcels it has"),
    ),
)

COLLECTIONS: Mapping[str, Collection] = MappingProxyType(
    {c.name: c for c in (PARCELS, SHEETS, COMMUNES, ADDRESSES)}
)
