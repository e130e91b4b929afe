"""Pieces of a boundary make its shape, whatever their order and direction."""

import shapely
from hypothesis import given
from hypothesis import strategies as st

from importers.exchange.notes import Notes
from importers.exchange.rings import Piece, bound
from tests.geo.drawing import draw
from tests.importers.handed import rules

PICTURES = {
    "plain": "AA.\nAAA",
    "hole": "AAA\nABA\nAAA",
    "parts": "A.A",
    "touching corners": "A.\n.A",
    "hole in a part, part in a hole": "AAAAA\nA...A\nA.A.A\nA...A\nAAAAA",
}


@st.composite
def jumbled(pick: st.DrawFn, shape: shapely.Geometry) -> list[Piece]:
    """The edges of a shape in runs of any length, order and direction."""
    pieces = []
    for ring in shapely.get_rings(shapely.get_parts(shape)):
        xy = [(x, y) for x, y in shapely.get_coordinates(ring).tolist()]
        cuts = sorted(pick(st.sets(st.integers(1, len(xy) - 2), min_size=1)))
        for start, end in zip([0, *cuts], [*cuts, len(xy) - 1], strict=True):
            run = xy[start : end + 1]
            pieces.append(Piece(tuple(run), tuple(f"{x:.0f} {y:.0f}" for x, y in run)))
    return [p.turned() if pick(st.booleans()) else p for p in pick(st.permutations(pieces))]


@given(st.sampled_from(sorted(PICTURES)), st.data())
def test_the_shape_comes_back(name: str, data: st.DataObject) -> None:
    shape = draw(PICTURES[name])["A"]
    notes = Notes()
    made = bound(data.draw(jumbled(shape)), "1", notes)
    assert notes.all() == []
    assert made.shape is not None
    assert made.shape.equals(shape)
    if made.corners:
        ring = shapely.get_coordinates(made.shape.exterior)[:-1].tolist()
        assert list(made.corners) == [f"{x:.0f} {y:.0f}" for x, y in ring]


@given(st.data())
def test_a_piece_that_is_missing_is_a_gap_with_its_width_and_place(data: st.DataObject) -> None:
    shape = draw(PICTURES["plain"])["A"]
    pieces = data.draw(jumbled(shape))
    gone = pieces.pop(data.draw(st.integers(0, len(pieces) - 1)))
    notes = Notes()
    bound(pieces, "LOT 7", notes)
    (finding,) = notes.all()
    assert (finding.rule, finding.record) == ("open_ring", "LOT 7")
    gap = shapely.LineString([gone.xy[0], gone.xy[-1]])
    assert finding.width_m is not None
    assert abs(finding.width_m - gap.length) < 1e-6
    assert shapely.Point(finding.x, finding.y).equals(gap.interpolate(0.5, normalized=True))


@given(st.data())
def test_a_line_that_hangs_on_a_ring_changes_nothing(data: st.DataObject) -> None:
    shape = draw(PICTURES["plain"])["A"]
    at = data.draw(st.sampled_from([(x, y) for x, y in shapely.get_coordinates(shape).tolist()]))
    hanging = Piece((at, (at[0] - 500.0, at[1] - 500.0)), ("", ""))
    pieces = data.draw(st.permutations([*data.draw(jumbled(shape)), hanging]))
    notes = Notes()
    made = bound(pieces, "1", notes)
    assert made.shape is not None
    assert made.shape.equals(shape)
    assert rules(notes.all()) == {"dangle": 1}
