"""The images the style names, as one sprite (MapLibre's form): hatchings of land uses, and the bar of a fraction label.

Each is drawn from strokes, sixteen points a pixel, so that its edges are smooth; hatchings repeat without a seam.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

import numpy as np
import shapely
from numpy.typing import NDArray

from tiles.raster.render import encoded

_FINE = 4  # points drawn for a pixel, each way
_STROKE_PX = 0.8


@dataclass(frozen=True, slots=True)
class Image:
    """An image: size in pixels, strokes in them (x to the right, y down), colour, opacity. `more`: words of the sprite."""

    width: int
    height: int
    shape: shapely.Geometry
    colour: tuple[int, int, int]
    opacity: float
    more: tuple[tuple[str, Any], ...] = ()


def _strokes(lines: Sequence[shapely.Geometry], at: Sequence[tuple[float, float]]) -> shapely.Geometry:
    """Lines drawn at each of these places."""
    placed = [shapely.affinity.translate(line, x, y) for x, y in at for line in lines]
    return shapely.union_all(shapely.buffer(placed, _STROKE_PX / 2))


def _line(*points: tuple[float, float]) -> shapely.Geometry:
    return shapely.LineString(points)


_WAVE = _line(*((x, 1.5 * float(np.sin(x * np.pi / 5.5))) for x in np.linspace(0, 11, 45)))
_TUFT = (_line((0, 0), (0, -5)), _line((0, 0), (-2.6, -4)), _line((0, 0), (2.6, -4)))
_TREE = shapely.Point(0, 0).buffer(2.3).exterior
_CROSS = (_line((-2.4, 0), (2.4, 0)), _line((0, -2.4), (0, 2.4)))
_SLANT = _line((-2, 12), (12, -2))
_STRETCH = (("stretchX", (1, 7)), ("content", (0, 0, 8, 3)))

IMAGES: Final[dict[str, Image]] = {
    "waves": Image(36, 24, _strokes([_WAVE], [(4, 6), (22, 18)]), (58, 116, 143), 0.34),
    "paddy": Image(32, 28, _strokes(_TUFT, [(8, 11), (24, 25)]), (104, 116, 48), 0.38),
    "trees": Image(30, 30, _strokes([_TREE], [(8, 8), (23, 23)]), (74, 112, 62), 0.34),
    "crosses": Image(26, 26, _strokes(_CROSS, [(7, 7), (20, 20)]), (90, 84, 74), 0.36),
    "slant": Image(10, 10, _strokes([_SLANT], [(0, 0)]), (156, 42, 32), 0.3),
    # between number and area; stretched to the width of the text
    "fraction-bar": Image(8, 3, shapely.box(0, 1, 8, 2), (58, 52, 43), 1.0, _STRETCH),
}


@cache
def index(ratio: int) -> dict[str, dict[str, Any]]:
    """Where each image stands in `picture`, by name."""
    told: dict[str, dict[str, Any]] = {}
    x = 0
    for name, image in IMAGES.items():
        told[name] = {
            "x": x,
            "y": 0,
            "width": image.width * ratio,
            "height": image.height * ratio,
            "pixelRatio": ratio,
        }
        for word, value in image.more:
            scaled = [one * ratio for one in value]
            told[name][word] = [scaled] if word == "stretchX" else scaled
        x += image.width * ratio
    return told


@cache
def picture(ratio: int) -> bytes:
    """The images side by side, as PNG."""
    height = max(image.height for image in IMAGES.values()) * ratio
    drawn = [_drawn(image, ratio, height) for image in IMAGES.values()]
    return encoded(np.concatenate(drawn, axis=2), "png")


def _drawn(image: Image, ratio: int, height: int) -> NDArray[np.uint8]:
    """Bands (4, height, width) of one image at the top of a strip."""
    from rasterio.features import rasterize
    from rasterio.transform import Affine

    wide, high = image.width * ratio, image.height * ratio
    # a stroke that leaves on one side comes in on the other
    around = [
        shapely.affinity.translate(image.shape, dx * image.width, dy * image.height)
        for dx in (-1, 0, 1)
        for dy in (-1, 0, 1)
    ]
    scale = 1 / (ratio * _FINE)
    fine = rasterize(
        around, (high * _FINE, wide * _FINE), transform=Affine.scale(scale, scale), dtype="uint8"
    )
    cover = fine.reshape(high, _FINE, wide, _FINE).mean(axis=(1, 3))
    bands = np.zeros((4, height, wide), np.uint8)
    bands[:3, :high] = np.array(image.colour, np.uint8)[:, None, None]
    bands[3, :high] = np.rint(cover * image.opacity * 255)
    return bands
