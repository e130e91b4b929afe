"""The steps of drafts, and what is compared after each, in stories of the register (`tests.register.laws`).

What a correction does is taken from its preview: what was seen is what must have been done. Over 400 lines: a state machine
is one class.
"""

import sys
from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import psycopg
import shapely
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from register import proposals
from register.connect import connect
from register.correction import Correction
from register.errors import (
    ConflictError,
    EarlyError,
    EditError,
    NotPreviewedError,
    NotRevertibleError,
    NumberTakenError,
    OverlapError,
    RegisterError,
    StaleError,
    StateError,
)
from register.proposal import Proposal, find
from register.proposals import Said
from register.rebase import rebase
from register.replay import fingerprint, replay
from register.revert import revert_chain
from tests.register.drawing import Drawn, free_ground
from tests.register.handed_in import DAY, EAST, NORTH, hand_in, lot
from tests.register.laws_past import compare_past
from tests.register.model import (
    Change,
    Link,
    Model,
    Parcel,
    change_of,
    check_ground,
    links_of,
    overlapping,
    stored,
    stored_links,
)
from tests.register.proposing import preview
from tests.register.test_changes import feed
from tests.register.test_past import ask

CELL_M = 10
PEOPLE = ("an", "bình", "chi")
LISTS = (
    "unit",
    "unit_successor",
    "land_use",
    "land_user",
    "tolerance_point",
    "tolerance_edge",
    "tolerance_area",
)
"""Filled by the data files: too long to be counted at every step."""
OPEN = ("draft", "submitted", "approved", "returned")
PICK = st.integers(0, 999)
YES = st.booleans()
DAYS = st.sampled_from([0, 0, 0, 0, 0, 0, 1, -1, -2])
"""Legal days from that of the story on: a 1 is a new one."""
LAST = 4
WHO = st.sampled_from(PEOPLE)
RIGHT = st.sampled_from([True, True, True, False])
"""Whether the hash is the one that was seen."""
How = tuple[str, int, int]


@dataclass(slots=True)
class Open:
    """A draft as the model knows it."""

    key: str
    kind: str
    author: str
    day: date
    state: str
    stops: int
    hash: bytes
    told: dict[str, Any]


class Steps(RuleBasedStateMachine):
    """One story, without the drafts that `tests.register.laws` makes.

    `clone` gives empty registers; `count` what was done by all stories of the class.
    """

    clone: Callable[[], AbstractContextManager[str]]
    count: Counter[str]

    def __init__(self) -> None:
        super().__init__()
        self.stack = ExitStack()
        self.conninfo = self.stack.enter_context(type(self).clone())
        self.db: psycopg.Connection = self.stack.enter_context(connect(self.conninfo))
        self.db.execute("set jit = off")
        self.model = Model()
        self.versions: dict[str, int] = {}
        self.drafts: list[Open] = []
        self.named = 0
        self.today = 0
        names = self.db.execute(
            "select relname from pg_class where relkind = 'r' and relnamespace = current_schema()::regnamespace "
            "and relname not like 'proposal%' and relname not like 'proposed%' and relname <> 'dossier' order by 1"
        ).fetchall()
        counts = ", ".join(f"(select count(*) from {name})" for (name,) in names if name not in LISTS)
        closed = ", ".join(
            f"(select count(closed_by) from {t})" for t in ("parcel_version", "parcel_address", "defect")
        )
        self.rows = (
            f"select {counts}, {closed}, (select hash from chain), (select sum(revision) from map_cell)"
        )
        self.untouched: Any = None

    # --- The town ---------------------------------------------------------------------------------------------------

    @initialize()
    def found(self) -> None:
        """Sixteen parcels of sheet 1, and one of sheet 2 away from them."""
        lots = [
            lot(str(1 + x + 4 * y), x * CELL_M, y * CELL_M, (x + 1) * CELL_M, (y + 1) * CELL_M, address=f"Số {x} Hàng {y}")
            for y in range(4) for x in range(4)
        ]  # fmt: skip
        self._bring([*lots, lot("1", 100, 0, 110, 10, sheet="2", postcode="50207", legal_area_m2=100.0)])
        self.sheets = dict(self.db.execute("select id, number from sheet").fetchall())
        self.db.commit()

    @rule(x=st.integers(-1, 5), y=st.integers(-1, 5), anywhere=st.integers(0, 4))
    def bring(self, x: int, y: int, anywhere: int) -> None:
        """An import of one more cell: an overlap goes on the list."""
        one = lot(f"N-{self.named}", x * CELL_M, y * CELL_M, (x + 1) * CELL_M, (y + 1) * CELL_M)
        ground = shapely.affinity.translate(one.shape, EAST, NORTH)
        if anywhere and not free_ground(ground, self.model.present.values()).equals(ground):
            return
        self.named += 1
        self._bring([one])

    def _bring(self, lots: list[Any]) -> None:
        self._step("import")
        receipt = hand_in(self.db, *lots, salt=str(self.named))
        assert receipt.adds_up()
        assert receipt.stored == len(lots)
        now, _ = stored(self.db)
        change: Change = {
            code: (None, parcel) for code, parcel in now.items() if code not in self.model.present
        }
        assert len(change) == len(lots)
        self._done(change)

    def _day(self, days: int) -> date:
        """A legal day, of the story, new or past."""
        self.today = min(LAST, max(self.today, self.today + days))
        return DAY + timedelta(self.today + min(days, 0))

    # --- Drafts ----------------------------------------------------------------------------------------------------

    def _parcel(self, pick: int) -> tuple[str, Parcel] | None:
        codes = sorted(self.model.present)
        return (codes[pick % len(codes)], self.model.present[codes[pick % len(codes)]]) if codes else None

    def _drawn(self, pick: int) -> Drawn | None:
        found = self._parcel(pick)
        return None if found is None else Drawn(*found, self.model.present)

    def _propose(self, how: How, kind: str, **intent: Any) -> None:
        who, days, far = how
        self._step(f"draft {kind}")
        day = self._day(days)
        one = proposals.draft(self.db, {"kind": kind, **intent}, who, Said(day, "thử"))
        told = Open(one.key, kind, who, day, "draft", 0, b"", {})
        self._worked(told, one)
        self.drafts.append(told)
        self._carry(told, next(p for p in PEOPLE if p != who), far)

    def _worked(self, draft: Open, one: Proposal) -> None:
        """Take over what a draft says now; it changed nothing."""
        assert one.state == "draft"
        assert one.hash is not None
        draft.state, draft.stops, draft.hash, draft.told = one.state, one.stops, one.hash, preview(one)
        draft.day = one.effective_on
        rules = {f["rule"] for f in draft.told["findings"] if f["severity"] == "stops"}
        assert bool(rules) == bool(one.stops)
        change = change_of(draft.told, self.sheets)
        assert {code: before for code, (before, _) in change.items() if before is not None} == {
            code: self.model.present[code] for code, (before, _) in change.items() if before is not None
        }
        if draft.kind != "revert" and change and rules <= {"early"}:
            assert self.model.early(change, draft.day) == ("early" in rules)
        self.count["stopped"] += bool(rules)
        self.count["previewed"] += not rules
        for name in rules:
            self.count[f"stop {name}"] += 1
        self._nothing_done()

    # --- Steps -----------------------------------------------------------------------------------------------------

    def _draft(self, pick: int, state: str | None = None) -> Open | None:
        """One of the last drafts that are open, and now and then any; mostly one that is in `state`."""
        open_ = [d for d in self.drafts if d.state in OPEN]
        open_ = [d for d in open_ if d.state == state and pick % 5] or open_
        return open_[-1 - pick % min(len(open_), 4 if pick % 3 else len(open_))] if open_ else None

    def _stale(self, draft: Open) -> bool:
        """Whether what it was made from stands no longer."""
        return any(
            told["before"] is not None and self.versions.get(told["code"]) != told["before"]["version"]
            for told in draft.told["parcels"]
        )

    def _try(
        self, draft: Open, what: str, doing: Callable[[], Any], *expected: type[RegisterError]
    ) -> RegisterError | None:
        """The step, which must be refused where errors are expected, and then leaves all as it was."""
        self._step(what)
        try:
            doing()
        except expected as error:
            self.db.rollback()
            was = find(self.db, draft.key)
            assert (was.state, was.hash) == (draft.state, draft.hash)
            self._nothing_done()
            self.count[f"refused {what}"] += 1
            return error
        assert not expected, f"{what} of a {draft.kind} in state {draft.state} should be refused"
        return None

    def _moved(self, draft: Open) -> None:
        draft.state = find(self.db, draft.key).state
        self._nothing_done()

    def _why_not(self, draft: Open, state: str, right: bool) -> list[type[RegisterError]]:
        """Why a step that needs `state` is refused; the first reason is the one given."""
        if draft.state != state:
            return [StateError]
        if not right:
            return [NotPreviewedError]
        return [ConflictError] if self._stale(draft) else []

    @rule(pick=PICK, who=WHO, right=RIGHT)
    def submit(self, pick: int, who: str, right: bool) -> None:
        draft = self._draft(pick, "draft")
        if draft is not None:
            self._submit(draft, who, right)

    def _submit(self, draft: Open, who: str, right: bool = True) -> None:
        seen = draft.hash if right else b"x" * 32
        why = self._why_not(draft, "draft", right) or ([StateError] if draft.stops else [])
        if self._try(draft, "submit", lambda: proposals.submit(self.db, draft.key, who, seen), *why) is None:
            self._moved(draft)
            assert draft.state == "submitted"

    @rule(pick=PICK, who=WHO, right=RIGHT)
    def approve(self, pick: int, who: str, right: bool) -> None:
        draft = self._draft(pick, "submitted")
        if draft is not None:
            self._approve(draft, who, right)

    def _approve(self, draft: Open, who: str, right: bool = True) -> None:
        seen = draft.hash if right else b"x" * 32
        why = self._why_not(draft, "submitted", right) or ([StateError] if who == draft.author else [])
        if (
            self._try(draft, "approve", lambda: proposals.approve(self.db, draft.key, who, seen), *why)
            is None
        ):
            self._moved(draft)
            assert draft.state == "approved"

    @rule(pick=PICK, who=WHO, right=RIGHT)
    def apply(self, pick: int, who: str, right: bool) -> None:
        draft = self._draft(pick, "approved")
        if draft is not None:
            self._apply(draft, who, right)

    def _apply(self, draft: Open, who: str, right: bool = True) -> None:
        seen = draft.hash if right else b"x" * 32
        why = self._why_not(draft, "approved", right)
        if why:
            self._try(draft, "apply", lambda: proposals.apply_approved(self.db, draft.key, who, seen), *why)
            return
        self._step("apply")
        try:
            _, applied = proposals.apply_approved(self.db, draft.key, who, seen)
        except (
            OverlapError,
            NumberTakenError,
            StaleError,
            ConflictError,
            EarlyError,
            EditError,
            NotRevertibleError,
        ) as error:
            self.db.rollback()
            self._nothing_done()
            self._excused(draft, error)
            self.count[f"late {type(error).__name__} {draft.kind}"] += 1
            return
        self.db.commit()
        draft.state = "applied"
        self._applied(draft, applied.counts)

    def _excused(self, draft: Open, error: RegisterError) -> None:
        """A fresh, approved correction is refused only for what others did beside it."""
        change = change_of(draft.told, self.sheets)
        if isinstance(error, NumberTakenError):
            assert any(a and a.number in self.model.numbers[a.sheet] for _, a in change.values())
        elif isinstance(error, OverlapError):
            after = {c: a for c, (_, a) in change.items() if a is not None}
            rest = {c: p for c, p in self.model.present.items() if c not in change}
            assert overlapping(rest | after, after)
        elif isinstance(error, EarlyError):
            assert self.model.early(change, draft.day), "only an address can have come later"
        elif isinstance(error, StaleError):
            assert draft.kind == "revert" or set(draft.told["codes"]["issued"]) & self.model.codes
        else:
            assert draft.kind in ("address", "revert"), f"{draft.kind}: {error}"

    def _applied(self, draft: Open, counts: dict[str, int]) -> None:
        """What was seen was done, and all laws hold."""
        told = change_of(draft.told, self.sheets)
        if draft.kind == "revert":
            self._undone(draft, told)
        else:
            assert counts == draft.told["counts"], "what was seen is what was done"
            self._done(told)
        self.count["applied"] += 1
        self.count[f"applied {draft.kind}"] += 1

    def _heads(self) -> list[tuple[Any, ...]]:
        last = max(self.model.done, default=0)
        return self.db.execute(
            "select id, seq, kind, reverts, effective_on, made_at from correction where id > %s order by id",
            [last],
        ).fetchall()

    def _undone(self, draft: Open, told: Change) -> None:
        was = dict(self.model.present)
        heads = self._heads()
        assert heads[-1][3] == draft.told["intent"]["correction"]
        assert [head[3] for head in heads] == draft.told["undoes"]
        for head in heads:
            assert self.model.in_force(head[3])
            assert not self.model.stands_on(head[3]), f"{head[3]} was undone under what stands on it"
            self.model.do(head, *self.model.inverse(head[3]))
            assert head[4] == self.model.done[head[3]].effective_on
        now = self.model.present
        net = {c: (was.get(c), now.get(c)) for c in was.keys() | now.keys() if was.get(c) != now.get(c)}
        assert {c: pair for c, pair in told.items() if pair[0] != pair[1]} == net
        self._compare(set(net))

    def _done(self, change: Change) -> None:
        """One correction was applied, which did `change`."""
        [head] = self._heads()
        ended, begun = links_of(self.db, head[0])
        self.model.do(head, change, ended, begun)
        kind = head[2]
        assert all(self._may_change(link, kind, change) for link in ended | begun), "links of others changed"
        if kind in ("split", "merge") or (kind in ("boundary", "survey") and self._inside(change)):
            check_ground(change)
        if kind in ("split", "merge"):
            going = {(x.scheme, x.digital, x.text) for x in begun}
            spoken = {x.text for x in begun}
            for x in ended:
                by_point = x.scheme in ("olc", "vpostcode") and x.text is None
                assert by_point or (x.scheme, x.digital, x.text) in going or x.text in spoken, f"{x} was lost"
        issued = {c for (c,) in self.db.execute("select code from parcel where issued_by = %s", [head[0]])}
        assert issued == {c for c, (before, _) in change.items() if before is None}
        self._compare(set(change))

    def _may_change(self, link: Link, kind: str, change: Change) -> bool:
        before, after = change.get(link.code, (None, None))
        if kind in ("split", "merge"):
            return link.code in change
        return kind == "address" or (link.code in change and (before is None or after is None))

    def _inside(self, change: Change) -> bool:
        """Whether corners moved inside the ground of those who changed; else the outer border moved."""
        before = shapely.union_all([b.ground for b, _ in change.values() if b is not None])
        moved = {
            xy for b, a in change.values() if b is not None and a is not None
            for xy in set(map(tuple, shapely.get_coordinates(b.ground).tolist()))
            ^ set(map(tuple, shapely.get_coordinates(a.ground).tolist()))
        }  # fmt: skip
        return all(
            shapely.Point(xy).within(before) and before.boundary.distance(shapely.Point(xy)) > 0.01
            for xy in moved
        )

    def _compare(self, changed: Iterable[str]) -> None:
        """The register is what the model says, and what must never be is not."""
        present, self.versions = stored(self.db)
        assert present == self.model.present
        links = stored_links(self.db)
        assert links == self.model.links
        assert sorted(x.code for x in links if x.main) == sorted(present), (
            "one main address each, of what stands"
        )
        assert {x.code for x in links} == set(present)
        numbers = Counter((p.sheet, p.number) for p in present.values())
        assert max(numbers.values(), default=1) == 1
        listed = {
            tuple(sorted(pair)): size for *pair, size in
            self.db.execute("select code, other, size from defect where kind = 'overlap' and closed_by is null")
        }  # fmt: skip
        for code, other, size in overlapping(present, changed):
            assert size <= listed[code, other] + 2e-3, "an overlap that is not listed, or grew"
        assert all(code in present for pair in listed for code in pair)
        codes, opened, bad = self.db.execute(
            "select (select array_agg(code) from parcel), (select count(*) from parcel_version where not st_isvalid(shape)),"
            " (select count(*) from correction where hash is null or seq is null)"
        ).fetchone() or ([], 1, 1)
        assert (set(codes), opened, bad) == (self.model.codes, 0, 0)
        self.untouched = None
        self._nothing_done()

    def _nothing_done(self) -> None:
        """All tables but those of drafts have the rows they had; what the drafts did is kept."""
        rows = self.db.execute(self.rows).fetchone()
        self.db.commit()
        assert self.untouched is None or rows == self.untouched
        self.untouched = rows

    def _step(self, what: str) -> None:
        self.count["steps"] += 1
        self.count[f"step {what}"] += 1

    @rule(pick=PICK, who=WHO, place=YES)
    def give_back(self, pick: int, who: str, place: bool) -> None:
        draft = self._draft(pick)
        if draft is not None:
            why = () if draft.state in ("submitted", "approved") else (StateError,)
            at = (108.4, 16.07) if place else None
            if (
                self._try(
                    draft, "return", lambda: proposals.give_back(self.db, draft.key, who, "sai", at), *why
                )
                is None
            ):
                self._moved(draft)
                assert draft.state == "returned"

    @rule(pick=PICK, who=WHO, seldom=st.integers(0, 2))
    def withdraw(self, pick: int, who: str, seldom: int) -> None:
        draft = self._draft(pick)
        if draft is not None and seldom == 0:
            self._try(draft, "withdraw", lambda: proposals.withdraw(self.db, draft.key, who))
            self._moved(draft)
            assert draft.state == "withdrawn"

    @rule(pick=PICK, who=WHO, days=DAYS)
    def redraft(self, pick: int, who: str, days: int) -> None:
        draft = self._draft(pick)
        if draft is not None:
            said = Said(self._day(days), "lần nữa")
            self._try(draft, "redraft", lambda: proposals.redraft(self.db, draft.key, who, said=said))
            self._worked(draft, find(self.db, draft.key))

    @rule(pick=PICK, who=WHO, mine=st.lists(YES, min_size=1, max_size=3), told=YES)
    def rebase(self, pick: int, who: str, mine: list[bool], told: bool) -> None:
        draft = self._draft(pick)
        if draft is None:
            return
        codes = sorted(p["code"] for p in draft.told["parcels"] if p["before"] is not None)
        wanted: Any = (
            {c: "mine" if mine[n % len(mine)] else "theirs" for n, c in enumerate(codes)} if told else None
        )
        self._step("rebase")
        try:
            one = rebase(self.db, draft.key, who, wanted)
        except (ConflictError, StateError) as error:
            self.db.rollback()
            self._nothing_done()
            self.count["refused rebase"] += 1
            told_why = self._stale(draft) or isinstance(error, StateError)
            assert told_why, "a fresh draft has no conflict"
            return
        self._worked(draft, one)
        assert not self._stale(draft)

    @rule(pick=PICK, who=WHO, far=st.integers(1, 3))
    def carry(self, pick: int, who: str, far: int) -> None:
        """As far as it goes: submitted, approved by somebody else, applied."""
        draft = self._draft(pick)
        if draft is not None:
            self._carry(draft, next(p for p in PEOPLE if p not in (who, draft.author)), far)

    def _carry(self, draft: Open, who: str, far: int) -> None:
        steps = {"draft": self._submit, "submitted": self._approve, "approved": self._apply}
        for _ in range(far):
            if draft.state not in steps or self._stale(draft) or draft.stops:
                return
            steps[draft.state](draft, who)

    # --- The end ---------------------------------------------------------------------------------------------------

    def teardown(self) -> None:
        try:
            if sys.exc_info()[0] is None and self.model.done:
                self._end()
                self.count["stories"] += 1
        finally:
            self.stack.close()

    def _end(self) -> None:
        self._refusals_of_undo()
        self._undo_all()
        self._past()
        with type(self).clone() as other, connect(other) as mirror:
            items = [item for item, _ in feed(self.conninfo)]
            assert replay(items, mirror) == len(items) == len(self.model.done)
            mirror.commit()
            assert fingerprint(mirror) == fingerprint(self.db)
            assert stored(mirror) == stored(self.db)
            self.db.commit()

    def _refusals_of_undo(self) -> None:
        """What is in force and nothing stands on can be undone, but where its ground was taken meanwhile."""
        for id in sorted(self.model.done)[-6:]:
            free = not self.model.undos(id) and not self.model.stands_on(id)
            later: list[int] = []
            try:
                revert_chain(self.db, Correction("revert", "u", DAY, reverts=id), False)
                could = True
            except NotRevertibleError as error:
                could, later = False, error.later
            except (OverlapError, NumberTakenError):
                could = True
            self.db.rollback()
            assert could == free, self._told_of(id, *later)

    def _told_of(self, *ids: int) -> str:
        """What corrections did, for a message."""
        done = [self.model.done[id] for id in ids]
        return str(
            [
                (d.id, d.kind, d.reverts, sorted(d.change), sorted({x.code for x in d.begun | d.ended}))
                for d in done
            ]
        )

    def _undo_all(self) -> None:
        """Everything undone, the last first and each with what stands on it: an empty map."""
        for id in sorted(self.model.done, reverse=True):
            if self.model.done[id].kind == "revert" or not self.model.in_force(id):
                continue
            last = [id, *(one.id for one in self.model.undos(id))][-1]
            revert_chain(self.db, Correction("revert", "u", DAY, reverts=last), True)
            for head in self._heads():
                self.model.do(head, *self.model.inverse(head[3]))
            self.db.commit()
        self._compare(())
        assert self.model.present == {}
        assert self.db.execute("select count(*) from defect where closed_by is null").fetchone() == (0,)
        self.db.commit()

    def _past(self) -> None:
        """What was known at instants, and what stood by law on days as known then."""
        ask(self.conninfo, lambda conn: compare_past(conn, self.model))
