"""The layers of the map and what stands in them; zooms are those of 512-pixel tiles, as MapLibre counts."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from register.errors import NotFoundError
from register.keys import printable

MAX_ZOOM = 22
"""Deepest tile answered."""
DETAIL_ZOOM = 18
"""Deepest tile a client need ask for: a grid of 4 cm; beyond it a map scales these up."""
FAR_ZOOM = 11
"""To here sheets and communes are generalised."""
AREAS_ZOOM = 13
"""To here land uses are shown as areas: the next zoom shows every parcel, which is smaller than a few pixels before."""

_GRAIN = {
    "grain_m": "side of the squares it was made of, metres on the map (EPSG:3857), where it was: twice as long, or more, in a "
    "tile that would be too large"
}

Class = Literal["public", "professional", "office"]
"""What a caller may see depends on this and on nothing else about them, so that finished tiles can be shared."""
EVERYBODY: frozenset[Class] = frozenset(("public", "professional", "office"))


@dataclass(frozen=True, slots=True)
class Layer:
    """One layer: from which zoom it has content (above that its tiles are empty by design), and its attributes."""

    name: str
    min_zoom: int
    text_en: str
    fields: Mapping[str, str]
    from_blocks: bool = False
    """Made from the blocks of map cells (`tiles.block`), not by a statement."""
    from_units: bool = False
    """Shows units, or groups of a code list: changes with them too, not only with corrections near it."""
    classes: frozenset[Class] = EVERYBODY
    """Who may see it."""
    from_drafts: bool = False
    """Shows drafts: changes with them, of which no correction tells."""
    generalised_to: int = -1
    """To which zoom it is made from rasters (`tiles.low`): what stands in it there is less than what stands in the register,
    as TileJSON tells."""
    max_zoom: int = MAX_ZOOM
    """To which zoom it has content."""

    def generalised(self, z: int) -> bool:
        """Whether it shows less than there is at a zoom."""
        return z <= self.generalised_to


LAYERS: Mapping[str, Layer] = MappingProxyType(
    {
        layer.name: layer
        for layer in (
            Layer(
                "communes",
                6,
                "Communes (xã, phường, đặc khu) with parcels here, by the outline handed in, else by their parcels; to zoom 11 "
                "made of squares of `grain_m`, without gaps or overlaps; id: number of the unit",
                {"code": "5-digit code", "name": "name", "kind": "xã, phường, đặc khu …", **_GRAIN},
                from_units=True,
                generalised_to=FAR_ZOOM,
            ),
            Layer(
                "sheets",
                10,
                "Map sheets (tờ bản đồ): what their parcels cover, from zoom 12 on one point for the number; to zoom 11 made "
                "of squares of `grain_m`, without gaps or overlaps; id: that of the sheet",
                {
                    "number": "sheet number",
                    "scale": "500 for 1:500",
                    "commune": "code it was surveyed for",
                    **_GRAIN,
                },
                generalised_to=FAR_ZOOM,
            ),
            Layer(
                "land_use",
                6,
                "Areas of one group of land uses, made of squares of `grain_m`: of each square what most of it is; areas of "
                "fewer than 8 squares go to their neighbours. They neither gap nor overlap; id: number of the group",
                {"family": "group of land uses", **_GRAIN},
                from_units=True,
                generalised_to=AREAS_ZOOM,
                max_zoom=AREAS_ZOOM,
            ),
            Layer(
                "parcels",
                AREAS_ZOOM + 1,
                "Current parcels (thửa đất), farther out as `land_use`; id: number of the version, new with every change",
                {
                    "code": "12-character parcel code",
                    "number": "parcel number",
                    "land_use": "land-use code",
                    "state": "provisional, of parcels that are not registered yet",
                },
                from_blocks=True,
            ),
            Layer(
                "edges",
                14,
                "Boundaries of parcels (ranh giới thửa đất), each once: from zoom 18 on edge by edge, with all attributes; "
                "above, one feature a kind",
                {
                    "kind": "outer, commune, sheet, road, water or inner: the first that holds",
                    "length": "surveyed length, m",
                    "left": "code of the parcel on the left",
                    "right": "code of the parcel on the right; none at an outer edge",
                },
                from_blocks=True,
            ),
            Layer(
                "labels",
                16,
                "One point in each parcel, the middle of its room for a text, each in one tile only; id: as in parcels",
                {
                    "code": "12-character parcel code",
                    "number": "parcel number",
                    "land_use": "land-use code",
                    "area": "area of the shape, m²",
                    "room": "radius of the inscribed circle, m",
                    "text": "the number; from zoom 18 on, the area in m² below it",
                    "angle": "by which the text is turned, degrees clockwise",
                    "width": "of the room, along the text, m, to a decimetre below; 409.5 for more",
                    "height": "of the room, as width",
                },
                from_blocks=True,
            ),
            Layer(
                "dimensions",
                17,
                "Surveyed lengths, each at the middle of its edge, from the zoom at which it fits beside the edge",
                {
                    "text": "length in m, to the centimetre",
                    "angle": "by which the text is turned, degrees clockwise",
                    "zoom": "from which zoom of the map on it fits",
                },
                from_blocks=True,
            ),
            Layer(
                "points",
                18,
                "Corners of parcels, each once",
                {"parcels": "how many parcels meet there, 9 for more"},
                from_blocks=True,
            ),
            Layer(
                "addresses",
                17,
                "Addresses with a text, each a point in its parcel, in one tile only; id: that of the address",
                {
                    "house": "house number the text begins with, as written",
                    "address": "the text",
                    "digital": "digital address (Open Location Code)",
                    "parcel": "12-character parcel code",
                },
            ),
            Layer(
                "drafts",
                14,
                "What corrections on their way will open (or close, where `opens` is false); for roles of the land office",
                {
                    "draft": "key of the draft, as in /api/v1/corrections/{key}",
                    "kind": "split, merge, boundary …",
                    "state": "draft, submitted, approved, returned",
                    "role": "what becomes of this parcel: part, merged, changed, neighbour, retired …",
                    "opens": "whether it will stand",
                    "code": "12-character parcel code, where it is known",
                    "number": "parcel number",
                    "land_use": "land-use code",
                },
                classes=frozenset(("office",)),
                from_drafts=True,
            ),
        )
    }
)


OPEN: Mapping[str, Layer] = MappingProxyType(
    {name: layer for name, layer in LAYERS.items() if "public" in layer.classes}
)
"""Those everybody may see: what style, archives and standards speak of."""


def layers_named(text: str) -> list[Layer]:
    """The layers of a comma-separated list, each once, in the order they are drawn. Raises: NotFoundError."""
    names = set(text.split(","))
    if unknown := sorted(names - LAYERS.keys()):
        shown = printable(unknown[0])
        raise NotFoundError(
            f"There is no layer “{shown}”; there are {', '.join(LAYERS)}.",
            f"Không có lớp bản đồ “{shown}”; các lớp là {', '.join(LAYERS)}.",
        )
    return [layer for name, layer in LAYERS.items() if name in names]
