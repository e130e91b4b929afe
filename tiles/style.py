"""The map's style for MapLibre, in each of its looks (`tiles.looks`): drawn like a printed cadastral sheet.

Hatchings and the bar of a fraction label are images of the sprite (`tiles.sprite`), fonts those the page serves.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from psycopg import AsyncConnection
from psycopg.rows import TupleRow

from register.statements import load
from tiles.layers import LAYERS, OPEN
from tiles.looks import GROUPS, HATCHINGS, LOOKS, Look
from tiles.rooms import DIGIT_EM, LINE_EM

# A pixel of the map at zoom 0 is this long on the ground in the middle of Vietnam (16° north).
_GROUND_M: Final = 40_075_016.686 / 512 * 0.961
_LEAST_PX, _FRACTION_PX, _USE_PX = 6.5, 7.5, 10.0  # sizes from which on texts are written
_USE_LETTERS = 4
_NEAR = 16
_SUBSETS: Final = {
    "vietnamese": "U+0102-0103 U+0110-0111 U+0128-0129 U+0168-0169 U+01A0-01A1 U+01AF-01B0 U+0300-0301 U+0303-0304 "
    "U+0308-0309 U+0323 U+1EA0-1EF9 U+20AB",
    "latin": "U+0000-00FF U+2000-206F",
    "latin-ext": "U+0100-0101 U+0104-010F U+0112-0127 U+012A-0167 U+016A-019F U+01A2-01AE U+01B1-02BA",
}
_REGULAR, _BOLD = ["Be Vietnam Pro"], ["Be Vietnam Pro SemiBold"]
_ENGLISH: Final = ["==", ["global-state", "language"], "en"]

Json = dict[str, Any]


async def families(conn: AsyncConnection[TupleRow]) -> dict[str, list[str]]:
    """Land-use codes by family, as the register lists them."""
    cursor = await conn.execute(load("tiles", "style.sql")["families"])
    return dict(await cursor.fetchall())


def style(codes: Mapping[str, Sequence[str]], base: str = "", look: Look = LOOKS["light"]) -> Json:
    """The style in a look, for land-use `codes` by family; `base` stands before every path (MapLibre wants whole addresses)."""
    return {
        "version": 8,
        "name": f"Địa Chính: {look.title_vi} / {look.title_en}",
        "state": {"language": {"default": "vi"}},
        "sprite": f"{base}/tiles/sprite",
        "font-faces": {name: _faces(base, weight) for name, weight in ((_REGULAR[0], 400), (_BOLD[0], 600))},
        "sources": {"register": {"type": "vector", "url": f"{base}/tiles/{','.join(OPEN)}.json"}},
        "layers": [
            {"id": "paper", "type": "background", "paint": {"background-color": look.paper}},
            _layer("communes", "ground", "fill", {"fill-color": look.sheet}),
            # under the parcels at all zooms: what was far stays in sight until the parcels have come
            _layer("land_use", "fill", "fill", {"fill-color": _family_wash(look), "fill-antialias": False}),
            _layer("parcels", "fill", "fill", {"fill-color": _wash(codes, look), "fill-antialias": False}),
            *(_hatching(name, named, codes) for name, named in HATCHINGS.items()),
            _provisional(),
            *_edges(look),
            *_sheet_lines(look),
            *_commune_lines(look),
            _points(look),
            _dimensions(look),
            _house_text(look),
            *_parcel_texts(look),
            _sheet_text(look),
            _commune_text(look),
        ],
    }


def _faces(base: str, weight: int) -> list[Json]:
    return [
        {
            "url": f"{base}/fonts/be-vietnam-pro-{subset}-{weight}-normal.woff2",
            "unicode-range": ranges.split(),
        }
        for subset, ranges in _SUBSETS.items()
    ]


def _layer(source_layer: str, name: str, kind: str, paint: Json, **more: object) -> Json:
    here = {"id": f"{source_layer}-{name}", "type": kind, "source": "register", "source-layer": source_layer}
    return {**here, "paint": paint, **more}


def _by_zoom(*stops: float, base: float = 1) -> list[Any]:
    """Grows with the zoom: `stops` are zoom, value, zoom, value …"""
    return ["interpolate", ["linear"] if base == 1 else ["exponential", base], ["zoom"], *stops]


# Of a sheet, what it covers; the layer also holds a point for its number.
_GROUND: Final = ["==", ["geometry-type"], "Polygon"]

# The first code of a mixed land use ("ODT+CLN") colours the parcel.
_FIRST_USE: Final = [
    "slice",
    ["get", "land_use"],
    0,
    ["case", ["in", "+", ["get", "land_use"]], ["index-of", "+", ["get", "land_use"]], 9],
]


def _wash(codes: Mapping[str, Sequence[str]], look: Look) -> Any:
    """The colour of a parcel, by its land use."""
    pairs = []
    for group, (_, _, families) in GROUPS.items():
        uses = [code for family in families for code in codes.get(family, ())]
        if uses:
            pairs += [uses, look.washes[group]]
    return ["match", _FIRST_USE, *pairs, look.washes["other"]] if pairs else look.washes["other"]


def _family_wash(look: Look) -> Any:
    """The same colours for areas of whole groups."""
    pairs = [part for group, (_, _, names) in GROUPS.items() for part in (list(names), look.washes[group])]
    return ["match", ["get", "family"], *pairs, look.washes["other"]]


def _hatching(image: str, named: Sequence[str], codes: Mapping[str, Sequence[str]]) -> Json:
    uses = [code for family in named for code in codes.get(family, ())]
    only = ["in", _FIRST_USE, ["literal", uses]]
    return _layer("parcels", image, "fill", {"fill-pattern": image}, minzoom=15.5, filter=only)


def _provisional() -> Json:
    """Parcels of a split or merger that is not registered yet."""
    only = ["==", ["get", "state"], "provisional"]
    return _layer("parcels", "provisional", "fill", {"fill-pattern": "slant"}, minzoom=14, filter=only)


def _edges(look: Look) -> list[Json]:
    """The outlines of parcels, each drawn once; those of roads a little stronger, those of water in its colour."""
    thin = {
        "line-color": look.edge,
        "line-width": _by_zoom(14, 0.3, 15, 0.4, 17, 0.6, 19, 0.9, 21, 1.3, base=1.4),
        "line-opacity": _by_zoom(14, 0.32, 15, 0.55, 16.5, 0.9),
    }
    road = {**thin, "line-width": _by_zoom(14, 0.35, 15, 0.5, 17, 0.85, 19, 1.2, 21, 1.6, base=1.4)}
    water = {**thin, "line-color": look.shore}
    of_parcels: list[tuple[str, list[str], Json]] = [
        ("line", ["inner", "outer", "sheet", "commune"], thin),
        ("road", ["road"], road),
        ("water", ["water"], water),
    ]
    # round ones need three times the triangles, and are not to be seen on hair lines
    ends = {"line-join": "miter", "line-cap": ["step", ["zoom"], "butt", 18, "round"]}
    return [
        _layer("edges", name, "line", paint, layout=ends, filter=["in", ["get", "kind"], ["literal", kinds]])
        for name, kinds, paint in of_parcels
    ]


def _sheet_lines(look: Look) -> list[Json]:
    """Of a sheet what it covers, and from zoom 16 on, exactly, the edges between parcels of two sheets."""
    paint = {
        "line-color": look.seal,
        "line-opacity": _by_zoom(11, 0.35, 14, 0.6, 17, 0.45),
        "line-width": _by_zoom(11, 0.5, 15, 1.1, 18, 1.4),
        "line-dasharray": [5, 2],
    }
    near = {
        "line-color": look.seal,
        "line-opacity": 0.4,
        "line-width": _by_zoom(16, 2.2, 20, 4.5),
    }
    between = ["in", ["get", "kind"], ["literal", ["sheet", "commune"]]]
    round_ = {"line-join": "round", "line-cap": "round"}
    return [
        _layer("sheets", "line", "line", paint, minzoom=11, maxzoom=_NEAR, filter=_GROUND),
        _layer("edges", "sheet", "line", near, minzoom=_NEAR, layout=round_, filter=between),
    ]


def _points(look: Look) -> Json:
    paint = {
        "circle-radius": _by_zoom(18, 0.9, 20, 1.7, 22, 2.6),
        "circle-color": look.paper,
        "circle-stroke-color": look.edge,
        "circle-stroke-width": _by_zoom(18, 0.4, 20, 0.8),
        "circle-opacity": _by_zoom(18.4, 0, 18.9, 1),
        "circle-stroke-opacity": _by_zoom(18.4, 0, 18.9, 1),
    }
    return _layer("points", "corner", "circle", paint, minzoom=18.4)


def _dimensions(look: Look) -> Json:
    """Lengths along edges, where nothing else is written."""
    layout = {
        "text-field": ["get", "text"],
        "text-font": _REGULAR,
        "text-size": _by_zoom(18, 8, 20, 9.5),
        "text-rotate": ["get", "angle"],
        "text-rotation-alignment": "map",
        "text-anchor": "bottom",
        "text-offset": [0, -0.1],
        "text-padding": 1,
    }
    paint = {"text-color": look.length, "text-halo-color": look.halo, "text-halo-width": 1}
    fits = [">=", ["zoom"], ["get", "zoom"]]
    return _layer("dimensions", "length", "symbol", paint, minzoom=18, layout=layout, filter=fits)


def _commune_lines(look: Look) -> list[Json]:
    tint = {
        "line-color": look.tint,
        "line-opacity": _by_zoom(11, 0.1, 14, 0.16),
        "line-width": _by_zoom(9, 2, 12, 3, 14, 8, 18, 14),
    }
    line = {
        "line-color": look.border,
        "line-width": _by_zoom(9, 0.6, 14, 1.3, 18, 2),
        "line-dasharray": [8, 2.2, 1.2, 2.2],
    }
    return [_layer("communes", "tint", "line", tint), _layer("communes", "line", "line", line)]


def _em_m(letters: Any, lines: int) -> list[Any]:
    """How large a text of so many letters a line can be in the parcel's room: metres on the ground."""
    return [
        "min",
        ["/", ["get", "width"], ["*", DIGIT_EM, letters]],
        ["/", ["get", "height"], LINE_EM * lines],
    ]


def _fits(em_m: Any, least_px: float, not_em_m: Any = None, below_px: float = 0) -> list[Any]:
    """Filter: the text can be written this large at least; and, where that is given, another one not."""

    def at(zoom: int) -> list[Any]:
        metre_px = 2**zoom / _GROUND_M
        large = [">=", em_m, round(least_px / metre_px, 3)]
        return large if not_em_m is None else ["all", large, ["<", not_em_m, round(below_px / metre_px, 3)]]

    first, *others = range(LAYERS["labels"].min_zoom, 22)
    return ["step", ["zoom"], at(first), *(part for zoom in others for part in (zoom, at(zoom)))]


def _size(em_m: Any, *stops: float) -> list[Any]:
    """Text as large as `stops` (zoom, pixels, …) say, smaller where there is less room."""
    most = dict(zip(stops[::2], stops[1::2], strict=True))

    def at(zoom: float) -> list[Any]:
        before, after = max(z for z in most if z <= zoom), min(z for z in most if z >= zoom)
        share = (zoom - before) / ((after - before) or 1)
        px = most[before] + share * (most[after] - most[before])
        return ["min", round(px, 2), ["*", em_m, round(2**zoom / _GROUND_M, 4)]]

    zooms = range(int(min(most)), int(max(most)) + 1)
    return [
        "interpolate",
        ["exponential", 2],
        ["zoom"],
        *(part for zoom in zooms for part in (zoom, at(zoom))),
    ]


def _parcel_texts(look: Look) -> list[Json]:
    """The classical label: the number; where there is room number over area; where there is more the land use beside it.

    Turned as the room is, smaller where the parcel is narrow, and left out until it can be read.
    """
    number = ["to-string", ["get", "number"]]
    one_digit = {"locale": ["case", _ENGLISH, "en", "vi"], "min-fraction-digits": 1, "max-fraction-digits": 1}
    area = ["number-format", ["get", "area"], one_digit]
    letters = ["max", ["length", number], ["length", area]]
    alone, over = _em_m(["length", number], 1), _em_m(letters, 2)
    beside = _em_m(["+", letters, 2 * _USE_LETTERS], 2)
    common = {
        "text-font": _REGULAR,
        "text-rotate": ["get", "angle"],
        "text-rotation-alignment": "map",
        "text-allow-overlap": True,
        "text-padding": 0,
    }
    bar = {
        "icon-image": "fraction-bar",
        "icon-text-fit": "width",
        "icon-text-fit-padding": [0, 1, 0, 1],
        "icon-rotate": ["get", "angle"],
        "icon-rotation-alignment": "map",
        "icon-allow-overlap": True,
        "icon-ignore-placement": True,
    }
    sizes = (16, 9.5, 18, 10.5, 20, 12.5, 22, 12.5)
    fraction = {
        "text-field": ["concat", number, "\n", area],
        "text-line-height": 1.25,
        "text-size": _size(over, *sizes),
    }
    aside = ["+", 0.5, ["*", 0.28, letters]]  # ems, by the figures' width
    use = {
        "text-field": ["get", "land_use"],
        "text-anchor": "right",
        "text-radial-offset": aside,
        "text-size": _size(over, *sizes),
    }
    paint = {"text-color": look.ink, "text-halo-color": look.halo, "text-halo-width": 1}
    kinds: list[tuple[str, list[Any], Json]] = [
        (
            "number",
            _fits(alone, _LEAST_PX, over, _FRACTION_PX),
            {"text-field": number, "text-size": _size(alone, *sizes)},
        ),
        ("fraction", _fits(over, _FRACTION_PX), {**fraction, **bar}),
        ("use", _fits(beside, _USE_PX), use),
    ]
    return [
        _layer("labels", name, "symbol", paint, filter=which, layout={**common, **layout})
        for name, which, layout in kinds
    ]


def _house_text(look: Look) -> Json:
    """House numbers, under the parcel's own label."""
    layout = {
        "text-field": ["get", "house"],
        "text-font": _REGULAR,
        "text-size": _by_zoom(19, 8.5, 21, 11),
        "text-offset": [0, 2.2],
        "text-padding": 4,
    }
    paint = {"text-color": look.house, "text-halo-color": look.halo, "text-halo-width": 1}
    return _layer("addresses", "house", "symbol", paint, minzoom=19, layout=layout, filter=["has", "house"])


def _sheet_text(look: Look) -> Json:
    layout = {
        "text-field": ["concat", ["case", _ENGLISH, "Sheet ", "Tờ "], ["get", "number"]],
        "text-font": _BOLD,
        "text-size": _by_zoom(13, 10.5, 16, 15),
        "text-padding": 24,
    }
    paint = {"text-color": look.seal, "text-halo-color": look.halo, "text-halo-width": 1.4}
    point = ["==", ["geometry-type"], "Point"]
    return _layer("sheets", "number", "symbol", paint, minzoom=13, maxzoom=16.5, layout=layout, filter=point)


def _commune_text(look: Look) -> Json:
    kind = ["coalesce", ["get", "kind"], ""]
    title = ["concat", ["upcase", ["slice", kind, 0, 1]], ["slice", kind, 1], " ", ["get", "name"]]
    layout = {
        "text-field": title,
        "text-font": _BOLD,
        "text-size": _by_zoom(9, 11, 14, 17),
        "text-letter-spacing": 0.06,
        "text-max-width": 7,
        "text-padding": 12,
    }
    paint = {"text-color": look.border, "text-halo-color": look.halo, "text-halo-width": 1.8}
    return _layer("communes", "name", "symbol", paint, maxzoom=14.5, layout=layout)
