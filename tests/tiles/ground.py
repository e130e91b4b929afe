"""Drawn parcels as the block of a map cell, and its tiles as text."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import mapbox_vector_tile
import numpy as np
import shapely

from tests.geo.drawing import draw
from tiles import encode
from tiles.block import Block, made
from tiles.edges import ROAD, WATER, Grounds
from tiles.outlines import from_polygons

CELL = (13117, 7451)
UNITS_M = 400
"""Units of the grid for a metre of a drawing: 25 of a tile of zoom 18."""


def picture(text: str, *, thin: bool = True, cell_m: float = 10) -> dict[str, shapely.Geometry]:
    """The parcels of a drawing by letter, in units of the grid, its upper left corner at 0, 0.

    thin: corners in the middle of a straight side are left out, so that neighbours' corners meet sides.
    """
    shapes = draw(text, cell_m, 0, 0)
    top = max(shape.bounds[3] for shape in shapes.values())
    # Pixels of the drawing are squares: a corner where the direction does not change is in the middle of a side.
    corners = {letter: shape.simplify(0) if thin else shape for letter, shape in shapes.items()}
    return {
        letter: shapely.transform(shape, lambda xy: np.rint((xy * (1, -1) + (0, top)) * UNITS_M))
        for letter, shape in corners.items()
    }


def block_of(
    shapes: Mapping[str, shapely.Geometry],
    *,
    first: int = 1,
    sheets: Sequence[str] = (),
    communes: Sequence[str] = (),
    road: str = "",
    water: str = "",
) -> Block:
    """The block of shapes in units of the grid, numbered in their order; codes end with their letters (of up to six).

    sheets, communes: letters of each but the first. Surveyed lengths are those of the grid, at `UNITS_M`.
    """
    n = len(shapes)
    outlines = from_polygons(np.array(list(shapes.values()), object))
    following = np.arange(outlines.x.size) + 1
    following[outlines.point[1:] - 1] = outlines.point[:-1]
    x, y = outlines.x.astype(float), outlines.y.astype(float)
    outlines.mm[:] = np.rint(np.hypot(x[following] - x, y[following] - y) * 1000 / UNITS_M)

    def which(groups: Sequence[str]) -> np.ndarray:
        return np.array([next((k for k, g in enumerate(groups, 1) if c in g), 0) for c in shapes], np.int32)

    ground = [ROAD if c in road else WATER if c in water else 0 for c in shapes]
    ids = np.arange(first, first + n)
    poles = [shapely.maximum_inscribed_circle(s, tolerance=s.length / 1000) for s in shapes.values()]
    anchors = np.array([p.coords[0] for p in poles]).reshape(n, 2).astype(np.int32)
    areas = np.array([s.area for s in shapes.values()]) / UNITS_M**2
    each = (f"w7er8sp5fq0{c}" if len(c) == 1 else f"w7er8s{c:>06}" for c in shapes)
    codes = np.frombuffer("".join(each).encode(), np.uint8)
    return made(
        ids, codes.reshape(n, 12).copy(), [b"%d" % i for i in ids], [b"ODT"] * n, areas,
        np.array([p.length for p in poles], np.float32) / UNITS_M, anchors, outlines,
        Grounds(which(sheets), which(communes), np.array(ground, np.uint8)),
    )  # fmt: skip


def features(block: Block, layer: str, z: int, column: int = 0, row: int = 0) -> list[dict[str, Any]]:
    """Features of a layer in the tile of zoom z in this column and row of the cell; y down."""
    at = (z, (CELL[0] << (z - 14)) + column, (CELL[1] << (z - 14)) + row)
    body = encode.layers([layer], {CELL: block}, *at)
    if not body:
        return []
    decoded = mapbox_vector_tile.decode(body, default_options={"y_coord_down": True})
    assert list(decoded) == [layer]
    found: list[dict[str, Any]] = decoded[layer]["features"]
    return found


def text(found: Iterable[dict[str, Any]], *names: str) -> str:
    """One line a feature: its attributes (codes by their letter, - for none) and its points."""
    lines = []
    for feature in found:
        facts = feature["properties"]
        values = [facts.get(name, "-") for name in names]
        said = [
            v[-1] if isinstance(v, str) and len(v) == 12 else f"{v:g}" if isinstance(v, float) else v
            for v in values
        ]
        points = shapely.get_coordinates(shapely.geometry.shape(feature["geometry"])).astype(int).tolist()
        lines.append(" ".join([*map(str, said), *(f"{px},{py}" for px, py in points)]).replace("\n", "/"))
    return "\n".join(sorted(lines))
