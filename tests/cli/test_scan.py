"""`diachinh scan`: a picture onto the map and off it again, at the command line."""

from pathlib import Path

from tests.cli.command import run
from tests.importers.raster import paper


def test_a_scan_is_added_listed_and_retired(register_home: Path, tmp_path: Path) -> None:
    scan = paper.scanned(1)
    picture = paper.save(scan.picture, tmp_path / "to.png")
    points = tmp_path / "diem.csv"
    points.write_text(paper.control_points(scan, paper.MARKS), encoding="utf-8")
    add = (
        "scan",
        "add",
        str(picture),
        str(points),
        "--crs",
        f"EPSG:{paper.EPSG}",
        "--transformation",
        "affine",
    )
    first = run(register_home, *add, "--title", "Tờ 12")
    assert first.code == 0, first.err
    lines = first.out.splitlines()
    assert "affine" in lines[0]
    assert "taken" in lines[0]
    assert "proposed" in lines[2]
    assert len(lines) == 3 + 16 + 1
    key = lines[-1]
    assert key in run(register_home, "scan", "list").out
    assert run(register_home, *add, "--title", "khác").out.splitlines()[-1] == key
    assert run(register_home, "scan", "retire", key).code == 0
    assert key not in run(register_home, "scan", "list").out
    assert run(register_home, "scan", "retire", key).code == 1


def test_what_cannot_be_added_says_why_and_changes_nothing(register_home: Path, tmp_path: Path) -> None:
    picture = paper.save(paper.scanned(1).picture, tmp_path / "to.png")
    refused = run(register_home, "scan", "add", str(picture), "--crs", "9218")
    assert refused.code == 1
    assert "world file" in refused.err
    assert run(register_home, "scan", "add", str(picture), "--crop", "1,2").code == 2
    assert run(register_home, "scan", "list").out == ""
