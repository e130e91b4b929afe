"""`/api/v1/slivers`: narrow gaps and overlaps between current parcels, and drafts that repair them."""

from dataclasses import asdict
from datetime import date
from typing import Annotated, Any

import orjson
import psycopg
from fastapi import APIRouter, Body, Query, Request, Response

from api.correcting import step
from api.openapi import problems
from api.parcels import box
from api.reply import GEOJSON, JSON
from api.signed_in import SignedIn
from api.sliver_shapes import MOST, MadeDrafts, NewDrafts, SliverList
from register.doctor import Area, Diagnosis, find
from register.doctor_drafts import Round, draft_all
from register.edits.intents import Tolerance
from register.errors import NotFoundError, TooWideError
from register.keys import commune_code
from register.people import Who, require_on, require_role
from register.proposal import Proposal
from register.proposals import Said
from register.units import communes

PREFIX = "/api/v1/slivers"
router = APIRouter(prefix=PREFIX, tags=["corrections"])
READERS = ("editor", "office", "auditor")
WIDEST_DEG = 0.2
_NO_STORE = {"cache-control": "no-store"}


@router.get(
    "",
    summary="Narrow gaps and overlaps",
    response_class=Response,
    responses={200: {"model": SliverList}, **problems(401, 403, 404, 422)},
)
async def list_slivers(
    request: Request,
    who: SignedIn,
    commune: Annotated[str | None, Query(max_length=16, description="5-digit code")] = None,
    sheet: Annotated[str | None, Query(max_length=20, pattern=r"^[^\x00-\x1f\x7f]*$")] = None,
    bbox: Annotated[str | None, Query(max_length=128, description="west,south,east,north in degrees")] = None,
    tolerance_m: Annotated[Tolerance, Query()] = 0.05,
    limit: Annotated[int, Query(ge=1, le=MOST)] = 100,
    cursor: Annotated[str | None, Query(max_length=64, description="`next` of the answer before")] = None,
) -> Response:
    """Between current parcels of a commune, a sheet or a box, no wider than the tolerance; from the north-west."""
    where = box(bbox)

    def work(conn: psycopg.Connection) -> Diagnosis:
        area = _area(conn, who, READERS, commune, sheet, where)
        return find(conn, area, tolerance_m, limit, cursor)

    told = await step(request, None, work)
    return Response(orjson.dumps(_features(told)), 200, _NO_STORE, GEOJSON)


@router.post(
    "/drafts",
    summary="Draft their repairs",
    status_code=201,
    response_class=Response,
    responses={201: {"model": MadeDrafts}, **problems(401, 403, 404, 422, 429)},
)
async def make_drafts(request: Request, who: SignedIn, asked: Annotated[NewDrafts, Body()]) -> Response:
    """One draft for each cluster; parcels with an open draft of this kind are left out, so that it can be asked again."""

    def work(conn: psycopg.Connection) -> Round:
        area = _area(conn, who, ("editor",), asked.commune, asked.sheet, asked.bbox)
        said = Said(asked.effective_on or date.today(), asked.reason)

        def may(made: Proposal) -> bool:
            return all(who.may("editor", commune) for commune in made.communes)

        return draft_all(conn, who.name, said, area, asked.tolerance_m, asked.limit, asked.cursor, may)

    done = await step(request, None, work)
    made = [{"correction": one.pop("key"), **one} for one in (asdict(draft) for draft in done.drafts)]
    return Response(orjson.dumps(asdict(done) | {"drafts": made}), 201, _NO_STORE, JSON)


def _area(
    conn: psycopg.Connection,
    who: Who,
    roles: tuple[str, ...],
    commune: str | None,
    sheet: str | None,
    bbox: tuple[float, float, float, float] | None,
) -> Area:
    """Where to look, for who has one of the roles there. Raises: NotAllowedError, NotFoundError, TooWideError."""
    if bbox is not None and max(bbox[2] - bbox[0], bbox[3] - bbox[1]) > WIDEST_DEG:
        raise TooWideError(
            f"The box is more than {WIDEST_DEG} degrees wide or high: ask for smaller ones, one after the other.",
            f"Khung rộng hoặc cao hơn {WIDEST_DEG} độ: hãy hỏi từng khung nhỏ hơn.".replace(".", ",", 1),
        )
    mine = [role for role in roles if role in who.grants]
    if not mine:
        require_role(who, roles[0])
    if commune is not None:
        code = commune_code(commune)
        unit = communes(conn, [code]).get(code)
        if unit is None:
            raise NotFoundError(f"There is no commune {code}.", f"Không có xã nào mang mã {code}.")
        if not any(who.may(role, unit.id) for role in mine):
            require_on(conn, who, roles[0], unit.id)
        return Area(code, sheet, bbox)
    units = [who.grants[role] for role in mine]
    everywhere = any(one is None for one in units)
    return Area(
        None, sheet, bbox, None if everywhere else frozenset().union(*(one or frozenset() for one in units))
    )


def _features(told: Diagnosis) -> dict[str, Any]:
    cluster = {n: k for k, one in enumerate(told.clusters, 1) for n in one.slivers}
    features = [
        {
            "type": "Feature",
            "geometry": {"type": "Point", "coordinates": [round(one.lon, 9), round(one.lat, 9)]},
            "properties": {
                "kind": one.kind, "width_m": round(one.width_m, 4), "area_m2": round(one.area_m2, 4), "parcels": one.parcels,
                "x": round(one.x, 3), "y": round(one.y, 3), "epsg": one.epsg, "cluster": cluster.get(n), "draft": one.draft,
            },
        }
        for n, one in enumerate(told.slivers)
    ]  # fmt: skip
    return {"type": "FeatureCollection", "features": features, "next": told.next}
