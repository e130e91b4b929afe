"""The report as data: what the JSON file holds, and what the pages are written from."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np
import shapely

from geo.crs import ZONES, to_wgs84
from importers.check.checked import Checked
from importers.check.rules import RULES
from importers.plots import Drawn, Plot
from importers.report.about import About
from importers.report.inner import inner_points
from importers.report.wording import SEVERITIES

Row = dict[str, Any]


def body(checked: Checked, drawn: Sequence[Drawn], about: About) -> Row:
    """The report of a checked survey, ready for JSON; the names of its fields stay. Unknown values are None.

    survey, state ("clean" | "explain" | "stops"), made_at (ISO 8601), commune, commune_name, zone, epsg.
    counts: plots; findings; severity: how many of each; rule: how many of each that occurs.
    files: name, format, encoding, counts (what it held), sha256 (hex), bytes.
    plots: record, file, kind, sheet, number, land_use, area_m2 (of the boundary, one decimal), legal_area_m2, code, match
        (code of the registered parcel it measures anew), lon_deg, lat_deg (WGS84, of a point inside), findings (their n).
    findings: n (its number in every form of the report), rule, severity, title_vi, title_en, law, text_vi, text_en, record,
        other, lon_deg, lat_deg (WGS84), x, y (east, north in the file's coordinates), size_m2, width_m, extent (WKT in the
        file's coordinates), repair_vi, repair_en.
    proposals: key, text_vi, text_en, shift_m, inside_before, inside_after (0..1), matched, rms_m, accepted.
    left: rules that were not run: rule, title_vi, title_en, text_vi, text_en.
    """
    findings = [_finding(n, f) for n, f in enumerate(checked.findings, 1)]
    severities = Counter(f.severity for f in checked.findings)
    rules = Counter(f.rule for f in checked.findings)
    return {
        "survey": about.survey,
        "state": about.state,
        "made_at": about.made_at,
        "commune": about.commune,
        "commune_name": about.commune_name,
        "zone": about.zone,
        "epsg": checked.epsg,
        "counts": {
            "plots": len(checked.plots),
            "findings": len(findings),
            "severity": {severity: severities[severity] for severity in SEVERITIES},
            "rule": dict(rules),
        },
        "files": _files(drawn, about),
        "plots": _plots(checked),
        "findings": findings,
        "proposals": [
            {
                "key": p.key,
                "text_vi": p.text_vi,
                "text_en": p.text_en,
                "shift_m": p.shift_m,
                "inside_before": p.inside_before,
                "inside_after": p.inside_after,
                "matched": p.matched,
                "rms_m": p.rms_m,
                "accepted": p.key in about.accepted,
            }
            for p in checked.proposals
        ],
        "accepted": list(about.accepted),
        "left": [
            {"rule": rule, "title_vi": title[0], "title_en": title[1], "text_vi": vi, "text_en": en}
            for rule, vi, en in checked.left
            for title in [_title(rule)]
        ],
    }


def _title(rule: str) -> tuple[str, str]:
    known = RULES.get(rule)
    return (known.title_vi, known.title_en) if known else (rule, rule)


def _finding(n: int, f: Any) -> Row:
    known = RULES.get(f.rule)
    title_vi, title_en = _title(f.rule)
    return {
        "n": n,
        "rule": f.rule,
        "severity": f.severity,
        "title_vi": title_vi,
        "title_en": title_en,
        "law": known.law if known else "",
        "text_vi": f.text_vi,
        "text_en": f.text_en,
        "record": f.record,
        "other": f.other,
        "lon_deg": f.lon_deg,
        "lat_deg": f.lat_deg,
        "x": f.x,
        "y": f.y,
        "size_m2": f.size,
        "width_m": f.width_m,
        "extent": f.extent,
        "repair_vi": f.repair_vi,
        "repair_en": f.repair_en,
    }


def _files(drawn: Sequence[Drawn], about: About) -> list[Row]:
    """What was read, with the sum of the file it came in (a file inside a zip has the zip's), then what was not read."""
    rows = []
    used = set()
    for one in drawn:
        came = next((f for f in about.files if one.name == f.name or one.name.startswith(f"{f.name}/")), None)
        if came:
            used.add(came.name)
        rows.append(
            {
                "name": one.name,
                "format": one.format,
                "encoding": one.encoding,
                "counts": dict(one.counts),
                "sha256": came.sha256 if came else None,
                "bytes": came.bytes if came else None,
            }
        )
    rows += [
        {"name": f.name, "format": None, "encoding": None, "counts": {}, "sha256": f.sha256, "bytes": f.bytes}
        for f in about.files
        if f.name not in used
    ]
    return rows


def _plots(checked: Checked) -> list[Row]:
    count = len(checked.plots)
    points, _ = inner_points(checked.shapes)
    lon_deg = lat_deg = np.full(count, np.nan)
    area_m2 = np.full(count, np.nan)
    if checked.epsg is not None and checked.epsg in ZONES:
        lon_deg, lat_deg = to_wgs84(checked.epsg, points[:, 0], points[:, 1])
        area_m2 = shapely.area(checked.shapes)
    numbers: dict[str, list[int]] = {}
    for n, finding in enumerate(checked.findings, 1):
        for record in {finding.record, finding.other} - {None}:
            numbers.setdefault(str(record), []).append(n)
    return [
        _plot(plot, file, {"area_m2": area, "lon_deg": lon, "lat_deg": lat}, checked.match.get(i), numbers)
        for i, (plot, file, area, lon, lat) in enumerate(
            zip(
                checked.plots,
                checked.files,
                _known(area_m2, 1),
                _known(lon_deg, 8),
                _known(lat_deg, 8),
                strict=True,
            )
        )
    ]


def _known(values: Any, digits: int) -> list[float | None]:
    return [round(v, digits) if np.isfinite(v) else None for v in values.tolist()]


def _plot(plot: Plot, file: str, measured: Row, match: str | None, numbers: dict[str, list[int]]) -> Row:
    return {
        "record": plot.record,
        "file": file,
        "kind": plot.kind,
        "sheet": plot.sheet,
        "number": plot.number,
        "land_use": plot.land_use,
        "area_m2": measured["area_m2"],
        "legal_area_m2": plot.legal_area_m2,
        "code": plot.code,
        "match": match,
        "lon_deg": measured["lon_deg"],
        "lat_deg": measured["lat_deg"],
        "findings": numbers.get(plot.record, []),
    }
