"""Surveys as LandXML 1.2: points by name (north, east as the standard asks), parcels as lines and curves between them."""

from collections.abc import Iterator
from pathlib import Path
from xml.sax.saxutils import quoteattr

from importers.sample.place import EPSG
from importers.sample.surveys.rings import bulged, names, rings
from importers.sample.surveys.survey import Lot, Survey

_HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<LandXML xmlns="http://www.landxml.org/schema/LandXML-1.2" version="1.2" date="2026-01-15" time="08:00:00">
<Units><Metric areaUnit="squareMeter" linearUnit="meter" volumeUnit="cubicMeter" temperatureUnit="celsius"
 pressureUnit="milliBars" angularUnit="decimal degrees" directionUnit="decimal degrees"/></Units>
"""


def write_landxml(path: Path, survey: Survey) -> Path:
    """One file; the number of a plot is its `name`, its written area `area`, its land use a property."""
    text = _HEAD + "".join(f"{line}\n" for line in _lines(survey))
    content = text.encode("utf-8")
    path.write_bytes(survey.spoil(content) if survey.spoil else content)
    return path


def _lines(survey: Survey) -> Iterator[str]:
    named = names(survey.lots)
    yield f'<CoordinateSystem name="VN-2000" epsgCode="{EPSG}"/>'
    yield "<CgPoints>"
    points = [(name, *at) for at, name in named.items()] + list(survey.points)
    for name, east, north in points:
        x, y = survey.at((east, north))
        yield f"<CgPoint name={quoteattr(name)}>{y:.{survey.decimals}f} {x:.{survey.decimals}f}</CgPoint>"
    yield "</CgPoints>"
    yield "<Parcels>"
    bulges = {(start, end): bulge for start, end, bulge in survey.arcs}
    for lot in survey.lots:
        yield from _parcel(lot, survey, named, bulges)
    yield "</Parcels>"
    yield "</LandXML>"


def _parcel(
    lot: Lot,
    survey: Survey,
    named: dict[tuple[float, float], str],
    bulges: dict[tuple[tuple[float, float], tuple[float, float]], float],
) -> Iterator[str]:
    said = {
        "name": lot.number,
        "area": None if lot.told_area_m2 is None else f"{lot.told_area_m2:.1f}",
        "class": "Lot",
        "state": "existing",
    }
    yield "<Parcel" + "".join(f" {key}={quoteattr(value)}" for key, value in said.items() if value) + ">"
    if lot.land_use:
        yield f'<Feature><Property label="loaiDat" value={quoteattr(lot.land_use)}/></Feature>'
    for ring in rings(lot):
        corners = [(x, y) for x, y in ring.tolist()]
        around = list(zip(corners, [*corners[1:], corners[0]], strict=True))
        yield "<CoordGeom>"
        for index, (start, end) in enumerate(around[:-1] if lot.open else around):
            first, last = named[start], named[end]
            if lot.unknown_corner and index in (0, 1):
                first, last = (first, "P9999") if index == 0 else ("P9999", last)
            ends = f"<Start pntRef={quoteattr(first)}/>", f"<End pntRef={quoteattr(last)}/>"
            bulge = bulges.get((start, end), -bulges.get((end, start), 0.0))
            if bulge:
                (x, y), radius = bulged(survey.at(start), survey.at(end), bulge)
                turn = "ccw" if bulge > 0 else "cw"
                middle = f"<Center>{y:.{survey.decimals}f} {x:.{survey.decimals}f}</Center>"
                yield f'<Curve rot="{turn}" radius="{radius:.4f}">{ends[0]}{middle}{ends[1]}</Curve>'
            else:
                yield f"<Line>{ends[0]}{ends[1]}</Line>"
        yield "</CoordGeom>"
    yield "</Parcel>"
