"""`diachinh import` as a person runs it: receipts, refusals, the second time, and a pulled plug."""

import json
import signal
from pathlib import Path

import psycopg
import pytest

from cli.cluster import Cluster
from cli.database import NAME
from importers.sample.fabric import write_fabric
from tests.cli.command import run, running

PARCEL = "SRID=5899;POLYGON((548000 1777000,548010 1777000,548010 1777020,548000 1777020,548000 1777000))"


@pytest.fixture
def one(tmp_path: Path) -> Path:
    path = tmp_path / "one.csv"
    path.write_text(f'ma_xa,so_to,so_thua,loai_dat,geom\n20194,1,7,ODT,"{PARCEL}"\n', encoding="utf-8")
    return path


def counts(home: Path) -> tuple[int, ...]:
    """Rows of the tables an import writes."""
    tables = ("correction", "parcel", "parcel_version", "parcel_address", "survey", "map_cell")
    with Cluster(home) as cluster, psycopg.connect(cluster.conninfo(NAME)) as conn:
        rows = [conn.execute(f"select count(*) from register.{table}").fetchone() for table in tables]
        return tuple(row[0] for row in rows if row is not None)


def test_a_receipt_and_the_second_time(kept_home: Path, one: Path, tmp_path: Path) -> None:
    tried = run(kept_home, "import", str(one), "--dry-run")
    assert (tried.code, counts(kept_home)) == (0, (0, 0, 0, 0, 0, 0))
    assert "Dry run" in tried.out
    report = tmp_path / "report.json"
    first = run(kept_home, "import", str(one), "--report", str(report))
    assert first.code == 0, first.err
    assert "read 1 = lưu · stored 1" in first.out
    assert json.loads(report.read_text(encoding="utf-8"))["stored"] == 1
    again = run(kept_home, "import", str(one))
    assert again.code == 0
    assert "nothing changes" in again.out
    assert counts(kept_home)[:3] == (1, 1, 1)


def test_a_refusal_names_file_and_remedy_in_both_languages(kept_home: Path, tmp_path: Path) -> None:
    path = tmp_path / "degrees.csv"
    path.write_text('ma_xa,so_to,so_thua,geom\n20194,1,7,"POLYGON((108 16,108.001 16,108 16.001,108 16))"\n')
    ran = run(kept_home, "import", str(path))
    assert ran.code == 1
    assert ran.err.count("degrees.csv: ") == 2
    assert "--crs" in ran.err
    assert "Traceback" not in ran.err


@pytest.mark.parametrize("option", [["--map", "sheet"], ["--crs", "VN2000"], ["--effective-on", "hôm nay"]])
def test_a_wrong_call_is_told_from_a_refusal(kept_home: Path, one: Path, option: list[str]) -> None:
    ran = run(kept_home, "import", str(one), *option)
    assert (ran.code, ran.out) == (2, "")
    assert "Traceback" not in ran.err


def test_killed_half_way_nothing_is_there_and_again_completes(tmp_path: Path, kept_home: Path) -> None:
    path = tmp_path / "fabric.gpkg"
    write_fabric(path, 8_000)
    before = counts(kept_home)
    for step in ("Đọc tệp", "Ghi thửa đất", "Gắn địa chỉ", "Kiểm tra chồng lấn"):
        with running(kept_home, "import", str(path)) as command:
            command.wait_for(command.err, step)
            command.stop(signal.SIGKILL)
        assert counts(kept_home) == before, step
    ran = run(kept_home, "import", str(path))
    assert ran.code == 0, ran.err
    assert "read 8,000 = lưu · stored 8,000" in ran.out
    assert counts(kept_home)[1] == before[1] + 8_000
