"""An import in a legacy encoding: every text column is read alike, and the receipt says so once."""

from pathlib import Path

import pyarrow as pa

from importers.legacy_columns import LegacyColumns
from importers.legacy_text import encode
from tests.importers import parcels

NAMES = ["Thôn Thanh Ấm", "Đồng Quan Tiên", "xã Đồng Tâm, huyện Mỹ Đức", None, "Thuận", "120"]


def test_an_import_in_tcvn3_is_kept_as_unicode(tmp_path: Path) -> None:
    told = [None if n is None else encode(n, "tcvn3") for n in NAMES]
    fields = {**parcels.columns(len(NAMES)), "diaChi": pa.array(told, pa.string())}
    path = parcels.write(tmp_path / "a.gpkg", parcels.squares(len(NAMES)), fields)
    reading, table = parcels.taken(path)
    assert table.column("address").to_pylist() == NAMES
    assert [f.rule for f in reading.findings].count("legacy_text") == 1


def test_unicode_columns_are_the_same_arrays() -> None:
    fields = {"address": pa.array(NAMES), "sheet": pa.array(["1"] * len(NAMES))}
    before = dict(fields)
    assert not LegacyColumns().read(fields)
    assert all(fields[n] is before[n] for n in before)
