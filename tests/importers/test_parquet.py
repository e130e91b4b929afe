"""GeoParquet as others write it, and as nobody should: broken, cut, without shapes, of absurd size."""

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pyproj
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from importers.errors import Refused
from importers.exchange import tabular
from importers.plots import How
from importers.read import ReadOptions, read
from importers.source import SourceFile

SHAPE = shapely.to_wkb(shapely.box(548_000, 1_777_000, 548_005, 1_777_020))
CRS = pyproj.CRS.from_epsg(5899).to_json_dict()


def about(**more: Any) -> dict[str, Any]:
    """What GeoParquet says of a table with shapes in 5899."""
    return {
        "version": "1.1.0",
        "primary_column": "geometry",
        "columns": {"geometry": {"encoding": "WKB", "geometry_types": [], "crs": CRS} | more},
    }


def written(path: Path, geo: Any, shape: Any = SHAPE, rows: int = 1, **options: Any) -> Path:
    """A table of parcels of one shape; `geo` None: without what makes it GeoParquet."""
    table = pa.table(
        {
            "maXa": ["20194"] * rows,
            "soTo": ["1"] * rows,
            "soThua": [str(n) for n in range(1, rows + 1)],
            "kyHieuMucDichSuDung": pa.array(["ODT"] * rows).dictionary_encode(),
            "geometry": pa.array([shape] * rows, pa.binary() if isinstance(shape, bytes) else None),
        }
    )
    if geo is not None:
        table = table.replace_schema_metadata({"geo": geo if isinstance(geo, str) else json.dumps(geo)})
    pq.write_table(table, path, **options)
    return path


def drafts(path: Path) -> list[dict[str, Any]]:
    reading = read([path], ReadOptions(zone_of=lambda _: 5899))
    return [row for batch in reading.batches() for row in batch.to_pylist()]


def plots(path: Path) -> int:
    """How many plots a survey of this file has; read here, not in the fenced process."""
    return len(tabular.read(SourceFile(path.name, path, "parquet", path.stat().st_size), How()).plots)


@pytest.mark.parametrize("options", [{"version": "1.0"}, {"compression": "zstd", "row_group_size": 1}])
def test_tables_of_other_programs_are_read(tmp_path: Path, options: dict[str, Any]) -> None:
    found = drafts(written(tmp_path / "thua.parquet", about(), rows=3, **options))
    assert [(one["sheet"], one["number"], one["land_use"], one["epsg"]) for one in found] == [
        ("1", str(n), "ODT", 5899) for n in (1, 2, 3)
    ]
    assert all(
        shapely.normalize(shapely.from_wkb(one["shape"])) == shapely.normalize(shapely.from_wkb(SHAPE))
        for one in found
    )


def test_without_a_system_it_is_in_degrees(tmp_path: Path) -> None:
    geo = about()
    del geo["columns"]["geometry"]["crs"]
    degrees = shapely.to_wkb(shapely.box(108.2, 16.06, 108.2001, 16.0601))
    (one,) = drafts(written(tmp_path / "a.parquet", geo, degrees))
    assert shapely.from_wkb(one["shape"]).area == pytest.approx(118.4, abs=1)


@pytest.mark.parametrize(
    ("geo", "shape"),
    [
        (None, SHAPE),
        ("not JSON", SHAPE),
        ("[" * 100_000, SHAPE),
        ({}, SHAPE),
        ({"primary_column": "shape", "columns": {"shape": {"encoding": "WKB"}}}, SHAPE),
        ({"primary_column": ["geometry"], "columns": []}, SHAPE),
        (about(encoding="polygon"), SHAPE),
        (about(crs={"type": "nonsense"}), SHAPE),
    ],
)
def test_what_is_no_geoparquet_is_refused(tmp_path: Path, geo: Any, shape: Any) -> None:
    with pytest.raises(Refused) as refused:
        plots(written(tmp_path / "a.parquet", geo, shape))
    assert "Parquet" in refused.value.text_vi
    assert "Parquet" in refused.value.text_en


@pytest.mark.parametrize(("geo", "shape"), [(about(crs=None), SHAPE), (about(), 7)])
def test_what_is_no_map_is_refused(tmp_path: Path, geo: Any, shape: Any) -> None:
    """No system; numbers where shapes should be."""
    with pytest.raises(Refused):
        drafts(written(tmp_path / "a.parquet", geo, shape))


@given(st.data())
@settings(max_examples=60, suppress_health_check=list(HealthCheck))
def test_a_damaged_file_is_read_or_refused(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    path = written(tmp_path_factory.mktemp("damaged") / "a.parquet", about(), rows=50)
    content = bytearray(path.read_bytes())
    if data.draw(st.booleans()):
        content = content[: data.draw(st.integers(8, len(content)))]
    for _ in range(data.draw(st.integers(0, 4))):
        content[data.draw(st.integers(4, len(content) - 1))] = data.draw(st.integers(0, 255))
    path.write_bytes(content)
    try:
        assert plots(path) <= 50
    except Refused as refused:
        assert refused.text_en  # noqa: PT017 - either is right
