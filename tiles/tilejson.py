"""TileJSON 3.0: what a set of layers holds, from which zoom, and where."""

from collections.abc import Sequence

from tiles.layers import DETAIL_ZOOM, LAYERS, Layer
from tiles.low.areas import grain_m


def tilejson(
    layers: Sequence[Layer], base_url: str = "", bounds_deg: Sequence[float] | None = None, query: str = ""
) -> dict[str, object]:
    """The description of `layers` served under `base_url`, with `query` behind it; `bounds_deg`: west, south, east, north.

    `minzoom` and `vector_layers` say where each layer starts: above it a tile is empty by design, never cut off. A layer that
    is generalised says so by `grain_m`.
    """
    names = ",".join(layer.name for layer in layers)
    described: dict[str, object] = {
        "tilejson": "3.0.0",
        "name": "Địa Chính",
        "scheme": "xyz",
        "tiles": [f"{base_url}/tiles/{names}/{{z}}/{{x}}/{{y}}.mvt{query}"],
        "minzoom": min(layer.min_zoom for layer in layers),
        "maxzoom": max(min(layer.max_zoom, DETAIL_ZOOM) for layer in layers),
        "vector_layers": [
            {
                "id": layer.name,
                "description": layer.text_en,
                "minzoom": layer.min_zoom,
                "maxzoom": min(layer.max_zoom, DETAIL_ZOOM),
                "fields": dict(layer.fields),
                **_generalised(layer),
            }
            for layer in LAYERS.values()
            if layer in layers
        ],
    }
    if bounds_deg is not None:
        west, south, east, north = bounds_deg
        described["bounds"] = [west, south, east, north]
        described["center"] = [(west + east) / 2, (south + north) / 2, 14]
    return described


def _generalised(layer: Layer) -> dict[str, object]:
    """Of a generalised layer the side of its squares, metres on the map, by zoom."""
    far = range(layer.min_zoom, layer.generalised_to + 1)
    return {"grain_m": {str(z): grain_m(z) for z in far}} if far else {}
