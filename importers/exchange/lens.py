"""Which column or property of a file is which field of a plot: what is there is taken, what is not is not asked for."""

import math
from collections.abc import Collection, Mapping, Sequence
from types import MappingProxyType

from importers.columns import ALIASES, plain
from importers.errors import UnknownColumn
from importers.exchange.notes import Notes, kept
from importers.plots import Plot

# A survey keeps apart what `importers.columns` reads as one: the area on paper, and the one that goes with the drawing.
# INSPIRE: label is the number on the map, areaValue the recorded area (data specification on cadastral parcels 3.1).
OWN: Mapping[str, tuple[tuple[str, ...], ...]] = MappingProxyType(
    {
        **{name: ranks for name, ranks in ALIASES.items() if name != "legal_area_m2"},
        "legal_area_m2": (ALIASES["legal_area_m2"][0],),
        "told_area_m2": (
            ALIASES["legal_area_m2"][1],
            ("areavalue", "dientichdo", "dtthocu", "surveyarea", "calcarea"),
        ),
    }
)
_INSPIRE = "nationalcadastralreference"
_FIELDS = ("commune", "sheet", "number", "map_set", "land_use", "code", "address")


def columns(
    names: Sequence[str], mapping: Mapping[str, str], place: str
) -> tuple[dict[str, str], list[tuple[str, str]]]:
    """field → column, the user's word first, and (field, column) pairs that were left aside for a better one.

    Raises: UnknownColumn where the user names a field or column that does not exist.
    """
    by_name = {plain(name): name for name in reversed(names)}
    taken: dict[str, str] = {}
    for field, wanted in mapping.items():
        if field == "shape" or wanted.startswith("="):
            continue
        if field not in OWN or (wanted not in names and plain(wanted) not in by_name):
            listed = ", ".join(names[:50]) or "–"
            raise UnknownColumn(
                f"Không có cột “{wanted}” (cho {field}). Các cột: {listed}.",
                f'There is no column "{wanted}" (for {field}). Columns: {listed}.',
                place,
            )
        taken[field] = wanted if wanted in names else by_name[plain(wanted)]
    left: list[tuple[str, str]] = []
    used = set(taken.values())
    for field, ranks in OWN.items():
        if field in mapping:
            continue
        more = ("label",) if field == "number" and _INSPIRE in by_name else ()
        found = [
            by_name[n] for rank in (*ranks, more) for n in rank if n in by_name and by_name[n] not in used
        ]
        if found:
            taken[field] = found[0]
            used.add(found[0])
            left += [(field, other) for other in found[1:]]
    return taken, left


def properties(labels: Collection[str], mapping: Mapping[str, str]) -> dict[str, str]:
    """field → label of a property; what the user names and the file does not have is passed over."""
    known = {plain(label) for label in labels}
    wanted = {f: w for f, w in mapping.items() if f in OWN and plain(w) in known}
    return columns(sorted(labels), wanted, "")[0]


def reference(names: Sequence[str]) -> str | None:
    """The column of a national reference that names each record (INSPIRE)."""
    return next((n for n in names if plain(n) == _INSPIRE), None)


def fill(plot: Plot, told: Mapping[str, str | None], notes: Notes) -> None:
    """Put texts into the plot's fields; areas that are no number are a finding."""
    for field in _FIELDS:
        text = kept(told.get(field))
        if text is not None:
            setattr(plot, field, text)
    scale = kept(told.get("scale"))
    if scale and scale.isascii() and scale.isdigit() and len(scale) < 7:
        plot.scale = int(scale)
    for field in ("legal_area_m2", "told_area_m2"):
        text = kept(told.get(field))
        if text is not None:
            value = positive(text)
            if value is None:
                notes.bad_line(plot.record, None, text)
            else:
                setattr(plot, field, value)


def positive(text: str) -> float | None:
    """A number that is not negative, with point or comma: 1234.5 and 1234,5; None for anything else."""
    text = text.strip()
    if len(text) > 40 or "_" in text:
        return None
    if "," in text and "." not in text:
        text = text.replace(",", ".")
    try:
        value = float(text)
    except ValueError:
        return None
    return value if 0 <= value < 1e15 and math.isfinite(value) else None
