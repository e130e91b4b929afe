"""Which column of a file of addresses is which field, as data; names are compared as in `importers.columns`."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from importers.columns import ALIASES as PARCEL_ALIASES
from importers.columns import Columns, plain, recognise

# Sources: as in `importers.columns`; N = VNPost's address details, VBDLIS' address object (rules §2.3), OpenStreetMap's keys.
ALIASES: Mapping[str, tuple[tuple[str, ...], ...]] = MappingProxyType(
    {
        "code": (
            ("madinhdanh", "madinhdanhthua", "madinhdanhthuadat", "parcelcode", "parcel"),
            ("mathuadat", "mathua", "thuadatid", "thuaid"),
        ),
        "commune": PARCEL_ALIASES["commune"],
        "sheet": PARCEL_ALIASES["sheet"],
        "number": PARCEL_ALIASES["number"],
        "scale": PARCEL_ALIASES["scale"],
        "text": (
            ("diachi", "diachithua", "diachithuadat", "address", "diachidaydu", "formattedaddress"),
            ("full", "fulladdress", "addrfull", "text"),
        ),
        "house": (("sonha", "house", "housenumber", "addrhousenumber", "designator"),),
        "street": (
            ("tenduong", "duong", "ngopho", "duongpho", "street", "addrstreet"),
            ("streetname", "tenduongpho"),
        ),
        "hamlet": (("todanpho", "thon", "tenthon", "tento", "hamlet", "subvillage"),),
        "ward": (("tenxa", "tenphuong", "phuongxa", "phuong", "xa", "ward", "communename"),),
        "district": (("quanhuyen", "quan", "huyen", "district", "addrdistrict"),),
        "province": (("tinh", "tinhthanh", "thanhpho", "province", "city", "addrcity"),),
        "postcode": (("mabuuchinh", "postcode", "zipcode", "addrpostcode"),),
        "scheme": (("scheme", "luocdo", "hemadiachi"),),
        "digital": (("madiachiso", "ndascode", "digitaladdress", "digitalcode", "digital"),),
        "known": (("pluscode", "olc", "vpostcode", "known"),),
        "source": (("nguon", "source"),),
        "status": (("trangthai", "status", "verify"),),
        "main": (("ladiachichinh", "diachichinh", "chinh", "main", "primary"),),
        "lat": (("lat", "latitude", "vido", "latdeg"),),
        "lon": (("lon", "lng", "long", "longitude", "kinhdo", "londeg"),),
        "x": (("x", "toadox", "xvn2000", "north", "northing", "toadobac"),),
        "y": (("y", "toadoy", "yvn2000", "east", "easting", "toadodong"),),
    }
)
_DECISIVE = ("commune", "sheet", "code", "digital")


def recognised(names: Sequence[str], mapping: Mapping[str, str], place: str) -> Columns:
    """The fields found; none is needed by itself. A column `number` is a parcel's only beside a sheet: else a house's.

    Raises: UnknownColumn, AmbiguousColumn.
    """
    aliases = dict(ALIASES)
    sheets = {alias for rank in ALIASES["sheet"] for alias in rank}
    if "sheet" not in mapping and not any(plain(name) in sheets for name in names):
        aliases["number"] = ()
        aliases["house"] = (*ALIASES["house"], ("number",))
    return recognise(names, mapping, place, aliases, (), _DECISIVE)
