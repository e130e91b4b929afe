"""The looks: each is a whole style, with a legend that says what it draws; one of them is for every eye."""

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.tiles.drawn import Drawn
from tests.tiles.test_stamps import attributes
from tiles.looks import GROUPS, LOOKS

Floats = NDArray[np.float64]
APART = 15.0
"""Differences of CIE L*a*b* that are seen at a glance, on areas that need not touch."""
_TO_XYZ = np.array(
    [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]]
)
_WHITE = np.array([0.95047, 1.0, 1.08883])
# how a screen looks to who lacks one kind of cones (Machado, Oliveira and Fernandes 2009, severity 1)
_EYES = {
    "all cones": np.eye(3),
    "no red": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
    "no green": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
    ),
    "no blue": np.array(
        [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]]
    ),
}


def light(colour: str) -> Floats:
    """Linear red, green, blue of `#rrggbb`."""
    c = np.array([int(colour[k : k + 2], 16) for k in (1, 3, 5)]) / 255
    return np.where(c <= 0.04045, c / 12.92, ((c + 0.055) / 1.055) ** 2.4)


def lab(linear: Floats) -> Floats:
    """CIE L*a*b*."""
    x = _TO_XYZ @ linear / _WHITE
    f = np.where(x > 0.008856, np.cbrt(x), 7.787 * x + 16 / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def contrast(one: str, other: str) -> float:
    """The ratio of WCAG 2."""
    a, b = sorted(float(_TO_XYZ[1] @ light(colour)) for colour in (one, other))
    return (b + 0.05) / (a + 0.05)


@pytest.mark.parametrize("eye", _EYES)
def test_every_eye_tells_the_groups_of_the_safe_look_apart(eye: str) -> None:
    washes = LOOKS["safe"].washes
    seen = {name: lab(np.clip(_EYES[eye] @ light(colour), 0, 1)) for name, colour in washes.items()}
    names = sorted(seen)
    close = [
        (a, b)
        for k, a in enumerate(names)
        for b in names[k + 1 :]
        if np.linalg.norm(seen[a] - seen[b]) < APART
    ]
    assert close == []


@pytest.mark.parametrize("look", LOOKS.values(), ids=lambda look: look.name)
def test_texts_can_be_read_on_every_ground(look: object) -> None:
    assert isinstance(look, type(LOOKS["light"]))
    assert look.washes.keys() == {*GROUPS, "other"}
    for ground in (*look.washes.values(), look.paper, look.sheet):
        assert contrast(look.ink, ground) >= 4.5, ground


@pytest.mark.parametrize("name", LOOKS)
def test_a_look_is_the_same_drawing_in_other_colours(drawn: Drawn, name: str) -> None:
    plain = drawn.client.get("/tiles/style.json").json()
    other = drawn.client.get(f"/tiles/styles/{name}.json").json()
    assert (other == plain) == (name == "light")
    for one, same in zip(other["layers"], plain["layers"], strict=True):
        assert {k: v for k, v in one.items() if k != "paint"} == {
            k: v for k, v in same.items() if k != "paint"
        }
        assert one.get("paint", {}).keys() == same.get("paint", {}).keys()
        assert attributes(one) == attributes(same)


@pytest.mark.parametrize("name", LOOKS)
def test_the_legend_has_every_code_once_in_the_colour_it_is_drawn_in(drawn: Drawn, name: str) -> None:
    told = drawn.client.get(f"/tiles/legends/{name}.json").json()
    style = drawn.client.get(f"/tiles/styles/{name}.json").json()
    fill = next(layer for layer in style["layers"] if layer["id"] == "parcels-fill")["paint"]["fill-color"]
    assert fill[0] == "match"
    by_code = {code: fill[k + 1] for k in range(2, len(fill) - 1, 2) for code in fill[k]}
    codes = [use["code"] for group in told["groups"] for use in group["codes"]]
    assert len(codes) == len(set(codes)) > 50
    for group in told["groups"]:
        for use in group["codes"]:
            assert by_code.get(use["code"], fill[-1]) == group["colour"]
            assert use["name_vi"]
            assert use["name_en"]


@pytest.mark.parametrize("path", ["styles/night.json", "legends/%2e%2e.json", "legends/Light.json"])
def test_there_are_no_other_looks(drawn: Drawn, path: str) -> None:
    assert drawn.client.get(f"/tiles/{path}").status_code == 404
