"""A checked survey as a correction: new plots become parcels, those measured anew get their new shapes."""

from typing import Any

import psycopg
import shapely

from register.edits.drawn import followers
from register.edits.ground import Ground
from register.edits.row import Plan, Row, changed
from register.errors import NotAcceptedError, SheetZoneError
from register.statements import load, one


def becomes(conn: psycopg.Connection, run: int) -> list[tuple[Any, ...]]:
    """What each plot of a check does: record, registered code or None, sheet, number, and new, reshaped, attributes or
    unchanged. Finds or makes the sheets that new plots name, and fills the temporary table `becomes`.

    Raises: NotAcceptedError where a new plot names no commune or sheet; SheetZoneError where a sheet is in another
    VN-2000 zone than the survey.
    """
    sql = load("register", "survey_drafts.sql")
    told, epsg = one(conn, sql["said"], {"run": run})
    default = {name: told.get(name) for name in ("commune", "sheet", "scale")}
    conn.execute(sql["open_sheets"])
    for named in conn.execute(sql["unnamed_sheets"], {"run": run} | default).fetchall():
        commune, number, map_set, scale = named
        settle_sheet(conn, commune, number, map_set, scale, epsg)
    conn.execute(sql["becomes"], {"run": run} | default)
    wrong = conn.execute(sql["zone"]).fetchone()
    if wrong is not None:
        raise other_zone(*wrong)
    return conn.execute(sql["plots"]).fetchall()


def surveyed(ground: Ground, run: int, tolerance_m: float) -> Plan:
    """The rows of a check's plots, and neighbours whose corners go along within `tolerance_m`."""
    sql = load("register", "survey_drafts.sql")
    becomes(ground.conn, run)
    rows = ground.conn.cursor(binary=True).execute(sql["rows"]).fetchall()
    parcels = {p.code: p for p in ground.parcels([row[0] for row in rows if row[0] is not None])}
    plan = Plan()
    reshaped: list[tuple[shapely.Geometry, shapely.Geometry, int]] = []
    for code, does, sheet, epsg, number, land_use, legal, wkb in rows:
        shape = shapely.from_wkb(wkb)
        if code is None:
            (commune,) = one(
                ground.conn, load("register.edits", "ground.sql")["commune_today"], {"sheet": sheet}
            )
            plan.rows.append(
                Row(
                    "new",
                    None,
                    True,
                    sheet,
                    commune,
                    number or ground.next_number(sheet),
                    land_use,
                    legal,
                    epsg,
                    shape=shape,
                )
            )
            continue
        parcel = parcels[code]
        drawn = shape if does == "reshaped" else None
        plan.rows.append(changed(parcel, number=number, land_use=land_use, legal_area_m2=legal, shape=drawn))
        if drawn is not None:
            reshaped.append((parcel.shape, drawn, parcel.epsg))
    plan.rows += followers(ground, reshaped, set(parcels), tolerance_m)
    return plan


def settle_sheet(
    conn: psycopg.Connection,
    commune: str | None,
    number: str | None,
    map_set: str,
    scale: int | None,
    epsg: int,
) -> None:
    """Find or make the sheet that new plots name."""
    sql = load("register", "survey_drafts.sql")
    unit = None if commune is None else conn.execute(sql["commune"], {"code": commune}).fetchone()
    if unit is None or number is None:
        raise NotAcceptedError(
            "New plots name no commune or no sheet: check again with both given.",
            "Thửa mới không ghi xã hoặc tờ bản đồ: hãy kiểm tra lại và chỉ rõ cả hai.",
            "accepted",
        )
    values = {"commune": unit[0], "number": number, "map_set": map_set, "scale": scale, "epsg": epsg}
    found = conn.execute(sql["sheet"], values).fetchone() or one(conn, sql["make_sheet"], values)
    if found[1] != epsg:
        raise other_zone(number, found[1], epsg)
    conn.execute(sql["put_sheet"], values | {"commune": commune, "id": found[0]})


def other_zone(number: str, registered: int, given: int) -> SheetZoneError:
    return SheetZoneError(
        f"Sheet {number} is registered in EPSG:{registered}, the survey is in EPSG:{given}: check again with crs={registered}.",
        f"Tờ bản đồ {number} đã đăng ký ở EPSG:{registered}, tệp đo ở EPSG:{given}: hãy kiểm tra lại với crs={registered}.",
        number,
        registered,
        given,
    )
