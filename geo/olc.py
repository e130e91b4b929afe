"""Digital addresses (mã địa chỉ số) made of a position: the Open Location Code, and the Vpostcode built on
it.

Open Location Code of 11 digits: a cell of 1/40,000 of a degree of latitude by 1/32,000 of longitude, about
2.8 by 3.4 m. Vpostcode (VNPost, 2020): the commune's 5-digit postcode and the last 7 of those 11 digits.
"""

import re

import numpy as np
from numpy.typing import ArrayLike, NDArray

ALPHABET = "23456789CFGHJMPQRVWX"
_LETTERS = np.frombuffer(ALPHABET.encode(), dtype=np.uint8)

# Integer steps of the public specification at its full 15 digits; 11 digits are its leading ones.
_LAT_STEPS_PER_DEG = 8000 * 5**5
_LON_STEPS_PER_DEG = 8000 * 4**5
_POSTCODE = re.compile("[0-9]{5}")

Codes = NDArray[np.bytes_]


def encode(lon_deg: ArrayLike, lat_deg: ArrayLike) -> Codes:
    """Open Location Codes of 11 digits, `7PH72V85+G6M`, of WGS84 positions in the order longitude, latitude;
    (n,) S12.

    Latitudes beyond a pole are clipped to the last cell, longitudes beyond ±180 normalised, as the
    specification wants.

    Raises: ValueError when a position is NaN or infinite.
    """
    lon = np.asarray(lon_deg, dtype=np.float64).ravel()
    lat = np.asarray(lat_deg, dtype=np.float64).ravel()
    if lon.shape != lat.shape:
        raise ValueError(f"{lon.size} longitudes but {lat.size} latitudes")
    if not (np.isfinite(lon).all() and np.isfinite(lat).all()):
        raise ValueError("a position is not a number")
    beyond = (lon < -180) | (lon >= 180)
    lon = np.where(beyond, np.mod(lon + 180, 360) - 180, lon)
    # Rounding to a millionth of a step first keeps a decimal that means a border on its upper side.
    y = np.floor(np.round((np.clip(lat, -90, 90) + 90) * _LAT_STEPS_PER_DEG, 6)).astype(np.int64)
    x = np.floor(np.round((lon + 180) * _LON_STEPS_PER_DEG, 6)).astype(np.int64)
    y = np.minimum(y, 180 * _LAT_STEPS_PER_DEG - 1)
    x = np.where(x >= 360 * _LON_STEPS_PER_DEG, 0, x)

    text = np.empty((lon.size, 12), dtype=np.uint8)
    y, x = y // 5**4, x // 4**4
    text[:, 11] = _LETTERS[y % 5 * 4 + x % 4]
    y, x = y // 5, x // 4
    for column in (9, 6, 4, 2, 0):
        text[:, column] = _LETTERS[y % 20]
        text[:, column + 1] = _LETTERS[x % 20]
        y, x = y // 20, x // 20
    text[:, 8] = ord("+")
    return text.view("S12").ravel()


def vpostcode(postcode: str, code: str) -> str:
    """The Vpostcode of a commune's postcode and an 11-digit Open Location Code: 12 characters, `10000` +
    `2V85G6M`.

    Raises: ValueError when the postcode is not 5 digits or the code not a full one of 11 digits.
    """
    if not _POSTCODE.fullmatch(postcode):
        raise ValueError(f"not a postcode of 5 digits: {postcode!r}")
    if len(code) != 12 or code[8] != "+":
        raise ValueError(f"not an Open Location Code of 11 digits: {code!r}")
    return postcode + (code[:8] + code[9:])[-7:]
