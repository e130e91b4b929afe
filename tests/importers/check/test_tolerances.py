"""Areas, edges and corners are held to the appendices, per scale: a little beyond is told, a little within is not.

The values are those of Circular 26/2024, appendices 03 and 04, and of Circular 25/2014, article 7, worked out by hand.
"""

import pytest
import shapely

from importers.check.context import Context
from tests.importers.check.sheet import Register, at, plot, told, ward

AREAS_M2 = [
    (200, 100, 0.72), (200, 1000, 4.02), (500, 30, 0.25), (500, 100, 0.81), (500, 300, 1.81), (500, 500, 2.61),
    (500, 1000, 4.11), (500, 2000, 6.11), (1000, 300, 2.43), (1000, 1000, 5.93), (1000, 2000, 9.93),
    (1000, 5000, 18.93), (1000, 10000, 28.93), (2000, 300, 2.74), (2000, 1000, 6.24), (5000, 300, 2.75),
    (10000, 1000, 6.95), (None, 300, 1.81),
]  # fmt: skip
"""Scale, area, permitted difference; of an unknown scale 1:500."""
EDGES_CM = [
    (200, 2, 1.5), (200, 8, 5.1), (200, 15, 6.85), (500, 3, 1.8), (500, 8, 5.05), (500, 15, 7.15), (500, 30, 10.9),
    (500, 50, 14.9), (1000, 10, 6.55), (1000, 30, 12.55), (2000, 10, 7.5), (2000, 30, 14.5), (5000, 10, 8.0),
    (10000, 10, 8.25),
]  # fmt: skip
"""Scale, length in metres, permitted difference."""
POINTS_CM = [(200, 5.0), (500, 7.0), (1000, 15.0), (2000, 30.0)]
"""Scale and class. At 1:5000 and 1:10000 (1.5 m, 3 m) a corner so far off is another corner."""


def field(area_m2: float) -> shapely.Polygon:
    """Ten metres wide."""
    return shapely.box(*at(0, 0), *at(10, area_m2 / 10))


def oblong(length_m: float) -> shapely.Polygon:
    """Nine metres deep; its length grows to both sides."""
    return shapely.box(*at(100 - length_m / 2, 0), *at(100 + length_m / 2, 9))


def anew(was: shapely.Geometry, scale: int) -> Context:
    """The register has one parcel."""
    return ward(outline=None, near=Register({"1": was}, scale))


@pytest.mark.parametrize(("scale", "area_m2", "permitted_m2"), AREAS_M2)
@pytest.mark.parametrize("way", [-1, 1])
def test_written_and_legal_areas(scale: int | None, area_m2: float, permitted_m2: float, way: int) -> None:
    alone = ward(has_register=False, outline=None)

    def said(rule: str, column: str, off: float) -> list[str]:
        one = plot("a", shape=field(area_m2), scale=scale, legal_area_m2=None, told_area_m2=None)
        setattr(one, column, area_m2 + way * off)
        return [finding.severity for finding in told(rule, [one], alone)]

    assert said("legal_area", "legal_area_m2", permitted_m2 + 0.06) == ["explain"]
    assert said("legal_area", "legal_area_m2", permitted_m2 + 0.04) == []
    assert said("written_area", "told_area_m2", permitted_m2 + 0.001) == ["explain"]
    assert said("written_area", "told_area_m2", permitted_m2 - 0.001) == ["note"]
    assert said("written_area", "told_area_m2", 0.09) == []


@pytest.mark.parametrize(
    ("written", "said"), [(431.0, ["explain"]), (400.0, []), (401.0, []), (402.0, ["note"])]
)
def test_whole_square_metres_were_rounded(written: float, said: list[str]) -> None:
    one = plot("a", shape=shapely.box(*at(0, 0), *at(20, 20.02)), told_area_m2=written, legal_area_m2=None)
    alone = ward(has_register=False, outline=None)
    assert [finding.severity for finding in told("written_area", [one], alone)] == said


@pytest.mark.parametrize("nothing", [None, 0.0, -3.0])
def test_no_area_written_is_none_to_compare(nothing: float | None) -> None:
    one = plot("a", told_area_m2=nothing, legal_area_m2=nothing)
    assert not [finding for rule in ("written_area", "legal_area") for finding in told(rule, [one])]


@pytest.mark.parametrize(("scale", "area_m2", "permitted_m2"), [row for row in AREAS_M2 if row[0]])
def test_measured_and_registered_areas(scale: int, area_m2: float, permitted_m2: float) -> None:
    """Held to the scale of the registered map, not to what the file says; the longer side moves by millimetres."""
    context = anew(field(area_m2), scale)

    def said(off_m2: float) -> list[float | None]:
        one = plot("a", shape=field(area_m2 + round(off_m2, 2)), scale=500)
        return [finding.size for finding in told("registered_area", [one], context)]

    assert said(permitted_m2 + 0.06) == [pytest.approx(permitted_m2 + 0.06, abs=0.01)]
    assert said(permitted_m2 + 0.03) == []


@pytest.mark.parametrize(("scale", "length_m", "permitted_cm"), EDGES_CM)
@pytest.mark.parametrize("way", [-1, 1])
def test_edges(scale: int, length_m: float, permitted_cm: float, way: int) -> None:
    context = anew(oblong(length_m), scale)

    def said(off_mm: float, land_use: str = "ODT") -> int:
        """To both sides by half a difference: an even number of millimetres."""
        half_m = off_mm // 2 / 1000
        one = plot("a", shape=oblong(length_m + way * 2 * half_m), scale=scale, land_use=land_use)
        return len(told("edge_length", [one], context))

    assert said(10 * permitted_cm + 3) == 2
    assert said(10 * permitted_cm - 1) == 0
    farm_cm = permitted_cm * (1.2 if scale in (1000, 2000) else 1.0)
    assert said(10 * farm_cm + 3, "LUC") == 2
    assert said(10 * farm_cm - 1, "LUC") == 0


@pytest.mark.parametrize(("scale", "class_cm"), POINTS_CM)
@pytest.mark.parametrize(
    ("land_use", "farm"), [("ODT", False), ("LUC", True), ("CLN+HNK", True), ("LUC+ODT", False)]
)
@pytest.mark.parametrize(("east", "north"), [(1, 0), (-1, 0), (0, 1), (0.6, -0.8)])
def test_shared_corners(
    scale: int, class_cm: float, land_use: str, farm: bool, east: float, north: float
) -> None:
    """Two registered squares, both measured anew; the corner that they share slides along their front, or leaves it."""
    left = [at(0, 0), at(20, 0), at(20, 20), at(0, 20)]
    right = [at(20, 0), at(40, 0), at(40, 20), at(20, 20)]
    context = ward(
        outline=None, near=Register({"1": shapely.Polygon(left), "2": shapely.Polygon(right)}, scale)
    )
    limit_cm = class_cm * (1.5 if farm and scale in (1000, 2000) else 1.0)

    def said(off_cm: float) -> list[float | None]:
        there = at(20 + east * off_cm / 100, north * off_cm / 100)
        shapes = [[there if xy == at(20, 0) else xy for xy in ring] for ring in (left, right)]
        many = [
            plot(letter, shape=shapely.Polygon(ring), land_use=land_use, scale=scale)
            for letter, ring in zip("ab", shapes, strict=True)
        ]
        return [finding.width_m for finding in told("moved_corner", many, context)]

    assert said(limit_cm + 0.2) == [pytest.approx(limit_cm / 100 + 0.002, abs=0.0008)]
    assert said(limit_cm - 0.2) == []


def test_an_unknown_scale_is_learned_from_the_register() -> None:
    """At 1:2000 the edge may differ by 14.5 cm, in towns by 10.9."""
    context = anew(oblong(30), 2000)
    one = plot("a", shape=oblong(30.13), scale=None)
    assert told("edge_length", [one], context) == []
    one.scale = 500
    assert len(told("edge_length", [one], context)) == 2
