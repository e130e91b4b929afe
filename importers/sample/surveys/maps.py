"""Surveys as files of map programs: GML and GeoPackage in the zone, GeoJSON in WGS84 as the standard asks."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import numpy as np
import pyogrio
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from geo import crs
from importers.legacy_text import encode
from importers.sample.bands import Array
from importers.sample.place import EPSG
from importers.sample.surveys.survey import Lot, Survey, as_it_is
from importers.sample.write import date_of_drawing


def write_geojson(path: Path, survey: Survey) -> Path:
    """Longitude, latitude to nine decimals (0.1 mm), unless the survey is placed otherwise."""
    placing = _wgs84 if survey.placing is as_it_is else survey.placing
    features = [
        {
            "type": "Feature",
            "properties": _properties(lot, survey),
            "geometry": None if lot.shape is None else _json(shapely.transform(lot.shape, placing)),
        }
        for lot in survey.lots
    ]
    lines = ",\n".join(json.dumps(feature, ensure_ascii=False) for feature in features)
    return _written(path, survey, f'{{"type":"FeatureCollection","features":[\n{lines}\n]}}\n')


def write_gml(path: Path, survey: Survey) -> Path:
    """GML 3.2, east before north, with the ministry's names; the zone is said on every shape."""
    return _written(path, survey, "".join(f"{line}\n" for line in _gml(survey)))


def write_gpkg(path: Path, survey: Survey) -> Path:
    """A layer ThuaDat with the ministry's names."""
    path.unlink(missing_ok=True)
    rows = [_properties(lot, survey) for lot in survey.lots]
    names = list(rows[0])
    shapes = np.array(
        [lot.shape and shapely.multipolygons([*shapely.get_parts(lot.shape)]) for lot in survey.lots]
    )
    shapes = np.array([shape and survey.placed(shape) for shape in shapes], dtype=object)
    with date_of_drawing():
        pyogrio.raw.write(
            path,
            geometry=shapely.to_wkb(shapes),
            field_data=[_column([row[name] for row in rows]) for name in names],
            fields=names,
            geometry_type="MultiPolygon",
            crs=f"EPSG:{EPSG}",
            driver="GPKG",
            layer="ThuaDat",
        )
    return path


def _wgs84(east_north: Array) -> Array:
    return np.column_stack(crs.to_wgs84(EPSG, east_north[:, 0], east_north[:, 1]))


def _properties(lot: Lot, survey: Survey) -> dict[str, Any]:
    return {
        "maXa": lot.commune,
        "soHieuToBanDo": lot.sheet,
        "soThuTuThua": lot.number,
        "tyLe": lot.scale,
        "kyHieuMucDichSuDung": lot.land_use,
        "dienTich": lot.told_area_m2,
        "dienTichPhapLy": lot.legal_area_m2,
        "maDinhDanhThua": lot.code,
        "diaChi": None if lot.address is None else encode(lot.address, survey.encoding),
    }


def _column(values: list[Any]) -> NDArray[np.generic]:
    if all(value is None or isinstance(value, int | float) for value in values) and any(values):
        return np.array([np.nan if value is None else float(value) for value in values])
    return np.array([None if value is None else str(value) for value in values], dtype=object)


def _json(shape: BaseGeometry) -> dict[str, Any]:
    parts = [
        [np.round(shapely.get_coordinates(ring), 9).tolist() for ring in (part.exterior, *part.interiors)]
        for part in shapely.get_parts(shape)
    ]
    if len(parts) == 1:
        return {"type": "Polygon", "coordinates": parts[0]}
    return {"type": "MultiPolygon", "coordinates": parts}


def _gml(survey: Survey) -> Iterator[str]:
    yield '<?xml version="1.0" encoding="UTF-8"?>'
    yield '<dc:DiaChinh xmlns:dc="http://example.vn/dc" xmlns:gml="http://www.opengis.net/gml/3.2" gml:id="dc">'
    for index, lot in enumerate(survey.lots):
        yield f'<gml:featureMember><dc:ThuaDat gml:id="thua.{index + 1}">'
        for name, value in _properties(lot, survey).items():
            if value is not None:
                yield f"<dc:{name}>{escape(str(value))}</dc:{name}>"
        if lot.shape is not None:
            yield f'<dc:geom><gml:MultiSurface gml:id="g.{index + 1}" srsName="urn:ogc:def:crs:EPSG::{EPSG}">'
            for part in shapely.get_parts(survey.placed(lot.shape)):
                yield "<gml:surfaceMember><gml:Polygon>"
                for ring, side in (
                    (part.exterior, "exterior"),
                    *((ring, "interior") for ring in part.interiors),
                ):
                    told = " ".join(
                        f"{x:.{survey.decimals}f} {y:.{survey.decimals}f}"
                        for x, y in shapely.get_coordinates(ring).tolist()
                    )
                    yield f"<gml:{side}><gml:LinearRing><gml:posList>{told}</gml:posList></gml:LinearRing></gml:{side}>"
                yield "</gml:Polygon></gml:surfaceMember>"
            yield "</gml:MultiSurface></dc:geom>"
        yield "</dc:ThuaDat></gml:featureMember>"
    yield "</dc:DiaChinh>"


def _written(path: Path, survey: Survey, text: str) -> Path:
    content = text.encode("utf-8")
    path.write_bytes(survey.spoil(content) if survey.spoil else content)
    return path
