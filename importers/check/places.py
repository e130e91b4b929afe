"""Where a finding is: a point to go to and, as WKT, what to draw there."""

from typing import TypedDict

import shapely


class Place(TypedDict, total=False):
    """The place of a finding as `found` takes it; empty where there is none."""

    x: float
    y: float
    extent: str


def point(x: float, y: float) -> Place:
    """A corner, or the middle of something."""
    return {"x": float(x), "y": float(y), "extent": f"POINT ({x:.3f} {y:.3f})"}


def line(x: float, y: float, to_x: float, to_y: float) -> Place:
    """From one point to another, told at the first."""
    extent = f"LINESTRING ({x:.3f} {y:.3f}, {to_x:.3f} {to_y:.3f})"
    return {"x": float(x), "y": float(y), "extent": extent}


def area(shape: shapely.Geometry) -> Place:
    """A polygon, told at a point inside it."""
    x, y = shapely.get_coordinates(shapely.point_on_surface(shape))[0]
    return {"x": float(x), "y": float(y), "extent": str(shapely.to_wkt(shape, rounding_precision=4))}


def start(shape: shapely.Geometry) -> Place:
    """The first corner of a shape that has perhaps no inside."""
    x, y = shapely.get_coordinates(shape)[0]
    return point(x, y)


def polygons(shape: shapely.Geometry) -> shapely.Geometry:
    """The parts of an intersection that have an area: a Polygon or MultiPolygon."""
    parts = shapely.get_parts(shapely.get_parts(shape))
    parts = parts[shapely.get_type_id(parts) == 3]
    return shapely.Polygon(parts[0]) if parts.size == 1 else shapely.MultiPolygon(list(parts))


def inside(shape: shapely.Geometry) -> Place:
    """A point inside a shape, for what is wrong with the whole of it."""
    x, y = shapely.get_coordinates(shapely.point_on_surface(shape))[0]
    return point(x, y)
