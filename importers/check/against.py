"""The plot and the register: on registered ground, with another area, a number that is taken, a code from elsewhere."""

import numpy as np
import shapely

from geo.codes import fits
from geo.tolerance import AREA_M2, area_tolerance_m2
from importers.check import places
from importers.check.beside import SAME_SHARE
from importers.check.context import Parcels
from importers.check.gathered import Gathered
from importers.check.matching import Matched
from importers.check.measured import Measured
from importers.check.rules import found
from importers.check.words import capital, key, metres, registered, square_metres


def on_registered(m: Measured, found_in: Matched, copies: dict[int, int], out: Gathered) -> None:
    """overlap_register: ground shared with registered parcels that stay as they are."""
    pairs, near = found_in.pairs, found_in.near
    if pairs is None:
        return
    mine = np.flatnonzero(found_in.stay[pairs.j] & ~np.isin(pairs.i, list(copies)))
    mine = mine[: out.room("overlap_register", mine.size)]
    common = shapely.intersection(m.ground[pairs.i[mine]], near.shape[pairs.j[mine]])
    for p, shape in zip(mine.tolist(), common, strict=True):
        i, r = int(pairs.i[p]), int(pairs.j[p])
        (vi, en), (a_vi, a_en), (w_vi, w_en) = (
            m.called(i), square_metres(pairs.area_m2[p]), metres(pairs.width_m[p]),
        )  # fmt: skip
        whole = float(pairs.area_m2[p]) > SAME_SHARE * float(m.area_m2[i])
        in_vi, in_en = (" (nằm trọn trong)", " (lies within it)") if whole else ("", "")
        out.put(
            found(
                "overlap_register",
                f"{capital(vi)} chồng lên thửa {near.number[r]} tờ {near.sheet[r]} trong sổ {a_vi}, rộng {w_vi}{in_vi}.",
                f"{capital(en)} overlaps registered parcel {near.number[r]} of sheet {near.sheet[r]} by {a_en}, "
                f"{w_en} wide{in_en}.",
                m.record(i), other=_told(near, r), size=float(pairs.area_m2[p]), width_m=float(pairs.width_m[p]),
                x=float(pairs.x[p]), y=float(pairs.y[p]),
                extent=str(shapely.to_wkt(places.polygons(shape), rounding_precision=4)),
            ),
            int(m.file[i]), i,
        )  # fmt: skip


def registered_areas(m: Measured, found_in: Matched, out: Gathered) -> None:
    """registered_area: the measured area against the register's, where one plot stands for one parcel."""
    near = found_in.near
    for k, r in found_in.single.items():
        was, now = float(near.area_m2[r]), float(m.area_m2[k])
        if np.isnan(was):
            was = float(near.shape[r].area)
        scale = int(near.scale[r]) if int(near.scale[r]) in AREA_M2 else m.scale(k)
        tolerance = area_tolerance_m2(was, scale)
        # The register's area may have been rounded to a decimal.
        if not m.sound(k) or abs(now - was) <= tolerance + 0.05:
            continue
        (vi, en), (n_vi, n_en), (w_vi, w_en) = m.called(k), square_metres(now), square_metres(was)
        (o_vi, o_en), (t_vi, t_en) = square_metres(abs(now - was)), square_metres(tolerance)
        out.put(
            found(
                "registered_area",
                f"{capital(vi)} đo được {n_vi}, trong sổ là {w_vi}: lệch {o_vi} (cho phép {t_vi}).",
                f"{capital(en)} measures {n_en}, the register says {w_en}: {o_en} apart (permitted {t_en}).",
                m.record(k), other=_told(near, r), size=abs(now - was), **m.place(k),
            ),
            int(m.file[k]), k,
        )  # fmt: skip


def numbers(m: Measured, found_in: Matched, out: Gathered) -> None:
    """number_taken: by another parcel that stays or lies elsewhere; or used before and cancelled (rules §4.3). Not asked of
    plots whose place is not known: they may be that parcel."""
    near, context = found_in.near, m.context
    open_ones: dict[int, tuple[str, str]] = {}
    for k in m.parcels():
        plot, r = m.plots[k], found_in.of.get(k)
        if not plot.number or not plot.sheet or m.ground[k] is None or k in m.strayed:
            continue
        mine = key(plot.sheet, plot.number)
        if r is None or key(near.sheet[r], near.number[r]) != mine:
            open_ones[k] = mine
    if not open_ones:
        return
    asked = sorted(
        {(m.plots[k].sheet or "", m.plots[k].number or "") for k in open_ones} | set(open_ones.values())
    )
    there = context.near.numbered(asked)
    row_of = {key(s, n): r for r, (s, n) in enumerate(zip(there.sheet, there.number, strict=True))}
    held = {
        (key(m.plots[k].sheet, m.plots[k].number), near.code[r]) for k, r in found_in.of.items() if k not in open_ones
    }  # fmt: skip
    last = {key(sheet, None)[0]: number for sheet, number in context.last_numbers.items()}
    for k, mine in open_ones.items():
        plot, row = m.plots[k], row_of.get(mine)
        vi, en = m.called(k)
        if row is not None and (mine, there.code[row]) in held:
            continue  # two plots of one number: told as that
        if row is not None:
            out.put(
                found(
                    "number_taken", f"Số thửa {plot.number} tờ {plot.sheet} là của thửa khác (mã {there.code[row]}).",
                    f"The number {plot.number} of sheet {plot.sheet} belongs to another parcel (code {there.code[row]}).",
                    m.record(k), other=_told(there, row), **m.place(k),
                ),
                int(m.file[k]), k,
            )  # fmt: skip
        elif k not in found_in.of and mine[1].isdigit() and int(mine[1][:18]) <= last.get(mine[0], -1):
            out.put(
                found(
                    "number_taken",
                    f"{capital(vi)}: tờ {plot.sheet} đã dùng đến số {last[mine[0]]}; số cũ không dùng lại.",
                    f"{capital(en)}: sheet {plot.sheet} has used numbers up to {last[mine[0]]}; former ones are not reused.",
                    m.record(k), severity="explain", **m.place(k),
                ),
                int(m.file[k]), k,
            )  # fmt: skip


def codes(m: Measured, found_in: Matched, out: Gathered) -> None:
    """wrong_code: a parcel code whose cell lies outside the plot, and that is not the code of the parcel it measures anew."""
    if m.epsg is None or not m.trusted:
        return
    mine = [k for k in m.parcels() if m.plots[k].code and m.ground[k] is not None]
    if not mine:
        return
    given = [str(m.plots[k].code).lower() for k in mine]
    ascii_only = np.array([one.encode("ascii", "replace")[:24] for one in given])
    good = fits(ascii_only, m.ground[mine], m.epsg)
    for k, code, fit in zip(mine, given, good.tolist(), strict=True):
        row = found_in.of.get(k)
        if fit or (row is not None and found_in.near.code[row] == code):
            continue
        vi, en = m.called(k)
        out.put(
            found("wrong_code", f"Mã định danh {code[:24]} của {vi} không nằm trong thửa.",
                  f"The parcel code {code[:24]} of {en} does not lie in it.", m.record(k), **m.place(k)),
            int(m.file[k]), k,
        )  # fmt: skip


def _told(near: Parcels, r: int) -> str:
    return registered(near.sheet[r], near.number[r], near.code[r])
