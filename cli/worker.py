"""`diachinh worker`: surveys checked and webhooks sent in the background, beside the server or on another machine."""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

from cli.settings import Settings

if TYPE_CHECKING:
    import asyncio

Checks = Annotated[
    int | None,
    typer.Option(help="Số lần nộp kiểm tra cùng lúc · Surveys at once [DIACHINH_CHECKS, 1]", min=1, max=64),
]


def work(checks: Checks = None) -> None:
    """Kiểm tra các bản đo được nộp, cho đến khi dừng · Check surveys that are handed in, until stopped."""
    import asyncio

    from cli.database import open_database
    from cli.migrate import bring_up
    from cli.say import say
    from cli.settings import read_settings
    from cli.signals import stopped_cleanly, until_stopped

    settings = read_settings()
    with suppress(KeyboardInterrupt), stopped_cleanly(), open_database(settings) as conninfo:
        bring_up(conninfo, settings.schema)
        say("Đang chờ bản đo; dừng bằng Ctrl-C", "Waiting for surveys; Ctrl-C stops")
        asyncio.run(until_stopped(partial(_work, settings, conninfo, checks or max(1, settings.checks))))


def workers(settings: Settings, conninfo: str) -> "list[Callable[[asyncio.Event], Awaitable[None]]]":
    """What the server runs beside its answers: a worker, or none with DIACHINH_CHECKS=0."""
    return [partial(_work, settings, conninfo, settings.checks)] if settings.checks else []


async def _work(settings: Settings, conninfo: str, checks: int, stop: "asyncio.Event") -> None:
    """Check surveys and send webhooks until `stop`, or the task is cancelled."""
    import asyncio

    from api.jobs import run_worker
    from api.survey_examination import examiner
    from api.webhook_delivery import deliver_webhooks
    from importers.survey import Ready

    ready = Ready()
    ready.renew()
    try:
        await asyncio.gather(
            run_worker(conninfo, settings.schema, examiner(ready), concurrency=checks, stop=stop),
            deliver_webhooks(conninfo, settings.schema, stop, settings.private_webhooks),
        )
    finally:
        ready.close()
