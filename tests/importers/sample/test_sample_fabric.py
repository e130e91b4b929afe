"""The fabric for measuring: exactly as many parcels as asked, a clean coverage in every commune, the same each time."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyogrio
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from importers.sample.fabric import batches, write_fabric

KEY = ["maXa", "soHieuToBanDo", "soThuTuThua"]


def _table(parcels: int, seed: int, communes: tuple[str, ...] = ("20320", "20332")) -> pa.Table:
    return pa.Table.from_batches(batches(parcels, seed, communes))


@settings(max_examples=12, deadline=None)
@given(seed=st.integers(0, 2**31), parcels=st.integers(1, 9_000))
def test_a_patch_is_a_clean_coverage_on_the_millimetre_grid(seed: int, parcels: int) -> None:
    table = _table(parcels, seed)
    assert table.num_rows == parcels
    shapes = shapely.from_wkb(table["geom"].to_numpy())
    assert shapely.is_valid(shapes).all()
    assert shapely.coverage_is_valid(shapes)
    points = shapely.get_coordinates(shapes)
    np.testing.assert_array_equal(points, np.round(points, 3))
    np.testing.assert_allclose(table["dienTichPhapLy"].to_numpy(), shapely.area(shapes), atol=0.051)
    assert len(table.select(KEY).group_by(KEY).aggregate([])) == parcels


def test_full_communes_have_sheets_of_hundreds_roads_of_many_corners_and_ponds_in_holes() -> None:
    table = _table(50_000, 1)
    assert table["maXa"].unique().to_pylist() == ["20320", "20332"]
    counts = table.group_by(KEY[:2]).aggregate([(KEY[2], "count")])[f"{KEY[2]}_count"].to_numpy()
    assert 300 <= np.median(counts) <= 700
    shapes = shapely.from_wkb(table["geom"].to_numpy())
    corners = shapely.get_num_coordinates(shapes) - 1
    roads = np.array(table["kyHieuMucDichSuDung"]) == "DGT"
    whole = shapely.get_num_interior_rings(shapes) == 0
    assert corners[~roads & whole].min() >= 4
    assert corners[~roads & whole].max() <= 12
    assert corners[roads].max() > 60
    assert (~whole).sum() >= 50


def test_the_file_holds_what_the_batches_hold_twice_over(tmp_path: Path) -> None:
    path = tmp_path / "fabric.gpkg"
    write_fabric(path, 6_000, seed=5)
    write_fabric(path, 6_000, seed=5)
    meta, _, shapes, columns = pyogrio.raw.read(path)
    assert meta["crs"] == "EPSG:5899"
    table = pa.Table.from_batches(batches(6_000, seed=5))
    assert shapes.tolist() == table["geom"].to_pylist()
    assert [column.tolist() for column in columns[:3]] == [table[name].to_pylist() for name in KEY]


def test_too_many_parcels_for_the_communes_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="do not fit"):
        write_fabric(tmp_path / "fabric.gpkg", 100_000, communes=["20320"])
    assert list(tmp_path.iterdir()) == []
