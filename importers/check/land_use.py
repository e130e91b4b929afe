"""Land-use codes against the list in force (Circular 08/2024; rules §7.1): known, of today, and right for the commune."""

from importers.check.context import Context, LandUse
from importers.check.gathered import Gathered
from importers.check.measured import Measured
from importers.check.rules import found


def land_uses(m: Measured, out: Gathered) -> None:
    """unknown_land_use, old_land_use and homestead, of every part of a composite code (ODT+CLN)."""
    context = m.context
    if not context.land_uses:
        return
    known: dict[str, list[tuple[str, str, str, str]]] = {}
    for k in m.parcels():
        code = m.plots[k].land_use
        if not code:
            continue
        if code not in known:
            known[code] = _judged(code, context)
        for rule, vi, en, _ in known[code]:
            out.put(found(rule, vi, en, m.record(k), **m.place(k)), int(m.file[k]), k)


def _judged(code: str, context: Context) -> list[tuple[str, str, str, str]]:
    """Rule, Vietnamese, English and the part of the code, of all that is wrong with one."""
    out = []
    for part in parts(code, context):
        one = _known(part, context)
        if one is None:
            out.append((
                "unknown_land_use", f"Mã loại đất “{part[:40]}” không có trong danh mục.",
                f"The land-use code “{part[:40]}” is not on the list.", part,
            ))  # fmt: skip
            continue
        if one.successor or (one.valid_to is not None and one.valid_to <= context.on):
            now_vi, now_en = (
                (f"; nay là {one.successor}", f"; today {one.successor}") if one.successor else ("", "")
            )
            out.append((
                "old_land_use", f"Mã loại đất {part} ({one.name_vi}) là mã cũ{now_vi}.",
                f"The land-use code {part} ({one.name_en}) is a former one{now_en}.", part,
            ))  # fmt: skip
        wrong = {True: "ONT", False: "ODT"}.get(context.urban) if context.urban is not None else None
        if part.upper() == wrong:
            right = "ODT" if wrong == "ONT" else "ONT"
            here_vi, here_en = ("phường", "a ward") if context.urban else ("xã", "a commune")
            out.append((
                "homestead", f"Mã {wrong} không dùng ở {here_vi}; đất ở tại đây là {right}.",
                f"{wrong} is not used in {here_en}; homesteads here are {right}.", part,
            ))  # fmt: skip
    return out


def parts(code: str, context: Context) -> list[str]:
    """The codes of a composite one: ODT+CLN, T/V; a known code with a slash of its own (Hg/b) stays whole."""
    if _known(code, context) is not None:
        return [code]
    out = []
    for part in code.replace(",", "+").replace(";", "+").split("+"):
        whole = part.strip()
        out += [whole] if _known(whole, context) is not None else [one.strip() for one in whole.split("/")]
    return [one for one in out if one] or [code.strip() or code]


def _known(code: str, context: Context) -> LandUse | None:
    return context.land_uses.get(code) or context.land_uses.get(code.upper())
