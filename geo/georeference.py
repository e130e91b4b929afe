"""Where a scanned sheet lies on the ground: transformations fitted to control points by least squares.

Pixels: column to the right, row downwards, (0, 0) the outer corner of the first pixel. Ground: east, north in whatever plane
the points are given in. Three kinds, from stiff to soft:

- affine: moved, turned, stretched, sheared; 3 points or more (paper that shrank evenly);
- projective: besides seen at a slant, as by a camera; 4 points or more;
- thin plate: the affine one bent as little as leads it through every point (Duchon 1977); 4 points or more. Its residuals
  are nothing by construction: only points left out tell how good it is.

A kind is judged by what it says of points it was not told of (leave one out): `proposed` names the best of `fits`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Kind = Literal["affine", "projective", "thin_plate"]
KINDS: Final[tuple[Kind, ...]] = ("affine", "projective", "thin_plate")
LEAST_POINTS: Final[Mapping[Kind, int]] = {"affine": 3, "projective": 4, "thin_plate": 4}
MOST_POINTS: Final = 1000
_FLAT = 1e-3
_BETTER = 0.9
_ROUNDS = 60


class NoFitError(ValueError):
    """The points do not say where the picture lies. `reason`: few, line, repeated, folded or many."""

    def __init__(self, reason: str, *points: int) -> None:
        super().__init__(reason)
        self.reason = reason
        self.points = points


@dataclass(frozen=True, slots=True)
class _Frame:
    """Numbers moved to their middle and scaled to about one, so that squares of a million metres do no harm."""

    middle: Floats
    scale: float

    def into(self, points: Floats) -> Floats:
        return np.asarray((points - self.middle) / self.scale)

    def out(self, points: Floats) -> Floats:
        return np.asarray(points * self.scale + self.middle)


@dataclass(frozen=True, slots=True)
class Transformation:
    """From pixels to the ground and back.

    `forward` (3, 3) leads framed pixels to framed ground; a thin plate has besides `knots` (n, 2), framed ground, and
    `weights` (n + 3, 2), which lead framed ground to framed pixels.
    """

    kind: Kind
    pixels: _Frame
    ground: _Frame
    forward: Floats
    knots: Floats | None = None
    weights: Floats | None = None

    def to_ground(self, pixels: Floats) -> Floats:
        """Ground (n, 2) of pixels (n, 2). Raises: NoFitError where a thin plate folds over there."""
        framed = self.pixels.into(np.asarray(pixels, dtype=np.float64))
        found = _apply(self.forward, framed)
        if self.knots is not None:
            found = self._unbent(framed, found)
        return self.ground.out(found)

    def to_pixels(self, ground: Floats) -> Floats:
        """Pixels (n, 2) of ground (n, 2); not a number beyond the horizon of a projective one."""
        framed = self.ground.into(np.asarray(ground, dtype=np.float64))
        if self.knots is not None and self.weights is not None:
            return self.pixels.out(_bent(self.knots, self.weights, framed))
        return self.pixels.out(_apply(np.asarray(np.linalg.inv(self.forward), np.float64), framed))

    def _unbent(self, pixels: Floats, start: Floats) -> Floats:
        """Framed ground that the bent plate leads to framed pixels: steps of the stiff part until none is left."""
        assert self.knots is not None  # noqa: S101 - asked by to_ground
        assert self.weights is not None  # noqa: S101
        stiff = self.forward[:2, :2]
        found = start
        for _ in range(_ROUNDS):
            off = pixels - _bent(self.knots, self.weights, found)
            if not len(off) or float(np.abs(off).max()) < 1e-11:
                return found
            found = found + off @ stiff.T
        if float(np.abs(off).max()) > 1e-6:
            raise NoFitError("folded")
        return found


@dataclass(frozen=True, slots=True)
class Fit:
    """One kind fitted: residuals (n, 2) of its points, measured less fitted, and what each would be were it left out.

    `left_out_px` (n,) is infinite where the other points alone would not do.
    """

    transformation: Transformation
    residuals_px: Floats
    residuals_m: Floats
    left_out_px: Floats

    @property
    def rms_px(self) -> float:
        """Root mean square of the lengths of the residuals in pixels."""
        return _rms(np.hypot(*self.residuals_px.T))

    @property
    def rms_m(self) -> float:
        """The same on the ground, in the unit of the control points."""
        return _rms(np.hypot(*self.residuals_m.T))

    @property
    def left_out_rms_px(self) -> float:
        """The same of points left out: infinite where that cannot be told."""
        return _rms(self.left_out_px)


def fits(pixels: Floats, ground: Floats) -> dict[Kind, Fit]:
    """All kinds that points (n, 2) in the picture and on the ground suffice for, stiffest first.

    Raises: NoFitError: fewer than three, on one line, one place twice, more than MOST_POINTS.
    """
    pixels, ground = np.asarray(pixels, dtype=np.float64), np.asarray(ground, dtype=np.float64)
    _check(pixels, ground)
    found: dict[Kind, Fit] = {}
    for kind in KINDS:
        if len(pixels) >= LEAST_POINTS[kind]:
            try:
                made = fitted(kind, pixels, ground)
                found[kind] = Fit(
                    made,
                    pixels - made.to_pixels(ground),
                    ground - made.to_ground(pixels),
                    _left_out(kind, made, pixels, ground),
                )
            except (NoFitError, np.linalg.LinAlgError):
                continue
    return found


def proposed(found: Mapping[Kind, Fit]) -> Kind:
    """The kind to take: a softer one only where it says clearly better where points lie that it was not told of."""
    best = next(iter(found))
    for kind, fit in found.items():
        if fit.left_out_rms_px < _BETTER * found[best].left_out_rms_px and fit.left_out_rms_px > 0:
            best = kind
    return best


def fitted(kind: Kind, pixels: Floats, ground: Floats) -> Transformation:
    """One kind fitted to points (n, 2). Raises: NoFitError where they do not suffice."""
    if len(pixels) < LEAST_POINTS[kind]:
        raise NoFitError("few")
    if flat(pixels) or flat(ground):
        raise NoFitError("line")
    a, b = _frame(pixels), _frame(ground)
    p, g = a.into(pixels), b.into(ground)
    if kind == "affine":
        return Transformation(kind, a, b, _affine(p, g))
    if kind == "projective":
        return Transformation(kind, a, b, _projective(p, g))
    weights = np.linalg.solve(_plate(g), np.vstack([p, np.zeros((3, 2))]))
    back = np.vstack([np.hstack([weights[-2:].T, weights[-3][:, None]]), [0.0, 0.0, 1.0]])
    return Transformation(kind, a, b, np.asarray(np.linalg.inv(back)), g, np.asarray(weights, np.float64))


def flat(points: Floats) -> bool:
    """Whether points (n, 2) lie on one line, or nearly so."""
    wide, narrow = np.linalg.svd(points - points.mean(axis=0), compute_uv=False)
    return bool(narrow <= _FLAT * wide)


def _check(pixels: Floats, ground: Floats) -> None:
    if len(pixels) < LEAST_POINTS["affine"]:
        raise NoFitError("few")
    if len(pixels) > MOST_POINTS:
        raise NoFitError("many")
    for points in (pixels, ground):
        _, first, count = np.unique(points, axis=0, return_index=True, return_counts=True)
        if (count > 1).any():
            one = int(first[count > 1][0])
            twin = next(i for i in range(one + 1, len(points)) if (points[i] == points[one]).all())
            raise NoFitError("repeated", one, twin)
    if flat(pixels) or flat(ground):
        raise NoFitError("line")


def _left_out(kind: Kind, made: Transformation, pixels: Floats, ground: Floats) -> Floats:
    n = len(pixels)
    if n <= LEAST_POINTS[kind]:
        return np.full(n, np.inf)
    if kind == "thin_plate":  # told by the inverse of the one system (Rippa 1999)
        assert made.knots is not None  # noqa: S101 - a plate has knots
        assert made.weights is not None  # noqa: S101
        inverse = np.linalg.inv(_plate(made.knots))
        with np.errstate(divide="ignore", invalid="ignore"):
            off = made.weights[:n] / np.diag(inverse)[:n, None] * made.pixels.scale
        return np.asarray(np.nan_to_num(np.hypot(*off.T), nan=np.inf))
    off = np.full(n, np.inf)
    for i in range(n):
        rest = np.arange(n) != i
        try:
            one = fitted(kind, pixels[rest], ground[rest])
            off[i] = np.hypot(*(pixels[i] - one.to_pixels(ground[i : i + 1])[0]))
        except (NoFitError, np.linalg.LinAlgError):
            continue
    return off


def _frame(points: Floats) -> _Frame:
    middle = points.mean(axis=0)
    return _Frame(middle, float(np.sqrt(np.mean(np.sum((points - middle) ** 2, axis=1)))))


def _affine(p: Floats, g: Floats) -> Floats:
    ones = np.ones((len(p), 1))
    rows, *_ = np.linalg.lstsq(np.hstack([p, ones]), g, rcond=None)
    return np.vstack([rows.T, [0.0, 0.0, 1.0]])


def _projective(p: Floats, g: Floats) -> Floats:
    """The algebraic solution, then Gauss and Newton's steps on the distances on the ground."""
    x, y = p.T
    u, v = g.T
    zero, one = np.zeros_like(x), np.ones_like(x)
    rows = np.vstack(
        [
            np.stack([x, y, one, zero, zero, zero, -u * x, -u * y, -u], axis=1),
            np.stack([zero, zero, zero, x, y, one, -v * x, -v * y, -v], axis=1),
        ]
    )
    _, values, right = np.linalg.svd(rows)
    h = right[-1]
    if values[7] < 1e-9 * values[0] or abs(h[8]) < 1e-9:
        raise NoFitError("line")
    h = h[:8] / h[8]
    for _ in range(10):
        below = h[6] * x + h[7] * y + 1
        if (below <= 1e-6).any():
            raise NoFitError("folded")
        su, sv = (h[0] * x + h[1] * y + h[2]) / below, (h[3] * x + h[4] * y + h[5]) / below
        jacobian = np.vstack(
            [
                np.stack([x, y, one, zero, zero, zero, -su * x, -su * y], axis=1) / below[:, None],
                np.stack([zero, zero, zero, x, y, one, -sv * x, -sv * y], axis=1) / below[:, None],
            ]
        )
        step, *_ = np.linalg.lstsq(jacobian, np.concatenate([u - su, v - sv]), rcond=None)
        h = h + step
        if float(np.abs(step).max()) < 1e-14:
            break
    below = h[6] * x + h[7] * y + 1
    matrix = np.append(h, 1.0).reshape(3, 3)
    if (below <= 1e-6).any() or abs(np.linalg.det(matrix)) < 1e-9:
        raise NoFitError("folded")
    return matrix


def _apply(matrix: Floats, points: Floats) -> Floats:
    below = points @ matrix[2, :2] + matrix[2, 2]
    with np.errstate(divide="ignore", invalid="ignore"):
        found = (points @ matrix[:2, :2].T + matrix[:2, 2]) / below[:, None]
    # the side of the picture's middle; what lies behind the horizon is nowhere
    return np.where((below * matrix[2, 2] > 1e-9)[:, None], found, np.nan)


def _kernel(squared: Floats) -> Floats:
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(squared > 0, squared * np.log(squared), 0.0)


def _plate(knots: Floats) -> Floats:
    n = len(knots)
    system = np.zeros((n + 3, n + 3))
    system[:n, :n] = _kernel(np.sum((knots[:, None] - knots[None]) ** 2, axis=2))
    system[:n, n] = system[n, :n] = 1.0
    system[:n, n + 1 :] = knots
    system[n + 1 :, :n] = knots.T
    return system


def _bent(knots: Floats, weights: Floats, points: Floats) -> Floats:
    found = weights[-3] + points @ weights[-2:]
    for begin in range(0, len(points), 4096):
        piece = points[begin : begin + 4096]
        squared = (piece[:, None, 0] - knots[:, 0]) ** 2 + (piece[:, None, 1] - knots[:, 1]) ** 2
        found[begin : begin + 4096] += _kernel(squared) @ weights[:-3]
    return np.asarray(found)


def _rms(lengths: Floats) -> float:
    return float(np.sqrt(np.mean(lengths**2)))
