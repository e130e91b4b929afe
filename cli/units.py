"""`diachinh units import`: outlines and postcodes of communes from a file of the user's."""

from pathlib import Path
from typing import Annotated

import typer

FileArgument = Annotated[
    Path, typer.Argument(help="Tệp ranh giới hoặc mã bưu chính · File of outlines or postcodes")
]
CrsOption = Annotated[
    int | None, typer.Option("--crs", help="Hệ tọa độ của tệp (EPSG) · The file's coordinate system (EPSG)")
]
MapOption = Annotated[
    list[str] | None,
    typer.Option(
        "--map", help="Tên cột: commune=CỘT, postcode=CỘT · Column names: commune=COLUMN, postcode=COLUMN"
    ),
]
SHOWN = 20


def import_units_file(file: FileArgument, crs: CrsOption = None, columns: MapOption = None) -> None:
    """Nạp ranh giới và mã bưu chính của các xã · Import outlines and postcodes of communes."""
    from cli.database import open_database
    from cli.migrate import bring_up
    from cli.say import answer, say, say_error
    from cli.settings import read_settings
    from cli.signals import stopped_cleanly
    from importers.unit_outlines import read_outlines
    from register.connect import connect
    from register.units_outlines import put_outlines

    mapping = dict(_named(column) for column in columns or ())
    settings = read_settings()
    with stopped_cleanly(), open_database(settings) as conninfo:
        bring_up(conninfo, settings.schema)
        with connect(conninfo, settings.schema) as conn:
            done = put_outlines(conn, read_outlines(file, crs, mapping))
    for found in done.findings[:SHOWN]:
        tell = say_error if found.severity == "stops" else say
        tell(f"{file.name} {found.record}: {found.text_vi}", f"{file.name} {found.record}: {found.text_en}")
    if len(done.findings) > SHOWN:
        more = len(done.findings) - SHOWN
        say(f"… và {more} điều nữa", f"… and {more} more")
    answer(
        f"Đọc {done.read} dòng: lưu {done.read - done.refused}, từ chối {done.refused}; "
        f"{done.outlines} ranh giới, {done.postcodes} mã bưu chính, {done.changed} xã thay đổi · "
        f"{done.read} rows read: {done.read - done.refused} stored, {done.refused} refused; "
        f"{done.outlines} outlines, {done.postcodes} postcodes, {done.changed} communes changed"
    )
    if done.refused:
        raise typer.Exit(1)


def _named(column: str) -> tuple[str, str]:
    field, _, name = column.partition("=")
    if field not in ("commune", "postcode") or not name:
        raise typer.BadParameter("commune=…, postcode=…", param_hint="--map")
    return field, name
