"""`diachinh serve`: the map, the tiles and the answers over HTTP, until it is stopped."""

import http.client
import socket
import sys
import threading
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Annotated

import typer

from cli.settings import Settings

if TYPE_CHECKING:
    import uvicorn

PortOption = Annotated[
    int | None, typer.Option(help="Cổng · Port [PORT, DIACHINH_PORT, 8000]", min=1, max=65535)
]


WorkersOption = Annotated[
    int | None,
    typer.Option(help="Số tiến trình phục vụ · Server processes [DIACHINH_WORKERS, 1]", min=1, max=64),
]


def serve(port: PortOption = None, workers: WorkersOption = None) -> None:
    """Phục vụ bản đồ và API · Serve the map and the API."""
    from cli.database import open_database
    from cli.http_server import listen
    from cli.migrate import bring_up
    from cli.settings import read_settings
    from cli.signals import stopped_cleanly

    settings = read_settings(port=port)
    with (
        suppress(KeyboardInterrupt),
        stopped_cleanly(),
        listen(settings.host, settings.port) as door,
        open_database(settings) as conninfo,
    ):
        bring_up(conninfo, settings.schema)
        count = workers or settings.workers
        if count == 1:
            serve_until_stopped(settings, conninfo, door)
        else:
            from cli.several import serve_together

            _tell_of_the_page(settings)
            serve_together(settings, conninfo, door, count)


def _tell_of_the_page(settings: Settings) -> None:
    from cli.say import say

    if settings.page is None:
        say(
            "Chưa có trang web (web/dist): chạy `make demo` để dựng",
            "The page is not built (web/dist): `make demo` builds it",
        )


def serve_until_stopped(settings: Settings, conninfo: str, door: socket.socket) -> None:
    """Serve over `door`; the ready line is printed when the server answers.

    Raises: KeyboardInterrupt when it has been stopped, CommandError where it could not start.
    """
    from cli.errors import CommandError
    from cli.http_server import app_of, server_of
    from cli.signals import hang_up_told

    _tell_of_the_page(settings)
    server = server_of(app_of(settings, conninfo))
    host, port = door.getsockname()[:2]
    threading.Thread(target=_announce, args=(server, host, port), daemon=True).start()
    with hang_up_told(lambda: setattr(server, "should_exit", True)):
        server.run(sockets=[door])
    if not server.started:
        raise CommandError(
            "Máy chủ HTTP không khởi động được; lý do ở ngay trên.",
            "The HTTP server could not start; the reason stands above.",
        )


def _announce(server: "uvicorn.Server", host: str, port: int) -> None:
    """Print the ready line once the server has answered."""
    while not server.should_exit:
        if server.started and answers(host, port):
            say_ready(host, port)
            return
        time.sleep(0.02)


def say_ready(host: str, port: int) -> None:
    """The line that tells where it serves."""
    name = f"[{host}]" if ":" in host else host
    sys.stdout.write(f"Địa Chính is ready: http://{name}:{port}\n")
    sys.stdout.flush()


def answers(host: str, port: int) -> bool:
    """Whether a server at `host`:`port` answers."""
    everywhere = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - asked through the loopback
    connection = http.client.HTTPConnection(everywhere.get(host, host), port, timeout=30)
    try:
        connection.request("GET", "/health")
        return connection.getresponse().status < 500
    except OSError:
        return False
    finally:
        connection.close()
