"""`diachinh scan`: a picture onto the map and off it again, at the command line."""

from pathlib import Path

from tests.cli.command import Ran, run
from tests.importers.raster import paper


def asked(conninfo: str, home: Path, *arguments: str) -> Ran:
    """`diachinh scan` over a register; files stand in `home`."""
    return run(home, "scan", *arguments, DIACHINH_DATABASE=conninfo)


def test_a_scan_is_added_listed_and_retired(conninfo: str, tmp_path: Path) -> None:
    scan = paper.scanned(1)
    picture = paper.save(scan.picture, tmp_path / "to.png")
    points = tmp_path / "diem.csv"
    points.write_text(paper.control_points(scan, paper.MARKS), encoding="utf-8")
    add = (
        "add",
        str(picture),
        str(points),
        "--crs",
        f"EPSG:{paper.EPSG}",
        "--transformation",
        "affine",
    )
    first = asked(conninfo, tmp_path, *add, "--title", "Tờ 12")
    assert first.code == 0, first.err
    lines = first.out.splitlines()
    assert "affine" in lines[0]
    assert "taken" in lines[0]
    assert "proposed" in lines[2]
    assert len(lines) == 3 + 16 + 1
    key = lines[-1]
    assert key in asked(conninfo, tmp_path, "list").out
    assert asked(conninfo, tmp_path, *add, "--title", "khác").out.splitlines()[-1] == key
    assert asked(conninfo, tmp_path, "retire", key).code == 0
    assert asked(conninfo, tmp_path, "retire", key).code == 1


def test_what_cannot_be_added_says_why(conninfo: str, tmp_path: Path) -> None:
    picture = paper.save(paper.scanned(1).picture, tmp_path / "to.png")
    refused = asked(conninfo, tmp_path, "add", str(picture), "--crs", "9218")
    assert refused.code == 1
    assert "world file" in refused.err
    assert asked(conninfo, tmp_path, "add", str(picture), "--crop", "1,2").code == 2
