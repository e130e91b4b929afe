"""Tiles as tests read them: fetched over real HTTP, decoded, written as text."""

from dataclasses import dataclass
from typing import Any

import httpx
import mapbox_vector_tile
import shapely
from shapely.geometry import shape

WORLD_M = 2 * 20037508.342789244
Feature = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Drawn:
    """A client of a server, and of its database."""

    client: httpx.Client
    conninfo: str

    def fetch(self, layers: str, z: int, x: int, y: int, **headers: str) -> httpx.Response:
        return self.client.get(f"/tiles/{layers}/{z}/{x}/{y}.mvt", headers=headers)

    def tile(self, layers: str, z: int, x: int, y: int) -> dict[str, list[Feature]]:
        """Features by layer; coordinates in tile units, y down."""
        answer = self.fetch(layers, z, x, y)
        assert answer.status_code == 200, answer.text
        decoded = mapbox_vector_tile.decode(answer.content, default_options={"y_coord_down": True})
        assert all(layer["extent"] == 4096 for layer in decoded.values())
        return {name: layer["features"] for name, layer in decoded.items()}


def place(z: int, x_m: float, y_m: float) -> tuple[int, int, int]:
    """The tile at a web mercator point."""
    size_m = WORLD_M / 2**z
    return z, int((x_m + WORLD_M / 2) // size_m), int((WORLD_M / 2 - y_m) // size_m)


def on_the_map(feature: Feature, z: int, x: int, y: int) -> shapely.Geometry:
    """A feature's shape in web mercator metres."""
    unit_m = WORLD_M / 2**z / 4096
    west_m, north_m = x * WORLD_M / 2**z - WORLD_M / 2, WORLD_M / 2 - y * WORLD_M / 2**z
    matrix = [unit_m, 0, 0, -unit_m, west_m, north_m]
    return shapely.affinity.affine_transform(shape(feature["geometry"]), matrix)


def text(features: list[Feature], *names: str) -> str:
    """One line a feature: the attributes named, its kind, its points as `x,y` from the first one's corner."""
    lines = []
    for feature in features:
        values = " ".join(str(feature["properties"][name]) for name in names)
        points = shapely.get_coordinates(shape(feature["geometry"])).astype(int)
        low = points.min(axis=0)
        corners = " ".join(f"{px},{py}" for px, py in points - low)
        lines.append(f"{values}: {feature['geometry']['type']} {corners}")
    return "\n".join(sorted(lines))
