"""`diachinh import`: parcel files into the register, once, with a receipt."""

from datetime import date, datetime
from pathlib import Path
from typing import Annotated

import typer

from cli.errors import UsageError

Files = Annotated[list[Path], typer.Argument(help="Tệp, thư mục hoặc .zip · Files, folders or .zip")]
Crs = Annotated[str | None, typer.Option(help="Hệ tọa độ, ví dụ EPSG:9210 · CRS of the files")]
Commune = Annotated[
    str | None, typer.Option(help="Mã xã (5 số) khi tệp không có · Commune code where the files have none")
]
Map = Annotated[
    list[str] | None,
    typer.Option("--map", help="trường=cột, ví dụ sheet=SO_TO; trường==giá trị · field=column; field==value"),
]
Effective = Annotated[
    datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Ngày có hiệu lực · Legal date [today]")
]
Reason = Annotated[str, typer.Option(help="Căn cứ, lý do · Reason")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Chạy thử, không ghi · Store nothing")]
Tiles = Annotated[
    bool,
    typer.Option(
        "--tiles/--no-tiles", help="Dựng sẵn kho ô bản đồ · Fill the map's store for the first views"
    ),
]
Report = Annotated[
    Path | None, typer.Option(help="Ghi mọi điều phát hiện ra tệp JSON · All findings as JSON")
]


def import_files(
    files: Files,
    crs: Crs = None,
    commune: Commune = None,
    mapping: Map = None,
    effective_on: Effective = None,
    reason: Reason = "",
    dry_run: DryRun = False,
    report: Report = None,
    tiles: Tiles = True,
) -> None:
    """Nhập thửa đất từ tệp · Import parcels from files."""
    from cli.bring import Choices, bring
    from cli.database import open_database
    from cli.migrate import bring_up
    from cli.settings import read_settings
    from cli.signals import stopped_cleanly

    settings = read_settings()
    day: date | None = effective_on.date() if effective_on is not None else None
    choices = Choices(mapping_of(mapping or []), epsg_of(crs), commune, day, reason, dry_run)
    with stopped_cleanly(), open_database(settings) as conninfo:
        bring_up(conninfo, settings.schema)
        bring(files, conninfo, settings, choices, report, tiles=tiles)


def mapping_of(pairs: list[str]) -> dict[str, str]:
    """Field → column, out of field=column. Raises: UsageError."""
    mapping = {}
    for pair in pairs:
        field, equals, column = pair.partition("=")
        if not equals or not field or not column:
            raise UsageError(
                f"--map {pair} không đúng dạng trường=cột, ví dụ --map sheet=SO_TO.",
                f"--map {pair} is not field=column, for instance --map sheet=SO_TO.",
            )
        mapping[field.strip()] = column
    return mapping


def epsg_of(text: str | None) -> int | None:
    """The number of an EPSG code as typed. Raises: UsageError."""
    if text is None:
        return None
    digits = text.upper().removeprefix("EPSG:").strip()
    if not digits.isdigit():
        raise UsageError(
            f"--crs {text} không phải mã EPSG, ví dụ --crs EPSG:9210.",
            f"--crs {text} is no EPSG code, for instance --crs EPSG:9210.",
        )
    return int(digits)
