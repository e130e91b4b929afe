"""Questions of the fenced process to whoever started it: what stands in the register around a survey.

The answers are small JSON and Arrow files in the child's folder, so that a check needs no database: the register answers
on the server, a commune's package on a desk without a network, the shipped lists where there is neither.
"""

from datetime import date
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import pyarrow as pa
import shapely

from importers.check.context import Box, Context, LandUse, Parcels

# One row a current parcel; shape is WKB in the zone of `about` (east, north in metres).
AROUND_SCHEMA = pa.schema(
    [
        pa.field("code", pa.string(), nullable=False),
        pa.field("sheet", pa.string(), nullable=False),
        pa.field("number", pa.string(), nullable=False),
        pa.field("land_use", pa.string()),
        pa.field("area_m2", pa.float64()),
        pa.field("legal_area_m2", pa.float64()),
        pa.field("scale", pa.int32()),
        pa.field("shape", pa.binary(), nullable=False),
    ]
)


class Surroundings(Protocol):
    """Who answers: `register.near.Near`, `importers.package.Package`, `importers.package.Alone`."""

    def about(
        self, commune: str | None, place: tuple[float, float] | None, sheets: list[str]
    ) -> dict[str, Any]:
        """Facts of the commune by its code, else the one at a place (longitude, latitude in degrees).

        Fields: commune, commune_name, urban, epsg, outline (WKB in hex, in epsg), land_uses (code → name_vi, name_en,
        family, successor, valid_to), last_numbers (sheet → number, of `sheets`), has_register. Unknown ones are null.
        """

    def parcels(self, box: Box) -> pa.Table:
        """Current parcels that meet a box (east, north, east, north in the zone of `about`). AROUND_SCHEMA."""

    def numbered(self, keys: list[tuple[str, str]]) -> pa.Table:
        """Current parcels of the commune with these (sheet, number). AROUND_SCHEMA."""


def parcels_of(table: pa.Table) -> Parcels:
    """A table of AROUND_SCHEMA as the check takes it."""

    def texts(name: str) -> list[str]:
        return [value or "" for value in table[name].to_pylist()]

    def numbers(name: str) -> Any:
        return np.array([np.nan if v is None else v for v in table[name].to_pylist()], dtype=np.float64)

    return Parcels(
        texts("code"),
        texts("sheet"),
        texts("number"),
        texts("land_use"),
        numbers("area_m2"),
        numbers("legal_area_m2"),
        np.array([v or 0 for v in table["scale"].to_pylist()], dtype=np.int32),
        shapely.from_wkb(np.array(table["shape"].to_pylist(), dtype=object))
        if table.num_rows
        else np.empty(0, dtype=object),
    )


def context_of(told: dict[str, Any], near: Any, on: date) -> Context:
    """The context of a check from the answer to `about`; `near` answers for the parcels."""
    uses = {
        code: LandUse(vi, en, family, successor, date.fromisoformat(end) if end else None)
        for code, (vi, en, family, successor, end) in (told.get("land_uses") or {}).items()
    }
    outline = told.get("outline")
    return Context(
        on,
        told.get("commune"),
        told.get("commune_name"),
        told.get("urban"),
        told.get("epsg"),
        None if outline is None else shapely.from_wkb(outline),
        near,
        uses,
        told.get("last_numbers") or {},
        bool(told.get("has_register")),
    )


def keep(table: pa.Table, path: Path) -> None:
    """Write a table as an Arrow file."""
    with pa.OSFile(str(path), "wb") as file, pa.ipc.new_file(file, table.schema) as writer:
        writer.write_table(table)


def kept(path: Path) -> pa.Table:
    """The table of an Arrow file. Raises: pyarrow.ArrowException, OSError where it is none."""
    with pa.OSFile(str(path), "rb") as file:
        return pa.ipc.open_file(file).read_all()
