"""The texts of parcels: inside, turned as the parcel lies, as large as there is room for."""

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from tests.tiles.ground import CELL, UNITS_M, block_of, features, picture, text
from tests.tiles.test_blocks import odd_shapes
from tests.tiles.test_edges import maps
from tiles.rooms import BANDS, DIGIT_EM, LINE_EM, area_digits, metres

NAMES = ("number", "text", "angle", "width", "height")


def test_a_number_lies_along_a_narrow_parcel() -> None:
    """101 and 102 are upright, 103 lies, 104 leans."""
    shapes = picture("AACCC\nAA\nAA")
    both = {"A": shapes["A"], "B": shapely.box(8000, 5000, 9000, 12_000), "C": shapes["C"]}
    both["D"] = shapely.Polygon([(10_000, 12_000), (14_000, 8000), (14_800, 8800), (10_800, 12_800)])
    assert text(features(block_of(both, first=101), "labels", 16), *NAMES) == NARROW


NARROW = """\
101 101 -90 26.9 17.3 62,93
102 102 -90 15.6 2.1 132,132
103 103 0 26.9 8.6 218,31
104 104 -45 12.6 2.4 193,162"""


def test_from_zoom_18_on_the_area_stands_below_the_number() -> None:
    assert text(features(block_of(picture("AA\nAA")), "labels", 18), *NAMES) == BELOW


BELOW = "1 1/400.0 0 17.9 15.2 250,250"


def test_a_text_steps_aside_from_a_hole() -> None:
    """The deepest point is between hole and rim; the room is beside the hole."""
    shapes = picture("AAAAA\nAABAA\nAAAAA\nAAAAA")
    block = block_of(shapes)
    for band in range(len(BANDS)):
        room = rectangle(block, 0, band)
        assert room.area > 0.2 * shapes["A"].area
        assert shapes["A"].buffer(3).covers(room)


def rectangle(block: object, i: int, band: int) -> shapely.Geometry:
    """The room of a parcel, in units of the grid."""
    rooms = block.rooms(CELL[1])  # type: ignore[attr-defined]
    width, height = rooms.size_m[i, band] / metres(CELL[1])
    u, v = rooms.at[i, band]
    level = shapely.box(u - width / 2, v - height / 2, u + width / 2, v + height / 2)
    return shapely.affinity.rotate(level, rooms.angle[i, band], origin=(u, v))  # y points down: clockwise


@given(maps())
def test_rooms_lie_inside_and_are_no_smaller_than_the_inscribed_circle_gives(
    shapes: dict[str, shapely.Geometry],
) -> None:
    block = block_of(shapes)
    inside(block, list(shapes.values()))
    for i in range(len(shapes)):
        digits = [len(str(i + 1)), max(len(str(i + 1)), len(f"{block.area_m2[i]:.1f}"))]
        for band in range(len(BANDS)):
            wide, tall = DIGIT_EM * digits[band], LINE_EM * (band + 1)
            width, height = block.rooms(CELL[1]).size_m[i, band]
            radius = block.room_m[i] * UNITS_M * metres(CELL[1])
            assert min(width / wide, height / tall) > 0.65 * 2 * radius / np.hypot(wide, tall)


@given(st.lists(odd_shapes(), min_size=1, max_size=3))
def test_rooms_of_odd_shapes_lie_inside(shapes: list[shapely.Geometry]) -> None:
    inside(block_of({f"{n:06}": s for n, s in enumerate(shapes)}), shapes)


def inside(block: object, shapes: list[shapely.Geometry]) -> None:
    for i, shape in enumerate(shapes):
        for band in range(len(BANDS)):
            room = rectangle(block, i, band)
            assert (
                room.area == 0 or shapely.difference(room, shape).area <= 0.02 * room.area + 6 * room.length
            )


@pytest.mark.parametrize("area_m2", [0.0, 0.04, 0.05, 9.94, 9.96, 10.0, 99.95, 123456.7])
def test_an_area_has_as_many_letters_as_it_is_written_with(area_m2: float) -> None:
    assert area_digits(area_m2) == len(f"{np.rint(area_m2 * 10) / 10:.1f}")
    block = block_of({"A": shapely.box(0, 0, 9000, 9000)})
    block.area_m2[:] = area_m2
    (label,) = features(block, "labels", 18)
    assert label["properties"]["text"] == f"1\n{np.rint(area_m2 * 10) / 10:.1f}"


def test_a_parcel_without_room_has_a_text_all_the_same() -> None:
    """A reader may want it in a list; its room says that it cannot be written."""
    (label,) = features(block_of({"A": shapely.box(0, 0, 3000, 1)}), "labels", 18)
    facts = label["properties"]
    assert (facts["number"], facts["width"], facts["height"]) == ("1", 0.0, 0.0)
