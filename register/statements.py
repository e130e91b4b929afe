"""SQL as it stands in the `.sql` files: named blocks, each with a line of purpose."""

import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any

import psycopg

_NAME = re.compile(r"^-- name: (\w+)\n", re.MULTILINE)


@cache
def load(package: str, file: str) -> Mapping[str, str]:
    """The statements of `file` in `package` by name: a block starts with `-- name: the_name`."""
    parts = _NAME.split((files(package) / file).read_text(encoding="utf-8"))
    return MappingProxyType({name: text.strip() for name, text in zip(parts[1::2], parts[2::2], strict=True)})


def one(conn: psycopg.Connection, statement: str, values: Mapping[str, object] | None = None) -> Any:
    """The single row a statement gives.

    Raises: LookupError where it gives none.
    """
    row = conn.execute(statement, values).fetchone()
    if row is None:
        raise LookupError("no row")
    return row
