"""The words of the datum detective: what is wrong with a file's place, how far and which way, and what speaks for it."""

import math

from geo.crs import ZONES
from importers.check.checked import Proposal
from importers.datum.guess import Guess

_WAYS_VI = ("đông", "đông bắc", "bắc", "tây bắc", "tây", "tây nam", "nam", "đông nam")
_WAYS_EN = ("east", "north-east", "north", "north-west", "west", "south-west", "south", "south-east")
_SENSIBLE_M = 5e6
"""Farther than that, numbers of another unit were no place."""
_UNITS = {
    "feet": ("bộ Anh (feet)", "feet"), "us_feet": ("bộ Mỹ (US survey feet)", "US survey feet"),
    "mm": ("mi-li-mét", "millimetres"), "cm": ("xen-ti-mét", "centimetres"), "km": ("ki-lô-mét", "kilometres"),
}  # fmt: skip


def length(metres: float) -> tuple[str, str]:
    """A length in words, vi and en: 0,78 m; 27,3 km."""
    told = (
        f"{metres:.3f} m" if metres < 1 else f"{metres:.2f} m" if metres < 1000 else f"{metres / 1000:.1f} km"
    )
    return told.replace(".", ","), told


def way(east_m: float, north_m: float) -> tuple[str, str]:
    """The point of the compass a vector shows to."""
    k = round(math.atan2(north_m, east_m) / (math.pi / 4)) % 8
    return _WAYS_VI[k], _WAYS_EN[k]


def wrong(guess: Guess) -> tuple[str, str]:
    """What is wrong, and by how much, one or more sentences, vi and en."""
    parts = [_part(key, guess) for key in guess.key.split("+")]
    vi = "; ".join(p[0] for p in parts)
    en = "; ".join(p[1] for p in parts)
    told = _evidence(guess)
    return f"{vi[0].upper()}{vi[1:]}. {told[0]}", f"{en[0].upper()}{en[1:]}. {told[1]}"


def proposal(guess: Guess) -> Proposal:
    """The correction to be accepted, with its evidence in numbers."""
    parts = [_repair(key) for key in guess.key.split("+")]
    told = _evidence(guess)
    vi = ", ".join(p[0] for p in parts)
    en = ", ".join(p[1] for p in parts)
    shift = math.hypot(*guess.move_m)
    return Proposal(
        guess.key,
        f"{vi[0].upper()}{vi[1:]}. {told[0]}",
        f"{en[0].upper()}{en[1:]}. {told[1]}",
        shift if math.isfinite(shift) else None,
        guess.before,
        guess.after,
        guess.fit.matched if guess.fit else None,
        guess.fit.rms_m if guess.fit else None,
    )


def corrected(key: str) -> tuple[str, str]:
    """The note on a correction that was accepted and made."""
    parts = [_repair(part) for part in key.split("+")]
    return (
        f"Đã sửa như đã chấp nhận: {', '.join(p[0] for p in parts)}.",
        f"Corrected as accepted: {', '.join(p[1] for p in parts)}.",
    )


def _part(key: str, guess: Guess) -> tuple[str, str]:
    name, _, value = key.partition(":")
    if name == "swap":
        return (
            "bắc (X) và đông (Y) đứng đổi chỗ cho nhau",
            "north (X) and east (Y) stand in each other's place",
        )
    if name == "degrees":
        return (
            "tọa độ là độ (kinh độ, vĩ độ), không phải mét",
            "the coordinates are degrees (longitude, latitude), not metres",
        )
    if name == "zone":
        zone = f"{ZONES[int(value)].name} (EPSG:{value})"
        return (
            f"tọa độ thuộc múi {zone}, không phải múi bản đồ của xã",
            f"the coordinates are of {zone}, not of the commune's zone",
        )
    if name == "false_easting":
        km = abs(float(value)) / 1000
        vi, en = ("thiếu", "lacks") if float(value) > 0 else ("thừa", "has too many")
        return f"tọa độ đông (Y) {vi} {km:,.0f} km".replace(",", " "), f"east (Y) {en} {km:,.0f} km"
    if name == "operation":
        vi = "bộ tham số EPSG:5194" if value.startswith("5194") else "dấu góc xoay ngược"
        en = "the parameters of EPSG:5194" if value.startswith("5194") else "rotations of the wrong sign"
        return (
            f"cả tệp lệch đúng bằng sai số do {vi} khi đổi qua WGS84",
            f"the whole file is off by just what {en} make in WGS84",
        )
    if name == "shift":
        size = length(math.hypot(*guess.move_m))
        return (
            f"cả tệp bị xê dịch {size[0]}, mọi đỉnh như nhau",
            f"the whole file is shifted by {size[1]}, all corners alike",
        )
    return f"đơn vị là {_UNITS[name][0]}, không phải mét", f"the unit is {_UNITS[name][1]}, not the metre"


def _repair(key: str) -> tuple[str, str]:
    name, _, value = key.partition(":")
    if name == "swap":
        return "đổi chỗ bắc (X) và đông (Y)", "exchange north (X) and east (Y)"
    if name == "degrees":
        return "chuyển từ độ WGS84 sang mét VN-2000", "convert WGS84 degrees to VN-2000 metres"
    if name == "zone":
        return (
            f"chuyển từ múi {ZONES[int(value)].name} (EPSG:{value})",
            f"convert from {ZONES[int(value)].name} (EPSG:{value})",
        )
    if name == "false_easting":
        return f"cộng {float(value):+.0f} m vào tọa độ đông (Y)", f"add {float(value):+.0f} m to east (Y)"
    if name == "operation":
        return (
            "dời về bộ bảy tham số của Quyết định 05/2007",
            "move to the seven parameters of Decision 05/2007",
        )
    if name == "shift":
        east, north = value.split(",")
        east_vi, north_vi = east.replace(".", ","), north.replace(".", ",")
        return f"dời đông {east_vi} m, bắc {north_vi} m", f"move east {east} m, north {north} m"
    return f"đổi từ {_UNITS[name][0]} sang mét", f"convert {_UNITS[name][1]} to metres"


def _evidence(guess: Guess) -> tuple[str, str]:
    vi, en = [], []
    size = math.hypot(*guess.move_m)
    if size < _SENSIBLE_M:
        (size_vi, size_en), (way_vi, way_en) = length(size), way(*guess.move_m)
        vi.append(f"sửa thì các thửa dời {size_vi} về phía {way_vi}")
        en.append(f"corrected, plots move {size_en} to the {way_en}")
    if guess.before is not None and guess.after is not None:
        vi.append(f"số thửa nằm đúng chỗ của xã: trước {guess.before:.0%}, sau {guess.after:.0%}")
        en.append(f"plots where the commune is: {guess.before:.0%} before, {guess.after:.0%} after")
    else:
        vi.append("chỉ xét theo độ lớn của tọa độ: chưa có ranh giới xã để thử")
        en.append("judged by the size of the numbers alone: no commune outline was there to try it on")
    if guess.fit is not None:
        fit = guess.fit
        rms = length(fit.rms_m)
        vi.append(f"{fit.matched} trong {fit.tried} đỉnh khớp đỉnh thửa kề, còn lệch {rms[0]}")
        en.append(f"{fit.matched} of {fit.tried} corners meet corners of neighbours, {rms[1]} left over")
    vi_told, en_told = "; ".join(vi), "; ".join(en)
    return f"{vi_told[0].upper()}{vi_told[1:]}.", f"{en_told[0].upper()}{en_told[1:]}."
