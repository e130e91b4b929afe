"""The kinds of corrections as an editor or a program asks for them: intent and new borders only, never the neighbours'.

Coordinates are [east, north] in metres of the VN-2000 zone of the parcel's sheet; with `crs` 4326 [longitude, latitude].
"""

from decimal import Decimal
from typing import Annotated, Literal

from pydantic import (
    AfterValidator,
    AllowInfNan,
    BaseModel,
    ConfigDict,
    Field,
    StrictBool,
    StringConstraints,
    TypeAdapter,
    model_validator,
)

from register.errors import RegisterError
from register.keys import commune_code, parcel_code

MOST_PARCELS = 20_000


def _parcel(text: str) -> str:
    try:
        return parcel_code(text)
    except RegisterError as error:
        raise ValueError(str(error)) from None


def _commune(text: str) -> str:
    try:
        return commune_code(text)
    except RegisterError as error:
        raise ValueError(str(error)) from None


Code = Annotated[str, StringConstraints(max_length=64), AfterValidator(_parcel)]
Commune = Annotated[str, StringConstraints(max_length=16), AfterValidator(_commune)]
Codes = Annotated[list[Code], Field(min_length=1, max_length=MOST_PARCELS)]
Finite = Annotated[float, AllowInfNan(False)]
Point = tuple[Finite, Finite]
Line = Annotated[list[Point], Field(min_length=2, max_length=10_000)]
Rings = Annotated[list[Line], Field(min_length=1, max_length=1_000)]
Number = Annotated[str, StringConstraints(strip_whitespace=True, pattern=r"^[0-9A-Za-zĐđ./\-]{1,20}$")]
LandUse = Annotated[str, StringConstraints(strip_whitespace=True, pattern=r"^[A-Z0-9+]{0,20}$")]
Text = Annotated[str, StringConstraints(strip_whitespace=True, max_length=500)]
Tolerance = Annotated[
    float,
    AllowInfNan(False),
    Field(ge=0.002, le=0.25, description="metres; what is wider may be a lane or a ditch"),
]


def _upright(box: tuple[float, float, float, float]) -> tuple[float, float, float, float]:
    west, south, east, north = box
    if not (-180 <= west <= east <= 180 and -85 <= south <= north <= 85):
        raise ValueError(
            "the box is not west, south, east, north in degrees · khung phải là tây, nam, đông, bắc theo độ"
        )
    return box


Box = Annotated[tuple[Finite, Finite, Finite, Finite], AfterValidator(_upright)]
Area = Annotated[Decimal, Field(ge=0, max_digits=14, decimal_places=2)]


class _Intent(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Drawn(_Intent):
    crs: Literal[0, 4326] = Field(0, description="0: the VN-2000 zone of the parcel's sheet; 4326: degrees")


class Written(_Intent):
    """What is written about a parcel; what is left out is not said."""

    number: Number | None = None
    land_use: LandUse | None = None
    legal_area_m2: Area | None = None
    address: Text | None = None


class SheetKey(_Intent):
    """A map sheet (tờ bản đồ); scale and map set where the number alone is ambiguous."""

    commune: Commune
    number: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=20)]
    scale: Annotated[int, Field(ge=100, le=100_000)] | None = None
    map_set: Annotated[str, StringConstraints(max_length=40)] = ""


class Assigned(_Intent):
    """An address of the parcel that is split, by code or text, and the part it goes to (from 0)."""

    scheme: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{1,30}$")] | None = None
    code: Annotated[str, StringConstraints(strip_whitespace=True, max_length=64)] | None = None
    text: Text | None = None
    part: Annotated[int, Field(ge=0, lt=1000)]

    @model_validator(mode="after")
    def _named(self) -> "Assigned":
        if not (self.code or self.text):
            raise ValueError("give the address's code or its text · hãy cho mã hoặc nội dung địa chỉ")
        return self


class Split(_Drawn):
    """Tách thửa: by lines, by a ring of corners, or by area left of a direction; parts run from the north-west."""

    kind: Literal["split"]
    parcel: Code
    lines: Annotated[list[Line], Field(min_length=1, max_length=100)] | None = None
    ring: Line | None = None
    area_m2: Annotated[Finite, Field(gt=0)] | None = None
    direction_deg: Annotated[Finite, Field(ge=-360, le=360)] = 0.0
    parts: Annotated[list[Written], Field(max_length=1000)] = []
    keeps: Annotated[int, Field(ge=0)] | None = Field(
        None, description="the part that keeps the parcel's code"
    )
    registered: StrictBool = Field(
        False, description="registered already: official numbers at once (rules §4.3)"
    )
    addresses: Annotated[list[Assigned], Field(max_length=1000)] = Field(
        [], description="addresses that go elsewhere than proposed: else to the part their point lies in"
    )

    @model_validator(mode="after")
    def _one_way(self) -> "Split":
        if sum(way is not None for way in (self.lines, self.ring, self.area_m2)) != 1:
            raise ValueError("give one of lines, ring, area_m2 · hãy cho một trong lines, ring, area_m2")
        return self


class Merge(_Intent):
    """Hợp thửa."""

    kind: Literal["merge"]
    parcels: Annotated[list[Code], Field(min_length=2, max_length=500)]
    into: Written = Written()
    keeps: Code | None = Field(None, description="the parcel whose code the whole keeps")
    registered: StrictBool = False


class Move(_Intent):
    """One corner, for all parcels that share it."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)
    start: Point = Field(alias="from")
    end: Point = Field(alias="to")


class Boundary(_Drawn):
    """Corners moved, put in or taken out; neighbours follow."""

    kind: Literal["boundary"]
    parcel: Code
    moves: Annotated[list[Move], Field(max_length=2000)] = []
    inserts: Annotated[list[Point], Field(max_length=2000)] = []
    removes: Annotated[list[Point], Field(max_length=2000)] = []

    @model_validator(mode="after")
    def _something(self) -> "Boundary":
        if not (self.moves or self.inserts or self.removes):
            raise ValueError("no corner is moved, put in or taken out · chưa dời, thêm hay bỏ đỉnh nào")
        return self


class Measured(Written):
    """A parcel measured anew; `rings` are the outer one and the holes."""

    parcel: Code
    rings: Rings


class New(Written):
    """A new parcel."""

    rings: Rings


class Survey(_Drawn):
    """Đo đạc lại: new shapes of registered parcels; corners that neighbours share follow within `tolerance_m`."""

    kind: Literal["survey"]
    parcels: Annotated[list[Measured], Field(min_length=1, max_length=MOST_PARCELS)] | None = None
    run: int | None = Field(None, description="of a check of a survey; set by the server alone")
    tolerance_m: Annotated[Finite, Field(ge=0, le=10)] = 0.3
    replaces: Literal["sheet"] | None = Field(
        None, description="of a check: the file is the whole later state of its sheets"
    )
    shift: Literal["keep", "take"] = Field(
        "keep",
        description="a sheet found moved as a whole: keep its place in the register, or take the new one",
    )
    within_m: Annotated[Finite, Field(ge=0.001, le=10)] | None = Field(
        None,
        description="so far corners may differ and be the same; none: the point error of the sheet's scale",
    )


class Create(_Drawn):
    """New parcels on a sheet of the register."""

    kind: Literal["create"]
    sheet: SheetKey
    parcels: Annotated[list[New], Field(min_length=1, max_length=MOST_PARCELS)]


class Rewritten(Written):
    """A parcel and what is to be written about it."""

    parcel: Code


class Attributes(_Intent):
    """Number, land use, legal area."""

    kind: Literal["attributes"]
    parcels: Annotated[list[Rewritten], Field(min_length=1, max_length=MOST_PARCELS)]


class Renumbered(_Intent):
    """A parcel and its new number; none: the next after the largest ever used."""

    parcel: Code
    number: Number | None = None


class Renumber(_Intent):
    """New parcel numbers on the same sheets."""

    kind: Literal["renumber"]
    parcels: Annotated[list[Renumbered], Field(min_length=1, max_length=MOST_PARCELS)]


class Resheet(_Intent):
    """Parcels moved to another sheet of the same zone, under the next numbers there."""

    kind: Literal["resheet"]
    parcels: Codes
    to: SheetKey


class Retire(_Intent):
    """Parcels that end without successors (a landslide, a river)."""

    kind: Literal["retire"]
    parcels: Codes


class Register(_Intent):
    """Provisional parcels of a split or merger become official, under official numbers."""

    kind: Literal["register"]
    parcels: Codes


class Link(_Intent):
    """An address for a parcel: by code of a scheme, or as text."""

    parcel: Code
    scheme: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{1,30}$")] = "text"
    code: Annotated[str, StringConstraints(strip_whitespace=True, max_length=64)] | None = None
    text: Text | None = None
    main: StrictBool = False

    @model_validator(mode="after")
    def _named(self) -> "Link":
        if not (self.code or self.text):
            raise ValueError("give the address's code or its text · hãy cho mã hoặc nội dung địa chỉ")
        return self


class Address(_Intent):
    """Addresses linked to parcels, or no longer; by hand, or all of a file that was handed in."""

    kind: Literal["address"]
    file: Annotated[str, StringConstraints(pattern=r"^[a-z2-7]{26}$")] | None = Field(
        None, description="of a file of addresses; set by the server alone"
    )
    link: Annotated[list[Link], Field(max_length=MOST_PARCELS)] = []
    unlink: Annotated[list[Link], Field(max_length=MOST_PARCELS)] = []

    @model_validator(mode="after")
    def _something(self) -> "Address":
        if self.file is not None and (self.link or self.unlink):
            raise ValueError("a file goes without other links · tệp địa chỉ không đi cùng liên kết khác")
        if not (self.link or self.unlink or self.file):
            raise ValueError("no address is linked or unlinked · chưa gắn hay gỡ địa chỉ nào")
        return self


class Mistaken(Written):
    """A parcel that was wrong in the register from the start; `rings` where its shape was."""

    parcel: Code
    rings: Rings | None = None


class ErrorCorrection(_Drawn):
    """Đính chính: what was entered wrongly, put right."""

    kind: Literal["error"]
    parcels: Annotated[list[Mistaken], Field(min_length=1, max_length=MOST_PARCELS)]
    tolerance_m: Annotated[Finite, Field(ge=0, le=10)] = 0.3


class Slivers(_Intent):
    """Sửa khe hở, chồng lấn: gaps and overlaps no wider than `tolerance_m` between the parcels named and those around
    them, each repaired on its own; `within` (west, south, east, north, degrees) leaves out those elsewhere."""

    kind: Literal["slivers"]
    parcels: Annotated[list[Code], Field(min_length=1, max_length=500)]
    tolerance_m: Tolerance = 0.05
    within: Box | None = None


class Revert(_Intent):
    """The undo of an applied correction; `chain`: with those that stand on it, the last first."""

    kind: Literal["revert"]
    correction: Annotated[int, Field(gt=0)]
    chain: StrictBool = False


Intent = Annotated[
    Split | Merge | Boundary | Survey | Create | Attributes | Renumber | Resheet | Retire | Register | Address
    | ErrorCorrection | Revert | Slivers,
    Field(discriminator="kind"),
]  # fmt: skip
INTENT: TypeAdapter[Intent] = TypeAdapter(Intent)
