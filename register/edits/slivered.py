"""The intent that repairs slivers: narrow gaps and overlaps (khe hở, chồng lấn), one after the other."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import shapely

from geo import crs
from geo.coverage import GRID_M
from geo.editing.mended import Step, mended
from geo.editing.refused import vi
from geo.editing.slivers import Sliver
from register.edits.drawn import note_point
from register.edits.ground import Ground
from register.edits.intents import Slivers
from register.edits.row import Note, Parcel, Plan, changed
from register.errors import EditError

KINDS_VI = {"gap": "khe hở", "overlap": "phần chồng lấn"}


def slivers(ground: Ground, intent: Slivers) -> Plan:
    """The parcels repaired, each sliver told; nothing moves more than its sliver is wide, and a millimetre.

    Raises: EditError where there is no sliver, or a repair would break that word.
    """
    ground.parcels(intent.parcels)
    around = ground.near(intent.parcels)
    plan = Plan()
    for epsg in sorted({parcel.epsg for parcel in around}):
        _mend(plan, [parcel for parcel in around if parcel.epsg == epsg], epsg, intent)
    if not plan.slivers:
        wide = f"{intent.tolerance_m:g}"
        raise EditError(
            f"There is no gap or overlap of up to {wide} m at these parcels: nothing is to be repaired.",
            f"Các thửa này không có khe hở hay chồng lấn nào rộng đến {wide.replace('.', ',')} m: không cần sửa.",
            "no_sliver",
        )
    if not plan.rows:
        plan.notes.append(
            Note(
                "no_repair", "stops",
                "Không có khe hở hay chồng lấn nào sửa tự động được: hãy sửa bằng tay theo từng vị trí, hoặc rút bản thảo.",
                "None of these gaps and overlaps can be repaired by itself: repair them by hand, or withdraw this draft.",
            )
        )  # fmt: skip
    return plan


def place(polygon: shapely.Polygon, epsg: int) -> tuple[float, float, float, float]:
    """A point inside: east, north in metres of the zone, longitude, latitude."""
    point = shapely.point_on_surface(polygon)
    lon, lat = crs.to_wgs84(epsg, np.array([point.x]), np.array([point.y]))
    return point.x, point.y, float(lon[0]), float(lat[0])


def _mend(plan: Plan, parcels: Sequence[Parcel], epsg: int, intent: Slivers) -> None:
    """Put into the plan what becomes of the parcels of one zone."""
    named = np.isin([parcel.code for parcel in parcels], intent.parcels)

    def wanted(sliver: Sliver) -> bool:
        if not named[list(sliver.parcels)].any():
            return False
        if intent.within is None:
            return True
        west, south, east, north = intent.within
        _, _, lon, lat = place(sliver.polygon, epsg)
        return west <= lon <= east and south <= lat <= north

    shapes = np.array([parcel.shape for parcel in parcels], object)
    after, steps = mended(shapes, intent.tolerance_m, wanted)
    moved: set[int] = set()
    lines: set[int] = set()
    for step in steps:
        if step.repair is not None:
            if step.repair.moved_m > step.sliver.width_m + GRID_M + 1e-6:
                raise _broken(step)
            moved |= set(step.repair.changed)
            lines |= set(step.repair.line)
        _tell(plan, step, parcels, epsg)
    for k in sorted(moved):
        plan.rows.append(changed(parcels[k], shape=after[k]))
        note_point(plan, parcels[k], after[k])
    plan.beside |= {parcels[k].code: parcels[k].version for k in sorted(lines - moved)}


def _tell(plan: Plan, step: Step, parcels: Sequence[Parcel], epsg: int) -> None:
    sliver, got = step.sliver, step.repair
    x, y, lon, lat = place(sliver.polygon, epsg)
    codes = [parcels[k].code for k in sliver.parcels]
    effect = {} if got is None else {parcels[k].code: area for k, area in got.effect_m2.items()}
    how, how_vi = _how(step, parcels)
    plan.slivers.append(
        {
            "kind": sliver.kind, "width_m": round(sliver.width_m, 4), "area_m2": round(sliver.area_m2, 4), "parcels": codes,
            "place": [round(lon, 9), round(lat, 9)], "x": round(x, 3), "y": round(y, 3), "epsg": epsg,
            "how": how, "how_vi": how_vi, "effect_m2": effect, "moved_m": 0.0 if got is None else got.moved_m,
        }
    )  # fmt: skip
    what, what_vi = sliver.kind.capitalize(), KINDS_VI[sliver.kind].capitalize()
    areas = "; ".join(f"{code} {area:+.4f} m²" for code, area in effect.items())
    areas_vi = areas.replace(".", ",")
    plan.notes.append(
        Note(
            "sliver_left" if got is None else "sliver", "explain" if got is None else "note",
            f"{what_vi} rộng {vi(sliver.width_m, 3)} m, {vi(sliver.area_m2, 4)} m² giữa các thửa {', '.join(codes)}. {how_vi}"
            + (f" Diện tích: {areas_vi}." if areas else ""),
            f"{what}, {sliver.width_m:.3f} m wide, {sliver.area_m2:.4f} m², between parcels {', '.join(codes)}. {how}"
            + (f" Areas: {areas}." if areas else ""),
            codes[0], x, y,
        )
    )  # fmt: skip


def _how(step: Step, parcels: Sequence[Parcel]) -> tuple[str, str]:
    """In English and Vietnamese what is done, or why nothing is."""
    got = step.repair
    if got is None and step.why == "too_far":
        return (
            "Not repaired here: together with the other repairs a boundary would move too far; look again afterwards.",
            "Chưa sửa ở đây: cùng với các sửa đổi khác, ranh sẽ dịch quá mức đã nêu; hãy kiểm tra lại sau khi áp dụng.",
        )
    if got is None:
        return (
            "It has no repair that keeps to the rules: repair it by hand.",
            "Không có cách sửa nào đúng quy tắc: hãy sửa bằng tay.",
        )
    follower, line = parcels[got.follower].code, ", ".join(parcels[k].code for k in got.line)
    return (
        f"Parcel {follower} follows the boundary of {line}; nothing moves more than {got.moved_m:.3f} m.",
        f"Thửa {follower} theo ranh của thửa {line}; ranh dịch chuyển không quá {vi(got.moved_m, 3)} m.",
    )


def _broken(step: Step) -> EditError:
    point: Any = shapely.point_on_surface(step.sliver.polygon)
    return EditError(
        "A repair would move a boundary farther than its sliver is wide: repair this one by hand.",
        "Cách sửa sẽ dịch ranh xa hơn bề rộng khe hở hoặc phần chồng lấn: hãy sửa chỗ này bằng tay.",
        "moves_too_far", point.x, point.y,
    )  # fmt: skip
