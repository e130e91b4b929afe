"""Areas as written, as on paper and as measured (appendix 04 of Circular 26/2024; rules §5.3-5.5)."""

from typing import Final

from geo.tolerance import area_tolerance_m2
from importers.check import places
from importers.check.gathered import Gathered
from importers.check.measured import Measured
from importers.check.rules import found
from importers.check.words import capital, square_metres

ROUNDING_M2: Final = 0.1
"""Areas are told to one decimal (Circular 10/2024, article 8.2a): a difference below that is none."""


def areas(m: Measured, out: Gathered) -> None:
    """written_area beside the drawing, and legal_area on paper, against the area inside the boundary."""
    if not m.metres:
        return
    for k in m.parcels():
        measured_m2, plot = float(m.area_m2[k]), m.plots[k]
        if not m.sound(k):
            continue
        tolerance = area_tolerance_m2(measured_m2, m.scale(k))
        told = plot.told_area_m2
        if told is not None and told > 0:
            off = abs(told - measured_m2)
            # A whole number of square metres was rounded to one.
            room = 0.5 + ROUNDING_M2 if float(told).is_integer() else ROUNDING_M2
            if off > max(tolerance, room):
                _differs(
                    m, k, out, "written_area", "Diện tích ghi của", "The written area of", told, tolerance
                )
            elif off > room:
                _differs(m, k, out, "written_area", "Diện tích ghi của", "The written area of", told, None)
        legal = plot.legal_area_m2
        if legal is not None and legal > 0 and abs(legal - measured_m2) > tolerance + ROUNDING_M2 / 2:
            _differs(
                m, k, out, "legal_area", "Diện tích trên giấy tờ của", "The legal area of", legal, tolerance
            )


def _differs(
    m: Measured, k: int, out: Gathered, rule: str, what_vi: str, what_en: str, told: float, tolerance: float | None
) -> None:  # fmt: skip
    measured_m2 = float(m.area_m2[k])
    (vi, en), off = m.called(k), abs(told - measured_m2)
    (t_vi, t_en), (a_vi, a_en), (o_vi, o_en) = (square_metres(one) for one in (told, measured_m2, off))
    if tolerance is None:
        may_vi, may_en = "trong hạn sai", "within tolerance"
    else:
        (p_vi, p_en), scale = square_metres(tolerance), m.scale(k)
        held_vi, held_en = (
            (f"1:{scale}", f"1:{scale}") if scale else ("1:500, không rõ tỷ lệ", "1:500, scale unknown")
        )
        may_vi, may_en = f"cho phép {p_vi} ở {held_vi}", f"permitted {p_en} at {held_en}"
    out.put(
        found(
            rule, f"{what_vi} {vi} là {t_vi}, tính theo ranh là {a_vi}: lệch {o_vi} ({may_vi}).",
            f"{capital(what_en)} {en} is {t_en}, that of the boundary {a_en}: {o_en} apart ({may_en}).",
            m.record(k), severity="note" if tolerance is None else None, size=off,
            **places.inside(m.ground[k]),
        ),
        int(m.file[k]), k,
    )  # fmt: skip
