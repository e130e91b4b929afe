"""Columns of a file as clean text and numbers, by Arrow's kernels; rows are touched one by one only where they are bad."""

import pyarrow as pa
import pyarrow.compute as pc

_WHOLE = r"^([+-]?[0-9]+)\.0*$"


def text(values: pa.Array) -> pa.Array:
    """Trimmed text; empty becomes null; whole numbers lose their decimals (12.0 → 12); bad UTF-8 becomes U+FFFD."""
    kind = values.type
    if pa.types.is_floating(kind):
        values = pc.if_else(pc.is_finite(values), values, pa.scalar(None, kind))
        whole = pc.equal(pc.floor(values), values)
        fits = pc.less(pc.abs(values), 1e15)
        if pc.all(pc.and_(whole, fits), skip_nulls=True).as_py() is not False:
            values = values.cast(pa.int64())
        values = values.cast(pa.string())
    elif pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_binary(kind):
        values = _utf8(values)
    else:
        # Numbers and dates; and JSON, whose bytes nobody has looked at.
        values = _utf8(values.cast(pa.string()))
    values = pc.utf8_trim_whitespace(values)
    if pc.any(pc.match_substring(values, "."), skip_nulls=True).as_py():
        values = pc.replace_substring_regex(values, _WHOLE, r"\1")
    empty = pc.equal(pc.binary_length(values), 0)
    if pc.any(empty, skip_nulls=True).as_py():
        values = pc.if_else(empty, pa.scalar(None, pa.string()), values)
    return values


def number(values: pa.Array) -> tuple[pa.Array, pa.Array]:
    """Numbers as float64, and which rows hold something that is no number (null there).

    Reads 1234.5, 1234,5, 1.234,5 and 1,234.5; a single group such as 1.234 is a decimal number.
    """
    kind = values.type
    if pa.types.is_floating(kind) or pa.types.is_integer(kind):
        plain = values.cast(pa.float64())
        bad = pc.fill_null(pc.invert(pc.is_finite(plain)), False)
        return pc.if_else(bad, pa.scalar(None, pa.float64()), plain), bad
    told = text(values)
    if pc.any(pc.match_substring(told, ","), skip_nulls=True).as_py():
        told = pc.replace_substring_regex(told, r"^(\d{1,3}(?:\.\d{3})+)(,\d+)$", r"~\1\2")
        dotted = pc.starts_with(told, "~")
        told = pc.if_else(dotted, pc.replace_substring(pc.replace_substring(told, "~", ""), ".", ""), told)
        both = pc.and_(pc.match_substring(told, ","), pc.match_substring(told, "."))
        told = pc.if_else(both, pc.replace_substring(told, ",", ""), pc.replace_substring(told, ",", "."))
    good = pc.fill_null(pc.match_substring_regex(told, r"^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,2})?$"), False)
    bad = pc.and_(pc.is_valid(told), pc.invert(good))
    told = pc.if_else(good, pc.replace_substring_regex(told, r"^\+", ""), pa.scalar(None, pa.string()))
    return told.cast(pa.float64()), bad


def commune(values: pa.Array) -> pa.Array:
    """Commune codes as five digits (331 → 00331); other text is left as it is."""
    told = text(values)
    digits = pc.match_substring_regex(told, r"^\d{1,4}$")
    if pc.any(digits, skip_nulls=True).as_py():
        told = pc.if_else(pc.fill_null(digits, False), pc.utf8_lpad(told, 5, "0"), told)
    return told


def scale(values: pa.Array) -> pa.Array:
    """Denominators as int32: 500, 1:500 and 1/500 → 500; anything else null."""
    told = pc.replace_substring_regex(text(values), r"^1\s*[:/]\s*", "")
    good = pc.fill_null(pc.match_substring_regex(told, r"^[1-9]\d{2,4}$"), False)
    return pc.if_else(good, told, pa.scalar(None, pa.string())).cast(pa.int32())


def code(values: pa.Array) -> pa.Array:
    """Parcel codes in lower case; what does not have the form of one (12 characters of GeoHash) is null."""
    told = pc.utf8_lower(text(values))
    good = pc.fill_null(pc.match_substring_regex(told, "^[0-9b-hjkmnp-z]{12}$"), False)
    return pc.if_else(good, told, pa.scalar(None, pa.string()))


def _utf8(values: pa.Array) -> pa.Array:
    values = values.cast(pa.binary()).cast(pa.string(), safe=False)
    try:
        values.validate(full=True)
    except pa.ArrowInvalid:
        raw = values.cast(pa.binary()).to_pylist()
        repaired = [None if v is None else v.decode("utf-8", "replace") for v in raw]
        return pa.array(repaired, pa.string())
    return values


def address_line(address: pa.Array, house: pa.Array, street: pa.Array, hamlet: pa.Array) -> pa.Array:
    """The address as one text: as the file has it, else `12 Hàm Nghi, Tổ 5` from its parts; null where there is none."""
    parts = [pc.fill_null(part, "") for part in (house, street, hamlet)]
    if len(address) == 0:  # Arrow takes the length of a separator for that of an empty column
        return address
    line = pc.binary_join_element_wise(pc.binary_join_element_wise(parts[0], parts[1], " "), parts[2], ", ")
    line = pc.utf8_trim(line, characters=" ,")
    line = pc.if_else(pc.equal(line, ""), pa.scalar(None, pa.string()), line)
    return pc.coalesce(address, line)
