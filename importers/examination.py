"""A survey examined inside the fenced process: files read, placed, checked, and the report written.

The order of work: every file by the reader of its format → the commune's surroundings, asked of the parent → the check
→ the report in the child's folder. A file among several that cannot be read is a finding; the only one, a refusal.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import asdict
from datetime import date
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import shapely

from importers.check.checked import Checked
from importers.check.context import Box, Parcels
from importers.check.rules import found
from importers.errors import EmptyFile, NoGeometry, Refused
from importers.plots import Drawn, How
from importers.source import SourceFile, discover
from importers.surroundings import AROUND_SCHEMA, context_of, keep, kept, parcels_of

Ask = Callable[[dict[str, Any]], Any]
Tell = Callable[[float, str], None]

READERS = {
    "dxf": "importers.drawing.dxf",
    "dgn": "importers.drawing.dgn",
    "points": "importers.points.table",
    "xlsx": "importers.points.table",
    "gsi": "importers.points.gsi",
    "sdr33": "importers.points.sdr33",
    "gts": "importers.points.gts",
    "nikon": "importers.points.nikon",
    "rw5": "importers.points.rw5",
    "landxml": "importers.exchange.landxml",
    "mojxml": "importers.exchange.mojxml",
    "edigeo": "importers.exchange.edigeo",
    "famis": "importers.exchange.famis",
}
TABULAR = "importers.exchange.tabular"
_RECOGNISERS = ("importers.drawing", "importers.exchange", "importers.points")

PLOT_SCHEMA = pa.schema(
    [
        pa.field("file", pa.string(), nullable=False),
        pa.field("record", pa.string(), nullable=False),
        pa.field("kind", pa.string(), nullable=False),
        *(pa.field(name, pa.string()) for name in ("commune", "sheet", "number", "map_set", "land_use")),
        pa.field("scale", pa.int32()),
        pa.field("legal_area_m2", pa.float64()),
        pa.field("code", pa.string()),
        pa.field("address", pa.string()),
        pa.field("match", pa.string()),
        pa.field("shape", pa.binary()),
    ]
)
"""One row a plot: as in `Plot`, shape as WKB in the survey's zone, match the registered parcel it measures anew."""


def recognised(head: bytes, suffix: str) -> str | None:
    """The format of a survey file by its first 64 KiB and its suffix; None where it is none of these."""
    for package in _RECOGNISERS:
        kind: str | None = import_module(package).recognises(head, suffix)
        if kind is not None:
            return kind
    return None


def read_files(paths: list[Path], folder: Path, how: How, tell: Tell) -> list[Drawn]:
    """All files as drawn. Raises: Refused where nothing can be read."""
    sources = discover(paths, folder, recognised)
    if not sources:
        raise EmptyFile("Không có tệp nào.", "There is no file.", ", ".join(p.name for p in paths[:3]))
    drawn: list[Drawn] = []
    refused: list[Refused] = []
    total = sum(s.bytes for s in sources) or 1
    done = 0
    for source in sources:
        try:
            drawn.append(_read(source, how))
        except Refused as error:
            refused.append(error)
        done += source.bytes
        tell(0.4 * done / total, "read")
    if not drawn:
        raise refused[0]
    for reason in refused:
        what = Drawn(reason.place, "?")
        vi, en = f"Không đọc: {reason.text_vi}", f"Not read: {reason.text_en}"
        # What comes along in a folder or a zip and holds no map (metadata, read-me) stops nobody.
        beside = isinstance(reason, (EmptyFile, NoGeometry)) and "/" in reason.place
        what.findings.append(found("not_read" if beside else "incomplete_file", vi, en, reason.place))
        drawn.append(what)
    return _joined(drawn)


def _read(source: SourceFile, how: How) -> Drawn:
    if source.format in ("dgn8", "dwg"):
        import_module("importers.drawing").refuse(source.format, source.name)
    module = import_module(READERS.get(source.format, TABULAR))
    drawn: Drawn = module.read(source, how)
    return drawn


def _joined(drawn: list[Drawn]) -> list[Drawn]:
    """A drawing takes the attributes of a FAMIS text handed in beside it."""
    attributes = [d for d in drawn if d.format == "famis"]
    drawings = [d for d in drawn if d.format in ("dxf", "dgn")]
    if len(attributes) != 1 or len(drawings) != 1:
        return drawn
    join = import_module("importers.exchange.famis").join
    rest = [d for d in drawn if d not in (attributes[0], drawings[0])]
    return [join(drawings[0], attributes[0]), *rest]


class _Near:
    """The parcels around, asked of the parent."""

    def __init__(self, ask: Ask) -> None:
        self._ask = ask

    def parcels(self, box: Box) -> Parcels:
        return self._table({"kind": "parcels", "box": list(box)})

    def numbered(self, keys: list[tuple[str, str]]) -> Parcels:
        return self._table({"kind": "numbered", "keys": keys})

    def _table(self, question: dict[str, Any]) -> Parcels:
        answer = self._ask(question)
        return parcels_of(AROUND_SCHEMA.empty_table() if answer is None else kept(Path(answer)))


def examine(request: dict[str, Any], ask: Ask, tell: Tell) -> dict[str, Any]:
    """What is found, in one message: findings, counts, zone; the plots and the report lie in the folder.

    request: paths, folder, how (fields of `How`), crs, accept, on (ISO date), about (of the report). Raises: Refused.
    """
    check = import_module("importers.check.run").check
    head = import_module("importers.report.about")
    write_report = import_module("importers.report.write").write_report

    folder = Path(request["folder"])
    how = How(**request["how"])
    drawn = read_files([Path(p) for p in request["paths"]], folder, how, tell)
    tell(0.4, "place")
    around = ask({"kind": "about", **_whereabouts(drawn, how, request["crs"])}) or {}
    context = context_of(around, _Near(ask), date.fromisoformat(request["on"]))
    tell(0.5, "check")
    checked: Checked = check(
        drawn, context, request["crs"], tuple(request["accept"]), later=how.replaces == "sheet"
    )
    tell(0.7, "report")
    told = request["about"]
    about = head.About(
        told["survey"],
        tuple(head.File(*file) for file in told["files"]),
        context.commune or how.commune,
        context.commune_name,
        told["made_at"],
        head.zone_of(checked),
        tuple(told["accepted"]),
        head.state_of(checked),
    )
    report = folder / "report"
    report.mkdir()
    written = write_report(checked, drawn, about, report)
    keep(plots_of(checked), folder / "plots.arrow")
    return {
        "findings": [asdict(f) for f in checked.findings],
        "epsg": checked.epsg,
        "commune": context.commune,
        "plots": len(checked.plots),
        "report": {kind: str(path) for kind, path in written.items()},
    }


def _whereabouts(drawn: list[Drawn], how: How, crs: int | None) -> dict[str, Any]:
    """What tells the commune: its code, else a place in degrees; and the sheets the survey names."""
    codes = Counter(p.commune for d in drawn for p in d.plots if p.commune)
    commune = how.commune or (codes.most_common(1)[0][0] if codes else None)
    sheets = sorted(
        {p.sheet for d in drawn for p in d.plots if p.sheet} | ({how.sheet} if how.sheet else set())
    )
    return {"commune": commune, "place": _place(drawn, crs), "sheets": sheets[:1000]}


def _place(drawn: list[Drawn], crs: int | None) -> tuple[float, float] | None:
    """Longitude, latitude of the first plot of a file whose system is told, in degrees."""
    from geo.crs import ZONES, to_wgs84
    from importers.crs import identify

    for d in drawn:
        shape = next(
            (p.shape for p in d.plots if p.shape is not None and not shapely.is_empty(p.shape)), None
        )
        if shape is None:
            continue
        try:
            system = identify(d.crs, crs, d.name)
        except Refused:
            continue
        x, y = shapely.get_coordinates(shape)[0].tolist()
        if system is None or not np.isfinite([x, y]).all():
            continue
        if system.epsg == 4326 and -180 <= x <= 180 and -90 <= y <= 90:
            return x, y
        if system.epsg in ZONES and abs(x) < 2e6 and abs(y) < 1e7:
            lon, lat = to_wgs84(system.epsg, [x], [y])
            return float(lon[0]), float(lat[0])
    return None


def plots_of(checked: Checked) -> pa.Table:
    """The plots of a checked survey, PLOT_SCHEMA."""
    plots = checked.plots
    columns: dict[str, Any] = {
        "file": checked.files,
        "match": [checked.match.get(i) for i in range(len(plots))],
        "shape": [None if s is None else shapely.to_wkb(s, byte_order=1) for s in checked.shapes],
    }
    for name in PLOT_SCHEMA.names:
        if name not in columns:
            columns[name] = [getattr(p, name) for p in plots]
    return pa.table({name: columns[name] for name in PLOT_SCHEMA.names}, schema=PLOT_SCHEMA)
