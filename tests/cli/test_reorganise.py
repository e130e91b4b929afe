"""`diachinh units reorganise` as a person runs it: first a look, then done, refused whole where something is wrong."""

from pathlib import Path

from tests.cli.command import run

SQUARE = "SRID=5899;POLYGON(({x} 1777000,{y} 1777000,{y} 1777020,{x} 1777020,{x} 1777000))"
TABLE = "xaIdCu,soHieuToBanDoCu,xaId,soHieuToBanDo,ten\n20242,1,20999,1,Phường Mới\n20257,1,20999,85,\n"


def test_a_look_then_done_then_refused(kept_home: Path, tmp_path: Path) -> None:
    parcels, table = tmp_path / "thua.csv", tmp_path / "bang.csv"
    rows = [
        f'{commune},1,7,ODT,"{SQUARE.format(x=548000 + 100 * k, y=548010 + 100 * k)}"'
        for k, commune in enumerate(("20242", "20257"))
    ]
    parcels.write_text("ma_xa,so_to,so_thua,loai_dat,geom\n" + "\n".join(rows) + "\n", encoding="utf-8")
    assert run(kept_home, "import", str(parcels), "--effective-on", "2026-01-01").code == 0
    table.write_text(TABLE, encoding="utf-8")
    day = ["--effective-on", "2027-07-01"]
    short = tmp_path / "thieu.csv"
    short.write_text(TABLE.replace("Phường Mới", ""), encoding="utf-8")
    refused = run(kept_home, "units", "reorganise", str(short), *day)
    assert refused.code == 1
    assert "20999" in refused.err
    assert "Traceback" not in refused.err
    for more in (["--dry-run"], []):  # the first leaves nothing, or the second were refused
        ran = run(kept_home, "units", "reorganise", str(table), *day, *more)
        assert ran.code == 0, ran.err
        assert (
            "→ 20999 phường Mới (mới · new): tờ · sheets 1 (đổi số · renumbered 1), thửa · parcels 1"
            in ran.out
        )
        assert "merged into 20999" in ran.out
    assert "thửa · parcels 2, hiệu lực · effective 2027-07-01" in ran.out
    again = run(kept_home, "units", "reorganise", str(table), *day)
    assert again.code == 1
    assert "no such sheet" in again.err
    assert run(kept_home, "units", "reorganise", str(tmp_path / "none.csv")).code == 1
    assert run(kept_home, "units", "reorganise", str(table), "--effective-on", "hôm nay").code == 2
