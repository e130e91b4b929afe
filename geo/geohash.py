"""GeoHash of twelve characters: the form of the national parcel code (mã định danh thửa đất).

Circular 19/2026/TT-BNNMT, annex I: the WGS84 position of the parcel's feature point, encoded by GeoHash to 12
characters. A cell is 360/2³⁰ degrees of longitude by 180/2³⁰ of latitude: 3.6 by 1.9 cm in the middle of
Vietnam.
"""

import re

import numpy as np
from numba import njit
from numpy.typing import ArrayLike, NDArray

ALPHABET = "0123456789bcdefghjkmnpqrstuvwxyz"
LENGTH = 12
CELL_LON_DEG = 360 / 2**30
CELL_LAT_DEG = 180 / 2**30

Codes = NDArray[np.bytes_]
Floats = NDArray[np.float64]

_LETTERS = np.frombuffer(ALPHABET.encode(), dtype=np.uint8).copy()
_VALUES = np.full(256, -1, dtype=np.int64)
_VALUES[_LETTERS] = np.arange(32)
_FORM = re.compile(f"[{ALPHABET}]{{{LENGTH}}}")


def is_code(text: str) -> bool:
    """Whether the text has the form of a parcel code, to the letter: 12 characters of the alphabet, lower
    case."""
    return _FORM.fullmatch(text) is not None


def encode(lon_deg: ArrayLike, lat_deg: ArrayLike) -> Codes:
    """GeoHash-12 of WGS84 positions, in the order longitude, latitude: an array (n,) of S12.

    A position on the border of two cells belongs to the eastern, northern one; longitude 180 and latitude 90
    to the last.

    Raises: ValueError when a position is not on earth (NaN, beyond 180 or 90 degrees).
    """
    lon, lat = _flat(lon_deg), _flat(lat_deg)
    if lon.shape != lat.shape:
        raise ValueError(f"{lon.size} longitudes but {lat.size} latitudes")
    if not (np.all(np.abs(lon) <= 180) and np.all(np.abs(lat) <= 90)):
        raise ValueError(
            "a position is not on earth: longitude beyond 180 or latitude beyond 90 degrees, or NaN"
        )
    return encode_cells(_cells(lon, -180.0, CELL_LON_DEG), _cells(lat, -90.0, CELL_LAT_DEG))


def encode_cells(column: NDArray[np.int64], row: NDArray[np.int64]) -> Codes:
    """GeoHash-12 of cells counted from longitude -180 (columns) and latitude -90 (rows), each 0 … 2³⁰-1."""
    letters = np.empty((column.size, LENGTH), dtype=np.uint8)
    _write(column, row, _LETTERS, letters)
    return letters.view(f"S{LENGTH}").ravel()


def cells(codes: ArrayLike) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Column and row of each code's cell, counted from -180, -90; -1, -1 where the text is not a code.
    Arrays (n,)."""
    given = np.asarray(codes)
    if given.dtype.kind != "S":
        # Text that is not ASCII cannot be a code; "?" is outside the alphabet.
        given = np.array([str(code).encode("ascii", "replace") for code in given.ravel()], dtype=np.bytes_)
    given = given.ravel()
    right_length = np.char.str_len(given) == LENGTH
    letters = np.ascontiguousarray(given.astype(f"S{LENGTH}")).view(np.uint8).reshape(-1, LENGTH)
    column, row = np.empty(given.size, dtype=np.int64), np.empty(given.size, dtype=np.int64)
    _read(letters, _VALUES, column, row)
    column[~right_length] = -1
    row[~right_length] = -1
    return column, row


def centres(column: NDArray[np.int64], row: NDArray[np.int64]) -> tuple[Floats, Floats]:
    """Longitude and latitude, WGS84 degrees, of the centres of cells."""
    lon = (column + 0.5) * CELL_LON_DEG - 180.0
    lat = (row + 0.5) * CELL_LAT_DEG - 90.0
    return lon.astype(np.float64, copy=False), lat.astype(np.float64, copy=False)


def decode(code: str) -> tuple[float, float]:
    """Longitude and latitude, WGS84 degrees, of the centre of a code's cell. Raises: ValueError when it is
    no code."""
    if not is_code(code):
        raise ValueError(f"not a parcel code: {code!r}")
    lon, lat = centres(*cells([code]))
    return float(lon[0]), float(lat[0])


def _flat(values: ArrayLike) -> Floats:
    return np.ascontiguousarray(values, dtype=np.float64).ravel()


def _cells(degrees: Floats, first_deg: float, cell_deg: float) -> NDArray[np.int64]:
    cell = np.floor((degrees - first_deg) / cell_deg)
    # The division rounds; borders of cells are exact in binary, so one comparison puts the position right.
    cell -= cell * cell_deg + first_deg > degrees
    cell += (cell + 1) * cell_deg + first_deg <= degrees
    return np.clip(cell, 0, 2**30 - 1).astype(np.int64)


@njit(cache=True, nogil=True)
def _write(column, row, letters, out):  # type: ignore[no-untyped-def]
    for i in range(column.size):
        c = column[i]
        r = row[i]
        for k in range(12):
            # Letters take 5 bits in turn: lon, lat, lon, lat, lon in even places, lat, lon, lat, lat… in odd
            # ones.
            value = 0
            for b in range(5):
                bit = 5 * k + b
                source = r if bit & 1 else c
                value = value << 1 | (source >> (29 - (bit >> 1)) & 1)
            out[i, k] = letters[value]


@njit(cache=True, nogil=True)
def _read(text, values, column, row):  # type: ignore[no-untyped-def]
    for i in range(column.size):
        c = 0
        r = 0
        for k in range(12):
            value = values[text[i, k]]
            if value < 0:
                c = r = -1
                break
            for b in range(5):
                bit = value >> (4 - b) & 1
                if (5 * k + b) & 1:
                    r = r << 1 | bit
                else:
                    c = c << 1 | bit
        column[i] = c
        row[i] = r
