"""The tiles as other programs read them: GDAL's driver, in a process as clean as people have it, and QGIS."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
import shapely
from psycopg.rows import dict_row

from register.connect import connect
from tests.environment import QGIS_PYTHON, has_qgis, unfenced
from tests.tiles.drawn import WORLD_M, Drawn, on_the_map, place

ZOOM = 16
_GDAL = """
import json, sys
import pyogrio, shapely
told = {}
for path in sys.argv[1:]:
    for layer, _ in pyogrio.list_layers(path):
        meta, _, wkb, values = pyogrio.raw.read(path, layer=layer, CLIP="NO")
        rows = [dict(zip(meta["fields"].tolist(), row)) for row in zip(*(v.tolist() for v in values))]
        told.setdefault(layer, []).append([meta["crs"], rows, [s.wkt for s in shapely.from_wkb(wkb)]])
print(json.dumps(told))
"""
_QGIS = """
import sys
from qgis.core import (QgsApplication, QgsMapRendererParallelJob, QgsMapSettings, QgsRectangle, QgsVectorTileBasicRenderer,
                       QgsVectorTileLayer)
from qgis.PyQt.QtCore import QSize
from qgis.PyQt.QtGui import QColor
application = QgsApplication([], False)
application.initQgis()
layer = QgsVectorTileLayer(f"type=xyz&url={sys.argv[1]}/tiles/parcels/%7Bz%7D/%7Bx%7D/%7By%7D.mvt&zmin=12&zmax=18", "parcels")
assert layer.isValid(), layer.error().message()
styles = QgsVectorTileBasicRenderer.simpleStyleWithRandomColors()
for style in styles:
    style.setLayerName("parcels")
renderer = QgsVectorTileBasicRenderer()
renderer.setStyles(styles)
layer.setRenderer(renderer)
settings = QgsMapSettings()
settings.setLayers([layer])
settings.setDestinationCrs(layer.crs())
settings.setOutputSize(QSize(400, 400))
settings.setBackgroundColor(QColor("white"))
settings.setExtent(QgsRectangle(*(float(n) for n in sys.argv[2].split(","))))
job = QgsMapRendererParallelJob(settings)
job.start()
job.waitForFinished()
picture = job.renderedImage()
inked = sum(picture.pixelColor(x, y) != QColor("white") for x in range(400) for y in range(400))
picture.save(sys.argv[3])
print("inked", inked / 160000)
del job, layer
application.exitQgis()
"""


def middle(drawn: Drawn) -> tuple[float, float]:
    """A web point amid the town."""
    with connect(drawn.conninfo) as conn, conn.cursor(row_factory=dict_row) as cursor:
        cursor.execute(
            "select st_x(p) as x, st_y(p) as y from (select st_centroid(st_extent(web)) as p from parcel_version) e"
        )
        row = cursor.fetchone()
    assert row is not None
    return row["x"], row["y"]


@pytest.mark.parametrize(
    ("z", "layers"), [(ZOOM, "sheets,parcels,edges,labels"), (18, "edges,labels,dimensions,points")]
)
def test_gdal_reads_a_tile_as_it_was_written(drawn: Drawn, tmp_path: Path, z: int, layers: str) -> None:
    _, x, y = place(z, *middle(drawn))
    path = tmp_path / str(z) / str(x) / f"{y}.mvt"  # the driver takes the place from the path
    path.parent.mkdir(parents=True)
    path.write_bytes(drawn.fetch(layers, z, x, y).content)
    told = json.loads(
        subprocess.run(
            [sys.executable, "-c", _GDAL, path],
            capture_output=True,
            text=True,
            check=True,
            timeout=120,
            env=unfenced(),
        ).stdout
    )
    ours = drawn.tile(layers, z, x, y)
    assert set(told) == set(ours) == set(layers.split(","))
    unit_m = WORLD_M / 2**z / 4096
    for name, ((crs, rows, shapes),) in told.items():
        assert crs == "EPSG:3857"
        assert len(rows) == len(ours[name]) > 0
        for row, wkt, one in zip(rows, shapes, ours[name], strict=True):
            assert not one["id"] or row["mvt_id"] == one["id"]  # edges and their like have none
            assert {key: row[key] for key in one["properties"]} == one["properties"]
            assert shapely.hausdorff_distance(shapely.from_wkt(wkt), on_the_map(one, z, x, y)) < unit_m / 2


@pytest.mark.skipif(not has_qgis(), reason="no QGIS (python3-qgis) is here")
def test_qgis_draws_the_tiles(drawn: Drawn, tmp_path: Path) -> None:
    x, y = middle(drawn)
    box = ",".join(str(one) for one in (x - 200, y - 200, x + 200, y + 200))
    shown = subprocess.run(
        [QGIS_PYTHON, "-c", _QGIS, str(drawn.client.base_url).rstrip("/"), box, tmp_path / "drawn.png"],
        capture_output=True, text=True, check=True, timeout=120, env=unfenced() | {"QT_QPA_PLATFORM": "offscreen"},
    ).stdout  # fmt: skip
    inked = float(shown.rsplit("inked", 1)[1])
    with connect(drawn.conninfo) as conn:
        row = conn.execute(
            "select st_area(st_intersection(st_union(web), b)) / st_area(b) from parcel_version,"
            " st_makeenvelope(%s, %s, %s, %s, 3857) b where closed_by is null and web && b group by b",
            (x - 200, y - 200, x + 200, y + 200),
        ).fetchone()
    assert row is not None
    assert inked == pytest.approx(row[0], abs=0.05)
