"""`GET /api/v1/parcels/{code}`: the question asked most, answered without FastAPI's router."""

from dataclasses import dataclass
from urllib.parse import parse_qsl

from psycopg import AsyncConnection
from psycopg.rows import TupleRow

from api.reply import GEOJSON, Reply, of_the_past
from api.together import Together
from register.clocks import as_of
from register.errors import InvalidKeyError
from register.find import OWN_ZONE, WGS84, Found, checked, parcel, wanted_epsg
from register.keys import parcel_code, printable

PREFIX = "/api/v1/parcels/"
_CRS_URI = "<http://www.opengis.net/def/crs/{}>"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What stands after the `?` of a question for one parcel, and the ETag the asker has."""

    crs: str | None = None
    as_of: str | None = None
    known_at: str | None = None
    etag: str = ""


async def parcel_reply(conn: AsyncConnection[TupleRow], code: str, wanted: Wanted) -> Reply:
    """The parcel of a code as a GeoJSON feature, in degrees or in metres of its sheet's zone, now or as of then.

    Raises: InvalidKeyError, NotFoundError.
    """
    epsg = coordinate_system(wanted.crs)
    then = as_of(wanted.as_of, wanted.known_at)
    found = await parcel(conn, code, epsg, then)
    reply = _reply(found, epsg)
    return reply if then is None else of_the_past(reply, found.settled, wanted.etag)


async def current_reply(together: Together, code: str, crs: str | None) -> Reply:
    """The same for the present, asked together with others who ask now. Raises: InvalidKeyError, NotFoundError."""
    epsg = coordinate_system(crs)
    stored = parcel_code(code)
    return _reply(checked(stored, await together.parcel(stored, wanted_epsg(epsg)), epsg), epsg)


def _reply(found: Found, epsg: int) -> Reply:
    uri = "OGC/1.3/CRS84" if epsg == WGS84 else f"EPSG/0/{found.epsg}"
    return Reply(200, found.feature.encode(), GEOJSON, {"content-crs": _CRS_URI.format(uri)})


def wanted(query: bytes, etag: str) -> Wanted:
    """The last of each parameter of a query string; others mean nothing here."""
    if not query and not etag:
        return Wanted()
    said = dict(parse_qsl(query.decode("latin-1"), keep_blank_values=True))
    return Wanted(said.get("crs"), said.get("as_of"), said.get("known_at"), etag)


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
