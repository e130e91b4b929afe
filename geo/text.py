"""Vietnamese text as people type it: with or without accents, in any case, with any spacing."""

import re
import unicodedata

_SEPARATORS = re.compile(r"[\s,;]+")


def fold(text: str) -> str:
    """`text` in lower case without accents (đ becomes d), one space between words, commas dropped.

    `12/3 Đường Trần Phú, P. Hòa Xuân` → `12/3 duong tran phu p. hoa xuan`. Composed and decomposed letters, old
    and new placing of tone marks (hoà, hòa) fold to the same text. Folding twice changes nothing.
    """
    marked = unicodedata.normalize("NFD", text.lower())
    letters = "".join(c for c in marked if unicodedata.category(c) != "Mn").replace("đ", "d")
    return _SEPARATORS.sub(" ", letters).strip()
