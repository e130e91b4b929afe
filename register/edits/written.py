"""Intents that leave every shape: what is written about parcels, their numbers, their sheets, their end."""

from register.edits.ground import Ground
from register.edits.intents import Address, Attributes, Register, Renumber, Resheet, Retire
from register.edits.row import Plan, changed, ended
from register.errors import EditError


def attributes(ground: Ground, intent: Attributes) -> Plan:
    """Number, land use, legal area."""
    parcels = ground.parcels([p.parcel for p in intent.parcels])
    return Plan(
        [
            changed(parcel, number=said.number, land_use=said.land_use, legal_area_m2=said.legal_area_m2)
            for said, parcel in zip(intent.parcels, parcels, strict=True)
        ]
    )


def renumber(ground: Ground, intent: Renumber) -> Plan:
    """New numbers on the same sheets; a number ever used is not free (rules §4.3)."""
    parcels = ground.parcels([p.parcel for p in intent.parcels])
    rows = []
    for said, parcel in zip(intent.parcels, parcels, strict=True):
        number = said.number or ground.next_number(parcel.sheet, temporary=parcel.provisional)
        rows.append(changed(parcel, number=number))
    return Plan(rows)


def resheet(ground: Ground, intent: Resheet) -> Plan:
    """Parcels on another sheet of their zone, under the next numbers there."""
    to = intent.to
    sheet, epsg, commune = ground.sheet(to.commune, to.number, to.scale, to.map_set)
    rows = []
    for parcel in ground.parcels(intent.parcels):
        if parcel.epsg != epsg:
            raise EditError(
                f"Parcel {parcel.code} is in EPSG:{parcel.epsg}, the sheet in EPSG:{epsg}: measure it anew there.",
                f"Thửa {parcel.code} ở hệ EPSG:{parcel.epsg}, tờ bản đồ ở EPSG:{epsg}: phải đo đạc lại.",
                "other_zone",
            )
        if parcel.sheet == sheet:
            raise EditError(
                f"Parcel {parcel.code} is on that sheet already.",
                f"Thửa {parcel.code} đã thuộc tờ bản đồ đó.",
                "same_sheet",
            )
        number = ground.next_number(sheet, temporary=parcel.provisional)
        rows.append(changed(parcel, sheet=sheet, commune=commune, number=number))
    return Plan(rows)


def retire(ground: Ground, intent: Retire) -> Plan:
    """Parcels that end."""
    return Plan([ended(parcel) for parcel in ground.parcels(intent.parcels)])


def register(ground: Ground, intent: Register) -> Plan:
    """Provisional parcels become official."""
    rows = []
    for parcel in ground.parcels(intent.parcels):
        if not parcel.provisional:
            raise EditError(
                f"Parcel {parcel.code} is registered already.",
                f"Thửa {parcel.code} đã được đăng ký chính thức.",
                "registered",
            )
        rows.append(changed(parcel, number=ground.next_number(parcel.sheet), provisional=False))
    return Plan(rows)


def address(ground: Ground, intent: Address) -> Plan:
    """Links to be made and ended; the parcels are looked at so that a wrong code is told."""
    ground.parcels(sorted({one.parcel for one in (*intent.link, *intent.unlink)}))
    return Plan(
        links=[one.model_dump() for one in intent.link], unlinks=[one.model_dump() for one in intent.unlink]
    )
