"""Law 2: the present equals what a plain model of all corrections says, whatever is imported, edited and undone."""

from collections.abc import Callable
from contextlib import ExitStack

import psycopg
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from register.apply import apply
from register.attributes import AttributeDrafts, Edit, current_version
from register.connect import connect
from register.correction import Correction
from register.errors import NotRevertibleError, NumberTakenError, OverlapError
from register.revert import revert
from tests.register.handed_in import DAY, current, hand_in, lot

CELL_M = 10
Present = dict[str, tuple[str, str, str, bytes]]


def cell(value: tuple[str, str, str, bytes]) -> tuple[int, int]:
    """The grid cell of a parcel, from its number."""
    x, y, _ = value[1].split("-")
    return int(x), int(y)


class Register(RuleBasedStateMachine):
    """Grid cells of ten metres are imported once each; the model keeps what each correction did as before → after."""

    clone: Callable[[], object]
    corrections = Bundle("corrections")

    def __init__(self) -> None:
        super().__init__()
        self.stack = ExitStack()
        self.db: psycopg.Connection = self.stack.enter_context(
            connect(self.stack.enter_context(type(self).clone()))
        )  # type: ignore[arg-type]
        self.present: Present = {}
        self.done: dict[int, tuple[Present, Present]] = {}
        self.used: set[tuple[int, int]] = set()
        self.count = 0

    def teardown(self) -> None:
        self.stack.close()

    def settle(self, number: int) -> int:
        """Take over what the register says `number` did; the invariant compares all the rest with the model."""
        found = current(self.db)
        before = {code: value for code, value in self.present.items() if found.get(code) != value}
        after = {code: value for code, value in found.items() if self.present.get(code) != value}
        self.done[number] = (before, after)
        self.db.commit()
        return number

    @rule(
        target=corrections,
        cells=st.sets(st.tuples(st.integers(0, 5), st.integers(0, 5)), min_size=1, max_size=5),
    )
    def bring_in(self, cells: set[tuple[int, int]]) -> int:
        self.count += 1
        lots = [
            lot(f"{x}-{y}-{self.count}", x * CELL_M, y * CELL_M, (x + 1) * CELL_M, (y + 1) * CELL_M)
            for x, y in sorted(cells)
        ]
        receipt = hand_in(self.db, *lots)
        assert receipt.adds_up()
        assert receipt.stored == len(lots)
        overlapping = sum(
            1 for cell in cells for _ in range(sum(1 for code in self.present if self.at(code) == cell))
        )
        assert receipt.inherited.get("overlap", 0) == overlapping
        number = self.settle(receipt.correction or 0)
        assert self.done[number][0] == {}
        assert len(self.done[number][1]) == len(lots)
        self.present |= self.done[number][1]
        return number

    def at(self, code: str) -> tuple[int, int]:
        return cell(self.present[code])

    @rule(target=corrections, pick=st.integers(0, 10**6), use=st.sampled_from(["ODT", "CLN", "LUC", "DGT"]))
    def edit(self, pick: int, use: str) -> int:
        if not self.present:
            return 0
        code = sorted(self.present)[pick % len(self.present)]
        version = current_version(self.db, code)
        assert version is not None
        applied = apply(
            self.db, Correction("attributes", "e", DAY), AttributeDrafts([Edit(version, land_use=use)])
        )
        sheet, number, before, shape = self.present[code]
        self.done[applied.id] = ({code: (sheet, number, before, shape)}, {code: (sheet, number, use, shape)})
        self.present[code] = (sheet, number, use, shape)
        self.db.commit()
        return applied.id

    @rule(target=corrections, number=corrections)
    def undo(self, number: int) -> int:
        if number == 0:
            return 0
        before, after = self.done[number]
        try:
            applied = revert(self.db, number, "u")
        except (NotRevertibleError, NumberTakenError):
            self.db.rollback()
            return 0
        except OverlapError:
            self.db.rollback()
            held = {self.at(code) for code in self.present.keys() - after.keys()}
            assert held & {cell(value) for value in before.values()}, "refused though the ground is free"
            return 0
        assert {code: self.present.get(code) for code in after} == after, (
            "undone though something else stood on it"
        )
        for code in after:
            del self.present[code]
        self.present |= before
        self.done[applied.id] = (after, before)
        self.db.commit()
        return applied.id

    @invariant()
    def present_is_what_the_model_says(self) -> None:
        assert current(self.db) == self.present

    @invariant()
    def laws_hold(self) -> None:
        one = self.db.execute(
            "select (select count(*) from parcel_version where not st_isvalid(shape)),"
            " (select count(*) from parcel_version a join parcel_version b on a.code < b.code and a.web && b.web"
            "   where a.closed_by is null and b.closed_by is null and st_relate(a.shape, b.shape, '2********')"
            "   and not exists (select from defect d where d.closed_by is null and d.kind = 'overlap'"
            "                   and least(d.code, d.other) = a.code and greatest(d.code, d.other) = b.code)),"
            " (select count(*) from (select code from parcel_address where main and closed_by is null) l"
            "   full join (select code from parcel_version where closed_by is null) v using (code)"
            "   where l.code is null or v.code is null),"
            " (select count(*) from correction where hash is null)"
        ).fetchone()
        assert one == (0, 0, 0, 0)


@pytest.mark.timeout(600)
def test_any_story_of_imports_edits_and_undos(clone: Callable[[], object]) -> None:
    machine = type("Run", (Register,), {"clone": staticmethod(clone)})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=12, stateful_step_count=12, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
