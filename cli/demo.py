"""`diachinh demo`: from nothing to a served map: a private PostGIS, a sample commune or the user's file, the page."""

from contextlib import suppress
from pathlib import Path
from typing import Annotated

import typer

from cli.serve import PortOption
from cli.settings import Settings

DataOption = Annotated[
    list[Path] | None,
    typer.Option(help="Tệp của bạn thay cho mẫu · Your own files instead of the sample [DATA]"),
]


def demo(port: PortOption = None, data: DataOption = None) -> None:
    """Chạy thử với xã mẫu hoặc tệp của bạn · Try it with the sample commune or your own files."""
    from cli.database import open_database
    from cli.demo_people import people
    from cli.http_server import listen
    from cli.migrate import bring_up
    from cli.say import say
    from cli.serve import serve_until_stopped
    from cli.settings import read_settings
    from cli.signals import stopped_cleanly

    settings = read_settings(port=port)
    with suppress(KeyboardInterrupt), stopped_cleanly(), listen(settings.host, settings.port) as door:
        say("Đang khởi động PostGIS riêng", "Starting the private PostGIS")
        with open_database(settings) as conninfo:
            bring_up(conninfo, settings.schema)
            fill(settings, conninfo, data or [])
            people(settings, conninfo)
            serve_until_stopped(settings, conninfo, door)


def fill(settings: Settings, conninfo: str, data: list[Path]) -> None:
    """Import `data`, or where there is none the sample into an empty register."""
    from cli.bring import bring

    if data:
        bring(data, conninfo, settings, report=settings.home / "receipt.json")
    elif _is_empty(settings, conninfo):
        bring(_sample(settings.home / "sample"), conninfo, settings)


def _is_empty(settings: Settings, conninfo: str) -> bool:
    from register.connect import connect

    with connect(conninfo, settings.schema) as conn:
        return conn.execute("select 1 from correction limit 1").fetchone() is None


def _sample(folder: Path) -> list[Path]:
    """The files of the sample commune, written anew."""
    from cli.say import say
    from importers.sample.write import write_sample

    say(f"Đang dựng xã mẫu trong {folder}", f"Making the sample commune in {folder}")
    folder.mkdir(parents=True, exist_ok=True)
    return write_sample(folder)
