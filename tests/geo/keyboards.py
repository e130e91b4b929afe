"""What Telex, VNI and VIQR make of keys, written from what they do, not from the code that undoes it.

Engines differ: whether a digit ends the syllable (Telex), whether a mark may come late, where a tone stands (hòa, hoà),
whether spelling is minded: then a syllable that cannot be Vietnamese is left alone from there to the next space.
"""

import re
import unicodedata
from dataclasses import dataclass, field

TONES = {"s": "\u0301", "f": "\u0300", "r": "\u0309", "x": "\u0303", "j": "\u0323"}
DIGIT_TONES = dict(zip("12345", TONES.values(), strict=True))
VOWELS = "aeiouy"
SYLLABLE = re.compile(
    r"(|b|c|ch|d|đ|g|gh|gi|h|k|kh|l|m|n|ng|ngh|nh|p|ph|qu?|r|s|t|th|tr|v|x)([aeiouy]{0,3})(|c|ch|m|n|ng|nh|p|t)"
)


@dataclass(frozen=True, slots=True)
class Engine:
    """`digits` (Telex): break, or stop all to the next space. `simple`: w alone stays w."""

    method: str = "telex"
    digits: str = "break"
    free: bool = True
    spelling: bool = False
    modern: bool = False
    simple: bool = False


@dataclass(slots=True)
class Word:
    """Letters being typed, their marks, and the tone of the last vowels; tones of vowels before them stay where they are."""

    letters: list[str] = field(default_factory=list)
    marks: list[str] = field(default_factory=list)
    tone: str = ""
    stay: dict[int, str] = field(default_factory=dict)
    off: bool = False


def typed(keys: str, engine: Engine) -> str:
    """What stands on the screen after `keys`."""
    return " ".join("".join(_group(group, engine)) for group in keys.split(" "))


def _group(keys: str, engine: Engine) -> list[str]:
    out: list[str] = []
    word = Word()
    for key in keys:
        if engine.method == "telex" and key.isdigit():
            if engine.digits == "break":
                out += [_shown(word, engine), key]
                word = Word()
            else:
                word.off = True
                _append(word, key, engine)
            continue
        if not word.off and _marked(word, key.lower(), key, engine):
            continue
        _append(word, key, engine)
    return [*out, _shown(word, engine)]


def _append(word: Word, key: str, engine: Engine) -> None:
    if word.tone and _is_vowel(key) and not _is_vowel(word.letters[-1]):
        word.stay[_place(word, engine)] = word.tone
        word.tone = ""
    word.letters.append(key)
    word.marks.append("")
    if engine.spelling and not SYLLABLE.fullmatch("".join(word.letters).lower()):
        word.off = True


def _cluster(word: Word, engine: Engine) -> range:
    """The last vowels; none where something else came after them and marks may not come late."""
    end = len(word.letters)
    while end and not _is_vowel(word.letters[end - 1]):
        end -= 1
    if end < len(word.letters) and not engine.free:
        return range(0)
    start = end
    while start and _is_vowel(word.letters[start - 1]):
        start -= 1
    return range(start, end)


def _marked(word: Word, key: str, raw: str, engine: Engine) -> bool:
    """Whether the key was taken for a mark."""
    telex, vni = engine.method == "telex", engine.method == "vni"
    tone = TONES.get(key, "") if telex else DIGIT_TONES.get(key, "") if vni else ""
    vowels = _cluster(word, engine)
    if tone and len(vowels):
        if word.tone == tone:
            word.tone, word.off = "", True
            return False
        word.tone = tone
        return True
    if ((telex and key == "z") or (vni and key == "0")) and word.tone:
        word.tone = ""
        return True
    if (telex and key == "w") or (vni and key == "7"):
        return _shaped(word, [n for n in vowels if word.letters[n].lower() == "u"], "\u031b") or (
            telex and not engine.simple and _lone(word, raw, engine)
        )
    if (telex and key == "e") or (vni and key == "6"):
        return _shaped(word, [n for n in vowels if word.letters[n].lower() == "e"], "\u0302")
    if (not vni and key == "d") or (vni and key == "9"):
        places = [n for n, letter in enumerate(word.letters) if letter.lower() == "d"]
        if not engine.free:
            places = [n for n in places if n == len(word.letters) - 1]
        return _shaped(word, places[-1:], "đ")
    return False


def _shaped(word: Word, places: list[int], mark: str) -> bool:
    for n in places:
        if not word.marks[n]:
            word.marks[n] = mark
            return True
    for n in places:
        if word.marks[n] == mark:
            word.marks[n], word.off = "", True
            return bool(mark == "̛" and word.letters[n] in "wW")
    return False


def _lone(word: Word, raw: str, engine: Engine) -> bool:
    """w makes ư where there is no u; the second makes it w again."""
    if word.letters and word.letters[-1] in ("ư", "Ư"):
        word.letters[-1] = "w" if raw == "w" else "W"
        word.tone, word.off = "", True
        return True
    off = word.off
    _append(word, "ư" if raw == "w" else "Ư", engine)
    word.off = off
    return True


def _shown(word: Word, engine: Engine) -> str:
    letters = []
    for n, (letter, mark) in enumerate(zip(word.letters, word.marks, strict=True)):
        if mark == "đ":
            letters.append("đ" if letter == "d" else "Đ")
        else:
            letters.append(letter + mark + word.stay.get(n, ""))
    if word.tone:
        place = _place(word, engine)
        letters[place] += word.tone
    return unicodedata.normalize("NFC", "".join(letters))


def _is_vowel(letter: str) -> bool:
    return letter.lower() in VOWELS + "ư"


def _place(word: Word, engine: Engine) -> int:
    """Where the tone stands among the last vowels."""
    end = len(word.letters)
    while end and not _is_vowel(word.letters[end - 1]):
        end -= 1
    start = end
    while start and _is_vowel(word.letters[start - 1]):
        start -= 1
    n = end - start
    marked = [k for k in range(start, end) if word.marks[k] or word.letters[k] in "ưƯ"]
    if marked:
        return marked[-1]
    if n == 1:
        return start
    if n == 2:
        closed = end < len(word.letters)
        second = closed or (engine.modern and word.letters[start].lower() == "u")
        return start + 1 if second else start
    return start + 1
