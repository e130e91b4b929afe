"""`/api/v1/plans`: a part of the map on paper (PDF) at a true scale, drawn from the surveyed shapes in their zone."""

import asyncio
import json
from dataclasses import dataclass
from typing import Annotated, Final

import shapely
from fastapi import APIRouter, Query, Request, Response
from psycopg import AsyncConnection
from psycopg.rows import TupleRow

from api.apart import done_apart
from api.openapi import problems
from api.parcels import point
from api.plan_shapes import PlanAsked, PlanChoices, PlanPaper, PlanZone
from geo import crs
from importers import scratch
from importers.plan.sheet import SCALES, SHEETS, Sheet, nearest_zone
from importers.report.wording import number
from register.clocks import as_of as moment_asked
from register.clocks import moment
from register.errors import TooLargeError
from register.features.rows import Wanted, counted
from register.keys import parcel_code
from tiles.looks import look_named

router = APIRouter(prefix="/api/v1", tags=["plans"])
MOST_PARCELS: Final = 60_000
_LONGEST_S: Final = 60.0


@router.get(
    "/plans",
    summary="Papers, scales and the zone of plans",
    response_model=PlanChoices,
    responses=problems(422),
)
async def get_choices(
    request: Request,
    at: Annotated[
        str | None,
        Query(max_length=64, description="lon,lat in degrees, of the plan", examples=["108.2,16.06"]),
    ] = None,
) -> PlanChoices:
    """Of the zone: that of the sheets there, else the one of the nearest meridian."""
    lon, lat = point(at) or (108.0, 16.0)
    async with request.app.state.feature_pool.connection() as conn:
        epsg = await _zone_near(conn, lon, lat)
    zone = crs.zone(epsg)
    papers = [PlanPaper(paper=s.paper, orientation=s.orientation, frame_mm=s.frame_mm) for s in SHEETS]
    return PlanChoices(
        scales=list(SCALES),
        papers=papers,
        most_parcels=MOST_PARCELS,
        zone=PlanZone(epsg=epsg, central_meridian_deg=zone.central_meridian_deg, scale=zone.scale),
    )


@router.post(
    "/plans",
    summary="A plan on paper at a true scale",
    response_class=Response,
    responses={
        200: {"content": {"application/pdf": {}}, "description": "One page"},
        **problems(404, 413, 422, 429),
    },
)
async def post_plan(request: Request, asked: PlanAsked) -> Response:
    """Frame, grid of VN-2000 every 10 cm, north of the grid, scale bar and key. Distances on paper are those of the grid. A
    plan shows at most 60,000 parcels. It is no extract of the register (trích lục)."""
    look_named(asked.look)
    code = None if asked.code is None else parcel_code(asked.code)
    then = moment_asked(asked.as_of, None)
    sheet = Sheet(asked.paper, asked.orientation)
    async with request.app.state.feature_pool.connection() as conn:
        when = None if then is None else await moment(conn, then)
        drawn = await _placed(conn, asked, sheet)
        of = Wanted(None, drawn.box, when)
        count, _ = await _counted(conn, of)
    if count > MOST_PARCELS:
        raise TooLargeError(
            f"There are more than {MOST_PARCELS:,} parcels in this frame: take a larger scale or smaller paper.",
            f"Khung này có hơn {number(MOST_PARCELS, 0)[0]} thửa đất: hãy chọn tỷ lệ lớn hơn hoặc khổ giấy nhỏ hơn.",
            MOST_PARCELS,
        )
    state = request.app.state
    folder, held = scratch.make()
    try:
        path = folder / "plan.pdf"
        told = {
            "conninfo": state.conninfo, "schema": state.schema, "of": of.told(), "epsg": drawn.epsg,
            "middle": drawn.middle, "asked": json.loads(asked.model_dump_json()) | {"code": code}, "path": str(path),
        }  # fmt: skip
        async with state.download_turns.one():
            await done_apart(request, "api.plan_job", told, _LONGEST_S)
        body = await asyncio.to_thread(path.read_bytes)
    finally:
        scratch.remove(folder, held)
    name = f"ban-do-{code or 'thua-dat'}-1-{asked.scale}.pdf"
    headers = {"content-disposition": f'inline; filename="{name}"', "cache-control": "no-store"}
    return Response(body, media_type="application/pdf", headers=headers)


@dataclass(frozen=True, slots=True)
class _Placed:
    """Zone, middle (east, north) and box in degrees of a plan's frame."""

    epsg: int
    middle: tuple[float, float]
    box: tuple[float, float, float, float]


async def _placed(conn: AsyncConnection[TupleRow], asked: PlanAsked, sheet: Sheet) -> _Placed:
    lon, lat = asked.center
    epsg = await _zone_near(conn, lon, lat)
    east, north = crs.from_wgs84(epsg, [lon], [lat])
    middle = float(east[0]), float(north[0])
    ground = shapely.segmentize(shapely.box(*sheet.window(*middle, asked.scale).ground(100)), 500)
    lons, lats = crs.to_wgs84(epsg, *shapely.get_coordinates(ground).T)
    return _Placed(epsg, middle, (float(lons.min()), float(lats.min()), float(lons.max()), float(lats.max())))


async def _zone_near(conn: AsyncConnection[TupleRow], lon: float, lat: float) -> int:
    """The zone of most sheets within 300 m, else the one of the nearest meridian."""
    reach = 0.003
    _, epsg = await _counted(conn, Wanted(None, (lon - reach, lat - reach, lon + reach, lat + reach)))
    return epsg if epsg is not None and crs.zone(epsg).scale == 0.9999 else nearest_zone(lon)


async def _counted(conn: AsyncConnection[TupleRow], of: Wanted) -> tuple[int, int | None]:
    """How many parcels, never said to be too many but by one more than a plan shows; and the zone of most."""
    try:
        return await counted(conn, of, MOST_PARCELS)
    except TooLargeError:
        return MOST_PARCELS + 1, None
