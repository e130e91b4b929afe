"""The formats surveys are written in, and what each can hold: the list that tests and benches walk through."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType

from importers.sample.surveys import drawings, famis, instruments, landxml, maps, tables, wkt
from importers.sample.surveys.survey import Survey


@dataclass(frozen=True, slots=True)
class Format:
    """How a survey is written as one format.

    holds: "rings": each plot has a ring of its own; "records": and stands by itself; "lines": boundaries stand once;
    "open": a ring can stay open; "labels": numbers are texts beside the drawing; "table": they are fields; "layers": a
    drawing with layers and a unit; "arcs"; "points": there are points of no plot; "corner_names": plots refer to points
    by name; "text": it has lines; "metres": plane coordinates; "ordered": that say which one is north (a list without a
    heading does not: by size either order is right); "decimals": as many as degrees need (GSI-16 has four); "unsaid": of
    a system that is not said; "null": records without a shape; "multi": several parts; "holes"; "old_letters"; "sheet",
    "land_use", "told", "legal", "code": what is said of a plot.
    """

    name: str
    file: str
    write: Callable[[Path, Survey], Path]
    holds: frozenset[str]


def write_old_rings(path: Path, survey: Survey) -> Path:
    """Closed rings in a drawing whose letters are TCVN3."""
    return drawings.write_rings(path, replace(survey, encoding="tcvn3"))


def _formats(*rows: tuple[str, str, Callable[[Path, Survey], Path], str]) -> Mapping[str, Format]:
    return MappingProxyType(
        {name: Format(name, file, write, frozenset(holds.split())) for name, file, write, holds in rows}
    )


_DXF = "records labels layers arcs metres ordered decimals unsaid land_use told"
_LIST = "rings text metres unsaid"
_HEADED = f"{_LIST} ordered decimals sheet land_use told"
_MAP = "rings records table null multi holes old_letters sheet land_use told legal code"

FORMATS: Mapping[str, Format] = _formats(
    ("dxf_rings", "ranh-kin.dxf", drawings.write_rings, f"{_DXF} rings open holes old_letters"),
    ("dxf_lines", "duong-ranh.dxf", drawings.write_lines, f"{_DXF} lines holes old_letters"),
    ("dxf_named", "ten-lop.dxf", drawings.write_named, f"{_DXF} rings open holes"),
    ("dxf_tcvn3", "tcvn3.dxf", write_old_rings, f"{_DXF} rings open holes"),
    ("points_headed", "toa-do.csv", tables.write_points, _HEADED),
    ("points_excel", "toa-do-excel.csv", tables.write_excel_csv, _HEADED),
    ("points_plain", "toa-do.txt", tables.write_plain, f"{_LIST} decimals points"),
    ("xlsx", "toa-do.xlsx", tables.write_xlsx, _HEADED.replace(" text", "")),
    ("gsi16", "may.gsi", instruments.write_gsi16, f"{_LIST} ordered points"),
    ("sdr33", "may.sdr", instruments.write_sdr33, f"{_LIST} ordered decimals points"),
    (
        "landxml",
        "thua.xml",
        landxml.write_landxml,
        "records rings table open arcs holes points corner_names metres ordered decimals land_use told",
    ),
    ("gml", "thua.gml", maps.write_gml, f"{_MAP} metres ordered decimals"),
    ("geojson", "thua.geojson", maps.write_geojson, _MAP),
    ("gpkg", "thua.gpkg", maps.write_gpkg, f"{_MAP} metres ordered decimals"),
    ("wkt", "thua.csv", wkt.write_wkt, f"{_MAP} metres ordered decimals"),
    (
        "famis",
        "dc05.txt",
        famis.write_famis,
        "records rings table metres ordered decimals unsaid land_use told",
    ),
)
