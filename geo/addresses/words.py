"""The words of an address that say what stands beside them (đường, ngõ, tổ, phường, quận …), and how they are shortened."""

from dataclasses import dataclass
from typing import Final

from geo.addresses.letters import bare


@dataclass(frozen=True, slots=True)
class Kind:
    """A word for a kind of place: as written, and its level (street, hamlet, commune, district, province)."""

    text: str
    level: str


KINDS: Final = tuple(
    Kind(text, level)
    for level, texts in (
        ("street", "đường,phố,đại lộ"),
        ("hamlet", "tổ dân phố,khu phố,khu dân cư,khu vực,khu tập thể,tổ,thôn,xóm,ấp,khóm,khu,bản,buôn,làng,xứ đồng"),
        ("commune", "phường,xã,thị trấn,đặc khu"),
        ("district", "quận,huyện,thị xã"),
        ("province", "thành phố,tỉnh"),
    )
    for text in texts.split(",")
)  # fmt: skip
"""Longer ones of a level before shorter ones; `thành phố` may also be a district."""

KIND_OF: Final = {bare(kind.text): n for n, kind in enumerate(KINDS)}
ALLEYS: Final = {"ngo": 0, "kiet": 0, "ngach": 1, "hem": 2}
"""Words for alleys, from the street inwards (ngõ, ngách, hẻm in the north; kiệt, hẻm in the centre and south)."""

SHORT: Final = {
    "p": "phường", "f": "phường", "q": "quận", "tp": "thành phố", "tt": "thị trấn", "tx": "thị xã", "h": "huyện",
    "x": "xã", "d": "đường", "kp": "khu phố", "tdp": "tổ dân phố", "kdc": "khu dân cư", "ql": "quốc lộ", "tl": "tỉnh lộ",
    "hcm": "hồ chí minh", "tphcm": "thành phố hồ chí minh", "sg": "sài gòn", "hn": "hà nội", "tphn": "thành phố hà nội",
    "dn": "đà nẵng", "tpdn": "thành phố đà nẵng", "brvt": "bà rịa vũng tàu", "bmt": "buôn ma thuột",
    "cmt8": "cách mạng tháng 8",
}  # fmt: skip
"""Words people shorten; the keys are without marks and full stops."""

SHORT_BEFORE_NUMBER: Final = {
    "p": "phường", "f": "phường", "q": "quận", "kp": "khu phố", "tdp": "tổ dân phố", "to": "tổ", "ng": "ngõ", "kv": "khu vực",
}  # fmt: skip
"""What is written right before a number, as in P12, Q1, KP3."""

NOISE: Final = frozenset({"vn", "vietnam"})
