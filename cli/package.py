"""`diachinh package`: a commune's parcels and lists in one file, for `diachinh check` without a network."""

from pathlib import Path
from typing import Annotated

import typer

CommuneCode = Annotated[str, typer.Argument(help="Mã xã (5 số), cũ hoặc mới · Commune code, old or new")]
Out = Annotated[Path | None, typer.Option(help="Tệp ghi ra · File to write [xa-MÃ.arrow]")]


def write_package(commune: CommuneCode, out: Out = None) -> None:
    """Tải gói dữ liệu của một xã để kiểm tra ngoại tuyến · Take a commune's package along for checking offline."""
    from api.packages import package_of
    from cli.database import open_database
    from cli.migrate import bring_up
    from cli.say import answer
    from cli.settings import read_settings
    from cli.signals import stopped_cleanly

    settings = read_settings()
    path = out or Path(f"xa-{commune}.arrow")
    with stopped_cleanly(), open_database(settings) as conninfo:
        bring_up(conninfo, settings.schema)
        content = package_of(conninfo, settings.schema, commune)
    path.write_bytes(content)
    answer(f"{path}: {len(content) / 1e6:.1f} MB · diachinh check FILE --package {path}")
