"""Tables of plots as map programs write them, and what is odd in them."""

import sqlite3
from pathlib import Path

import pytest

from tests.importers.handed import column, examined, rules
from tests.importers.parcels import squares, taken, write


@pytest.fixture
def stale(tmp_path: Path) -> Path:
    """A GeoPackage that has written down more records than are left in it, the first of them gone."""
    path = write(tmp_path / "a.gpkg", squares(264), SPATIAL_INDEX="NO")
    with sqlite3.connect(path) as base:
        for (name,) in base.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            base.execute(f'DROP TRIGGER "{name}"')
        base.execute("DELETE FROM a WHERE fid <= 78")
        assert base.execute("SELECT feature_count FROM gpkg_ogr_contents").fetchone() == (264,)
    base.close()
    return path


def test_a_stale_count_gives_no_record_twice(stale: Path) -> None:
    said = examined(stale)
    assert column(said, "record") == [f"#{fid}" for fid in range(79, 265)]
    assert not rules(said.findings)["incomplete_file"]


def test_an_import_takes_each_once_too(stale: Path) -> None:
    reading, table = taken(stale)
    assert (reading.read, table.column("record").to_pylist()) == (186, list(range(79, 265)))
