"""What a Vietnamese keyboard left undone: `nguyeenx` (Telex) and `nguye6n4` (VNI) are Nguyễn.

Only words that cannot be a Vietnamese syllable as they stand are read so; a syllable is an onset and a rhyme, by rule.
"""

import unicodedata
from functools import lru_cache

_ONSETS = (
    "ngh", "ch", "gh", "gi", "kh", "ng", "nh", "ph", "qu", "th", "tr",
    "b", "c", "d", "g", "h", "k", "l", "m", "n", "p", "r", "s", "t", "v", "x", "",
)  # fmt: skip
# without marks: â and ă are a, ê is e, ô and ơ are o, ư is u
_RHYMES = frozenset(
    str.split(
        "a ac ach ai am an ang anh ao ap at au ay e ec ech em en enh eng eo ep et eu i ia ich iec iem ien ieng iep iet ieu "
        "im in inh ip it iu o oa oac oach oai oam oan oang oanh oao oap oat oay oc oe oen oeo oet oi om on ong op ot "
        "u ua uac uai uan uang uao uat uau uay uc ue uech uenh uen uet ui um un ung uo uoc uoi uom uon uong uop uot uou up ut "
        "uu uy uya uych uyen uyet uynh uyp uyt uyu y yem yen yeng yet yeu"
    )
)
_BEGUN = frozenset(rhyme[:n] for rhyme in _RHYMES for n in range(1, len(rhyme) + 1))
_TELEX_TONES = {"f": "\u0300", "s": "\u0301", "x": "\u0303", "r": "\u0309", "j": "\u0323"}
_VNI_TONES = {"2": "\u0300", "1": "\u0301", "4": "\u0303", "3": "\u0309", "5": "\u0323"}
_VNI_QUALITIES = {"6": ("aeo", "\u0302"), "7": ("ou", "\u031b"), "8": ("a", "\u0306")}
_VOWELS = "aeiouy"


def is_syllable(word: str, *, begun: bool = False) -> bool:
    """Whether `word` (lower case, without marks) can be a syllable; with `begun`, the beginning of one."""
    rhymes = _BEGUN if begun else _RHYMES
    return any(word.startswith(onset) and word[len(onset) :] in rhymes for onset in _ONSETS)


@lru_cache(maxsize=1 << 14)
def finished(word: str) -> str:
    """`word` with the marks its keys stand for, or as it is where it has marks, is a syllable, or makes no sense so."""
    if not word.isascii() or not 3 <= len(word) <= 12 or not word[0].isalpha() or is_syllable(word):
        return word
    marked = _of_vni(word) if any(c.isdigit() for c in word) else _of_telex(word)
    if marked is None:
        return word
    composed = unicodedata.normalize("NFC", marked)
    plain = "".join(c for c in marked if not unicodedata.combining(c)).replace("đ", "d")
    return composed if is_syllable(plain, begun=True) else word


def _of_telex(word: str) -> str | None:
    out: list[str] = []
    tone, last_vowel = "", -1
    for sign in word:
        before = out[-1][0] if out else ""
        if sign in _TELEX_TONES and last_vowel >= 0 and not tone:
            tone = _TELEX_TONES[sign]
        elif sign == "w" and last_vowel >= 0 and out[last_vowel] in ("a", "o", "u"):
            if out[last_vowel] == "o" and last_vowel and out[last_vowel - 1] == "u":
                out[last_vowel - 1] += "\u031b"
            out[last_vowel] += "\u0306" if out[last_vowel] == "a" else "\u031b"
        elif sign == "w":
            last_vowel = len(out)
            out.append("u\u031b")
        elif sign == "d" and out[:1] == ["d"]:
            out[0] = "đ"
        elif sign in "aeo" and last_vowel >= 0 and out[last_vowel] == sign:
            out[last_vowel] += "\u0302"
        elif sign in _VOWELS:
            last_vowel = len(out)
            out.append(sign)
        else:
            if before == "" and sign in "fjz":
                return None
            out.append(sign)
    return _toned(out, tone, last_vowel)


def _of_vni(word: str) -> str | None:
    out: list[str] = []
    tone, last_vowel = "", -1
    for sign in word:
        if sign in _VNI_TONES and last_vowel >= 0 and not tone:
            tone = _VNI_TONES[sign]
        elif sign in _VNI_QUALITIES and last_vowel >= 0:
            takes, mark = _VNI_QUALITIES[sign]
            at = next((k for k in range(len(out) - 1, -1, -1) if out[k] in takes), -1)
            if at < 0:
                return None
            if sign == "7" and out[at] == "o" and at and out[at - 1] == "u":
                out[at - 1] += mark
            out[at] += mark
        elif sign == "9" and out[:1] == ["d"]:
            out[0] = "đ"
        elif sign.isdigit():
            return None
        else:
            if sign in _VOWELS:
                last_vowel = len(out)
            out.append(sign)
    return _toned(out, tone, last_vowel)


def _toned(out: list[str], tone: str, last_vowel: int) -> str | None:
    if last_vowel < 0:
        return None
    if tone:
        out[last_vowel] += tone
    return "".join(out)
