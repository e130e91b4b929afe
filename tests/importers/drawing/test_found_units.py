"""Drawings whose header says another unit than they are drawn in: read to the same plots, to the same tolerances."""

from pathlib import Path

import pytest
import shapely

from tests.importers.drawing.sheets import document, draw, lines, numbers, read, rules, saved

TOWN = """
    AABB
    AACC
"""


@pytest.mark.parametrize("unit", [6, 0, 1, 2, 4])
@pytest.mark.parametrize("scale", [1.0, 1000.0, 1 / 0.3048], ids=["metres", "millimetres", "feet"])
def test_the_unit_of_the_header_moves_no_corner(tmp_path: Path, unit: int, scale: float) -> None:
    parcels = {
        letter: shapely.transform(shape, lambda xy: (xy + 0.0123) * scale)
        for letter, shape in draw(TOWN).items()
    }
    drawn = read(saved(numbers(lines(document(unit), parcels), parcels), tmp_path))
    assert sorted(p.number or "" for p in drawn.plots) == ["1", "2", "3"]
    for plot in drawn.plots:
        known = parcels["ABC"[int(plot.number or 0) - 1]]
        assert (
            shapely.hausdorff_distance(shapely.normalize(plot.shape), shapely.normalize(known))
            < 0.0015 * scale
        )
    assert not {"no_shape", "open_ring", "dangle"} & set(rules(drawn))


@pytest.mark.parametrize("scale", [1.0, 1000.0], ids=["metres", "millimetres"])
def test_an_opening_of_a_decimetre_is_found_in_millimetres_too(tmp_path: Path, scale: float) -> None:
    (a,) = draw("A").values()
    corners = [(x * scale, y * scale) for x, y in a.exterior.coords[:-1]]
    made = document()
    for (x0, y0), (x1, y1) in zip(
        corners, [*corners[1:], (corners[0][0], corners[0][1] + 0.1 * scale)], strict=True
    ):
        made.modelspace().add_line((x0, y0), (x1, y1), dxfattribs={"layer": "Level 10"})
    drawn = read(saved(numbers(made, {"A": a}), tmp_path))
    (opening,) = [f for f in drawn.findings if f.rule == "open_ring"]
    assert opening.width_m == pytest.approx(0.1, abs=0.001)


def test_of_a_cut_drawing_no_number_is_missed(tmp_path: Path) -> None:
    parcels = draw(TOWN)
    path = saved(numbers(lines(document(), parcels), parcels), tmp_path)
    content = path.read_bytes()
    path.write_bytes(content[: content.rindex(b"TEXT")])
    drawn = read(path)
    assert len(drawn.plots) == 3
    assert [p.number for p in drawn.plots].count(None) > 0
    assert rules(drawn) == ["incomplete_file"]
