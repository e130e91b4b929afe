"""Which column of a file is which field: names as land offices' programs write them, as data with their source.

Names are compared without case, accents, spaces and underscores.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from geo.text import fold
from importers.errors import AmbiguousColumn, MissingColumn, UnknownColumn

# field → names, in ranks: a name of a later rank counts only where none of an earlier one is there.
# Sources: V = ViLIS shapefiles, B = VBDLIS and the ministry's exchange (DC_ThuaDat), O = others seen (rules §9.4, §9.5),
# E = plain English, as in the templates of this project.
ALIASES: Mapping[str, tuple[tuple[str, ...], ...]] = MappingProxyType(
    {
        "commune": (
            ("maxa", "xaid", "kvhcid", "madvhcxa", "commune", "communecode"),
            ("maphuong", "maphuongxa"),
        ),
        "sheet": (
            ("shbando", "sohieutobando", "soto", "tobando", "sodoto", "sotobando", "sheet", "sheetnumber"),
            ("tobandoso", "sohieuto", "shto", "to"),
        ),
        "number": (
            ("shthua", "sothututhua", "sothua", "sohieuthua", "number", "parcelnumber"),
            ("thuadatso", "thuaso", "shthuatam", "thua"),
        ),
        "scale": (("tyle", "tylebando", "scale"),),
        "map_set": (("boobando", "bobando", "mapset"),),
        "land_use": (
            ("kyhieumucdichsudung", "maloaidat", "landuse"),
            ("loaidat", "khloaidat", "mucdichsudung", "mdsd", "mamucdichsudung"),
            ("mdsd2003", "kh2003"),
        ),
        "legal_area_m2": (
            ("dientichphaply", "dientichpl", "dtpl", "legalaream2", "legalarea"),
            ("dientich", "area", "aream2"),
        ),
        "code": (
            ("madinhdanh", "madinhdanhthua", "madinhdanhthuadat", "parcelcode"),
            ("mathuadat", "mathua", "thuadatid", "thuaid", "code"),
        ),
        "address": (("diachi", "diachithua", "diachithuadat", "address"), ("diadanh", "xudong")),
        "house": (("sonha", "house", "housenumber"),),
        "street": (("tenduong", "duong", "ngopho", "duongpho", "street"),),
        "hamlet": (("todanpho", "thon", "tenthon", "tento", "hamlet"),),
        "postcode": (("mabuuchinh", "postcode", "zipcode"),),
    }
)
NEEDED = ("sheet", "number")
# Two equally good names for these would put parcels under wrong numbers: the user must say which.
DECISIVE = ("commune", "sheet", "number", "code")


@dataclass(frozen=True, slots=True)
class Columns:
    """Where each field stands: its column, or a constant for the whole file; `doubts` are fields for which a second
    column was left aside (field, taken, left)."""

    column_of: Mapping[str, str]
    constant_of: Mapping[str, str]
    doubts: tuple[tuple[str, str, str], ...] = ()


def plain(name: str) -> str:
    """`Số_hiệu tờ bản đồ` → `sohieutobando`."""
    return "".join(c for c in fold(name) if c.isalnum())


def recognise(
    names: Sequence[str],
    mapping: Mapping[str, str],
    place: str,
    aliases: Mapping[str, tuple[tuple[str, ...], ...]] = ALIASES,
    needed: Sequence[str] = NEEDED,
    decisive: Sequence[str] = DECISIVE,
) -> Columns:
    """Find the fields of `aliases` among the columns of a file; `mapping` overrules.

    Raises: UnknownColumn, AmbiguousColumn (of a `decisive` field), MissingColumn (of the `needed`: sheet or number).
    """
    listed = ", ".join(names) or "–"
    column_of: dict[str, str] = {}
    constant_of: dict[str, str] = {}
    doubts: list[tuple[str, str, str]] = []
    for field, wanted in mapping.items():
        if field not in aliases:
            raise UnknownColumn(
                f"Không có trường “{field}”. Các trường: {', '.join(aliases)}.",
                f'There is no field "{field}". Fields: {", ".join(aliases)}.',
                place,
            )
        if wanted.startswith("="):
            constant_of[field] = wanted[1:].strip()
            continue
        found = [n for n in names if n == wanted] or [n for n in names if plain(n) == plain(wanted)]
        if not found:
            raise UnknownColumn(
                f"Tệp không có cột “{wanted}” (cho {field}). Các cột có trong tệp: {listed}.",
                f'The file has no column "{wanted}" (for {field}). Its columns: {listed}.',
                place,
            )
        if len(found) > 1:
            raise _ambiguous(field, found, place)
        column_of[field] = found[0]
    for field, ranks in aliases.items():
        if field in mapping:
            continue
        for rank in ranks:
            found = [n for n in names if plain(n) in rank and n not in column_of.values()]
            if len(found) > 1 and field in decisive:
                raise _ambiguous(field, found, place)
            if found:
                column_of[field] = found[0]
                doubts.extend((field, found[0], other) for other in found[1:])
                break
    for field in needed:
        if field not in column_of and field not in constant_of:
            vi = {"sheet": "số tờ bản đồ", "number": "số thứ tự thửa"}[field]
            raise MissingColumn(
                f"Không nhận ra cột {vi}. Các cột có trong tệp: {listed}. "
                f"Hãy chỉ rõ: --map {field}=TÊN_CỘT (hoặc --map {field}==GIÁ_TRỊ nếu cả tệp giống nhau).",
                f"No column was recognised as {field}. The file's columns: {listed}. "
                f"Say which: --map {field}=COLUMN (or --map {field}==VALUE if it is the same for the whole file).",
                place,
            )
    return Columns(column_of, constant_of, tuple(doubts))


def _ambiguous(field: str, found: Sequence[str], place: str) -> AmbiguousColumn:
    both_vi = " và ".join(f"“{n}”" for n in found)
    both_en = " and ".join(f'"{n}"' for n in found)
    return AmbiguousColumn(
        f"Các cột {both_vi} đều có thể là {field}. Hãy chỉ rõ: --map {field}={found[0]}.",
        f"Columns {both_en} can all be {field}. Say which: --map {field}={found[0]}.",
        place,
    )
