"""`diachinh code`: the parcel of a code, as typed."""

from typing import Annotated

import typer

CodeArgument = Annotated[str, typer.Argument(help="Mã định danh thửa đất · Parcel code, 12 characters")]


def print_parcel(code: CodeArgument) -> None:
    """In thửa đất của một mã (GeoJSON) · Print the parcel of a code as GeoJSON."""
    import asyncio
    import json

    from cli.database import open_database
    from cli.say import answer
    from cli.settings import read_settings
    from cli.signals import stopped_cleanly

    settings = read_settings()
    with stopped_cleanly(), open_database(settings) as conninfo:
        feature = json.loads(asyncio.run(_feature(conninfo, settings.schema, code)))
    answer(json.dumps(feature, ensure_ascii=False, indent=1))


async def _feature(conninfo: str, schema: str, code: str) -> str:
    from psycopg import AsyncConnection

    from register.connect import search_path
    from register.find import parcel

    async with await AsyncConnection.connect(conninfo, options=search_path(schema)) as conn:
        return (await parcel(conn, code)).feature
