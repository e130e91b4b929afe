"""Text without accents and case, for whole columns (geo.text.fold does one string)."""

import pyarrow as pa
import pyarrow.compute as pc


def fold(column: pa.Array) -> pa.Array:
    """Lower case, no marks, đ as d, single blanks: `Đường Nguyễn Trãi` → `duong nguyen trai`; null stays null."""
    text = pc.utf8_normalize(pc.utf8_lower(column), form="NFD")
    text = pc.replace_substring_regex(text, pattern=r"\p{Mn}", replacement="")
    text = pc.replace_substring(text, pattern="đ", replacement="d")
    return pc.utf8_trim_whitespace(pc.replace_substring_regex(text, pattern=r"[\s,;]+", replacement=" "))
