"""A commune's package: its parcels and lists in one file, for checking a survey on a desk without a network.

One Arrow file: a row a current parcel (`importers.surroundings.AROUND_SCHEMA`), and in its metadata the facts of
`Surroundings.about` with the revision of the register they were taken from, sealed with the file's SHA-256: a bit that
turned on a memory stick would be a corner that moved. Whoever holds none is `Alone`.
"""

import csv
import hashlib
import json
import re
from collections.abc import Sequence
from functools import cached_property
from importlib.resources import files
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import shapely

from importers.check.context import Box
from importers.errors import BrokenFile, MissingFile, WrongPackage
from importers.surroundings import AROUND_SCHEMA

VERSION = 1
_KEY = b"diachinh.package"
_OPEN = b"-" * 64
_SEAL = re.compile(rb'"sha256": "([0-9a-f]{64})"')


def packed(about: dict[str, Any], parcels: pa.Table) -> bytes:
    """The file of a commune. about: as `Surroundings.about` answers, with the last numbers of all sheets, `codes` (of the
    commune and of those it was made of), `made_at` (ISO 8601) and `revision` (the last correction in it)."""
    told = json.dumps({"version": VERSION, "sha256": _OPEN.decode(), **about}, ensure_ascii=False).encode()
    table = parcels.select(AROUND_SCHEMA.names).cast(AROUND_SCHEMA).replace_schema_metadata({_KEY: told})
    out = BytesIO()
    with pa.ipc.new_file(out, table.schema, options=pa.ipc.IpcWriteOptions(compression="zstd")) as writer:
        writer.write_table(table, max_chunksize=10_000)
    return sealed(out.getvalue())


def sealed(content: bytes) -> bytes:
    """The file with its SHA-256 where it stands open."""
    return content.replace(_OPEN, hashlib.sha256(content).hexdigest().encode())


class Package:
    """The surroundings out of a package."""

    def __init__(self, path: Path) -> None:
        """Raises: MissingFile, BrokenFile where it is no package of this version."""
        self.name = path.name
        if not path.is_file():
            raise MissingFile("Không có tệp gói xã này.", "There is no such commune package.", str(path))
        try:
            content = path.read_bytes()
            seal = _SEAL.search(content)
            if seal is None or sealed(content.replace(seal[1], _OPEN)) != content:
                raise self._broken()
            table = pa.ipc.open_file(content).read_all()
            told = json.loads((table.schema.metadata or {})[_KEY])
            self._table = table.replace_schema_metadata(None).cast(AROUND_SCHEMA)
        except (pa.ArrowException, OSError, KeyError, ValueError) as error:
            raise self._broken() from error
        if not isinstance(told, dict) or told.get("version") != VERSION:
            raise self._broken()
        self.told: dict[str, Any] = told

    def about(
        self, commune: str | None, place: tuple[float, float] | None, sheets: list[str]
    ) -> dict[str, Any]:
        """Facts of the commune. Raises: WrongPackage where the survey names another one."""
        if commune is not None and commune not in self.told.get("codes", [self.told.get("commune")]):
            name, code = self.told.get("commune_name"), self.told.get("commune")
            raise WrongPackage(
                f"Tệp đo thuộc xã {commune}, còn gói này là của {name} ({code}): hãy tải gói của đúng xã.",
                f"The survey is of commune {commune}, the package of {name} ({code}): download the right one.",
                self.name,
            )
        return self.told

    def parcels(self, box: Box) -> pa.Table:
        """Parcels that meet a box."""
        rows = self._tree.query(shapely.box(*box), predicate="intersects")
        return self._table.take(pa.array(np.sort(rows)))

    def numbered(self, keys: Sequence[tuple[str, str]]) -> pa.Table:
        """Parcels with these (sheet, number)."""
        rows = sorted({row for key in keys for row in self._numbers.get(key, ())})
        return self._table.take(pa.array(rows, pa.int64()))

    def facts(self) -> tuple[str | None, str | None, int]:
        """Name of the commune, when the package was made (ISO 8601), and how many parcels it holds."""
        return self.told.get("commune_name"), self.told.get("made_at"), self._table.num_rows

    @cached_property
    def _tree(self) -> shapely.STRtree:
        content = self._table["shape"].to_numpy()
        return shapely.STRtree(shapely.from_wkb(content) if len(content) else [])

    @cached_property
    def _numbers(self) -> dict[tuple[str, str], list[int]]:
        found: dict[tuple[str, str], list[int]] = {}
        pairs = zip(self._table["sheet"].to_pylist(), self._table["number"].to_pylist(), strict=True)
        for row, key in enumerate(pairs):
            found.setdefault(key, []).append(row)
        return found

    def _broken(self) -> BrokenFile:
        return BrokenFile(
            "Tệp này không phải gói xã, hoặc thuộc phiên bản khác: hãy tải lại (diachinh package).",
            "This is no commune package, or one of another version: download it again (diachinh package).",
            self.name,
        )


class Alone:
    """No register and no package: the shipped list of land uses, and the file itself."""

    def about(
        self, commune: str | None, place: tuple[float, float] | None, sheets: list[str]
    ) -> dict[str, Any]:
        """The land uses of the law; nothing of any commune."""
        return {"land_uses": shipped_land_uses(), "has_register": False}

    def parcels(self, box: Box) -> pa.Table:
        """None."""
        return AROUND_SCHEMA.empty_table()

    def numbered(self, keys: Sequence[tuple[str, str]]) -> pa.Table:
        """None."""
        return AROUND_SCHEMA.empty_table()


def shipped_land_uses() -> dict[str, list[str | None]]:
    """Code → name in Vietnamese and English, family, successor, end of validity: the register's own list (rules §7.1)."""
    text = files("register").joinpath("data/land_use.tsv").read_text(encoding="utf-8")
    return {
        row["code"]: [row["name_vi"], row["name_en"], row["family"], row["successor"] or None, row["valid_to"] or None]
        for row in csv.DictReader(StringIO(text), delimiter="\t")
    }  # fmt: skip
