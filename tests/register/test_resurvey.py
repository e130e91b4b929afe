"""A later state of a sheet against the register: real changes told apart from a shift of the sheet and doubled records."""

from collections import defaultdict

import numpy as np
import psycopg
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.later_state import Compared, compare
from geo.later_state import State as Told
from geo.sheet_shift import estimate
from importers.datum.fit import corners, fit
from register import proposals
from register.errors import NotAcceptedError
from register.proposal import Proposal, find
from register.survey_drafts import draft_correction
from tests.register.handed_in import EAST, NORTH, Lot, current, hand_in
from tests.register.proposing import done, preview, stops, through
from tests.register.resurveying import CALLED, State, moved, planted, sheet
from tests.register.surveyed import Plot, accepted

WITHIN_M = 0.07
FAR = st.floats(-20, 20).map(lambda m: round(m, 3))
SHIFTS = st.tuples(FAR, FAR).filter(lambda by: np.hypot(*by) > 0.5) | st.just((0.0, 0.0))
WAS = sheet(8, 6, 548_000.0, 1_777_000.0)


@st.composite
def changes(draw: st.DrawFn) -> list[tuple[str, str]]:
    """What happens to some of the parcels, at most a third."""
    numbers = draw(st.lists(st.sampled_from(sorted(WAS.shape)), unique=True, max_size=16))
    words = ("new", "gone", "reshaped", "attributes", "split")
    return [(draw(st.sampled_from(words)), number) for number in numbers]


def beside(was: State, now: State, times: int = 1) -> tuple[Compared, list[str], list[str]]:
    """The states compared, with the numbers of rows and plots; every plot `times` times."""
    rows, plots = sorted(was.shape), sorted(now.shape) * times

    def told(state: State, numbers: list[str]) -> Told:
        shapes = np.array([state.shape[n] for n in numbers], dtype=object)
        return Told(shapes, np.zeros(len(numbers), np.int64), numbers)

    return compare(told(was, rows), told(now, plots), {0: WITHIN_M}), rows, plots


@settings(max_examples=60, deadline=None)
@given(changes(), SHIFTS, st.sampled_from([1, 2]))
def test_what_was_planted_is_told_exactly(
    did: list[tuple[str, str]], by: tuple[float, float], times: int
) -> None:
    after = planted(WAS, did)
    was = State({n: s for n, s in WAS.shape.items() if n not in after.did["new"]})
    found, rows, plots = beside(was, moved(after.state, *by), times)
    told = defaultdict(set)
    for what, number in [*zip(found.of_plot, plots, strict=True), *zip(found.of_row, rows, strict=True)]:
        told[what].add(number)
    assert found.doubled == (times - 1) * len(after.state.shape)
    for what in ("new", "gone", "reshaped", "split", "merged"):
        assert told[what] == after.did[what], what
    if by == (0.0, 0.0):
        assert found.shift == {}
    else:
        (shift,) = found.shift.values()
        assert (shift.east_m, shift.north_m) == pytest.approx(by, abs=0.0011)
        assert shift.support == len(WAS.shape) - sum(len(after.did[w]) for w in ("new", "gone", "reshaped")) - len(
            [1 for what, _ in did if what == "split"]
        )  # fmt: skip


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**32), st.floats(0.4, 12))
def test_a_sheet_that_really_changed_is_not_called_a_shift(seed: int, by_m: float) -> None:
    draw = np.random.default_rng(seed)
    now = {}
    for number, shape in WAS.shape.items():
        xy = shapely.get_coordinates(shape)[:-1]
        turn = draw.uniform(0, 2 * np.pi, len(xy))
        now[number] = shapely.Polygon(
            np.round(xy + by_m / 4 * np.column_stack((np.cos(turn), np.sin(turn))), 3)
        )
    found, _, _ = beside(WAS, State(now))
    assert found.shift == {}
    assert not found.same.any()


@settings(max_examples=20, deadline=None)
@given(SHIFTS)
def test_the_check_of_a_survey_finds_the_same_shift(by: tuple[float, float]) -> None:
    """`importers.datum` fits corners without keys, as far as it looks."""
    if not 0.2 < np.hypot(*by) < 9:
        return
    was = np.array(list(WAS.shape.values()), dtype=object)
    now = np.array(list(moved(WAS, *by).shape.values()), dtype=object)
    mine, theirs = estimate(was, now, WITHIN_M), fit(corners(now), corners(was))
    assert mine is not None
    assert theirs is not None
    assert theirs.is_shift
    assert (mine.east_m, mine.north_m) == pytest.approx((-theirs.east_m, -theirs.north_m), abs=0.01)


def test_sheets_that_moved_together_get_one_vector_and_one_that_did_not_none() -> None:
    west, east = sheet(5, 4, 548_000, 1_777_000, 1), sheet(5, 4, 549_000, 1_777_000, 2)
    few = sheet(1, 2, 548_500, 1_778_000, 3)
    stays = sheet(4, 4, 548_000, 1_779_000, 4)
    was = [west, east, few, stays]
    now = [moved(west, 3, -4), moved(east, 3, -4), moved(few, 3, -4), stays]

    def told(states: list[State]) -> Told:
        shapes = np.array([s for state in states for s in state.shape.values()], dtype=object)
        of = [k for k, state in enumerate(states) for _ in state.shape]
        keys = [(k, n) for k, state in enumerate(states) for n in state.shape]
        return Told(shapes, np.array(of, np.int64), keys)

    found = compare(told(was), told(now), dict.fromkeys(range(4), WITHIN_M))
    assert {k: (s.east_m, s.north_m) for k, s in found.shift.items()} == dict.fromkeys(range(3), (3, -4))
    assert found.same.all()


A, B, C = (shapely.box(x, 0, x + 20, 30) for x in (0, 20, 40))
FAR_A, AB, WIDER_A = shapely.box(500, 0, 520, 30), shapely.box(0, 0, 40, 30), shapely.box(0, 0, 25, 30)


@pytest.mark.parametrize(
    ("was", "now", "plots", "rows"),
    [
        pytest.param({"1": A, "2": B}, {"3": AB}, ["merged"], ["merged", "merged"], id="merged"),
        pytest.param(
            {"1": A, "2": B}, {"1": AB}, ["merged"], ["merged", "merged"], id="merged under a number"
        ),
        pytest.param({"1": AB}, {"1": A, "2": B}, ["split", "split"], ["split"], id="split under a number"),
        pytest.param({"1": AB}, {"2": A, "3": B}, ["split", "split"], ["split"], id="split"),
        pytest.param({"1": A}, {"7": A}, ["same"], ["same"], id="another number"),
        pytest.param({"1": A}, {"1": FAR_A}, ["new"], ["gone"], id="its number used elsewhere"),
        pytest.param({"1": A, "2": B}, {"2": A, "1": B}, ["same", "same"], ["same", "same"], id="exchanged"),
        pytest.param({"1": A}, {"1": WIDER_A}, ["reshaped"], ["reshaped"], id="reshaped"),
        pytest.param({"1": A}, {}, [], ["gone"], id="nothing left"),
        pytest.param({}, {"1": A}, ["new"], [], id="nothing before"),
        pytest.param({"0a": A, "0b": C}, {"0a": C, "0b": A}, ["same", "same"], ["same", "same"], id="roads"),
        pytest.param({"0a": A, "0b": C}, {"0a": C}, ["same"], ["gone", "same"], id="a road less"),
        pytest.param({"0a": A, "0b": A}, {"0a": A}, ["same"], ["same", "same"], id="twice in the register"),
    ],
)
def test_what_becomes_of_few(
    was: dict[str, shapely.Polygon], now: dict[str, shapely.Polygon], plots: list[str], rows: list[str]
) -> None:
    """Numbers that begin with 0 are all the number 0, as roads have it."""

    def told(state: dict[str, shapely.Polygon]) -> Told:
        shapes = np.empty(len(state), dtype=object)
        shapes[:] = list(state.values())
        return Told(shapes, np.zeros(len(state), np.int64), ["0" if n[0] == "0" else n for n in state])

    found = compare(told(was), told(now), {0: WITHIN_M})
    assert (found.of_plot, found.of_row) == (plots, rows)


BEFORE = sheet(12, 10, 0, 0, 7)
DID = [
    ("gone", "5"),
    ("attributes", "17"),
    ("reshaped", "44"),
    ("split", "71"),
    ("new", "102"),
    ("new", "120"),
]
BY = (-5.61, -6.008)


@pytest.fixture
def registered(db: psycopg.Connection) -> None:
    """The earlier state on sheet 1, without those that are new later."""
    new = {number for what, number in DID if what == "new"}
    hand_in(db, *(Lot(n, s) for n, s in BEFORE.shape.items() if n not in new))  # type: ignore[arg-type]
    db.commit()


def state_later(by: tuple[float, float] = BY) -> tuple[State, dict[str, set[str]]]:
    after = planted(BEFORE, DID)
    return moved(after.state, EAST + by[0], NORTH + by[1]), after.did


def drafted(db: psycopg.Connection, conninfo: str, state: State, times: int = 2, **asked: object) -> Proposal:
    plots = [Plot(n, s, None, "1", state.land_use[n]) for n, s in state.shape.items()] * times  # type: ignore[arg-type]
    made = draft_correction(db, accepted(conninfo, plots, replaces="sheet", **asked), "surveyor")
    return find(db, made.correction)


def causes(proposal: Proposal) -> dict[str, set[str]]:
    told: dict[str, set[str]] = {what: set() for what in CALLED}
    for line in preview(proposal)["table"]:
        told.setdefault(line["cause"], set()).add(line["number"] or line["number_before"])
    return told


def test_the_register_keeps_its_place_and_the_table_says_why(
    db: psycopg.Connection, conninfo: str, registered: None
) -> None:
    was = current(db)
    state, did = state_later()
    draft = drafted(db, conninfo, state)
    told = preview(draft)
    assert causes(draft) == did
    assert told["resurvey"]["doubled"] == len(state.shape)
    (shift,) = told["sheet_shift"]
    assert (shift["east_m"], shift["north_m"], shift["spread_m"]) == (*BY, 0.0)
    assert shift["support"] == 115
    said = {p["number"]: p["text"] for p in told["phrases"]}
    assert said["71-2"] == "Tách từ thửa đất số 71"
    assert said["5"].startswith("Thửa đất số 5 không còn hiệu lực")
    assert said["102"].startswith("Lập thửa đất số 102")
    applied = through(db, draft, "surveyor")
    expected = moved(planted(BEFORE, DID).state, EAST, NORTH)
    held = {number: shapely.from_wkb(shape) for _, number, _, shape in current(db).values()}
    assert held.keys() == expected.shape.keys()
    assert all(
        shapely.equals_exact(held[n].normalize(), s.normalize(), 0.002) for n, s in expected.shape.items()
    )
    done(db, "revert", correction=applied.id)
    assert current(db) == was


def test_the_sheet_is_taken_as_a_whole(db: psycopg.Connection, conninfo: str, registered: None) -> None:
    was = current(db)
    state, did = state_later()
    kept = drafted(db, conninfo, state)
    taken = proposals.redraft(db, kept.key, "surveyor", kept.intent | {"shift": "take"})
    told = causes(taken)
    assert len(told.pop("moved")) == 114
    assert told == did
    assert {f["rule"] for f in preview(taken)["findings"]} == {"sheet_shift", "doubled", "code_outside"}
    said = {p["number"]: p["text"] for p in preview(taken)["phrases"]}
    assert "dời cả tờ bản đồ (đông -5,610 m, bắc -6,008 m)" in said["1"]
    applied = through(db, taken, "surveyor")
    held = {number: shapely.from_wkb(shape) for _, number, _, shape in current(db).values()}
    assert all(
        shapely.equals_exact(held[n].normalize(), s.normalize(), 0.002) for n, s in state.shape.items()
    )
    done(db, "revert", correction=applied.id)
    assert current(db) == was


def test_the_same_state_again_changes_nothing(
    db: psycopg.Connection, conninfo: str, registered: None
) -> None:
    new = {number for what, number in DID if what == "new"}
    same = moved(State({n: s for n, s in BEFORE.shape.items() if n not in new}, BEFORE.land_use), EAST, NORTH)
    draft = drafted(db, conninfo, same, 1)
    told = preview(draft)
    assert (told["table"], told["sheet_shift"]) == ([], [])
    assert told["resurvey"]["counts"] == {"unchanged": 118}


def test_measured_a_little_apart_new_plots_come_onto_the_corners_that_stay(
    db: psycopg.Connection, conninfo: str, registered: None
) -> None:
    """Corners three centimetres from where they were: within the point error at 1:500, an overlap otherwise."""
    state, did = state_later((0.0, 0.0))
    draw = np.random.default_rng(3)
    there: dict[tuple[float, float], np.ndarray] = {}

    def off(xy: np.ndarray) -> np.ndarray:
        for p in map(tuple, xy.tolist()):
            there.setdefault(p, np.round(np.array(p) + draw.uniform(-0.03, 0.03, 2), 3))
        return np.array([there[p] for p in map(tuple, xy.tolist())])

    noisy = State({n: shapely.transform(s, off) for n, s in state.shape.items()}, state.land_use)
    draft = drafted(db, conninfo, noisy)
    assert causes(draft) == did
    assert stops(draft) == []
    through(db, draft, "surveyor")
    held = {number: shapely.from_wkb(shape) for _, number, _, shape in current(db).values()}
    assert shapely.equals_exact(held["102"].normalize(), state.shape["102"].normalize(), 0.002)


def test_a_file_that_lacks_much_of_the_sheet_is_to_be_explained(
    db: psycopg.Connection, conninfo: str, registered: None
) -> None:
    state, _ = state_later()
    half = State({n: state.shape[n] for n in list(state.shape)[:60]}, state.land_use)
    rules = {f["rule"] for f in preview(drafted(db, conninfo, half))["findings"]}
    assert "many_gone" in rules


def test_a_sheet_the_register_does_not_have_is_new_as_a_whole(db: psycopg.Connection, conninfo: str) -> None:
    state, _ = state_later()
    draft = drafted(db, conninfo, state)
    told = preview(draft)
    assert (told["resurvey"]["counts"], told["sheet_shift"]) == ({"new": len(state.shape)}, [])
    assert stops(draft) == []


def test_plots_on_no_sheet_are_told(db: psycopg.Connection, conninfo: str, registered: None) -> None:
    plot = Plot("1", shapely.box(EAST, NORTH, EAST + 5, NORTH + 5), sheet=None)
    with pytest.raises(NotAcceptedError, match="no sheet"):
        draft_correction(db, accepted(conninfo, [plot], replaces="sheet"), "surveyor")
