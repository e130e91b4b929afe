"""GDAL and QGIS as they come read all parcels: as many, the same values, shapes to the millimetre."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pyogrio
import pytest
import shapely

from geo import crs
from tests.api.asked import STREET, Asked
from tests.api.ogc.pages import all_pages
from tests.api.test_parcels import box
from tests.environment import QGIS_PYTHON, has_qgis, unfenced
from tests.register.handed_in import EAST, EPSG, NORTH

_SCRIPT = """
import json, sys
from qgis.core import QgsApplication, QgsFeatureRequest, QgsRectangle, QgsVectorLayer
application = QgsApplication([], False)
application.initQgis()
url, rectangle = sys.argv[1], [float(n) for n in sys.argv[2].split(",")]
layer = QgsVectorLayer(f"url='{url}' typename='parcels' pageSize='3' version='OGC_API_FEATURES'", "parcels", "OAPIF")
assert layer.isValid(), layer.error().message()
names = layer.fields().names()
rows = [[str(f.attribute("code")), str(f.attribute("land_use")), f.geometry().asWkt(9)] for f in layer.getFeatures()]
some = QgsVectorLayer(
    f"url='{url}' typename='parcels' pageSize='3' restrictToRequestBBOX='1' version='OGC_API_FEATURES'", "some", "OAPIF")
within = [str(f.attribute("code")) for f in some.getFeatures(QgsFeatureRequest().setFilterRect(QgsRectangle(*rectangle)))]
print("found " + json.dumps({"names": names, "count": layer.featureCount(), "rows": rows, "within": within}))
del layer, some
application.exitQgis()
"""


def _has_gdal() -> bool:
    if shutil.which("ogr2ogr") is None:
        return False
    return (
        "OAPIF"
        in subprocess.run(
            ["ogrinfo", "--formats"], capture_output=True, text=True, check=True, env=unfenced()
        ).stdout
    )


def in_zone(shape: shapely.Geometry) -> shapely.Geometry:
    """Degrees brought into the zone."""
    return shapely.transform(shape, lambda xy: np.column_stack(crs.from_wgs84(EPSG, xy[:, 0], xy[:, 1])))


def stored(asked: Asked) -> dict[str, shapely.Geometry]:
    """Surveyed shapes by code, as the other door gives them."""
    found = {}
    for code in (code for key, code in asked.codes.items() if key != ("9", "1")):
        geometry = asked.json(f"/api/v1/parcels/{code}", crs="vn2000")["geometry"]
        found[code] = shapely.from_geojson(json.dumps(geometry))
    return found


def same(found: dict[str, shapely.Geometry], asked: Asked) -> None:
    wanted = stored(asked)
    assert found.keys() == wanted.keys()
    for code, shape in found.items():
        rounded = shapely.set_precision(in_zone(shape), 0.001)  # to compare corners in the same order
        assert shapely.normalize(rounded).equals_exact(shapely.normalize(wanted[code]), 0.001)
        assert shapely.hausdorff_distance(in_zone(shape), wanted[code]) < 0.001


@pytest.mark.skipif(not _has_gdal(), reason="no ogr2ogr with the OAPIF driver (gdal-bin) is here")
@pytest.mark.parametrize("options", [[], ["-oo", "PAGE_SIZE=2"]])
def test_gdal_reads_all_parcels(asked: Asked, tmp_path: Path, options: list[str]) -> None:
    copy, url = tmp_path / "copy.gpkg", f"OAPIF:{asked.client.base_url}/ogc"
    subprocess.run(["ogr2ogr", "-q", *options, copy, url, "parcels"], check=True, timeout=120, env=unfenced())
    meta, _, wkb, values = pyogrio.raw.read(copy)
    rows = [dict(zip(meta["fields"], row, strict=True)) for row in zip(*values, strict=True)]
    wanted = {one["id"]: one["properties"] for one in all_pages(asked, "parcels")}
    assert len(rows) == len(wanted) == len(STREET)
    for row in rows:
        for name in (
            "commune",
            "commune_name",
            "sheet",
            "number",
            "land_use",
            "address",
            "area_m2",
            "epsg",
            "version",
        ):
            assert row[name] == wanted[row["code"]][name]
    same(dict(zip((row["code"] for row in rows), shapely.from_wkb(wkb), strict=True)), asked)
    west, south, east, north = box(-1, 1, 7, 25).split(",")
    subprocess.run(
        ["ogr2ogr", "-q", "-spat", west, south, east, north, tmp_path / "some.gpkg", url, "parcels"],
        check=True,
        env=unfenced(),
    )
    assert pyogrio.read_info(tmp_path / "some.gpkg")["features"] == 3


def test_later_gdal_gets_the_surveyed_shapes(asked: Asked) -> None:
    """GDAL from 3.8 on asks in the storage CRS: the zone, in which shapes and boxes are those that were surveyed."""
    script = """
import json, sys
import pyogrio
url, box = sys.argv[1], tuple(float(n) for n in sys.argv[2].split(","))
told = {}
for name, more in (("all", {}), ("some", {"bbox": box})):
    meta, _, wkb, (codes,) = pyogrio.raw.read(url, layer="parcels", columns=["code"], **more)
    told[name] = {code: shape.hex() for code, shape in zip(codes.tolist(), wkb, strict=True)}
print(json.dumps(told | {"crs": meta["crs"]}))
"""
    url = f"OAPIF:{asked.client.base_url}/ogc"
    done = subprocess.run(
        [sys.executable, "-c", script, url, f"{EAST - 1},{NORTH + 1},{EAST + 7},{NORTH + 25}"],
        capture_output=True, text=True, timeout=120, check=True, env=unfenced(),
    )  # fmt: skip
    told = json.loads(done.stdout)
    assert told["crs"] == f"EPSG:{EPSG}"
    wanted = stored(asked)
    found = {code: shapely.from_wkb(bytes.fromhex(shape)) for code, shape in told["all"].items()}
    assert found.keys() == wanted.keys()
    for code, shape in found.items():
        assert shapely.normalize(shape).equals_exact(shapely.normalize(wanted[code]), 0.0)
    assert set(told["some"]) == {asked.codes[key] for key in (("1", "1"), ("1", "2"), ("1", "4"))}


@pytest.mark.skipif(not has_qgis(), reason="python3-qgis is not here")
def test_qgis_opens_a_layer_and_pages_through_it(asked: Asked, tmp_path: Path) -> None:
    script = tmp_path / "open.py"
    script.write_text(_SCRIPT)
    told = subprocess.run(
        [QGIS_PYTHON, script, f"{asked.client.base_url}/ogc", box(-1, 1, 7, 25)],
        capture_output=True, text=True, timeout=120, check=False, cwd=tmp_path,
        env={"QT_QPA_PLATFORM": "offscreen", "HOME": str(tmp_path), "XDG_RUNTIME_DIR": str(tmp_path)},
    )  # fmt: skip
    (line,) = [line for line in told.stdout.splitlines() if line.startswith("found ")] or [told.stderr]
    found = json.loads(line.removeprefix("found "))
    wanted = {one["id"]: one["properties"] for one in all_pages(asked, "parcels")}
    assert found["count"] == len(STREET)
    assert {"code", "number", "land_use"} <= set(found["names"])
    assert {code: use for code, use, _ in found["rows"]} == {
        code: one["land_use"] for code, one in wanted.items()
    }
    same({code: shapely.from_wkt(wkt) for code, _, wkt in found["rows"]}, asked)
    assert sorted(found["within"]) == sorted(asked.codes[key] for key in (("1", "1"), ("1", "2"), ("1", "4")))
