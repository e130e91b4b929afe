"""`diachinh addresses` as a person runs it: in, out, and in again."""

import csv
import json
from pathlib import Path

from tests.cli.command import run

SQUARES = [
    f'20194,1,{n},"SRID=5899;POLYGON(({x} 1777000,{x + 10} 1777000,{x + 10} 1777020,{x} 1777020,{x} 1777000))"'
    for n, x in ((7, 548000), (8, 548010))
]


def test_addresses_in_and_out_and_in_again(kept_home: Path, tmp_path: Path) -> None:
    parcels = tmp_path / "parcels.csv"
    parcels.write_text("\n".join(["ma_xa,so_to,so_thua,geom", *SQUARES]), encoding="utf-8")
    assert run(kept_home, "import", str(parcels)).code == 0
    file = tmp_path / "dia_chi.csv"
    file.write_text(
        "ma_xa,so_to,so_thua,dia_chi,ma_dia_chi_so,x,y\n"
        "20194,1,7,10 Hàm Nghi,NDAS-1,1777005,548005\n"
        "20194,1,8,12 Hàm Nghi,,,\n"
        "20194,1,8,12 Hàm Nghi,,1777005,548005\n"
        "20194,1,9,14 Hàm Nghi,,,\n",
        encoding="utf-8",
    )
    tried = run(kept_home, "addresses", "import", str(file), "--dry-run")
    assert (tried.code, "2 linked" in tried.out) == (0, True), (
        tried.err
    )  # and the next run finds nothing done
    report = tmp_path / "report.json"
    first = run(kept_home, "addresses", "import", str(file), "--report", str(report), "--source", "VNPost")
    assert first.code == 0, first.err
    assert "4 rows read: 2 linked, 0 unchanged, 0 ambiguous, 0 outside, 1 conflicting, 1 refused" in first.out
    told = json.loads(report.read_text(encoding="utf-8"))
    assert [row["rule"] for row in told["rows"]] == ["found", "found", "disagree", "unknown_number"]
    out = tmp_path / "out.csv"
    assert run(kept_home, "addresses", "export", str(out)).code == 0
    with out.open(encoding="utf-8-sig", newline="") as lines:
        rows = list(csv.DictReader(lines))
    mine = [row for row in rows if row["text"]]
    assert [(row["so_thua"], row["scheme"], row["digital"], row["source"]) for row in mine] == [
        ("7", "ndas", "NDAS-1", "VNPost"), ("8", "text", "", "VNPost"),
    ]  # fmt: skip
    again = run(kept_home, "addresses", "import", str(out), "--report", str(tmp_path / "again.csv"))
    assert again.code == 0, again.err
    assert f"{len(rows)} rows read: 0 linked, {len(rows)} unchanged" in again.out
    assert (tmp_path / "again.csv").read_bytes().startswith(b"\xef\xbb\xbfn,record")
    only = run(kept_home, "addresses", "export", str(out), "--scheme", "ndas")
    assert (only.code, out.read_text(encoding="utf-8-sig").count("\n")) == (0, 2)
    file.write_text("x,y,dia_chi\n548005,1777005,10 Hàm Nghi\n", encoding="utf-8")
    refused = run(kept_home, "addresses", "import", str(file))
    assert refused.code == 1
    assert "--crs" in refused.err
    wrong = run(kept_home, "addresses", "import", str(file), "--crs", "EPSG:5899", "--scheme", "A B")
    assert wrong.code == 1
    assert "ndas_1" in wrong.err
