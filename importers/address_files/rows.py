"""The one shape in which files of addresses are handed over, and the rows that cannot be."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from geo.finding import Finding
from importers import texts
from importers.legacy_columns import LegacyColumns

MAX_CHARS = 500
TEXTS = (
    "commune", "sheet", "number", "text", "house", "street", "hamlet", "ward", "district", "province", "postcode", "scheme",
    "digital", "known", "source", "status",
)  # fmt: skip
# All but `record` may be null. `code`, `commune` + `sheet` + `number` (+ `scale`), `known` (a digital address the register
# has) and the position (WGS84 degrees) say to which parcel; `digital` in `scheme`, `text` and its parts what the address is.
ADDRESS_FILE_SCHEMA = pa.schema(
    [
        pa.field("record", pa.string(), nullable=False),
        pa.field("code", pa.string()),
        *(pa.field(name, pa.string()) for name in TEXTS),
        pa.field("scale", pa.int32()),
        pa.field("main", pa.bool_()),
        pa.field("lon_deg", pa.float64()),
        pa.field("lat_deg", pa.float64()),
    ]
)
LON_DEG, LAT_DEG = (101.0, 118.0), (6.0, 24.0)
"""Where Vietnam and its islands lie."""
_YES = ("1", "true", "t", "yes", "y", "x", "co", "có", "chinh", "chính", "main")
_CONTROL = r"[\x00-\x1f\x7f]+"
_CODE = "^[0-9b-hjkmnp-z]{12}$"
_SCHEME = "^[a-z][a-z0-9_]{1,30}$"
_DIGITAL = r"^[\x21-\x7e][\x20-\x7e]{2,62}[\x21-\x7e]$"

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]


@dataclass(slots=True)
class Maker:
    """Makes batches of ADDRESS_FILE_SCHEMA out of the columns of a file; rows that say nothing usable become findings.

    One encoding of old Vietnamese programs is looked for over all batches.
    """

    name: str
    legacy: LegacyColumns = field(default_factory=LegacyColumns)

    def batch(
        self,
        records: list[str],
        fields: Mapping[str, pa.Array],
        lon_deg: Floats,
        lat_deg: Floats,
        bad_place: Bools,
    ) -> tuple[pa.RecordBatch, list[Finding]]:
        """`fields`: arrays by names of the schema (a missing one is null), as text. `lon_deg`, `lat_deg`: NaN where no
        place is said; `bad_place`: where one is said that cannot be read."""
        n = len(records)
        given = {name: _clean(fields[name]) for name in ("code", *TEXTS, "scale", "main") if name in fields}
        self.legacy.read(given)
        column = {name: given.get(name, pa.nulls(n, pa.string())) for name in ("code", *TEXTS)}
        column["commune"] = texts.commune(column["commune"])
        column["text"] = _line(column)
        code = pc.utf8_lower(pc.replace_substring_regex(column["code"], r"[\s.\-_]+", ""))
        column["code"] = code
        scheme = pc.replace_substring_regex(pc.utf8_lower(column["scheme"]), "[^a-z0-9]+", "_")
        column["scheme"] = pc.utf8_trim(scheme, characters="_")
        placed = np.isfinite(lon_deg)
        away = placed & ~(
            (lon_deg >= LON_DEG[0]) & (lon_deg <= LON_DEG[1]) & (lat_deg >= LAT_DEG[0]) & (lat_deg <= LAT_DEG[1])
        )  # fmt: skip
        no_code = _no(code, _CODE)
        no_digital = _no(column["digital"], _DIGITAL) | _no(column["known"], _DIGITAL)
        long = np.zeros(n, np.bool_)
        for name in TEXTS:
            long |= np.asarray(pc.fill_null(pc.greater(pc.utf8_length(column[name]), MAX_CHARS), False))
        keyed = _is(code) | (_is(column["sheet"]) & _is(column["number"])) | _is(column["known"]) | placed
        named = _is(column["text"]) | _is(column["digital"])
        findings: list[Finding] = []
        refused = np.zeros(n, np.bool_)
        for rule, rows, vi, en in (
            ("bad_place", bad_place, "Tọa độ không đọc được.", "The coordinates cannot be read."),
            ("away", away, "Tọa độ nằm ngoài Việt Nam: hãy kiểm tra hệ tọa độ (--crs) và thứ tự cột.",
             "The position is not in Vietnam: check the coordinate system (--crs) and the order of columns."),
            ("bad_code", no_code, "Mã thửa đất phải có 12 ký tự (chữ số và chữ cái trừ a, i, l, o).",
             "A parcel code has 12 characters (digits and letters but a, i, l, o)."),
            ("bad_digital", no_digital, "Mã địa chỉ số phải có 4 đến 64 ký tự ASCII in được.",
             "A digital address has 4 to 64 printable ASCII characters."),
            ("bad_scheme", _no(column["scheme"], _SCHEME), "Tên lược đồ địa chỉ không hợp lệ, ví dụ đúng: ndas_1.",
             "The scheme of the digital address has no usable name; such as ndas_1."),
            ("too_long", long, f"Có ô dài hơn {MAX_CHARS} ký tự.", f"A field is longer than {MAX_CHARS} characters."),
            ("no_address", ~named & ~(keyed & _is(column["known"])), "Dòng không có địa chỉ: cần nội dung hoặc mã địa chỉ số.",
             "The row has no address: it needs a text or a digital code."),
        ):  # fmt: skip
            for row in np.flatnonzero(rows & ~refused).tolist():
                findings.append(Finding(rule, "stops", vi, en, records[row]))
            refused |= rows
        columns = {"record": pa.array(records, pa.string()), **column}
        columns["scale"] = texts.scale(given.get("scale", pa.nulls(n, pa.string())))
        columns["main"] = _yes(given.get("main"), n)
        columns["lon_deg"] = pa.array(lon_deg, pa.float64(), mask=~placed)
        columns["lat_deg"] = pa.array(lat_deg, pa.float64(), mask=~placed)
        made = pa.RecordBatch.from_arrays(
            [columns[f.name] for f in ADDRESS_FILE_SCHEMA], schema=ADDRESS_FILE_SCHEMA
        )
        return made.filter(pa.array(~refused)), findings


def _clean(values: pa.Array) -> pa.Array:
    told = texts.text(values)
    told = pc.utf8_trim_whitespace(pc.replace_substring_regex(told, _CONTROL, " "))
    return pc.if_else(pc.equal(told, ""), pa.scalar(None, pa.string()), told)


def _line(column: Mapping[str, pa.Array]) -> pa.Array:
    """The text of the address: as the file has it, else put together from its parts; a ward alone is no address."""
    line = texts.address_line(column["text"], column["house"], column["street"], column["hamlet"])
    own = pc.and_(pc.is_null(column["text"]), pc.is_valid(line))
    if not len(line) or not pc.any(own).as_py():
        return line
    parts = [
        pc.fill_null(values, "")
        for values in (line, *(column[name] for name in ("ward", "district", "province")))
    ]
    whole = pc.binary_join_element_wise(*parts, ", ")
    whole = pc.utf8_trim(pc.replace_substring_regex(whole, "(, )+", ", "), characters=" ,")
    return pc.if_else(own, whole, line)


def _is(values: pa.Array) -> Bools:
    return np.asarray(values.is_valid().to_numpy(zero_copy_only=False), np.bool_)


def _no(values: pa.Array, form: str) -> Bools:
    """Where something stands that has not this form."""
    return np.asarray(
        pc.fill_null(pc.invert(pc.match_substring_regex(values, form)), False).to_numpy(zero_copy_only=False)
    )


def _yes(values: pa.Array | None, n: int) -> pa.Array:
    if values is None:
        return pa.nulls(n, pa.bool_())
    said = pc.is_in(pc.utf8_lower(values), pa.array(_YES))
    return pc.if_else(pc.is_valid(values), said, pa.scalar(None, pa.bool_()))
