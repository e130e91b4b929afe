"""Shapes of the answers, for OpenAPI: what a caller may rely on. (Answers themselves are written by PostgreSQL.)"""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

LonLat = tuple[float, float]


class _Shape(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Commune(_Shape):
    """A commune (xã, phường, đặc khu)."""

    code: str = Field(examples=["20242"])
    name: str = Field(examples=["Hải Châu"])
    kind: str = Field(examples=["phường"])
    province: str | None = None


class Sheet(_Shape):
    """A map sheet (tờ bản đồ); its commune is the one it was surveyed for."""

    number: str = Field(examples=["12"])
    scale: int | None = Field(description="500 for 1:500; null: unknown")
    map_set: str
    epsg: int = Field(description="VN-2000 zone of its coordinates", examples=[5899])
    commune: Commune


class LandUse(_Shape):
    """One part of a land-use label such as ODT+CLN."""

    code: str
    name_vi: str
    name_en: str
    family: str


class ParcelAddress(_Shape):
    """A digital address (mã địa chỉ số) of a parcel, with the text address it belongs to."""

    scheme: str = Field(examples=["olc"])
    code: str = Field(examples=["7P8C35GH+8VQ"])
    text: str | None
    main: bool


class Change(_Shape):
    """A correction (chỉnh lý): by law since `effective_on`, in the office since `made_at`."""

    correction: int
    kind: str
    effective_on: str
    made_at: str


class Retired(Change):
    """The correction that retired a parcel, and the codes of what became of it."""

    successors: list[str]


class Recipe(_Shape):
    """How the code was made: the point it stands for in zone `epsg`, and the algorithm (or `given`)."""

    algorithm: str
    epsg: int
    east_m: float
    north_m: float


class ParcelProperties(_Shape):
    """What the register knows of a parcel; no personal data."""

    code: str = Field(examples=["w6ugmu6r6pux"])
    status: Literal["current", "retired"]
    version: int
    commune: Commune
    sheet: Sheet
    number: str = Field(description="số thứ tự thửa", examples=["245"])
    land_use: str = Field(examples=["ODT"])
    land_uses: list[LandUse]
    area_m2: float = Field(description="of the shape")
    legal_area_m2: float | None = Field(description="on paper")
    point: LonLat = Field(description="longitude, latitude of the point the code stands for")
    recipe: Recipe
    addresses: list[ParcelAddress]
    since: Change
    retired: Retired | None


class Geometry(_Shape):
    """A GeoJSON polygon or multipolygon; axes as asked by `crs`: lon, lat or east, north."""

    type: Literal["Polygon", "MultiPolygon"]
    coordinates: list[Any]


class Parcel(_Shape):
    """A parcel (thửa đất) as a GeoJSON feature; its id is its code."""

    type: Literal["Feature"]
    id: str
    geometry: Geometry
    properties: ParcelProperties


class Link(_Shape):
    """A link to follow as it is."""

    rel: Literal["next"]
    href: str
    type: str = "application/geo+json"


class Parcels(_Shape):
    """A page of parcels; `links` holds the next page, if there is one."""

    type: Literal["FeatureCollection"]
    features: list[Parcel]
    numberReturned: int = Field(ge=0)  # noqa: N815 - the name OGC API gives it
    links: list[Link]


class AddressParcel(_Shape):
    """A parcel of an address."""

    code: str
    main: bool
    number: str
    sheet: str
    land_use: str


class AddressParts(_Shape):
    """What the text of an address says, part by part, as it was written; null: nothing of that part."""

    house: str | None = Field(description="số nhà", examples=["3"])
    alleys: list[str] = Field(
        description="ngõ, ngách, hẻm, kiệt: from the street inwards", examples=[["12", "45"]]
    )
    street: str | None
    hamlet: str | None
    commune: str | None
    district: str | None = Field(description="former (before 1 July 2025)")
    province: str | None


class AddressSaid(_Shape):
    """What the file an address came with says of it besides: whose it is, how it stands there."""

    source: str | None = Field(examples=["VNPost"])
    status: str | None
    postcode: str | None


class AddressMatch(_Shape):
    """One part of an address that the words typed name, and how."""

    part: Literal["house", "street", "hamlet", "commune", "district", "province", "digital"]
    name: str
    how: Literal["exact", "without_marks", "other_marks", "typo", "beginning", "initials"]
    former: bool = Field(description="by a name it had before")


class Address(_Shape):
    """A digital address with its text, its point, its commune of today and its current parcels."""

    scheme: str
    code: str
    text: str | None
    point: LonLat | None
    parts: AddressParts | None = Field(description="null: no text, or not yet read")
    said: AddressSaid | None = Field(description="null: it came with no such file")
    commune: Commune | None
    parcels: list[AddressParcel]
    matched: list[AddressMatch] | None = Field(None, description="answers to `q`")
    distance_m: float | None = Field(None, description="answers to `at`")


class Addresses(_Shape):
    """Addresses, best first."""

    addresses: list[Address]


class Unit(_Shape):
    """An administrative unit, today's or a former one (`valid_to`)."""

    code: str
    name: str
    kind: str
    level: Literal["province", "commune"]
    district: str | None
    province: str | None
    valid_to: str | None


class Units(_Shape):
    """Units, today's first."""

    units: list[Unit]


class RegisterCommune(_Shape):
    """A commune that has parcels in the register."""

    code: str
    name: str
    kind: str
    province: str | None
    postcode: str | None
    sheets: int


class Register(_Shape):
    """What is in the register; `bbox` is west, south, east, north in degrees."""

    parcels: int
    sheets: int
    addresses: int
    defects: int = Field(description="inherited defects still open")
    last_correction: dict[str, Any] | None
    bbox: tuple[float, float, float, float] | None
    communes: list[RegisterCommune]


class Problem(BaseModel):
    """What went wrong, in English and Vietnamese (RFC 9457); kinds of problems add fields of their own."""

    model_config = ConfigDict(extra="allow")

    type: str = Field(examples=["/problems/not-found"])
    title: str = Field(examples=["Not found"])
    status: int = Field(examples=[404])
    detail: str = Field(examples=["No parcel has ever had the code w6ugmu6r6pux."])
    detail_vi: str = Field(examples=["Mã w6ugmu6r6pux chưa từng được cấp cho thửa đất nào."])
    instance: str = Field(examples=["/api/v1/parcels/w6ugmu6r6pux"])
