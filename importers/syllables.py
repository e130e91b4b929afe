"""What can be a Vietnamese syllable: by rule (onset, rhyme, tone and where it stands), not by a list of words.

Spelling as in Decision 240/QĐ (1984), with both ways of placing a tone (hoà, hòa). About 7,000 spellings follow from the
rules; words of land offices count for more where two readings of the same bytes must be told apart.
"""

import unicodedata
from functools import lru_cache

_TONES = "\u0300\u0301\u0303\u0309\u0323"
_STOPPED = "\u0301\u0323"
_ONSETS = (
    "ngh", "ch", "gh", "gi", "kh", "ng", "nh", "ph", "qu", "th", "tr",
    "b", "c", "d", "đ", "g", "h", "k", "l", "m", "n", "p", "r", "s", "t", "v", "x", "",
)  # fmt: skip
_RHYMES = frozenset(
    str.split(
        "a ac ach ai am an ang anh ao ap at au ay ăc ăm ăn ăng ăp ăt âc âm ân âng âp ât âu ây e ec em en eng eo ep et "
        "ê êch êm ên ênh êp êt êu i ia ich iêc iêm iên iêng iêp iêt iêu im in inh ip it iu o oa oac oach oai oam oan oang "
        "oanh oao oap oat oay oăc oăm oăn oăng oăt oe oen oeo oet oc oi om on ong ooc oong op ot ô ôc ôi ôm ôn ông ôp ôt "
        "ơ ơi ơm ơn ơp ơt u ua uân uâng uât uây uc uê uêch uênh ui um un ung uơ uôc uôi uôm uôn uông uôt up ut uy uya uych "
        "uyên uyêt uynh uyp uyt uyu ư ưa ưc ưi ưm ưn ưng ươc ươi ươm ươn ương ươp ươt ươu ưt ưu y yêm yên yêng yêt yêu"
    )
)
_VOWELS = frozenset("aăâeêioôơuưy")
_MARKED = frozenset("ăâêôơư")
COMMON = frozenset(
    str.split(
        "thôn xã phường huyện quận tỉnh phố đường thị trấn ấp khóm xóm tổ bản làng đội đồng ruộng đất thửa tờ số hộ ông bà "
        "nguyễn trần lê phạm hoàng huỳnh phan vũ võ đặng bùi đỗ hồ ngô dương lý đào đoàn vương trịnh đinh lâm phùng mai tô "
        "tạ hà văn thị đức hữu ngọc quốc bá đình công hùng dũng tuấn thành hải hưng hòa hoà bình an phú phước thịnh lộc thọ "
        "tân mỹ vĩnh thuận đông tây nam bắc trung thượng hạ nội ngoại cổ mới cũ chợ cầu sông suối kênh mương rạch ao hồ đê "
        "đình chùa miếu nhà nghĩa trang địa trường học trạm xá ủy uỷ ban ở nông lâm trồng lúa màu cây lâu năm hằng hàng khác "
        "sản xuất kinh doanh thương mại dịch vụ giao thông thủy thuỷ lợi rừng phòng hộ đặc dụng bằng chưa sử quy hoạch diện "
        "tích chủ loại mục đích khu dân cư đô hành chính giới ranh mốc ngõ hẻm ngách kiệt kiểm viện công ty phần hữu hạn "
        "việt xuân thái sơn quảng ninh nghệ đà nẵng hậu tiền giang bến cần đắk đồi núi gò bãi cồn vườn quán quan tiên thanh"
    )
)


@lru_cache(maxsize=65536)
def weight(word: str) -> int:
    """2 for a word of land offices, 1 for any other syllable that can be spelt, 0 for what cannot; in any case of letters."""
    if len(word) > 14:
        return 0
    word = unicodedata.normalize("NFC", word).lower()
    if word in COMMON:
        return 2
    marked = unicodedata.normalize("NFD", word)
    tones = [c for c in marked if c in _TONES]
    if len(tones) > 1:
        return 0
    bare = unicodedata.normalize("NFC", "".join(c for c in marked if c not in _TONES))
    at = next((i for i, c in enumerate(word) if tones and tones[0] in unicodedata.normalize("NFD", c)), None)
    return int(
        any(_fits(bare, onset, at, tones[0] if tones else "") for onset in _ONSETS if bare.startswith(onset))
    )


def _fits(bare: str, onset: str, at: int | None, tone: str) -> bool:
    rhyme = bare[len(onset) :]
    if rhyme not in _RHYMES or not _suits(onset, rhyme):
        return False
    if rhyme.endswith(("c", "ch", "p", "t")):
        return at is not None and tone in _STOPPED and at - len(onset) in _places(rhyme)
    return at is None or at - len(onset) in _places(rhyme)


def _suits(onset: str, rhyme: str) -> bool:
    front = rhyme[0] in "eêiy"
    if onset in ("gh", "ngh"):
        return front
    if onset == "k":
        return front
    if onset in ("c", "ng"):
        return not front
    if onset == "qu":
        return rhyme[0] not in "uưo" or rhyme == "o"
    return True


@lru_cache(maxsize=1024)
def _places(rhyme: str) -> frozenset[int]:
    """Which letters of a rhyme may carry its tone."""
    changed = [i for i, c in enumerate(rhyme) if c in _MARKED]
    if changed:
        return frozenset(changed[-1:]) if rhyme != "ưa" else frozenset({0})
    vowels = [i for i, c in enumerate(rhyme) if c in _VOWELS]
    if len(vowels) == 1:
        return frozenset(vowels)
    if len(vowels) < len(rhyme) or len(vowels) == 3:
        return frozenset(vowels[1:2])
    return frozenset({0, 1}) if rhyme in ("oa", "oe", "uy") else frozenset({0})
