"""`diachinh addresses`: files of addresses into the register, links out of it."""

from datetime import date, datetime
from pathlib import Path
from typing import Annotated

import typer

from cli.import_ import Commune, Crs, DryRun, Effective, Map, Reason, epsg_of, mapping_of

File = Annotated[Path, typer.Argument(help="Tệp CSV, GeoJSON, GML INSPIRE hoặc .zip · A file of addresses")]
Scheme = Annotated[
    str, typer.Option(help="Lược đồ của mã địa chỉ số · Scheme of digital addresses without one")
]
Source = Annotated[str | None, typer.Option(help="Nguồn của địa chỉ · Whose addresses they are")]
Near = Annotated[
    float,
    typer.Option(
        min=0, max=200, help="Điểm được lệch thửa đã nêu, mét · How far a point may lie off, metres"
    ),
]
Report = Annotated[Path | None, typer.Option(help="Ghi báo cáo đối chiếu (.json, .csv) · The match report")]
To = Annotated[Path, typer.Argument(help="Tệp CSV · The CSV to write")]
Only = Annotated[str | None, typer.Option(help="Chỉ một lược đồ · One scheme only")]


def import_addresses(
    file: File,
    crs: Crs = None,
    commune: Commune = None,
    mapping: Map = None,
    scheme: Scheme = "ndas",
    source: Source = None,
    near: Near = 10.0,
    effective_on: Effective = None,
    reason: Reason = "",
    dry_run: DryRun = False,
    report: Report = None,
) -> None:
    """Gắn địa chỉ từ tệp · Link addresses of a file to parcels."""
    from cli.database import open_database
    from cli.migrate import bring_up
    from cli.say import answer, say
    from cli.settings import read_settings
    from cli.signals import stopped_cleanly
    from importers.address_files.read import read_addresses
    from importers.read import ReadOptions
    from register.address_match.bring import bring, report_rows
    from register.address_match.rows import Defaults
    from register.connect import connect
    from register.units import zones

    settings = read_settings()
    day = _day(effective_on)
    defaults = Defaults(scheme, source)
    with stopped_cleanly(), open_database(settings) as conninfo:
        bring_up(conninfo, settings.schema)
        with connect(conninfo, settings.schema) as conn:
            options = ReadOptions(mapping_of(mapping or []), epsg_of(crs), commune, zones(conn).get)
            reading = read_addresses([file], options)
            try:
                receipt = bring(
                    conn, reading, settings.author, day, defaults, reason or f"addresses {file.name}", near
                )
                if report is not None:
                    _write(
                        report,
                        {"file": file.name, "state": receipt.state},
                        receipt,
                        report_rows(conn, receipt.findings),
                    )
            finally:
                reading.close()
            if dry_run:
                conn.rollback()
    c = receipt.counts
    answer(
        f"Đọc {c.read} dòng: gắn {c.linked}, đã có {c.unchanged}, nhiều thửa {c.ambiguous}, ngoài thửa {c.outside}, "
        f"mâu thuẫn {c.conflicting}, từ chối {c.refused} · "
        f"{c.read} rows read: {c.linked} linked, {c.unchanged} unchanged, {c.ambiguous} ambiguous, {c.outside} outside, "
        f"{c.conflicting} conflicting, {c.refused} refused.",
    )
    if dry_run:
        say("Chạy thử: không ghi gì.", "A dry run: nothing is stored.")


def export_addresses(to: To, commune: Commune = None, scheme: Only = None) -> None:
    """Xuất liên kết địa chỉ và thửa đất · Write the links of addresses and parcels as CSV."""
    from cli.database import open_database
    from cli.migrate import bring_up
    from cli.say import say
    from cli.settings import read_settings
    from importers.address_files.report import table_csv
    from register.address_match.export import COLUMNS, exported
    from register.connect import connect

    settings = read_settings()
    with open_database(settings) as conninfo:
        bring_up(conninfo, settings.schema)
        with connect(conninfo, settings.schema) as conn, to.open("wb") as out:
            rows = 0
            for piece in table_csv(COLUMNS, exported(conn, commune, scheme)):
                out.write(piece)
                rows += piece.count(b"\r\n")
    say(f"Đã ghi {rows - 1} liên kết vào {to}.", f"{rows - 1} links were written to {to}.")


def _day(chosen: datetime | None) -> date:
    return chosen.date() if chosen is not None else date.today()


def _write(path: Path, head: dict[str, object], receipt: object, rows: object) -> None:
    from dataclasses import asdict

    from importers.address_files.report import report_csv, report_json

    pieces = (
        report_csv(rows)  # type: ignore[arg-type]
        if path.suffix.lower() == ".csv"
        else report_json(
            {**head, "counts": asdict(receipt.counts)},  # type: ignore[attr-defined]
            rows,  # type: ignore[arg-type]
            [asdict(finding) for finding in receipt.findings],  # type: ignore[attr-defined]
        )
    )
    with path.open("wb") as out:
        for piece in pieces:
            out.write(piece)
