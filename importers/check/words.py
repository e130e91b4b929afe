"""How a check writes numbers and plots: decimals with a comma in Vietnamese, plots by the file's own records."""

import math

from importers.plots import Plot


def both(value: float, decimals: int) -> tuple[str, str]:
    """A number as Vietnamese and as English writes it: 1.234,5 and 1,234.5."""
    en = f"{value:,.{decimals}f}"
    return en.translate(str.maketrans(",.", ".,")), en


def metres(value: float) -> tuple[str, str]:
    """A length, to the millimetre below ten metres."""
    vi, en = both(value, 3 if value < 10 else 1)
    return f"{vi} m", f"{en} m"


def square_metres(value: float) -> tuple[str, str]:
    """An area: one decimal, and three figures where it is small."""
    decimals = 1 if not 0 < value < 10 else min(5, 2 - math.floor(math.log10(value)))
    vi, en = both(value, decimals)
    return f"{vi} m²", f"{en} m²"


def record(plot: Plot, file: str | None) -> str:
    """The plot in the terms of its file: `2F3A (tờ 12, thửa 34)`, after the file's name where there are several."""
    told = [f"tờ {plot.sheet}"] if plot.sheet else []
    told += [f"thửa {plot.number}"] if plot.number else []
    name = f"{plot.record} ({', '.join(told)})" if told else plot.record
    return f"{file} {name}" if file else name


def called(plot: Plot) -> tuple[str, str]:
    """The plot in a sentence: its number, or its record where it has none."""
    if plot.number:
        return f"thửa {plot.number}", f"plot {plot.number}"
    return f"thửa [{plot.record}]", f"plot [{plot.record}]"


def registered(sheet: str, number: str, code: str) -> str:
    """A parcel of the register: `thửa 35 tờ 12, mã w6u…`."""
    return f"thửa {number} tờ {sheet}, mã {code}"


def key(sheet: str | None, number: str | None) -> tuple[str, str]:
    """Sheet and number for comparing: "012" is "12"."""
    return _plain(sheet), _plain(number)


def _plain(text: str | None) -> str:
    text = (text or "").strip()
    return text.lstrip("0") or "0" if text.isascii() and text.isdigit() else text


def capital(text: str) -> str:
    """With a capital letter, to begin a sentence."""
    return text[:1].upper() + text[1:]
