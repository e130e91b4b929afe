"""Rows of two tables as one: in long runs or one by one, the same."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tiles import splice
from tiles.outlines import Outlines, joined
from tiles.splice import Splice


@st.composite
def outlines(draw: st.DrawFn) -> Outlines:
    """Shapes of no, one or several rings of no, one or several corners, all corners apart."""
    rings = draw(st.lists(st.integers(0, 3), max_size=8))
    points = draw(st.lists(st.integers(0, 4), min_size=sum(rings), max_size=sum(rings)))
    x = np.arange(sum(points), dtype=np.int32) + draw(st.integers(0, 1000))
    outer = np.array([draw(st.booleans()) for _ in points], np.bool_)
    ring, point = np.cumsum([0, *rings], dtype=np.int64), np.cumsum([0, *points], dtype=np.int64)
    return Outlines(ring, point, outer, x, -x, x * 3)


@given(outlines(), outlines(), st.data(), st.sampled_from([0, 1, 200]))
def test_rows_are_those_asked_for_in_their_order(
    mine: Outlines, theirs: Outlines, data: st.DataObject, most_runs: int
) -> None:
    both = joined([mine, theirs])
    source = np.array(data.draw(st.lists(st.sampled_from(range(len(both))))) if len(both) else [], np.int64)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(splice, "_MOST_RUNS", most_runs)
        rows = Splice(source, len(mine))
    a, b = np.arange(len(mine)), 100 + np.arange(len(theirs))
    assert rows.column(a, b).tolist() == np.concatenate([a, b])[source].tolist()
    wide = rows.column(np.stack([a, a + 1]), np.stack([b, b + 1]), 1)
    assert (
        wide.tolist() == np.concatenate([np.stack([a, a + 1]), np.stack([b, b + 1])], 1)[:, source].tolist()
    )
    got, wanted = rows.outlines(mine, theirs), both.taken(source)
    for column in ("ring", "point", "outer", "x", "y", "mm"):
        assert getattr(got, column).tolist() == getattr(wanted, column).tolist(), column
