"""What a correction does with one parcel, and the parcel as it stands."""

from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

import shapely


@dataclass(frozen=True, slots=True)
class Parcel:
    """A current version: shape in VN-2000 metres of `epsg`, `commune` and `sheet` by the register's own numbers."""

    version: int
    code: str
    sheet: int
    commune: int
    number: str
    land_use: str
    area_m2: float
    legal_area_m2: Decimal | None
    provisional: bool
    epsg: int
    sheet_number: str
    scale: int | None
    map_set: str
    commune_code: str
    address: str | None
    shape: shapely.Geometry


@dataclass(frozen=True, slots=True)
class Why:
    """What a later state of a sheet says of a parcel: moved, reshaped, new, gone, attributes, split, merged.

    kin: numbers of the parcels it came of, or that came of it. moved_m: east, north of the shift of its sheet, where taken.
    """

    cause: str
    kin: tuple[str, ...] = ()
    moved_m: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a correction: a version to close, one to open, or both.

    `role`: part, remainder, whole, new, changed, neighbour, ended. `code` None: one is minted. `shape` None: as before.
    """

    role: str
    before: Parcel | None
    opens: bool
    sheet: int
    commune: int
    number: str
    land_use: str
    legal_area_m2: Decimal | None
    epsg: int
    code: str | None = None
    provisional: bool = False
    address: str | None = None
    shape: shapely.Geometry | None = None
    why: Why | None = None

    @property
    def geometry(self) -> shapely.Geometry:
        """The shape after, or before where nothing is opened."""
        if self.shape is not None:
            return self.shape
        if self.before is None:
            raise LookupError("a new parcel without a shape")
        return self.before.shape


@dataclass(slots=True)
class Plan:
    """Rows in order, and what is to be said about them: (rule, severity, Vietnamese, English, place). `head`: what the
    preview says of the whole besides; `undoes`: the corrections undone, the last first."""

    rows: list[Row] = field(default_factory=list)
    notes: list["Note"] = field(default_factory=list)
    links: list[dict[str, Any]] = field(default_factory=list)
    unlinks: list[dict[str, Any]] = field(default_factory=list)
    reverts: int | None = None
    slivers: list[dict[str, Any]] = field(default_factory=list)
    beside: dict[str, int] = field(default_factory=dict)
    """Parcels that stay as they are and whose line others follow, with their versions: these must still stand then."""
    head: dict[str, Any] = field(default_factory=dict)
    undoes: list[int] = field(default_factory=list)
    moved: list[dict[str, Any]] = field(default_factory=list)
    """Addresses that go from a parcel to another: link, from, n (row, from 1), what it is, how that was found."""
    ended_links: list[int] = field(default_factory=list)
    matched: dict[str, Any] = field(default_factory=dict)
    """What a file of addresses came to."""


@dataclass(frozen=True, slots=True)
class Note:
    """Something to know before approving; `stops` keeps the draft from being submitted."""

    rule: str
    severity: str
    text_vi: str
    text_en: str
    code: str | None = None
    x: float | None = None
    y: float | None = None


def ended(parcel: Parcel) -> Row:
    """The parcel closed, nothing opened under its code."""
    return Row(
        "ended", parcel, False, parcel.sheet, parcel.commune, parcel.number, parcel.land_use,
        parcel.legal_area_m2, parcel.epsg, parcel.code, parcel.provisional,
    )  # fmt: skip


def changed(parcel: Parcel, role: str = "changed", **new: Any) -> Row:
    """The same parcel, opened anew with what is given."""
    same = replace(ended(parcel), role=role, opens=True, address=parcel.address)
    return replace(same, **{name: value for name, value in new.items() if value is not None})


def fresh(like: Parcel, role: str, shape: shapely.Geometry, number: str, **more: Any) -> Row:
    """A new parcel on the sheet of another, with its land use and address."""
    row = Row(
        role, None, True, like.sheet, like.commune, number, like.land_use, None, like.epsg, None, False,
        like.address, shape,
    )  # fmt: skip
    return replace(row, **{name: value for name, value in more.items() if value is not None})
