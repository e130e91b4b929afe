"""Shapes through the compiled loops come out as GEOS would make them."""

import numpy as np
import pyarrow as pa
import shapely
from hypothesis import example, given
from hypothesis import strategies as st

from geo.shapes import round_mm
from importers import wkb
from tests.importers.parcels import EAST_M, NORTH_M

# Small numbers of whole and half millimetres: rings that touch, cross, repeat and collapse are common.
coarse = st.integers(0, 8).map(lambda n: n * 0.0005)
fine = st.floats(-40, 40, allow_nan=False, width=32)


@st.composite
def rings(draw: st.DrawFn) -> list[tuple[float, float]]:
    ordinate = draw(st.sampled_from([coarse, fine]))
    points = draw(st.lists(st.tuples(ordinate, ordinate), min_size=3, max_size=9))
    return [(EAST_M + x, NORTH_M + y) for x, y in [*points, points[0]]]


@st.composite
def polygons(draw: st.DrawFn) -> shapely.Geometry:
    parts = [
        shapely.Polygon(draw(rings()), draw(st.lists(rings(), max_size=1)))
        for _ in range(draw(st.sampled_from([1, 1, 1, 2])))
    ]
    shape = parts[0] if len(parts) == 1 else shapely.MultiPolygon(parts)
    return shapely.force_3d(shape, 5.0) if draw(st.booleans()) else shape


@given(st.lists(polygons(), min_size=1, max_size=5), st.sampled_from(["iso", "extended"]))
@example([shapely.Polygon([(0, 0), (4, 0), (4, 4), (2, 0), (0, 4), (0, 0)])], "iso")
@example([shapely.Polygon([(0, 0), (4, 0), (8, 0), (4, 0), (4, 4), (0, 0)])], "iso")
def test_what_is_proven_is_valid_and_all_are_rounded_as_geo_rounds(
    shapes: list[shapely.Geometry], flavor: str
) -> None:
    raw = pa.array([shapely.to_wkb(s, flavor=flavor, byte_order=1) for s in shapes], pa.binary())
    flat = wkb.unpack(raw, 1000)
    assert (flat.status == wkb.OK).all()
    tidy, verdict, _ = wkb.tidy(flat)
    out = shapely.from_wkb(wkb.pack(tidy).to_pylist())
    valid = shapely.is_valid(out)
    assert valid[verdict == wkb.PROVEN].all()
    good = valid & shapely.is_valid(shapely.force_2d(shapes))
    expected = np.array(
        [s if len(shapely.get_parts(s)) > 1 else shapely.get_parts(s)[0] for s in shapes], dtype=object
    )
    assert shapely.equals_exact(
        shapely.normalize(out[good]), shapely.normalize(round_mm(expected)[good]), tolerance=0.0
    ).all()
    for part in shapely.get_parts(out[valid]):
        assert part.exterior.is_ccw
        assert not any(ring.is_ccw for ring in part.interiors)


@given(st.lists(polygons(), min_size=1, max_size=4))
def test_tidying_twice_changes_nothing(shapes: list[shapely.Geometry]) -> None:
    once = wkb.pack(
        wkb.tidy(wkb.unpack(pa.array(shapely.to_wkb(shapes, byte_order=1), pa.binary()), 1000))[0]
    )
    good = shapely.is_valid(shapely.from_wkb(once.to_pylist()))
    once = once.filter(pa.array(good))
    twice = wkb.pack(wkb.tidy(wkb.unpack(once, 1000))[0])
    assert once.equals(twice)


@given(st.lists(st.one_of(st.none(), st.binary(max_size=120)), max_size=6))
def test_any_bytes_get_a_status(values: list[bytes | None]) -> None:
    flat = wkb.unpack(pa.array(values, pa.binary()), 1000)
    assert len(flat.status) == len(values)
    assert wkb.pack(wkb.tidy(flat)[0]).null_count == (flat.status != wkb.OK).sum()


@given(polygons(), st.data())
def test_a_cut_or_changed_polygon_is_never_read_beyond_its_end(
    shape: shapely.Geometry, data: st.DataObject
) -> None:
    content = bytearray(shapely.to_wkb(shape, byte_order=1))
    for _ in range(data.draw(st.integers(1, 3))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    cut = bytes(content[: data.draw(st.integers(0, len(content)))])
    flat = wkb.unpack(pa.array([cut, shapely.to_wkb(shape, byte_order=1)], pa.binary()), 1000)
    assert flat.status[1] == wkb.OK
    assert len(wkb.pack(wkb.tidy(flat)[0])) == 2


def test_a_slice_of_a_batch_is_read_from_its_own_offset() -> None:
    boxes = [shapely.box(0, 0, n, n) for n in (1, 2, 3)]
    array = pa.array(shapely.to_wkb(boxes, byte_order=1), pa.binary()).slice(1, 1)
    out = shapely.from_wkb(wkb.pack(wkb.tidy(wkb.unpack(array, 100))[0]).to_pylist())
    assert shapely.area(out).tolist() == [4.0]
