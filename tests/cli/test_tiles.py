"""`diachinh tiles`: an archive from the command line, killed half-way and gone on with; the store filled beforehand."""

import gzip
import signal
from pathlib import Path

import psycopg
from pmtiles.reader import MmapSource, all_tiles

from tests.cli.command import Ran, run, running
from tests.register.handed_in import hand_in, lot

FAR_M = 30_000


def asked(conninfo: str, home: Path, *arguments: str) -> Ran:
    """`diachinh tiles` over a register."""
    return run(home, "tiles", *arguments, DIACHINH_DATABASE=conninfo)


def filled(db: psycopg.Connection) -> None:
    """Four lots far apart."""
    hand_in(db, *(lot(str(n), n * FAR_M, 0, n * FAR_M + 900, 700) for n in range(4)))
    db.commit()


def test_an_export_killed_half_way_goes_on_and_gives_the_same_file(
    db: psycopg.Connection, conninfo: str, tmp_path: Path
) -> None:
    filled(db)
    path, whole = tmp_path / "a.pmtiles", tmp_path / "whole.pmtiles"
    tried = asked(conninfo, tmp_path, "export", str(path), "--dry-run")
    assert tried.code == 0, tried.err
    assert "nothing is written" in tried.err
    assert not list(tmp_path.glob("*pmtiles*"))
    with running(tmp_path, "tiles", "export", str(path), DIACHINH_DATABASE=conninfo) as command:
        command.wait_for(command.err, "Vẽ ô bản đồ")
        command.stop(signal.SIGKILL)
    assert not path.exists()
    assert (tmp_path / "a.pmtiles.parts").is_dir()
    again = asked(conninfo, tmp_path, "export", str(path))
    assert again.code == 0, again.err
    assert again.out.strip() == str(path)
    assert "Taken up" in again.err
    one_process = asked(conninfo, tmp_path, "export", str(whole), "--processes", "1")
    assert one_process.code == 0, one_process.err
    assert path.read_bytes() == whole.read_bytes()
    with path.open("rb") as file:
        assert all(gzip.decompress(body) for _, body in all_tiles(MmapSource(file)))
    assert not list(tmp_path.glob("*.parts"))


def test_the_file_stands_in_the_folder_that_is_served(
    db: psycopg.Connection, conninfo: str, tmp_path: Path
) -> None:
    filled(db)
    made = asked(
        conninfo,
        tmp_path,
        "export",
        "--commune",
        "20194",
        "--layers",
        "parcels,land_use",
        "--as-of",
        "2100-01-01",
    )
    assert made.code == 0, made.err
    assert made.out.strip() == str(tmp_path / "archives" / "20194.pmtiles")
    assert (tmp_path / "archives" / "20194.pmtiles").is_file()


def test_calls_that_are_wrong_say_so_and_leave_nothing(conninfo: str, tmp_path: Path) -> None:
    path = str(tmp_path / "a.pmtiles")
    for code, *arguments in (
        (2, "--bbox", "1,2,3"),
        (1, "--bbox", "5,5,4,4"),
        (1, "--layers", "parcels,roads"),
        (1, "--as-of", "yesterday"),
    ):
        refused = asked(conninfo, tmp_path, "export", path, *map(str, arguments))
        assert refused.code == code, (arguments, refused.err)
        assert len(refused.err.strip().splitlines()) >= 2
    assert not list(tmp_path.glob("*pmtiles*"))


def test_the_store_is_filled_once(db: psycopg.Connection, conninfo: str, tmp_path: Path) -> None:
    filled(db)
    first = asked(conninfo, tmp_path, "build")
    assert first.code == 0, first.err
    (cells, lagging) = db.execute(
        "select count(*), count(*) filter (where b.revision is distinct from c.revision) from map_cell c "
        "left join map_block b using (key)"
    ).fetchone() or (0, 0)
    assert cells > 4
    assert lagging == 0
    assert f"{cells} cells built" in first.err
    assert "0 cells built" in asked(conninfo, tmp_path, "build").err


def test_an_import_fills_the_store_unless_told_not_to(
    db: psycopg.Connection, conninfo: str, tmp_path: Path
) -> None:
    for n, options in ((0, ["--no-tiles"]), (1, [])):
        path = tmp_path / f"{n}.csv"
        ring = f"{548000 + 40 * n} 1777000,{548020 + 40 * n} 1777000,{548020 + 40 * n} 1777020,{548000 + 40 * n} 1777000"
        path.write_text(
            f'ma_xa,so_to,so_thua,loai_dat,geom\n20194,1,{n + 1},ODT,"SRID=5899;POLYGON(({ring}))"\n', "utf-8"
        )
        done = run(tmp_path, "import", str(path), *options, DIACHINH_DATABASE=conninfo)
        assert done.code == 0, done.err
        (kept,) = db.execute("select count(*) from map_block").fetchone() or (-1,)
        db.commit()
        assert (kept > 0) == (n == 1)
