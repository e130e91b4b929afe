"""The HTTP server: uvicorn with uvloop and httptools over one listening socket, finished tiles answered on the wire."""

import errno
import os
import socket
from pathlib import Path
from typing import TYPE_CHECKING

from cli.errors import CommandError
from cli.settings import Settings

if TYPE_CHECKING:
    import uvicorn

    from api.app import Server


def listen(host: str, port: int) -> socket.socket:
    """A bound socket at `host`:`port`; port 0 takes any free one.

    Raises: CommandError where the port is taken, not allowed or the host is not ours.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    door = socket.socket(family, socket.SOCK_STREAM)
    door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        door.bind((host, port))
        door.listen(1024)
    except OSError as error:
        door.close()
        if error.errno == errno.EADDRINUSE:
            raise CommandError(
                f"Cổng {port} của {host} đang có chương trình khác dùng; "
                f"hãy chọn cổng khác, ví dụ PORT={port + 1}.",
                f"Port {port} of {host} is in use by another program; "
                f"choose another, for example PORT={port + 1}.",
            ) from None
        raise CommandError(
            f"Không mở được cổng {port} của {host} ({error.strerror}); "
            "hãy chọn PORT hoặc DIACHINH_HOST khác.",
            f"Cannot listen on port {port} of {host} ({error.strerror}); "
            "choose another PORT or DIACHINH_HOST.",
        ) from None
    return door


def app_of(
    settings: Settings, conninfo: str, *, works: bool = True, shared_tiles: Path | None = None
) -> "Server":
    """All that is served of a register, as `settings` have it; `works`: with a worker beside it."""
    from api.app import create_app
    from api.limits import Limits
    from cli.tuning import available_memory_mb, block_bytes
    from cli.worker import workers

    return create_app(
        conninfo,
        settings.schema,
        settings.page,
        Limits(private_webhooks=settings.private_webhooks),
        workers(settings, conninfo) if works else [],
        settings.home / "scans",
        shared_tiles=shared_tiles,
        archives=settings.home / "archives",
        block_bytes=block_bytes(available_memory_mb(), os.cpu_count() or 1),
    )


def server_of(app: "Server", log_level: str = "warning") -> "uvicorn.Server":
    """A server for `app`, to be run over sockets made by `listen`; this process uses memory as a server from now on."""
    import uvicorn

    from api.tile_wire import protocol_of
    from cli.tuning import keep_pages

    keep_pages()
    return uvicorn.Server(
        uvicorn.Config(
            app,
            loop="uvloop",
            http=protocol_of(app.tiles),
            ws="none",
            lifespan="on",
            log_level=log_level,
            access_log=False,
            timeout_graceful_shutdown=5,
            server_header=False,
        )
    )
