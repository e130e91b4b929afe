"""`diachinh units import`: outlines and postcodes of communes from a file of the user's."""

from pathlib import Path
from typing import Annotated

import typer

FileArgument = Annotated[
    Path, typer.Argument(help="Tệp ranh giới hoặc mã bưu chính · File of outlines or postcodes")
]


def import_units_file(file: FileArgument) -> None:
    """Nạp ranh giới và mã bưu chính của các xã · Import outlines and postcodes of communes."""
    from cli.database import open_database
    from cli.migrate import bring_up
    from cli.say import answer
    from cli.settings import read_settings
    from cli.signals import stopped_cleanly
    from register.connect import connect
    from register.units import import_units

    settings = read_settings()
    with stopped_cleanly(), open_database(settings) as conninfo:
        bring_up(conninfo, settings.schema)
        with connect(conninfo, settings.schema) as conn:
            answer(str(import_units(conn, file)))
