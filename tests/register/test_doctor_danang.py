"""The sliver doctor on a real ward of Da Nang: drafts made and applied, no overlap grows, nothing moves more than said."""

from collections import defaultdict

import numpy as np
import psycopg
import pytest
import shapely

from geo import coverage
from geo.gaps import gaps
from register.doctor import Area, find
from register.doctor_drafts import draft_all
from register.proposal import find as proposal
from register.proposals import Said
from tests.geo.danang import ARCHIVE, wards
from tests.register.handed_in import COMMUNE, EAST, NORTH, Lot, hand_in
from tests.register.proposing import AUTHOR, LAW, preview, through
from tests.register.slivered import defects, far
from tests.register.test_drawn import shapes

pytestmark = pytest.mark.skipif(not ARCHIVE.exists(), reason="the real parcels of Da Nang are not here")

SMALLEST, MOST = 10, 900


def pairs(of: dict[str, shapely.Polygon]) -> dict[tuple[str, str], float]:
    """Overlapping pairs and their areas."""
    codes = sorted(of)
    found = coverage.overlaps(np.array([of[code] for code in codes], object))
    return {(codes[i], codes[j]): float(a) for i, j, a in zip(found.i, found.j, found.area_m2, strict=True)}


def test_a_real_ward_is_only_ever_better(db: psycopg.Connection) -> None:
    ward = wards()[SMALLEST]
    sound = ward[(shapely.get_type_id(ward) == 3) & shapely.is_valid(ward) & ~shapely.is_empty(ward)][:MOST]
    lots = [Lot(str(n), shapely.affinity.translate(shape, -EAST, -NORTH)) for n, shape in enumerate(sound, 1)]
    hand_in(db, *lots)
    before, listed = shapes(db), defects(db)
    was = pairs(before)
    first = find(db, Area(COMMUNE), 0.05, 1000)
    assert len(first.slivers) > 10
    made = draft_all(db, AUTHOR, Said(LAW), Area(COMMUNE), 0.05, 1000)
    assert len(made.drafts) > 5
    assert sum(one.stops for one in made.drafts) == 0
    effect: dict[str, float] = defaultdict(float)
    most: dict[str, float] = defaultdict(float)
    changed: list[str] = []
    for one in made.drafts:
        told = preview(proposal(db, one.key))
        through(db, proposal(db, one.key))
        changed += [parcel["code"] for parcel in told["parcels"]]
        for sliver in told["slivers"]:
            assert sliver["moved_m"] <= sliver["width_m"] + 0.0011
            for code, area in sliver["effect_m2"].items():
                effect[code] += area
                most[code] = max(most[code], sliver["width_m"] + 0.0011)
    assert len(changed) == len(set(changed)), "no draft changes a parcel of another"
    after = shapes(db)
    assert set(after) == set(before)
    for code, shape in after.items():
        assert shape.area - before[code].area == pytest.approx(effect[code], abs=1e-6)
        assert not far(before[code], shape, most[code])
    for pair, area in pairs(after).items():
        assert area <= was.get(pair, 0.0) + 1e-3, pair
    assert len(defects(db)) < len(listed) or not listed
    assert sum(size for *_, size in defects(db)) <= sum(size for *_, size in listed)
    holes = [gaps(np.array(list(of.values()), object), 0.05).area_m2.sum() for of in (before, after)]
    assert holes[1] < holes[0]
    assert len(find(db, Area(COMMUNE), 0.05, 1000).slivers) < len(first.slivers) / 2
