"""Why a correction of shapes cannot be done: what, where, what to do."""

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.shapes import fault, finite


@dataclass(eq=False, slots=True)
class EditRefused(Exception):  # noqa: N818 - the word the office uses
    """A correction (chỉnh lý) that cannot be done as asked. `rule` names the reason in snake case; `x`, `y` is the
    place in the coordinates of the shapes (VN-2000, metres), None where there is no one place."""

    rule: str
    detail: str
    detail_vi: str
    x: float | None = None
    y: float | None = None

    def __str__(self) -> str:
        return f"{self.rule}: {self.detail}"


def vi(number: float, decimals: int = 2) -> str:
    """A number in Vietnamese writing: 1.234,50."""
    return f"{number:,.{decimals}f}".translate(str.maketrans(",.", ".,"))


def checked(shape: shapely.Geometry) -> None:
    """Nothing for a Polygon or MultiPolygon that can be worked on.

    Raises: EditRefused "shape_not_valid" for another one: not finite, empty, crossing itself.
    """
    if (
        isinstance(shape, shapely.Polygon | shapely.MultiPolygon)
        and not shape.is_empty
        and finite(np.array([shape], dtype=object))[0]
    ):
        wrong = fault(shape)
        if wrong is None:
            return
        raise EditRefused(
            "shape_not_valid",
            f"The parcel's own shape is not valid here ({wrong.reason}); repair it first.",
            "Hình của chính thửa đất bị lỗi tại đây; hãy sửa hình trước.",
            wrong.x,
            wrong.y,
        )
    raise EditRefused(
        "shape_not_valid",
        "The parcel has no shape with an area and real coordinates; give it one first.",
        "Thửa đất chưa có hình với diện tích và tọa độ hợp lệ; hãy bổ sung hình trước.",
    )


def points_mm(points: object, least: int) -> NDArray[np.float64]:
    """Typed points as an array (n, 2) on the millimetre grid, a point that repeats the one before it dropped.

    Raises: EditRefused "not_a_number" for NaN and infinity, "too_few_points" for fewer than `least` distinct ones.
    """
    xy = np.asarray(points, dtype=np.float64)
    if xy.size and (xy.ndim != 2 or xy.shape[1] != 2 or not np.isfinite(xy).all()):
        raise EditRefused(
            "not_a_number",
            "A coordinate is not a number; type each corner as east and north in metres.",
            "Có tọa độ không phải là số; hãy nhập mỗi điểm gồm hoành độ và tung độ, tính bằng mét.",
        )
    xy = np.round(xy.reshape(-1, 2) * 1000) / 1000 + 0.0
    again = np.concatenate(([False], (xy[1:] == xy[:-1]).all(axis=1))) if len(xy) else np.zeros(0, dtype=bool)
    xy = xy[~again]
    if len(np.unique(xy, axis=0)) < least:
        x, y = xy[0].tolist() if len(xy) else (None, None)
        raise EditRefused(
            "too_few_points",
            f"There are fewer than {least} different points; draw at least {least}.",
            f"Có ít hơn {least} điểm khác nhau; hãy vẽ ít nhất {least} điểm.",
            x,
            y,
        )
    return xy
