"""`diachinh units reorganise`: communes and sheets by the table of old and new ones, after a look at what will happen."""

from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.say import answer

if TYPE_CHECKING:
    import psycopg

    from importers.commune_table import CommuneRow
    from register.reorganise_plan import Preview, Reorganisation

TableFile = Annotated[
    Path, typer.Argument(help="Bảng xã, tờ cũ và mới (CSV, TSV) · Table of old and new communes and sheets")
]
Effective = Annotated[
    datetime | None,
    typer.Option(formats=["%Y-%m-%d"], help="Ngày có hiệu lực · Legal date [hôm nay · today]"),
]
Reason = Annotated[str, typer.Option(help="Căn cứ, lý do · Reason")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Chạy thử, không ghi · Store nothing")]

_RELATIONS = {
    "merged": ("nhập vào", "merged into"),
    "divided": ("chia cho", "divided among"),
    "renamed": ("đổi thành", "renamed"),
    "moved": ("chuyển tỉnh", "moved to"),
    "unchanged": ("giữ nguyên", "unchanged"),
}


def reorganise_units(
    file: TableFile, effective_on: Effective = None, reason: Reason = "", dry_run: DryRun = False
) -> None:
    """Sắp xếp lại xã và tờ bản đồ theo bảng cũ → mới · Reorganise communes and sheets by a table."""
    from cli.database import open_database
    from cli.migrate import bring_up
    from cli.progress import shown
    from cli.settings import read_settings
    from cli.signals import stopped_cleanly
    from importers.commune_table import read_commune_table
    from register.connect import connect
    from register.reorganise import reorganise
    from register.reorganise_plan import preview, refused

    settings = read_settings()
    rows = read_commune_table(file)
    on = effective_on.date() if effective_on is not None else date.today()
    with stopped_cleanly(), open_database(settings) as conninfo:
        bring_up(conninfo, settings.schema)
        with connect(conninfo, settings.schema) as conn:
            wanted = wanted_by(conn, rows, on, file.name)
            with conn.transaction(force_rollback=True):
                seen = preview(conn, wanted)
            tell(seen)
            if seen.refusals:
                raise refused(seen.refusals)
            if dry_run:
                answer("Chạy thử, không ghi gì · Dry run, nothing is stored")
                return
            with shown() as progress, conn.transaction():
                done = reorganise(conn, wanted, settings.author, reason, progress=progress)
    answer(
        f"Đã sắp xếp lại · Reorganised (chỉnh lý · correction {done.id}): "
        f"thửa · parcels {done.counts['opened']:,}, hiệu lực · effective {on.isoformat()}"
    )


def wanted_by(conn: "psycopg.Connection", rows: "list[CommuneRow]", on: date, file: str) -> "Reorganisation":
    """The rows as a reorganisation; a new commune is described by the first row that names it. Raises: MissingColumn."""
    from importers.errors import MissingColumn
    from register.reorganise_plan import Move, NewUnit, Reorganisation, settle_new

    moves = [
        Move(r.commune, r.sheet, r.scale, r.map_set, r.to_commune, r.to_sheet, r.to_map_set) for r in rows
    ]
    named: dict[str, NewUnit] = {}
    for r in rows:
        if r.name is not None:
            named.setdefault(
                r.to_commune, NewUnit(r.to_commune, r.kind or "", r.name, r.province or "", r.postcode)
            )
    begin, kindless = settle_new(conn, list(named.values()), moves)
    if kindless:
        raise MissingColumn(
            f"Xã mới {', '.join(kindless[:20])} thiếu loại: hãy thêm cột loai (xã, phường, đặc khu).",
            f"New communes {', '.join(kindless[:20])} have no kind: add the column loai (xã, phường, đặc khu).",
            file,
        )
    return Reorganisation(begin, moves, on)


def tell(seen: "Preview") -> None:
    """A line per old and new commune, and what becomes of communes that end."""
    for flow in seen.flows:
        begins = " (mới · new)" if flow.begins else ""
        answer(
            f"{flow.commune} {flow.commune_name} → {flow.to_commune} {flow.to_name}{begins}: tờ · sheets {flow.sheets:,} "
            f"(đổi số · renumbered {flow.renumbered:,}), thửa · parcels {flow.parcels:,}"
        )
    for fate in seen.fates:
        vi, en = _RELATIONS[fate.relation]
        answer(f"{fate.commune} {fate.name}: {vi} · {en} {fate.successor}")
    if not seen.refusals:
        answer(f"Thửa thay đổi tờ hoặc xã · Parcels that change sheet or commune: {seen.parcels:,}")
