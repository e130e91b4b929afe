"""The arithmetic of `geo.crs`, compiled: transverse Mercator, seven parameters, longitude and latitude.

Transverse Mercator by Krüger's series to the sixth power of n (as PROJ's Poder/Engsager does: below a
nanometre within the zones), the shift between the two datums in space, back to degrees in closed form. Held
to PROJ by test. Loops run without the interpreter's lock; one call per batch.
"""

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

from geo.datum import ROTATION_COORDINATE_FRAME_ARCSEC, SCALE_PPM, SHIFT_M

Floats = NDArray[np.float64]

WGS84_A_M = 6378137.0
WGS84_F = 1 / 298.257223563
FALSE_EASTING_M = 500_000.0

_E2 = WGS84_F * (2 - WGS84_F)
_B_M = WGS84_A_M * (1 - WGS84_F)
_EP2 = _E2 / (1 - _E2)
_E = math.sqrt(_E2)
_N = WGS84_F / (2 - WGS84_F)
_RECTIFYING_RADIUS_M = WGS84_A_M / (1 + _N) * (1 + _N**2 / 4 + _N**4 / 64 + _N**6 / 256)


def _powers(rows: tuple[tuple[float, ...], ...]) -> tuple[float, ...]:
    """Row j holds the factors of n^j, n^(j+1), …: the six coefficients of a Krüger series."""
    return tuple(sum(c * _N ** (j + i) for i, c in enumerate(row)) for j, row in enumerate(rows, start=1))


# Plane to sphere (β), sphere to plane (α), conformal to geodetic latitude (δ): Krüger 1912, Karney 2011.
_BETA = _powers((
    (1 / 2, -2 / 3, 37 / 96, -1 / 360, -81 / 512, 96199 / 604800),
    (1 / 48, 1 / 15, -437 / 1440, 46 / 105, -1118711 / 3870720),
    (17 / 480, -37 / 840, -209 / 4480, 5569 / 90720),
    (4397 / 161280, -11 / 504, -830251 / 7257600),
    (4583 / 161280, -108847 / 3991680),
    (20648693 / 638668800,),
))  # fmt: skip
_ALPHA = _powers((
    (1 / 2, -2 / 3, 5 / 16, 41 / 180, -127 / 288, 7891 / 37800),
    (13 / 48, -3 / 5, 557 / 1440, 281 / 630, -1983433 / 1935360),
    (61 / 240, -103 / 140, 15061 / 26880, 167603 / 181440),
    (49561 / 161280, -179 / 168, 6601661 / 7257600),
    (34729 / 80640, -3418889 / 1995840),
    (212378941 / 319334400,),
))  # fmt: skip
_DELTA = _powers((
    (2, -2 / 3, -2, 116 / 45, 26 / 45, -2854 / 675),
    (7 / 3, -8 / 5, -227 / 45, 2704 / 315, 2323 / 945),
    (56 / 15, -136 / 35, -1262 / 105, 73814 / 2835),
    (4279 / 630, -332 / 35, -399572 / 14175),
    (4174 / 315, -144838 / 6237),
    (601676 / 22275,),
))  # fmt: skip

_TX, _TY, _TZ = SHIFT_M
_RX, _RY, _RZ = (math.radians(v / 3600) for v in ROTATION_COORDINATE_FRAME_ARCSEC)
_S = 1 + SCALE_PPM * 1e-6


@njit(cache=True, nogil=True, inline="always")
def _clenshaw(c, s2, c2, sh2, ch2):  # type: ignore[no-untyped-def]
    """Sums of c[j]·sin 2jξ cosh 2jη and c[j]·cos 2jξ sinh 2jη by the complex Clenshaw recurrence."""
    # sin(2j(ξ+iη)) follows u[j+1] = 2 cos 2(ξ+iη) u[j] - u[j-1]
    r = 2 * c2 * ch2
    i = -2 * s2 * sh2
    ar = ai = br = bi = 0.0
    for j in range(5, -1, -1):
        tr = r * ar - i * ai - br + c[j]
        ti = r * ai + i * ar - bi
        br, bi = ar, ai
        ar, ai = tr, ti
    sr = s2 * ch2
    si = c2 * sh2
    return sr * ar - si * ai, sr * ai + si * ar


@njit(cache=True, nogil=True, inline="always")
def _shifted(lon0, scale, east, north):  # type: ignore[no-untyped-def]
    """Tangent of the WGS84 latitude and the WGS84 longitude in radians, of a VN-2000 plane point at height
    zero."""
    xi = north / (_RECTIFYING_RADIUS_M * scale)
    eta = (east - FALSE_EASTING_M) / (_RECTIFYING_RADIUS_M * scale)
    s = math.sin(xi)
    c = math.cos(xi)
    ex = math.exp(eta)
    sh = (ex - 1 / ex) / 2
    ch = (ex + 1 / ex) / 2
    dx, dy = _clenshaw(_BETA, 2 * s * c, 1 - 2 * s * s, 2 * sh * ch, 1 + 2 * sh * sh)
    xi -= dx
    eta -= dy
    s = math.sin(xi)
    c = math.cos(xi)
    ex = math.exp(eta)
    sh = (ex - 1 / ex) / 2
    # On the sphere: tan λ = sinh η / cos ξ, sin χ = sin ξ / cosh η.
    k = math.sqrt(c * c + sh * sh)
    sin_l = sh / k
    cos_l = c / k
    g = math.sqrt(s * s + k * k)
    sx = s / g
    cx = k / g
    # φ = χ + d: d is a few milliradians, so its sine and cosine are short series.
    d, _ = _clenshaw(_DELTA, 2 * sx * cx, 1 - 2 * sx * sx, 0.0, 1.0)
    d2 = d * d
    sd = d * (1 - d2 / 6 * (1 - d2 / 20 * (1 - d2 / 42)))
    cd = 1 - d2 / 2 * (1 - d2 / 12 * (1 - d2 / 30))
    sin_f = sx * cd + cx * sd
    cos_f = cx * cd - sx * sd
    v = WGS84_A_M / math.sqrt(1 - _E2 * sin_f * sin_f)
    s0 = math.sin(lon0)
    c0 = math.cos(lon0)
    x = v * cos_f * (cos_l * c0 - sin_l * s0)
    y = v * cos_f * (sin_l * c0 + cos_l * s0)
    z = v * (1 - _E2) * sin_f
    x, y, z = (
        _TX + _S * (x + _RZ * y - _RY * z),
        _TY + _S * (-_RZ * x + y + _RX * z),
        _TZ + _S * (_RY * x - _RX * y + z),
    )
    return _tan_latitude(x, y, z), math.atan2(y, x)


@njit(cache=True, nogil=True, inline="always")
def _tan_latitude(x, y, z):  # type: ignore[no-untyped-def]
    """Bowring's formula: near the ellipsoid its error is far below a micrometre."""
    p = math.sqrt(x * x + y * y)
    t = z * WGS84_A_M / (p * _B_M)
    c2 = 1 / (1 + t * t)
    c = math.sqrt(c2)
    s = t * c
    return (z + _EP2 * _B_M * s * s * s) / (p - _E2 * WGS84_A_M * c2 * c)


@njit(cache=True, nogil=True)
def _to_geographic(lon0, scale, east, north, lon, lat):  # type: ignore[no-untyped-def]
    for i in range(east.size):
        t, lam = _shifted(lon0, scale, east[i], north[i])
        lon[i] = math.degrees(lam)
        lat[i] = math.degrees(math.atan(t))


@njit(cache=True, nogil=True)
def _to_web(lon0, scale, east, north, x, y):  # type: ignore[no-untyped-def]
    for i in range(east.size):
        t, lam = _shifted(lon0, scale, east[i], north[i])
        x[i] = WGS84_A_M * lam
        y[i] = WGS84_A_M * math.asinh(t)


@njit(cache=True, nogil=True)
def _from_geographic(lon0, scale, lon, lat, east, north):  # type: ignore[no-untyped-def]
    for i in range(lon.size):
        f = math.radians(lat[i])
        lam = math.radians(lon[i])
        s = math.sin(f)
        v = WGS84_A_M / math.sqrt(1 - _E2 * s * s)
        x = v * math.cos(f) * math.cos(lam) - _TX
        y = v * math.cos(f) * math.sin(lam) - _TY
        z = v * (1 - _E2) * s - _TZ
        # The decision gives one direction; the other is its inverse, here as PROJ takes it: transposed
        # rotations.
        x, y, z = (
            (x - _RZ * y + _RY * z) / _S,
            (_RZ * x + y - _RX * z) / _S,
            (-_RY * x + _RX * y + z) / _S,
        )
        t = _tan_latitude(x, y, z)
        s = t / math.sqrt(1 + t * t)
        # Conformal latitude, closed form: sinh of its isometric latitude.
        sg = math.sinh(_E * math.atanh(_E * s))
        tc = t * math.sqrt(1 + sg * sg) - sg * math.sqrt(1 + t * t)
        dl = math.atan2(y, x) - lon0
        xi = math.atan2(tc, math.cos(dl))
        eta = math.asinh(math.sin(dl) / math.sqrt(tc * tc + math.cos(dl) ** 2))
        dx, dy = _clenshaw(_ALPHA, math.sin(2 * xi), math.cos(2 * xi), math.sinh(2 * eta), math.cosh(2 * eta))
        east[i] = FALSE_EASTING_M + _RECTIFYING_RADIUS_M * scale * (eta + dy)
        north[i] = _RECTIFYING_RADIUS_M * scale * (xi + dx)


def to_geographic(lon0_deg: float, scale: float, east_m: Floats, north_m: Floats) -> tuple[Floats, Floats]:
    """Longitude, latitude in WGS84 degrees of points of the zone with this central meridian and scale."""
    lon, lat = np.empty_like(east_m), np.empty_like(east_m)
    _to_geographic(math.radians(lon0_deg), scale, east_m, north_m, lon, lat)
    return lon, lat


def to_web_mercator(lon0_deg: float, scale: float, east_m: Floats, north_m: Floats) -> tuple[Floats, Floats]:
    """x, y in EPSG:3857 metres of points of the zone with this central meridian and scale."""
    x, y = np.empty_like(east_m), np.empty_like(east_m)
    _to_web(math.radians(lon0_deg), scale, east_m, north_m, x, y)
    return x, y


def from_geographic(lon0_deg: float, scale: float, lon_deg: Floats, lat_deg: Floats) -> tuple[Floats, Floats]:
    """East, north in metres in the zone with this central meridian and scale, of WGS84 degrees."""
    east, north = np.empty_like(lon_deg), np.empty_like(lon_deg)
    _from_geographic(math.radians(lon0_deg), scale, lon_deg, lat_deg, east, north)
    return east, north
