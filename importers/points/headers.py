"""What the columns of a point list are called: names as offices and programs write them, as data.

Compared as `importers.columns.plain` has them: no case, accents, spaces, units in brackets are cut off first.
"""

import re
from collections.abc import Mapping, Sequence
from types import MappingProxyType

from importers.columns import ALIASES, plain

NAMES: Mapping[str, tuple[tuple[str, ...], ...]] = MappingProxyType(
    {
        "parcel": ((*ALIASES["number"][0], *ALIASES["number"][1], "parcel", "lot", "plot"),),
        "north": (
            ("north", "northing", "northingm", "n", "nm", "bac", "toadobac", "xn", "xnorth", "xbac"),
            ("x", "toadox", "xm", "xvn2000", "toadoxvn2000"),
        ),
        "east": (
            ("east", "easting", "eastingm", "e", "em", "dong", "toadodong", "ye", "yeast", "ydong"),
            ("y", "toadoy", "ym", "yvn2000", "toadoyvn2000"),
        ),
        "height": (("h", "z", "caodo", "docao", "hm", "zm", "height", "elevation", "elev", "el", "alt"),),
        "point": (
            ("ten", "tendiem", "tenmoc", "tendinh", "tengoc", "diem", "dinh", "moc", "sohieudiem", "sodiem", "sohieumoc",
             "shdiem", "shmoc", "sohieu", "sohieudinh", "diemso", "mocso", "dinhso", "gocso", "name", "point", "pointid",
             "pointname", "pointno", "pt", "ptid", "pn", "p", "corner", "no", "id"),
            ("stt", "tt"),
        ),
        "code": (("ma", "madiem", "code", "pointcode", "desc", "description", "mota", "kyhieu", "loaidiem"), ("ghichu",)),
        "sheet": ALIASES["sheet"],
        "commune": ALIASES["commune"],
        "land_use": ALIASES["land_use"],
        "legal_area_m2": (("dientichphaply", "dientichpl", "dtpl", "legalaream2", "legalarea"),),
        "told_area_m2": (("dientich", "dientichdo", "dientichm2", "area", "aream2", "dt"),),
        "corners": (("cacdinh", "cacdiem", "cacgoc", "danhsachdiem", "danhsachdinh", "corners", "points", "corner names"),),
    }
)  # fmt: skip
"""Field → names in ranks; a name of a later rank counts only where none of an earlier one is there."""
PLOT_FIELDS = ("sheet", "commune", "land_use", "legal_area_m2", "told_area_m2")
_UNIT = re.compile(r"[(\[][^()\[\]]{0,20}[)\]]")
_LONGEST_WORDS = 5


def columns(cells: Sequence[str], mapping: Mapping[str, str]) -> dict[str, int]:
    """Field → column of a header; empty where the row is none, that is where it has not both a north and an east, nor a
    parcel and a list of corners. `mapping` (`How.mapping`: "number", "sheet" … → column) overrules."""
    if len(cells) > 60:
        return {}
    names = [plain(_UNIT.sub("", cell[:80])) for cell in cells]
    taken: dict[str, int] = {}
    for wanted, column in mapping.items():
        field = "parcel" if wanted == "number" else wanted
        if field in NAMES and plain(column) in names:
            taken[field] = names.index(plain(column))
    for field, ranks in NAMES.items():
        for rank in ranks:
            found = [i for i, name in enumerate(names) if name in rank and i not in taken.values()]
            if field not in taken and found:
                taken[field] = found[0]
                break
    whole = {"north", "east"} <= taken.keys() or {"parcel", "corners"} <= taken.keys()
    return taken if whole else {}


def says_directions(cells: Sequence[str], taken: Mapping[str, int]) -> bool:
    """Whether the header speaks of north and east, and not of X and Y, which programs put either way."""
    return all(plain(_UNIT.sub("", cells[taken[f]][:80])) in NAMES[f][0] for f in ("north", "east"))


def joined(words: Sequence[str]) -> list[str]:
    """The cells of a header whose columns stand apart by spaces: the longest run of words that is a known name is one."""
    known = {name for ranks in NAMES.values() for rank in ranks for name in rank}
    cells: list[str] = []
    start = 0
    while start < len(words):
        for end in range(min(len(words), start + _LONGEST_WORDS), start, -1):
            if end == start + 1 or plain(_UNIT.sub("", " ".join(words[start:end]))) in known:
                cells.append(" ".join(words[start:end]))
                start = end
                break
    return cells
