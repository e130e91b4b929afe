"""`diachinh resolve`: a file of keys of any kind to parcels, an answer a line."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from importers.key_list import Row
    from register.clocks import AsOf as Asked

KeyFile = Annotated[
    Path,
    typer.Argument(
        help="Tệp khóa: mỗi dòng một khóa, hoặc CSV · Keys: one a line, or CSV; - for standard input"
    ),
]
AsOf = Annotated[str | None, typer.Option("--as-of", help="Ngày hoặc thời điểm · Day or instant")]
KnownAt = Annotated[
    str | None, typer.Option("--known-at", help="Theo hiểu biết lúc này · As known at this instant")
]


def resolve_file(file: KeyFile, as_of: AsOf = None, known_at: KnownAt = None) -> None:
    """Tìm thửa đất của từng khóa (NDJSON) · Resolve each key, an answer a line."""
    import asyncio
    import sys

    from cli.database import open_database
    from cli.errors import CommandError
    from cli.settings import read_settings
    from cli.signals import stopped_cleanly
    from importers.key_list import lines, rows
    from register.clocks import as_of as moment_asked

    asked = moment_asked(as_of, known_at)
    try:
        content = sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()
        text = content.decode("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise CommandError(f"Không đọc được {file}: {error}", f"{file} cannot be read: {error}") from None
    given = rows(text) if file.suffix.lower() in (".csv", ".tsv") else lines(text)
    settings = read_settings()
    with stopped_cleanly(), open_database(settings) as conninfo:
        asyncio.run(_print(conninfo, settings.schema, given, asked))


async def _print(conninfo: str, schema: str, given: "Sequence[Row]", asked: "Asked | None") -> None:
    import asyncio
    from functools import cache

    import orjson
    from psycopg import AsyncConnection

    from cli.say import answer
    from register.address_search import AddressBook, read_book
    from register.connect import READER, connect, search_path
    from register.resolve.answers import resolve
    from register.resolve.keys import key_of
    from register.resolve.told import told

    @cache
    def book() -> AddressBook:
        with connect(conninfo, schema, autocommit=True) as reader:
            return read_book(reader)

    async def books() -> AddressBook:
        return await asyncio.to_thread(book)

    options = f"{search_path(schema)} {READER}"
    async with await AsyncConnection.connect(conninfo, options=options, autocommit=True) as conn:
        for start in range(0, len(given), 1000):
            found, _ = await resolve(conn, [key_of(one) for one in given[start : start + 1000]], books, asked)
            for one in found:
                answer(orjson.dumps(told(one)).decode())
