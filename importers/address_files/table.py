"""Rows of addresses out of tables: CSV, and layers of points."""

from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import shapely

from geo.finding import Finding
from importers import texts
from importers.address_files.place import ZoneOf, degrees, numbers, zones
from importers.address_files.rows import TEXTS, Bools, Floats, Maker
from importers.columns import Columns
from importers.crs import WGS84

_FIELDS = ("code", *TEXTS, "scale", "main")


@dataclass(slots=True)
class Table:
    """A table of a file: where its columns stand, and the system of its coordinates.

    `epsg`: as the caller says, else as the file does (None: degrees are WGS84, metres those of the commune).
    """

    name: str
    columns: Columns
    epsg: int | None
    commune: str | None
    zone_of: ZoneOf
    maker: Maker = field(init=False)

    def __post_init__(self) -> None:
        self.maker = Maker(self.name)

    def batch(
        self, batch: pa.RecordBatch, shapes: pa.Array | None, records: list[str]
    ) -> tuple[pa.RecordBatch, list[Finding]]:
        """One batch of the file, its points (WKB) if it has any. Raises: NoCrs."""
        given = {name: values for name in _FIELDS if (values := self._field(batch, name)) is not None}
        communes = texts.commune(given.get("commune", pa.nulls(batch.num_rows, pa.string())))
        lon, lat, bad = self._places(batch, shapes, communes)
        return self.maker.batch(records, given, lon, lat, bad)

    def _field(self, batch: pa.RecordBatch, name: str) -> pa.Array | None:
        column = self.columns.column_of.get(name)
        if column is not None:
            return texts.text(batch.column(batch.schema.names.index(column)))
        constant = self.columns.constant_of.get(name, self.commune if name == "commune" else None)
        return None if constant is None else pa.array([constant] * batch.num_rows, pa.string())

    def _places(
        self, batch: pa.RecordBatch, shapes: pa.Array | None, communes: pa.Array
    ) -> tuple[Floats, Floats, Bools]:
        """Longitude, latitude (NaN: none said) and where they cannot be read: of the shape, else of columns."""
        lon = np.full(batch.num_rows, np.nan)
        lat = lon.copy()
        bad = np.zeros(batch.num_rows, np.bool_)
        if shapes is not None:
            _put(lon, lat, *self._drawn(shapes, bad, communes))
        for first, second, metres in (("lon", "lat", False), ("x", "y", True)):
            a, b = self._field(batch, first), self._field(batch, second)
            if a is None or b is None:
                continue
            (x, no_x), (y, no_y) = numbers(a), numbers(b)
            half = np.isnan(x) != np.isnan(y)
            bad |= no_x | no_y | half
            small = (np.abs(x) <= 180) & (np.abs(y) <= 180)
            for rows, epsg in self._systems(x, y, small, communes, metres):
                _put(lon, lat, rows, *degrees(epsg, x[rows], y[rows]))
        return lon, lat, bad

    def _drawn(self, shapes: pa.Array, bad: Bools, communes: pa.Array) -> tuple[Bools, Floats, Floats]:
        told = shapes.to_numpy(zero_copy_only=False)
        made = shapely.from_wkb(told, on_invalid="ignore")
        bad |= np.asarray(shapes.is_valid().to_numpy(zero_copy_only=False)) & shapely.is_missing(made)
        kinds = shapely.get_type_id(made)
        single = (kinds == 4) & (shapely.get_num_geometries(made) == 1)
        made[single] = shapely.get_geometry(made[single], 0)
        is_point = (kinds == 0) | single
        bad |= ~shapely.is_missing(made) & ~is_point
        x, y = np.full(len(made), np.nan), np.full(len(made), np.nan)
        x[is_point], y[is_point] = shapely.get_x(made[is_point]), shapely.get_y(made[is_point])
        small = (np.abs(x) <= 180) & (np.abs(y) <= 180)
        lon, lat = np.full(len(made), np.nan), np.full(len(made), np.nan)
        for rows, epsg in self._systems(x, y, small, communes, True):
            _put(lon, lat, rows, *degrees(epsg, x[rows], y[rows]))
        found = np.isfinite(lon)
        return found, lon[found], lat[found]

    def _systems(
        self, x: Floats, y: Floats, small: Bools, communes: pa.Array, metres: bool
    ) -> list[tuple[Bools, int]]:
        """Rows by the system their numbers are in."""
        there = np.isfinite(x) & np.isfinite(y)
        found = [(there & small, WGS84)]
        big = there & ~small
        if big.any() and not metres:
            return [*found, (big, WGS84)]  # degrees out of range: told as not in Vietnam
        if big.any():
            said = None if self.epsg == WGS84 else self.epsg
            epsg = zones(communes, big, said, self.zone_of, self.name)
            found += [(big & (epsg == zone), int(zone)) for zone in np.unique(epsg[big])]
        return [(rows, epsg) for rows, epsg in found if rows.any()]


def _put(lon: Floats, lat: Floats, rows: Bools, x: Floats, y: Floats) -> None:
    lon[rows], lat[rows] = x, y
