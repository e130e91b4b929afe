"""Drawings for tests: parcels drawn as letters, written as DXF by ezdxf in the ways surveyors draw them."""

import itertools
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import ezdxf.filemanagement
import shapely

from importers.drawing import dxf
from importers.plots import Drawn, How
from importers.source import SourceFile
from tests.geo.drawing import draw

BOUNDARY, NUMBER = "Level 10", "Level 13"


def source(path: Path, kind: str = "dxf") -> SourceFile:
    return SourceFile(path.name, path, kind, path.stat().st_size)  # type: ignore[arg-type]


def read(path: Path, **how: Any) -> Drawn:
    return dxf.read(source(path), How(**how))


def document(unit: int = 6, version: str = "R2000") -> Any:
    made = ezdxf.filemanagement.new(version)
    made.header["$INSUNITS"] = unit
    return made


def saved(made: Any, folder: Path, name: str = "to.dxf", **more: Any) -> Path:
    path = folder / name
    made.saveas(path, **more)
    return path


def rings(made: Any, parcels: Mapping[str, shapely.Geometry], layer: str = BOUNDARY) -> Any:
    """Each parcel as a closed polyline."""
    for shape in parcels.values():
        for ring in shapely.get_rings(shape):
            corners = [(x, y) for x, y in shapely.get_coordinates(ring)[:-1]]
            made.modelspace().add_lwpolyline(corners, close=True, dxfattribs={"layer": layer})
    return made


def lines(made: Any, parcels: Mapping[str, shapely.Geometry], layer: str = BOUNDARY) -> Any:
    """Each edge once, as a line."""
    drawn = set()
    for shape in parcels.values():
        for ring in shapely.get_rings(shape):
            corners = [(float(x), float(y)) for x, y in shapely.get_coordinates(ring)]
            for a, b in itertools.pairwise(corners):
                if (edge := frozenset((a, b))) not in drawn:
                    drawn.add(edge)
                    made.modelspace().add_line(a, b, dxfattribs={"layer": layer})
    return made


def numbers(made: Any, parcels: Mapping[str, shapely.Geometry], layer: str = NUMBER, form: str = "{}") -> Any:
    """A number in each parcel: 1 for A, 2 for B …"""
    for letter, shape in parcels.items():
        at = shape.representative_point()
        number = ord(letter) - ord("A") + 1
        text(made, form.format(number), at.x, at.y, layer)
    return made


def text(made: Any, words: str, x: float, y: float, layer: str = NUMBER, height: float = 0.5) -> None:
    made.modelspace().add_text(words, dxfattribs={"layer": layer, "insert": (x, y), "height": height})


def rules(drawn: Drawn) -> list[str]:
    return sorted(f.rule for f in drawn.findings)


__all__ = ["draw"]
