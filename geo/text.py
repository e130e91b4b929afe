"""Vietnamese text as people type it: with or without accents, in any case, with any spacing."""

import re
import unicodedata

_D_STROKE = str.maketrans({"đ": "d", "Đ": "d"})
_SEPARATORS = re.compile(r"[^0-9a-z/]+")


def fold(text: str) -> str:
    """`text` in lower case without accents (đ becomes d), single spaces; letters, digits, `/` stay.

    `12/3 Đường Trần Phú, P. Hòa Xuân` → `12/3 duong tran phu p hoa xuan`. Composed and decomposed letters, old
    and new placing of tone marks (hoà, hòa) fold to the same text. Folding twice changes nothing.
    """
    plain = unicodedata.normalize("NFKD", text).translate(_D_STROKE)
    letters = "".join(c for c in plain if not unicodedata.combining(c))
    return _SEPARATORS.sub(" ", letters.lower().translate(_D_STROKE)).strip()
