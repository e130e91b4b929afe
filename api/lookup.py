"""`GET /api/v1/parcels/{code}`: the question asked most, answered without FastAPI's router."""

from urllib.parse import parse_qsl

from psycopg import AsyncConnection
from psycopg.rows import TupleRow

from api.reply import GEOJSON, Reply
from register.errors import InvalidKeyError
from register.find import OWN_ZONE, WGS84, parcel
from register.keys import printable

PREFIX = "/api/v1/parcels/"
_CRS_URI = "<http://www.opengis.net/def/crs/{}>"


async def parcel_reply(conn: AsyncConnection[TupleRow], code: str, crs: str | None) -> Reply:
    """The parcel of a code as a GeoJSON feature, in degrees or in metres of its sheet's zone.

    Raises: InvalidKeyError, NotFoundError.
    """
    epsg = coordinate_system(crs)
    found = await parcel(conn, code, epsg)
    uri = "OGC/1.3/CRS84" if epsg == WGS84 else f"EPSG/0/{found.epsg}"
    return Reply(200, found.feature.encode(), GEOJSON, {"content-crs": _CRS_URI.format(uri)})


def crs_asked(query: bytes) -> str | None:
    """The last `crs` of a query string; other parameters mean nothing here."""
    if not query:
        return None
    return dict(parse_qsl(query.decode("latin-1"), keep_blank_values=True)).get("crs")


def coordinate_system(crs: str | None) -> int:
    """WGS84, OWN_ZONE or the EPSG code of a zone, from what stands in `crs=`. Raises: InvalidKeyError."""
    text = (crs or "4326").strip().lower().removeprefix("epsg:").replace("-", "")
    if text in ("wgs84", "crs84"):
        return WGS84
    if text in ("vn2000", "sheet"):
        return OWN_ZONE
    if text.isascii() and text.isdigit() and len(text) in (4, 5):
        return int(text)
    raise InvalidKeyError(
        f"crs={printable(crs or '')} is not known: use 4326 (degrees) or vn2000 (metres in the sheet's zone).",
        f"Không hiểu crs={printable(crs or '')}: dùng 4326 (độ) hoặc vn2000 (mét, theo múi của tờ bản đồ).",
    )
