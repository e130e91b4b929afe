"""Lines made into faces."""

import itertools

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from importers.drawing import network
from importers.drawing.network import close
from importers.errors import TooMuch
from tests.geo.drawing import draw


def edges(picture: str) -> list[np.ndarray[tuple[int, ...], np.dtype[np.float64]]]:
    found = {}
    for shape in draw(picture).values():
        for ring in shapely.get_rings(shape):
            xy = shapely.get_coordinates(ring)
            for a, b in itertools.pairwise(xy):
                found.setdefault(frozenset((tuple(a), tuple(b))), np.array([a, b]))
    return list(found.values())


PICTURE = """
    AABBC
    ADDBC
    AAEEE
"""


@given(st.randoms(use_true_random=False), st.integers(0, 5))
def test_neither_order_nor_direction_nor_doubling_changes_the_faces(random: object, doubled: int) -> None:
    lines = edges(PICTURE)
    expected = {shapely.normalize(f).wkb for f in close(lines, 0.001, 0.5).faces}
    assert len(expected) == 5
    mixed = [line if random.random() < 0.5 else line[::-1] for line in lines]  # type: ignore[attr-defined]
    mixed += mixed[:doubled]
    random.shuffle(mixed)  # type: ignore[attr-defined]
    got = close(mixed, 0.001, 0.5)
    assert {shapely.normalize(f).wkb for f in got.faces} == expected
    assert not got.openings
    assert not got.stubs
    assert all(sum(owners.values()) == pytest.approx(1) for owners in got.owners)


@given(st.integers(0, 20), st.floats(0.01, 0.49))
def test_every_cut_is_found_where_it_is(which: int, width: float) -> None:
    lines = edges(PICTURE)
    line = lines[which % len(lines)]
    along = (line[1] - line[0]) / 10.0
    halves = [
        np.array([line[0], line[0] + along * (5 - width / 2)]),
        np.array([line[0] + along * (5 + width / 2), line[1]]),
    ]
    lines[which % len(lines)] = halves[0]
    got = close([*lines, halves[1]], 0.001, 0.5)
    (opening,) = got.openings
    assert opening.width == pytest.approx(width, abs=0.002)
    assert len(got.faces) == 5


def test_nothing_gives_nothing() -> None:
    assert close([], 0.001, 0.5).faces == []
    assert close([np.zeros((2, 2))], 0.001, 0.5).faces == []


def test_a_tangle_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(network, "MAX_MEETINGS", 1000)
    angles = np.linspace(0, 3, 100)
    lines = [np.array([[np.cos(a), np.sin(a)], [-np.cos(a), -np.sin(a)]]) * 100 for a in angles]
    with pytest.raises(TooMuch):
        close(lines, 0.001, 0.5, "a.dxf")
