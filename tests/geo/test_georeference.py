"""Laws of the fits: exact on exact points, whatever their order; plates pass through their points; lines are refused."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.georeference import KINDS, Floats, Kind, NoFitError, fits, fitted, proposed

SEEDS = st.integers(0, 10**6)
EAST, NORTH = 588_000.0, 2_325_000.0


def spread(seed: int, n: int) -> tuple[np.random.Generator, Floats]:
    """n points over a picture of 4,000 by 3,000 pixels, none close to another and no three near a line."""
    dice = np.random.default_rng(seed)
    grid = np.array([(c, r) for r in (200, 1500, 2800) for c in (250, 1400, 2600, 3750)], dtype=float)
    chosen = dice.permutation(12)[:n] if n < 12 else np.arange(12)
    return dice, grid[chosen] + dice.uniform(-150, 150, (len(chosen), 2))


def matrix(dice: np.random.Generator, slant: float) -> Floats:
    """A sheet turned, stretched, sheared, and seen at a slant; about 0.1 m a pixel."""
    turn = dice.uniform(-np.pi, np.pi)
    size = dice.uniform(0.05, 0.3)
    cos, sin = size * np.cos(turn), size * np.sin(turn)
    return np.array(
        [
            [cos, sin * dice.uniform(0.8, 1.2), 0.0],
            [sin, -cos * dice.uniform(0.8, 1.2), 0.0],
            [slant * dice.uniform(-1, 1), slant * dice.uniform(-1, 1), 1.0],
        ]
    )


def through(h: Floats, pixels: Floats) -> Floats:
    below = pixels @ h[2, :2] + 1
    return np.asarray((pixels @ h[:2, :2].T + h[:2, 2]) / below[:, None] + (EAST, NORTH))


@given(SEEDS)
def test_exact_points_give_an_exact_affine_fit_of_every_kind(seed: int) -> None:
    dice, pixels = spread(seed, 8)
    h = matrix(dice, 0.0)
    found = fits(pixels, through(h, pixels))
    assert list(found) == list(KINDS)
    asked = dice.uniform((0, 0), (4000, 3000), (50, 2))
    for fit in found.values():
        np.testing.assert_allclose(fit.transformation.to_ground(asked), through(h, asked), atol=2e-6)
        np.testing.assert_allclose(fit.transformation.to_pixels(through(h, asked)), asked, atol=2e-5)
        assert fit.rms_px < 1e-5
        assert fit.left_out_rms_px < 1e-4


@given(SEEDS)
def test_a_slant_view_is_recovered_and_proposed(seed: int) -> None:
    dice, pixels = spread(seed, 9)
    h = matrix(dice, 4e-5)
    found = fits(pixels, through(h, pixels))
    asked = dice.uniform((0, 0), (4000, 3000), (50, 2))
    np.testing.assert_allclose(
        found["projective"].transformation.to_ground(asked), through(h, asked), atol=1e-5
    )
    assert found["projective"].left_out_rms_px < 1e-3
    if found["affine"].left_out_rms_px > 0.01:
        assert proposed(found) == "projective"


@given(SEEDS)
def test_a_plate_passes_through_its_points_both_ways(seed: int) -> None:
    dice, pixels = spread(seed, 12)
    ground = through(matrix(dice, 0.0), pixels) + dice.normal(0, 0.8, pixels.shape)
    plate = fitted("thin_plate", pixels, ground)
    np.testing.assert_allclose(plate.to_pixels(ground), pixels, atol=1e-6)
    np.testing.assert_allclose(plate.to_ground(pixels), ground, atol=1e-6)
    inside = dice.uniform((400, 400), (3600, 2600), (30, 2))
    np.testing.assert_allclose(plate.to_pixels(plate.to_ground(inside)), inside, atol=1e-2)


@given(SEEDS)
def test_the_order_of_points_does_not_matter(seed: int) -> None:
    dice, pixels = spread(seed, 8)
    ground = through(matrix(dice, 2e-5), pixels) + dice.normal(0, 0.3, pixels.shape)
    order = dice.permutation(8)
    ahead, behind = fits(pixels, ground), fits(pixels[order], ground[order])
    asked = dice.uniform((0, 0), (4000, 3000), (20, 2))
    assert proposed(ahead) == proposed(behind)
    for kind, fit in ahead.items():
        np.testing.assert_allclose(
            fit.transformation.to_pixels(ground), behind[kind].transformation.to_pixels(ground), atol=1e-5
        )
        np.testing.assert_allclose(fit.left_out_px[order], behind[kind].left_out_px, rtol=1e-5, atol=1e-6)
        if kind != "thin_plate":
            np.testing.assert_allclose(
                fit.transformation.to_ground(asked), behind[kind].transformation.to_ground(asked), atol=1e-5
            )


@given(SEEDS, st.sampled_from(["affine", "thin_plate"]))
def test_left_out_residuals_are_those_of_fits_without_the_point(seed: int, kind: Kind) -> None:
    dice, pixels = spread(seed, 9)
    ground = through(matrix(dice, 0.0), pixels) + dice.normal(0, 0.5, pixels.shape)
    told = fits(pixels, ground)[kind].left_out_px
    for i in (0, 4, 8):
        rest = np.arange(9) != i
        without = fitted(kind, pixels[rest], ground[rest])
        off = np.hypot(*(without.to_pixels(ground[i : i + 1])[0] - pixels[i]))
        # the frame of nine points is not that of eight: a plate minds no scale, so both say the same
        assert told[i] == pytest.approx(off, rel=1e-4, abs=1e-4)


@given(SEEDS)
def test_a_blunder_stands_out_where_it_is(seed: int) -> None:
    dice, pixels = spread(seed, 10)
    ground = through(matrix(dice, 0.0), pixels)
    ground[3] += (40.0, -25.0)
    found = fits(pixels, ground)
    assert int(np.argmax(found["affine"].left_out_px)) == 3
    assert found["affine"].rms_m > 5


@given(SEEDS)
def test_no_other_affine_fit_has_smaller_residuals(seed: int) -> None:
    dice, pixels = spread(seed, 8)
    ground = through(matrix(dice, 0.0), pixels) + dice.normal(0, 0.5, pixels.shape)
    least = fits(pixels, ground)["affine"]
    made = least.transformation
    for nudge in (1e-4, -1e-4):
        for row, column in np.ndindex(2, 3):
            other = made.forward.copy()
            other[row, column] += nudge
            framed = made.pixels.into(pixels)
            there = made.ground.out(framed @ other[:2, :2].T + other[:2, 2])
            assert np.sum((ground - there) ** 2) >= np.sum(least.residuals_m**2)


def test_three_points_say_where_but_not_how_well() -> None:
    pixels = np.array([[0.0, 0.0], [100.0, 0.0], [0.0, 100.0]])
    found = fits(pixels, pixels * (0.1, -0.1) + (EAST, NORTH))
    assert list(found) == ["affine"]
    assert found["affine"].left_out_rms_px == np.inf


SQUARE = [(0, 0), (1000, 0), (1000, 800), (0, 800)]


@pytest.mark.parametrize(
    ("pixels", "reason"),
    [
        (SQUARE[:2], "few"),
        ([], "few"),
        ([(0, 0), (500, 400), (1000, 800), (250, 200)], "line"),
        ([(0, 0), (500, 400.2), (1000, 800), (250, 200)], "line"),
        ([*SQUARE, (0, 0)], "repeated"),
        ([(i, i * i % 97) for i in range(1001)], "many"),
    ],
)
def test_points_that_do_not_say_where(pixels: list[tuple[float, float]], reason: str) -> None:
    there = np.array(pixels, dtype=float).reshape(-1, 2)
    with pytest.raises(NoFitError) as refused:
        fits(there, there * (0.1, -0.1) + (EAST, NORTH))
    assert refused.value.reason == reason


def test_the_same_place_on_the_ground_twice_is_told_by_its_points() -> None:
    pixels = np.array(SQUARE, dtype=float)
    ground = pixels * 0.1
    ground[2] = ground[1]
    with pytest.raises(NoFitError) as refused:
        fits(pixels, ground)
    assert (refused.value.reason, refused.value.points) == ("repeated", (1, 2))
