"""Several parcels become one (gộp thửa, hợp thửa) along the edges they share.

Where a corner of one lies on an edge of another, rounding leaves slits about a millimetre wide: they are closed.
Corners of the parcels on the new outline stay, for the neighbours have them too.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.coverage import outline
from geo.editing.corners_of import Ring, all_corners, on_grid, ring_through, with_rings
from geo.editing.refused import EditRefused, checked
from geo.ragged import Shapes
from geo.shapes import GRID_M

_BESIDE_M: Final = 0.0015
"""Boundaries this near to one another are one: both are rounded to the millimetre."""
_EDGE_M: Final = 0.02
"""Parcels that share less of their boundaries meet in a point."""


def merged(shapes: Sequence[shapely.Geometry] | Shapes) -> shapely.Geometry:
    """What two or more Polygons or MultiPolygons cover together: one Polygon, or a MultiPolygon where one of them was.

    Metres of one VN-2000 zone, on the millimetre, exterior counter-clockwise. Slits and holes up to a millimetre wide are
    closed, other holes stay. Parcels that overlap are merged too.

    Raises: EditRefused "too_few_parcels", "not_adjacent" (they do not hang together by edges), "shape_not_valid".
    """
    many = np.empty(len(shapes), dtype=object)
    many[:] = list(shapes)
    for shape in many:
        checked(shape)
    if many.size < 2:
        raise EditRefused(
            "too_few_parcels",
            "There is only one parcel to merge or none; choose at least two.",
            "Chưa có đủ thửa đất để gộp; hãy chọn ít nhất hai thửa.",
        )
    _hang_together(many)
    corners = np.concatenate([all_corners(shape) for shape in many])
    corners = np.unique(corners, axis=0)
    whole = outline(many)

    def with_corners(ring: Ring) -> Ring:
        return ring_through(_on_corners(ring, corners), corners, GRID_M + 1e-4)

    kept = on_grid(with_rings(whole, with_corners))
    return kept if shapely.is_valid(kept) else on_grid(whole)


def _on_corners(ring: Ring, corners: NDArray[np.float64]) -> Ring:
    """The ring with what closing slits has moved a little put back on the parcels' own corners."""
    tree = shapely.STRtree(np.asarray(shapely.points(corners), dtype=object))
    of, to = tree.query_nearest(shapely.points(ring), max_distance=_BESIDE_M, all_matches=False)
    back = ring.copy()
    back[of] = corners[to]
    again = (back == np.roll(back, 1, axis=0)).all(axis=1)
    return np.asarray(back[~again], dtype=np.float64) if (~again).sum() >= 3 else ring


def _hang_together(many: Shapes) -> None:
    """Nothing where each parcel can be reached from each other one over shared edges."""
    group = np.arange(many.size)
    near = shapely.buffer(many, _BESIDE_M, join_style="mitre")
    i, j = shapely.STRtree(many).query(near)
    i, j = i[i < j], j[i < j]
    shared = shapely.length(shapely.intersection(shapely.boundary(many[j]), near[i]))
    for a, b in zip(i[shared > _EDGE_M].tolist(), j[shared > _EDGE_M].tolist(), strict=True):
        group[group == group[b]] = group[a]
    names, sizes = np.unique(group, return_counts=True)
    if names.size == 1:
        return
    # The smallest group stands apart; of equal ones the one named last.
    apart = names[np.flatnonzero(sizes == sizes.min())[-1]]
    k = int(np.flatnonzero(group == apart)[0])
    place = shapely.point_on_surface(many[k])
    raise EditRefused(
        "not_adjacent",
        f"Parcel {k + 1} of the {many.size} (index {k}) shares no edge with the others; leave it out or add the parcel "
        "between.",
        f"Thửa thứ {k + 1} trong {many.size} thửa không có cạnh chung với các thửa kia; hãy bỏ thửa này ra hoặc "
        "chọn thêm thửa nằm giữa.",
        place.x,
        place.y,
    )
