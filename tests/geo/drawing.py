"""Parcels drawn as letters: each letter of a grid is a square of one cell, equal letters in a drawing are
one parcel."""

import numpy as np
import shapely

from geo.ragged import Shapes


def draw(
    picture: str, cell_m: float = 10.0, east_m: float = 548_000.0, north_m: float = 1_778_000.0
) -> dict[str, shapely.Geometry]:
    """Shapes by letter, exterior counter-clockwise; blanks and dots are nothing. The last line's south-west
    corner lies at east, north. Neighbours share every corner that either has, as in a clean map.
    """
    lines = [line for line in picture.splitlines() if line.strip()]
    indent = min(len(line) - len(line.lstrip()) for line in lines)
    squares: dict[str, list[shapely.Geometry]] = {}
    for row, line in enumerate(reversed(lines)):
        for column, letter in enumerate(line[indent:]):
            if letter not in " .":
                x, y = east_m + column * cell_m, north_m + row * cell_m
                squares.setdefault(letter, []).append(shapely.box(x, y, x + cell_m, y + cell_m))
    # A union by shared edges keeps the corners between squares: they are the corners of some neighbour.
    return {
        letter: shapely.orient_polygons(shapely.coverage_union_all(np.array(faces, dtype=object)))
        for letter, faces in sorted(squares.items())
    }


def shapes(picture: str, **place: float) -> Shapes:
    """The drawn shapes in the order of their letters."""
    return np.array(list(draw(picture, **place).values()), dtype=object)
