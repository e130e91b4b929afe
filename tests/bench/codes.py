"""Minting codes against `shapely.ops.polylabel`, on one core, over the real parcels of Da Nang.

Our side is the whole minting: feature point, pinned transformation, GeoHash. The peer's is its point alone,
on a random sample (it is slow). Processor time of this process, interleaved rounds, medians. The radius must
equal the greatest inscribed circle's within the tolerance on every parcel.

    .venv/bin/python -m tests.bench.codes
"""

import statistics
import sys
import time
from collections.abc import Callable

import numpy as np
import shapely
from shapely.ops import polylabel

from geo import codes
from geo.polylabel import PRECISION_M
from geo.ragged import Shapes
from tests.geo import danang

ROUNDS = 5
PEER_SAMPLE = 3_000
NEEDED = 4.0


def run() -> int:
    """0 when minting is at least four times as fast per parcel and every radius is equal within the
    tolerance."""
    shapes, what = parcels()
    sample = np.random.default_rng(19).permutation(shapes.size)[:PEER_SAMPLE]
    print(
        f"codes: {shapes.size:,} {what}, {shapely.get_num_coordinates(shapes).mean():.1f} coordinates each; ",
        end="",
    )
    print(f"the peer on {sample.size:,} of them; tolerance {PRECISION_M} m; {ROUNDS} rounds")
    minted = codes.mint(shapes, danang.EPSG)  # compiles
    peer_points = [polylabel(shape, PRECISION_M) for shape in shapes[sample[:10]]]

    ours, theirs = [], []
    for _ in range(ROUNDS):
        ours.append(shapes.size / seconds(lambda: codes.mint(shapes, danang.EPSG)))

        def peer() -> None:
            nonlocal peer_points
            peer_points = [polylabel(shape, PRECISION_M) for shape in shapes[sample]]

        theirs.append(sample.size / seconds(peer))
        print(f"  minted {ours[-1]:9,.0f}/s   shapely.ops.polylabel {theirs[-1]:9,.0f}/s")

    radii_hold = radii(shapes, sample, minted, peer_points)
    ratio = statistics.median(ours) / statistics.median(theirs)
    print(
        f"codes: minted {statistics.median(ours):,.0f}/s, peer {statistics.median(theirs):,.0f}/s (medians)"
    )
    print(f"codes: {ratio:.1f}x shapely.ops.polylabel (needs {NEEDED}x)")
    return 0 if ratio >= NEEDED and radii_hold else 1


def radii(
    shapes: Shapes, sample: np.ndarray, minted: codes.Minted, peer_points: list[shapely.Geometry]
) -> bool:
    """Whether each radius equals the greatest one within the tolerance, and the peer's on the sample;
    prints both."""
    greatest = shapely.length(shapely.maximum_inscribed_circle(shapes, PRECISION_M / 20))
    # The yardstick itself stops within a twentieth of the tolerance.
    off = np.abs(greatest - minted.radius_m)
    peer = shapely.distance(np.array(peer_points, dtype=object), shapely.boundary(shapes[sample]))
    off_peer = np.abs(peer - minted.radius_m[sample])
    inside = shapely.contains_xy(shapes, minted.points[:, 0], minted.points[:, 1])
    print(
        f"codes: radius against the greatest circle: at most {off.max() * 100:.1f} cm off on {off.size:,} parcels; "
        f"against the peer's: {off_peer.max() * 100:.1f} cm on {off_peer.size:,}; "
        f"{(~inside).sum()} points outside; {np.unique(minted.codes).size:,} different codes"
    )
    return bool((off <= PRECISION_M).all() and (off_peer <= PRECISION_M).all() and inside.all())


def parcels() -> tuple[Shapes, str]:
    """The real parcels that are valid, or generated ones where the data folder is absent."""
    if danang.ARCHIVE.exists():
        shapes = np.concatenate(danang.wards())
        return shapes[shapely.is_valid(shapes)], "real parcels of Da Nang"
    rng = np.random.default_rng(7)
    angles = np.sort(rng.uniform(0, 2 * np.pi, (20_000, 10)), axis=1)
    reach = rng.uniform(4, 12, (20_000, 10))
    centres = rng.uniform(0, 3_000, (20_000, 1, 2)) + np.array([548_000, 1_778_000])
    points = np.stack((np.cos(angles) * reach, np.sin(angles) * reach), axis=2) + centres
    shapes = np.asarray(shapely.polygons(np.round(points, 3)), dtype=object)
    return shapes[shapely.is_valid(shapes)], "GENERATED parcels (the data of Da Nang is not there)"


def seconds(work: Callable[[], object]) -> float:
    start = time.process_time()
    work()
    return time.process_time() - start


if __name__ == "__main__":
    sys.exit(run())
