"""Levels of cadastral drawings (Appendix 21 of Circular 26/2024, rules §9.1), and which level a layer's name means."""

import re
import unicodedata
from collections.abc import Mapping
from types import MappingProxyType

LEVELS: Mapping[int, str] = MappingProxyType({
    1: "bình độ", 2: "loại đất hiện trạng", 3: "ghi chú độ cao", 4: "diện tích", 5: "tỷ cao", 6: "điểm quốc gia",
    7: "độ cao kỹ thuật", 8: "điểm địa chính", 9: "ghi chú điểm", 10: "ranh thửa hiện trạng", 11: "điểm nhãn thửa",
    12: "độ rộng bờ", 13: "số thửa", 14: "tường nhà", 15: "nhãn nhà", 16: "ghi chú nhà", 17: "điểm kinh tế",
    18: "điểm văn hóa", 19: "điểm xã hội", 20: "đường ray", 21: "chỉ giới đường sắt", 22: "lòng đường",
    23: "chỉ giới đường", 24: "chỉ giới trong thửa", 25: "đường một nét", 26: "độ rộng đường", 27: "cầu",
    28: "tên đường", 29: "loại đất pháp lý", 30: "mép nước", 31: "bờ", 32: "kênh mương", 33: "thủy văn trong thửa",
    34: "kênh một nét", 35: "ghi chú thủy văn", 36: "cống đập", 37: "mặt đê", 38: "chân đê", 39: "tên sông",
    40: "biên giới", 41: "mốc biên giới", 42: "ranh tỉnh", 43: "mốc ranh tỉnh", 44: "ranh huyện", 45: "mốc ranh huyện",
    46: "ranh xã", 47: "mốc ranh xã", 48: "địa danh", 49: "loại đất trước chỉnh lý", 50: "quy hoạch",
    51: "mốc quy hoạch", 52: "phân vùng", 53: "phân vùng", 54: "phân mảnh", 55: "hạ tầng", 56: "hạ tầng", 57: "hạ tầng",
    58: "hạ tầng", 59: "hạ tầng", 61: "ranh thửa pháp lý", 63: "khung",
})  # fmt: skip

BOUNDARY = 10
LEGAL = 61
# Where lines coincide level 10 is not drawn: the rings of plots close over these.
RING = frozenset({10, 21, 23, 31, 32, 38})
NUMBER, AREA, USE_LEGAL, USE_PRESENT = 13, 4, 29, 2
LABELS = frozenset({NUMBER, AREA, USE_LEGAL, USE_PRESENT})
# Names of roads and waters: a face with only these is no parcel.
NAMES = frozenset({28, 35, 39})

# Words of layer names without marks, the longer and more telling before those they contain.
_WORDS: tuple[tuple[str, int], ...] = (
    ("ranh thua phap ly", 61), ("ranh phap ly", 61), ("ranh gcn", 61), ("quy hoach", 50), ("chi gioi duong sat", 21),
    ("chi gioi trong thua", 24), ("chi gioi", 23), ("long duong", 22), ("ten duong", 28), ("do rong duong", 26),
    ("so thua", 13), ("so hieu thua", 13), ("nhan thua", 13), ("stt thua", 13), ("sothututhua", 13),
    ("parcel number", 13), ("parcel no", 13), ("dien tich", 4), ("loai dat phap ly", 29), ("loai dat hien trang", 2),
    ("loai dat truoc", 49), ("loai dat", 29), ("muc dich su dung", 29), ("mdsd", 29), ("kenh muong", 32), ("muong", 32),
    ("ten song", 39), ("mep nuoc", 30), ("chan de", 38), ("mat de", 37), ("tam thua", 11), ("diem nhan", 11),
    ("ranh thua", 10), ("bo thua", 10), ("ranh gioi thua", 10), ("duong ranh", 10), ("vien thua", 10),
    ("thua dat", 10), ("parcel", 10), ("ranh xa", 46), ("ranh huyen", 44), ("ranh tinh", 42), ("ranh dat", 10),
    ("khung", 63), ("tuong nha", 14), ("nhan nha", 15), ("ghi chu", 16), ("dia danh", 48),
)  # fmt: skip
_NUMBERED = re.compile(r"(?:(?:level|lv|lop|cap) ?)?0?([1-9]|[1-5][0-9]|6[0-3])\b")


def level_of(layer: str, told: Mapping[str, int]) -> int | None:
    """The level a layer's name means: by the surveyor's word, its number ("Level 10", "10"), or its words; else None."""
    plain = fold(layer)
    for name, level in told.items():
        if fold(name) == plain:
            return level
    numbered = _NUMBERED.match(plain)
    if numbered and (numbered.end() == len(plain) or level_by_words(plain) in (None, int(numbered[1]))):
        return int(numbered[1])
    return level_by_words(plain)


def level_by_words(plain: str) -> int | None:
    """The level of a folded layer name by the words in it, with or without the blanks between them."""
    close = plain.replace(" ", "")
    for words, level in _WORDS:
        if words in plain or words.replace(" ", "") in close:
            return level
    return None


def fold(text: str) -> str:
    """Lower case, without marks, runs of other characters as one blank: "Ranh_Thửa-10" → "ranh thua 10"."""
    letters = unicodedata.normalize("NFD", text[:255].lower()).replace("đ", "d")
    kept = "".join(c if c.isalnum() else " " for c in letters if not unicodedata.combining(c))
    return " ".join(kept.split())
