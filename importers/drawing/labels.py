"""The text of a plot's label taken apart: number, area, land use (Appendix 21: levels 13, 4, 29, 2; rules §9.2).

Labels are written by hand and by a dozen programs: `654`, `1L654/119.3`, `ONT 123 / 100.5`, `123\\n100,5 ONT`, `Thửa 12`.
"""

from dataclasses import dataclass

from importers.drawing.levels import fold

MAX_LETTERS = 80
_AREA_WORDS = frozenset({"dt", "s", "dien", "tich", "dientich"})
_NUMBER_WORDS = frozenset({"thua", "so", "stt", "sothua", "t"})
_UNITS = frozenset({"m2", "m²", "m^2"})


@dataclass(frozen=True, slots=True)
class Label:
    """What one text says of a plot; `whole` where its number may as well be an area (a plain whole number)."""

    number: str | None = None
    area_m2: float | None = None
    land_use: str | None = None
    whole: bool = False


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str  # "digits", "letters" or "mark"
    text: str
    touches: bool  # nothing stands between it and the token before
    line: int


def take_apart(text: str) -> Label | None:
    """The label in a text, None where the text is something else (a name, a length with its unit, a remark)."""
    if len(text) > MAX_LETTERS:
        return None
    tokens = _tokens(text)
    if tokens is None or not tokens:
        return None
    return _Reading(tokens).label()


def land_use(text: str) -> str | None:
    """The land-use code in a text of levels 2 and 29 ("ONT", "ODT+CLN", "1L"), None for other text."""
    code = text.strip().rstrip("*")
    letters = sum(c.isalpha() for c in code)
    good = all(c.isalnum() or c in "+-/, " for c in code)
    return (
        code.replace(" ", "") if good and 0 < letters <= 24 and _is_code(code.split("+")[0].strip()) else None
    )


def _is_code(word: str) -> bool:
    """Whether a word looks like a land-use code: up to four capitals, one digit before them in old maps (1L, 2LM)."""
    letters = word[1:] if word[:1].isdigit() else word
    return 0 < len(letters) <= 4 and letters.isascii() and letters.isalpha() and letters.isupper()


def _tokens(text: str) -> list[_Token] | None:
    """Digits with their separators, words, marks; None where a letter occurs that no label has."""
    tokens: list[_Token] = []
    i, line, touches = 0, 0, False
    while i < len(text):
        c = text[i]
        end = i + 1
        if c in "\r\n":
            line += c == "\n"
            i, touches = end, False
            continue
        if c.isspace():
            i, touches = end, False
            continue
        if c.isdigit() and c.isascii():
            while end < len(text) and (
                _digit(text[end]) or (text[end] in ".," and _digit(text[end + 1 : end + 2]))
            ):
                end += 1
            tokens.append(_Token("digits", text[i:end], touches, line))
        elif c.isalpha() or c == "²":
            while end < len(text) and (text[end].isalpha() or text[end] == "²"):
                end += 1
            if text[i:end] in ("m", "M") and text[end : end + 1] in ("2", "²", "^"):
                end += 2 if text[end] == "^" else 1
            tokens.append(_Token("letters", text[i:end], touches, line))
        elif c in "/:;=+-*()|_\\":
            tokens.append(_Token("mark", c, touches, line))
        elif c not in "., ":
            return None
        i, touches = end, True
    return tokens


def _digit(c: str) -> bool:
    return len(c) == 1 and c.isascii() and c.isdigit()


class _Reading:
    """One pass over the tokens of a label."""

    def __init__(self, tokens: list[_Token]) -> None:
        self.tokens = tokens
        self.number: str | None = None
        self.area: float | None = None
        self.uses: list[str] = []

    def label(self) -> Label | None:
        i, area_next, plus, bar, line = 0, False, False, False, 0
        while i < len(self.tokens):
            token = self.tokens[i]
            if token.kind == "mark":
                plus = token.text == "+"
                bar = bar or token.text in "/|\\_"
                i += 1
                continue
            if token.kind == "letters":
                word = token.text
                plain = fold(word)
                if plain in _UNITS or word.lower() in _UNITS:
                    pass
                elif plain in _AREA_WORDS and (len(plain) > 1 or not self._code_place(i)):
                    area_next = True
                elif _is_code(word) and (plus or not self.uses):
                    self.uses.append(word)
                elif plain not in _NUMBER_WORDS:
                    return None
                plus, i = False, i + 1
                continue
            plus = False
            ahead = self.tokens[i + 1 : i + 3]
            if self._old_code(token, ahead) and not self.uses:
                self.uses.append(token.text + ahead[0].text)
                i += 2
                continue
            second = self.number is not None and (bar or token.line > line or _fraction(token.text))
            if area_next or second or (_fraction(token.text) and self.number is None):
                area = _value(token.text)
                if self.area is not None or area is None:
                    return None
                self.area, area_next = area, False
            elif self.number is None:
                self.number, line = token.text, token.line
                bar = False
                if ahead and ahead[0].touches and len(ahead[0].text) == 1 and ahead[0].text.islower():
                    self.number += ahead[0].text
                    i += 1
            else:
                return None
            i += 1
        if self.number is None and self.area is None and not self.uses:
            return None
        whole = self.number is not None and self.area is None and not self.uses and self.number.isdigit()
        return Label(self.number, self.area, "+".join(self.uses) or None, whole)

    def _code_place(self, i: int) -> bool:
        """Whether a single S or T stands for a land use and not for "S =" or "Diện tích"."""
        after = self.tokens[i + 1 : i + 2]
        return not (after and after[0].text in "=:")

    @staticmethod
    def _old_code(token: _Token, ahead: list[_Token]) -> bool:
        """1L654, 1L 654: one digit, capitals, a number: the old land use 1L (one crop of rice) and the number 654."""
        if len(token.text) != 1 or len(ahead) != 2 or ahead[1].kind != "digits":
            return False
        word = ahead[0]
        if word.kind != "letters" or not word.touches or not _is_code(word.text):
            return False
        return ahead[1].touches or (token.text in "123" and word.text[0] == "L" and len(word.text) <= 2)


def _fraction(digits: str) -> bool:
    return "." in digits or "," in digits


def _value(digits: str) -> float | None:
    """1234.5, 1234,5, 1.234,5 and 1,234.5; a single group such as 1.234 is a decimal number."""
    dot, comma = digits.rfind("."), digits.rfind(",")
    if dot >= 0 and comma >= 0:
        digits = digits.replace("," if dot > comma else ".", "")
    digits = digits.replace(",", ".")
    return float(digits) if digits.count(".") <= 1 else None
