"""The sprite: every image the style names is drawn where its index says, whole and alone."""

from typing import Any

import numpy as np
import pytest
from rasterio.io import MemoryFile

from tests.tiles.drawn import Drawn


def names(part: Any) -> set[str]:
    """Images a style names."""
    if isinstance(part, dict):
        own = {value for key, value in part.items() if key in ("fill-pattern", "icon-image")}
        return own.union(*map(names, part.values()))
    return set().union(*map(names, part)) if isinstance(part, list) else set()


@pytest.mark.filterwarnings("ignore::rasterio.errors.NotGeoreferencedWarning")
@pytest.mark.parametrize(("ending", "ratio"), [("", 1), ("@2x", 2)])
def test_the_images_of_the_style_are_in_the_sprite(drawn: Drawn, ending: str, ratio: int) -> None:
    style = drawn.client.get("/tiles/style.json").json()
    index = drawn.client.get(f"{style['sprite']}{ending}.json").json()
    answer = drawn.client.get(f"{style['sprite']}{ending}.png")
    assert answer.headers["content-type"] == "image/png"
    with MemoryFile(answer.content) as kept, kept.open() as picture:
        opacity = picture.read(4)
    assert set(index) == names(style)
    left = opacity.copy()
    for name, one in index.items():
        assert one["pixelRatio"] == ratio
        rows, columns = slice(one["y"], one["y"] + one["height"]), slice(one["x"], one["x"] + one["width"])
        image = opacity[rows, columns]
        assert image.shape == (one["height"], one["width"])
        assert 0.005 < np.count_nonzero(image) / image.size < 0.5, name
        left[rows, columns] = 0
    assert not left.any()


@pytest.mark.parametrize("path", ["sprite@3x.png", "sprite.svg", "sprite", "spritewaves.json"])
def test_other_sprites_are_not_there(drawn: Drawn, path: str) -> None:
    assert drawn.client.get(f"/tiles/{path}").status_code in (404, 422)
