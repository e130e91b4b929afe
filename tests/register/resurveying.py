"""A synthetic sheet in two states, as the real snapshots are: shifted, every record twice, and a few real changes."""

from dataclasses import dataclass, field

import numpy as np
import shapely

WIDE_M, DEEP_M = 20.0, 30.0


@dataclass(frozen=True, slots=True)
class State:
    """Parcels by number: shape, land use, legal area. Numbers are unique."""

    shape: dict[str, shapely.Geometry]
    land_use: dict[str, str] = field(default_factory=dict)


def sheet(columns: int, rows: int, east_m: float, north_m: float, seed: int = 0) -> State:
    """Parcels in a bent lattice that share all their corners; numbers run from 1."""
    draw = np.random.default_rng(seed)
    at = np.stack(
        np.meshgrid(np.arange(columns + 1) * WIDE_M, np.arange(rows + 1) * DEEP_M, indexing="ij"), -1
    )
    at = np.round(at + draw.uniform(-4, 4, at.shape) + (east_m, north_m), 3)
    made = {}
    for i in range(columns):
        for j in range(rows):
            ring = [at[i, j], at[i + 1, j], at[i + 1, j + 1], at[i, j + 1]]
            made[str(len(made) + 1)] = shapely.Polygon(ring)
    return State(made, dict.fromkeys(made, "ODT"))


@dataclass(slots=True)
class Planted:
    """A later state and what was done to it: numbers by what they are called."""

    state: State
    did: dict[str, set[str]] = field(default_factory=lambda: {w: set() for w in CALLED})


CALLED = ("new", "gone", "reshaped", "attributes", "split", "merged")


def planted(was: State, changes: list[tuple[str, str]]) -> Planted:
    """The state after changes (what, number); no two of them touch the same parcel."""
    made = Planted(State(dict(was.shape), dict(was.land_use)))
    shape, use = made.state.shape, made.state.land_use
    for what, number in changes:
        one = shape[number]
        corners = shapely.get_coordinates(one)[:-1]
        made.did[what].add(number)
        if what == "gone":
            del shape[number]
        elif what == "attributes":
            use[number] = "CLN"
        elif what == "reshaped":
            # A corner of its own, drawn in by two metres: its neighbours stay as they are.
            middle = np.round(corners.mean(axis=0) * 0.1 + (corners[0] + corners[1]) * 0.45, 3)
            shape[number] = shapely.Polygon([corners[0], middle, *corners[1:]])
        elif what == "split":
            low = np.round((corners[0] + corners[1]) / 2, 3)
            high = np.round((corners[2] + corners[3]) / 2, 3)
            part = f"{number}-2"
            shape[number] = shapely.Polygon([corners[0], low, high, corners[3]])
            shape[part] = shapely.Polygon([low, corners[1], corners[2], high])
            use[part] = "ODT"
            made.did[what].add(part)
        elif what == "new":
            # On the ground of one that is not in the earlier state: the caller leaves it out there.
            pass
        elif what == "merged":
            raise ValueError("merge by hand")
    return made


def moved(state: State, east_m: float, north_m: float) -> State:
    """The same, standing elsewhere."""
    by = np.array([east_m, north_m])
    return State(
        {n: shapely.transform(s, lambda xy: np.round(xy + by, 3)) for n, s in state.shape.items()},
        state.land_use,
    )
