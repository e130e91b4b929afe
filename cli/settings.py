"""The settings, read from the environment here and nowhere else, and passed on as plain arguments.

DIACHINH_DATABASE   libpq words or a URL of a PostgreSQL with PostGIS; else a private one is started
DIACHINH_SCHEMA     the register's schema (register)
DIACHINH_HOME       folder of the private PostGIS, the sample, tiles of scans and archives (/var/tmp/diachinh-<user>-<checkout>)
DIACHINH_HOST       address to serve at (127.0.0.1)
DIACHINH_PORT       port to serve at, also PORT (8000)
DIACHINH_PAGE       folder of the built page (web/dist of the checkout)
DIACHINH_CHECKS     surveys that `serve` checks at once (1); 0 where `diachinh worker` does it
DIACHINH_WORKERS    processes that `serve` answers with (1); limits by client and by hour are counted in each
DIACHINH_AUTHOR     who imports, as the register keeps it (the user's account)
DIACHINH_WEBHOOKS_PRIVATE   anything: webhooks may go to private addresses, such as other servers of the office
DIACHINH_DEBUG      anything: show the trace of an unexpected error
"""

import hashlib
import os
import pwd
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from cli.errors import UsageError

CHECKOUT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True, slots=True)
class Settings:
    """What the environment says. `database` None: a private PostGIS in `home`."""

    database: str | None
    schema: str
    home: Path
    host: str
    port: int
    page: Path | None
    checks: int
    author: str
    workers: int
    debug: bool
    private_webhooks: bool = False


def read_settings(environ: Mapping[str, str] | None = None, port: int | None = None) -> Settings:
    """The settings of `environ` (the process's own by default); a `port` given overrules.

    Raises: UsageError for a port that is none.
    """
    values = os.environ if environ is None else environ
    page = Path(values.get("DIACHINH_PAGE") or CHECKOUT / "web/dist")
    return Settings(
        database=values.get("DIACHINH_DATABASE") or None,
        schema=values.get("DIACHINH_SCHEMA") or "register",
        home=Path(values.get("DIACHINH_HOME") or default_home()),
        host=values.get("DIACHINH_HOST") or "127.0.0.1",
        port=_port(values.get("DIACHINH_PORT") or values.get("PORT") or "8000") if port is None else port,
        page=page.absolute() if (page / "index.html").is_file() else None,
        checks=_checks(values.get("DIACHINH_CHECKS") or "1"),
        author=values.get("DIACHINH_AUTHOR") or _account(),
        workers=_workers(values.get("DIACHINH_WORKERS") or "1"),
        debug=bool(values.get("DIACHINH_DEBUG")),
        private_webhooks=bool(values.get("DIACHINH_WEBHOOKS_PRIVATE")),
    )


def default_home() -> Path:
    """A folder the database's account can enter (root's home it cannot), one per user and checkout."""
    checkout = hashlib.sha256(os.fsencode(CHECKOUT)).hexdigest()[:8]
    # The folder's name can be guessed: cli.cluster refuses one that belongs to somebody else.
    return Path(f"/var/tmp/diachinh-{os.geteuid()}-{checkout}")  # noqa: S108


def _port(text: str) -> int:
    if text.isdigit() and 1 <= int(text) <= 65535:
        return int(text)
    raise UsageError(
        f"PORT={text} không phải số cổng; hãy đặt từ 1 đến 65535.",
        f"PORT={text} is no port number; give one from 1 to 65535.",
    )


def _checks(text: str) -> int:
    if text.isdigit() and int(text) <= 64:
        return int(text)
    raise UsageError(
        f"DIACHINH_CHECKS={text} không phải số; hãy đặt từ 0 đến 64.",
        f"DIACHINH_CHECKS={text} is no number; give one from 0 to 64.",
    )


def _workers(text: str) -> int:
    if text.isdigit() and 1 <= int(text) <= 64:
        return int(text)
    raise UsageError(
        f"DIACHINH_WORKERS={text} không phải số tiến trình; hãy đặt từ 1 đến 64.",
        f"DIACHINH_WORKERS={text} is no number of processes; give one from 1 to 64.",
    )


def _account() -> str:
    try:
        return pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:
        return str(os.geteuid())
