"""Intents that draw: split, merge, corners moved, parcels measured anew, new parcels. Neighbours follow by construction."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.editing import corners
from geo.editing import merge as merging
from geo.editing import split as splitting
from geo.editing.refused import EditRefused
from register.edits.ground import Ground, placed, polygon
from register.edits.intents import (
    Boundary,
    Create,
    ErrorCorrection,
    Measured,
    Merge,
    Mistaken,
    Split,
    Survey,
    Written,
)
from register.edits.row import Note, Parcel, Plan, Row, changed, ended, fresh
from register.errors import EditError


@contextmanager
def _told() -> Iterator[None]:
    """What geometry refuses is refused by the register, in the same words."""
    try:
        yield
    except EditRefused as error:
        raise EditError(error.detail, error.detail_vi, error.rule, error.x, error.y) from None


def split(ground: Ground, intent: Split) -> Plan:
    """The parts of one parcel; the neighbours get the new corners on their common borders."""
    parcel = ground.parcel(intent.parcel)
    _official(parcel)
    with _told():
        if intent.lines is not None:
            cut = splitting.by_lines(
                parcel.shape, [placed(line, intent.crs, parcel.epsg) for line in intent.lines]
            )
        elif intent.ring is not None:
            cut = splitting.by_ring(parcel.shape, placed(intent.ring, intent.crs, parcel.epsg))
        else:
            cut = splitting.by_area(parcel.shape, intent.area_m2 or 0.0, intent.direction_deg)
    if intent.keeps is not None and intent.keeps >= len(cut.parts):
        raise EditError(
            f"There are {len(cut.parts)} parts: keeps goes from 0 to {len(cut.parts) - 1}.",
            f"Có {len(cut.parts)} thửa sau tách: keeps chỉ từ 0 đến {len(cut.parts) - 1}.",
            "no_such_part",
        )
    if len(intent.parts) > len(cut.parts):
        raise EditError(
            f"{len(intent.parts)} parts are described, the parcel falls into {len(cut.parts)}.",
            f"Đã mô tả {len(intent.parts)} thửa, nhưng thửa chỉ tách thành {len(cut.parts)}.",
            "no_such_part",
        )
    plan = Plan()
    for n, shape in enumerate(cut.parts):
        said = intent.parts[n] if n < len(intent.parts) else Written()
        if n == intent.keeps:
            plan.rows.append(changed(parcel, "remainder", shape=shape, **_said(said)))
            continue
        number = said.number or ground.next_number(parcel.sheet, temporary=not intent.registered)
        more = _said(said) | {"number": number, "provisional": not intent.registered}
        plan.rows.append(fresh(parcel, "part", shape, **more))
    if intent.keeps is None:
        plan.rows.insert(0, ended(parcel))
    around = ground.around([parcel.shape], parcel.epsg, but=[parcel.code])
    plan.rows += _with_corners(parcel, around, cut.corners)
    return plan


def merge(ground: Ground, intent: Merge) -> Plan:
    """One parcel out of several that touch; corners stay where the neighbours need them."""
    parcels = ground.parcels(intent.parcels)
    for parcel in parcels:
        _official(parcel)
    apart = next((p for p in parcels if p.epsg != parcels[0].epsg), None)
    if apart is not None:
        raise EditError(
            f"Parcel {apart.code} is on a sheet of another VN-2000 zone (EPSG:{apart.epsg}).",
            f"Thửa {apart.code} thuộc tờ bản đồ ở múi chiếu khác (EPSG:{apart.epsg}).",
            "other_zone",
        )
    if intent.keeps is not None and intent.keeps not in intent.parcels:
        raise EditError(
            f"{intent.keeps} is none of the parcels merged.",
            f"{intent.keeps} không nằm trong các thửa được hợp.",
            "no_such_part",
        )
    with _told():
        shape = merging.merged([p.shape for p in parcels])
    legal = [p.legal_area_m2 for p in parcels]
    total = None if any(area is None for area in legal) else sum(area or Decimal() for area in legal)
    plan = Plan()
    kept = next((p for p in parcels if p.code == intent.keeps), None)
    said = _said(intent.into)
    if kept is not None:
        plan.rows += [ended(p) for p in parcels if p is not kept]
        plan.rows.append(changed(kept, "whole", shape=shape, **({"legal_area_m2": total} | said)))
    else:
        like = max(parcels, key=lambda p: (p.area_m2, p.code))
        number = intent.into.number or ground.next_number(like.sheet, temporary=not intent.registered)
        more = {"legal_area_m2": total} | said | {"number": number, "provisional": not intent.registered}
        plan.rows += [ended(p) for p in parcels]
        plan.rows.append(fresh(like, "whole", shape, **more))
    uses = {p.land_use for p in parcels}
    if len(uses) > 1 and intent.into.land_use is None:
        plan.notes.append(
            Note(
                "land_uses", "explain",
                f"Các thửa hợp có loại đất khác nhau ({', '.join(sorted(uses))}): hãy chọn loại đất của thửa mới.",
                f"The parcels merged have different land uses ({', '.join(sorted(uses))}): choose that of the whole.",
            )
        )  # fmt: skip
    return plan


def boundary(ground: Ground, intent: Boundary) -> Plan:
    """Corners moved, put in, taken out: of every parcel that has them."""
    parcel = ground.parcel(intent.parcel)
    start = placed([m.start for m in intent.moves], intent.crs, parcel.epsg)
    end = placed([m.end for m in intent.moves], intent.crs, parcel.epsg)
    inserts = placed(intent.inserts, intent.crs, parcel.epsg)
    removes = placed(intent.removes, intent.crs, parcel.epsg)
    here = [parcel.shape, *(shapely.MultiPoint(xy) for xy in (start, end, inserts, removes) if len(xy))]
    around = ground.around(here, parcel.epsg, but=[parcel.code])
    parcels = [parcel, *around]
    shapes = np.array([p.shape for p in parcels], object)
    became: dict[int, shapely.Geometry] = {}
    with _told():
        if len(inserts):
            _take(shapes, became, corners.inserted(shapes, inserts))
        if len(start):
            _take(shapes, became, corners.moved(shapes, list(zip(start, end, strict=True))))
        if len(removes):
            _take(shapes, became, corners.removed(shapes, removes))
    plan = Plan()
    for k in sorted(became):
        plan.rows.append(changed(parcels[k], "neighbour" if k else "changed", shape=became[k]))
        note_point(plan, parcels[k], became[k])
    return plan


def _take(
    shapes: NDArray[np.object_], became: dict[int, shapely.Geometry], changed: Mapping[int, shapely.Geometry]
) -> None:
    for k, shape in changed.items():
        shapes[k] = became[k] = shape


def survey(ground: Ground, intent: Survey) -> Plan:
    """Registered parcels with the shapes that were measured; shared corners of their neighbours follow."""
    return _reshaped(ground, intent.parcels or [], intent.crs, intent.tolerance_m)


def mistaken(ground: Ground, intent: ErrorCorrection) -> Plan:
    """What was entered wrongly, put right: in words, or in shape."""
    drawn = [p for p in intent.parcels if p.rings is not None]
    written = [p for p in intent.parcels if p.rings is None]
    plan = _reshaped(ground, drawn, intent.crs, intent.tolerance_m) if drawn else Plan()
    for said, parcel in zip(written, ground.parcels([p.parcel for p in written]), strict=True):
        plan.rows.append(changed(parcel, **_said(said)))
    return plan


def create(ground: Ground, intent: Create) -> Plan:
    """New parcels on a sheet that is there."""
    key = intent.sheet
    sheet, epsg, commune = ground.sheet(key.commune, key.number, key.scale, key.map_set)
    plan = Plan()
    for one in intent.parcels:
        shape = polygon(one.rings, intent.crs, epsg)
        number = one.number or ground.next_number(sheet)
        plan.rows.append(
            Row("new", None, True, sheet, commune, number, one.land_use or "", one.legal_area_m2, epsg,
                address=one.address, shape=shape)
        )  # fmt: skip
    return plan


def _reshaped(
    ground: Ground, measured: Sequence[Measured | Mistaken], asked: int, tolerance_m: float
) -> Plan:
    parcels = ground.parcels([p.parcel for p in measured])
    plan = Plan()
    after: dict[str, Row] = {}
    for said, parcel in zip(measured, parcels, strict=True):
        shape = polygon(said.rings or [], asked, parcel.epsg)
        after[parcel.code] = changed(parcel, shape=shape, **_said(said))
        note_point(plan, parcel, shape)
    plan.rows += list(after.values())
    plan.rows += followers(
        ground, [(p.shape, after[p.code].geometry, p.epsg) for p in parcels], set(after), tolerance_m
    )
    return plan


def followers(
    ground: Ground,
    reshaped: Sequence[tuple[shapely.Geometry, shapely.Geometry, int]],
    but: set[str],
    tolerance_m: float,
) -> list[Row]:
    """Neighbours whose corners go along when parcels are (before, after, zone); `but` stay as they are."""
    following: dict[str, tuple[Parcel, shapely.Geometry]] = {}
    for before, after, epsg in reshaped:
        around = ground.around([before, after], epsg, but)
        now = np.array([following[p.code][1] if p.code in following else p.shape for p in around], object)
        with _told():
            for k, shape in corners.replaced(before, after, now, tolerance_m).items():
                following[around[k].code] = (around[k], shape)
    return [changed(p, "neighbour", shape=shape) for p, shape in following.values()]


def _with_corners(parcel: Parcel, around: Sequence[Parcel], points: np.ndarray) -> list[Row]:
    """Neighbours that get new corners on their border with `parcel`."""
    if not len(points):
        return []
    shapes = np.array([parcel.shape, *(p.shape for p in around)], object)
    with _told():
        became = corners.inserted(shapes, points)
    return [changed(around[k - 1], "neighbour", shape=became[k]) for k in sorted(became) if k]


def _said(said: Written) -> dict[str, Any]:
    """What is said about a parcel, nothing left out by mistake."""
    names = ("number", "land_use", "legal_area_m2", "address")
    return {name: getattr(said, name) for name in names if getattr(said, name) is not None}


def _official(parcel: Parcel) -> None:
    if parcel.provisional:
        raise EditError(
            f"Parcel {parcel.code} is provisional: register it first, or undo what made it.",
            f"Thửa {parcel.code} đang là thửa tạm: hãy đăng ký trước, hoặc hoàn tác chỉnh lý đã tạo ra nó.",
            "provisional",
        )


def note_point(plan: Plan, parcel: Parcel, shape: shapely.Geometry) -> None:
    """The code stays when its point is no longer inside; that is worth knowing (rules §1)."""
    code_point = shapely.Point(*_code_point(parcel))
    if not shapely.covers(shape, code_point):
        plan.notes.append(
            Note(
                "code_outside", "note",
                f"Điểm đặc trưng của mã {parcel.code} nằm ngoài ranh mới; mã vẫn giữ nguyên.",
                f"The point of code {parcel.code} is outside the new boundary; the code is kept.",
                parcel.code, code_point.x, code_point.y,
            )
        )  # fmt: skip


def _code_point(parcel: Parcel) -> tuple[float, float]:
    from geo import crs, geohash

    lon, lat = geohash.centres(*geohash.cells(np.array([parcel.code], "S12")))
    east, north = crs.from_wgs84(parcel.epsg, lon, lat)
    return float(east[0]), float(north[0])
