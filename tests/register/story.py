"""Small stories of a register: imports, edits, splits, mergers and undos, each on a legal day, drawn by hypothesis."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

import psycopg
from hypothesis import strategies as st

from register.apply import apply
from register.attributes import AttributeDrafts, Edit, current_version
from register.correction import Correction, Kind
from register.errors import EarlyError, NotRevertibleError, NumberTakenError, OverlapError
from register.receive import receive
from register.revert import revert
from register.stage import ParcelDrafts
from tests.register.handed_in import DAY, HandedIn, Lot, batch, current, lot

CELL_M = 10
Value = tuple[str, str, str, bytes]
Step = tuple[str, int, int]
_DAYS = st.integers(0, 4)
_KINDS = st.sampled_from(["import", "edit", "split", "merge", "undo", "undo"])
STEPS: st.SearchStrategy[list[Step]] = st.builds(
    lambda pick, days, more: [("import", pick, days), *more],
    st.integers(0, 100),
    _DAYS,
    st.lists(st.tuples(_KINDS, st.integers(0, 1000), _DAYS), max_size=7),
)


@dataclass(frozen=True, slots=True)
class Replaced:
    """Parcels that end, and new ones on their ground: a split or a merger, as its rows are staged."""

    versions: list[int]
    lots: list[Lot]

    def stage(self, conn: psycopg.Connection, correction: int) -> None:
        """New parcels as an import stages them, and one row for each that ends."""
        ParcelDrafts([batch(self.lots)]).stage(conn, correction)
        conn.execute(
            "insert into change (n, before, opens, issues, given, cell)"
            " select 1000 + n, id, false, false, false, 0 from unnest(%s::bigint[]) with ordinality as t (id, n)",
            [self.versions],
        )

    def settle(self, conn: psycopg.Connection, correction: int) -> None:
        """Nothing."""


@dataclass(frozen=True, slots=True)
class Life:
    """By law: a value of a code from one day up to, not including, another (None: no end)."""

    code: str
    value: Value
    begins: date
    ends: date | None = None
    opened_by: int = 0

    def at(self, day: date) -> bool:
        return self.begins <= day and (self.ends is None or self.ends > day)


@dataclass
class Told:
    """What a correction left: its number, kind and instant, the present and all lives by law as known then."""

    id: int
    kind: str
    made_at: datetime
    effective_on: date
    present: dict[str, Value]
    lives: list[Life]


@dataclass
class Story:
    """The register `db` and the plain model of its past."""

    db: psycopg.Connection
    told: list[Told] = field(default_factory=list)
    boxes: dict[str, tuple[float, float, float, float]] = field(default_factory=dict)
    count: int = 0

    def tell(self, steps: list[Step]) -> "Story":
        """The steps that the register accepts, one transaction each."""
        for what, pick, days in steps:
            self.step(what, pick, DAY + timedelta(days))
        return self

    def step(self, what: str, pick: int, day: date) -> None:
        doing: Callable[[int, date], int | None] = getattr(self, f"_{what}")
        try:
            number = doing(pick, day)
        except (EarlyError, NotRevertibleError, NumberTakenError, OverlapError):
            self.db.rollback()
            return
        if number is not None:
            self._settle(number)
        self.db.commit()

    def _settle(self, number: int) -> None:
        row = self.db.execute(
            "select kind, made_at, effective_on, reverts from correction where id = %s", [number]
        ).fetchone()
        assert row is not None
        kind, made_at, day, reverts = row
        was = self.told[-1].present if self.told else {}
        lives = list(self.told[-1].lives) if self.told else []
        now = current(self.db)
        lives = [
            replace(one, ends=day) if one.ends is None and now.get(one.code) != one.value else one
            for one in lives
        ]
        if reverts is not None:  # what came after it on these parcels is undone too: it was so on no day
            changed = {code for code in was.keys() | now.keys() if was.get(code) != now.get(code)}
            lives = [
                replace(one, ends=one.begins) if one.code in changed and one.opened_by >= reverts else one
                for one in lives
            ]
        lives += [
            Life(code, value, day, opened_by=number) for code, value in now.items() if was.get(code) != value
        ]
        self.told.append(Told(number, kind, made_at, day, now, lives))

    def _number(self) -> str:
        self.count += 1
        return str(self.count)

    def _learn(self, lots: list[Lot]) -> None:
        by_number = {value[1]: code for code, value in current(self.db).items()}
        self.boxes |= {by_number[one.number]: one.shape.bounds for one in lots}

    def _import(self, pick: int, day: date) -> int | None:
        x, y = pick % 3 * CELL_M, pick // 3 % 3 * CELL_M
        lots = [
            lot(self._number(), x, y, x + CELL_M, y + CELL_M, address=f"{pick} Đường Lê Lợi"),
            lot(self._number(), x + 100, y, x + 100 + CELL_M, y + CELL_M, sheet="2", postcode="50207"),
        ]
        taken = {self.boxes[code] for code in current(self.db)}
        lots = [one for one in lots if one.shape.bounds not in taken and not self._covers(one)]
        if not lots:
            return None
        receipt = receive(self.db, HandedIn(lots, salt=str(self.count)), "tester", day)
        self._learn(lots)
        return receipt.correction

    def _covers(self, one: Lot) -> bool:
        """Parts of a split stand on its ground: no overlaps in these stories."""
        from shapely import box

        return any(box(*self.boxes[code]).intersection(one.shape).area > 0.01 for code in current(self.db))

    def _pick(self, pick: int) -> str | None:
        codes = sorted(current(self.db))
        return codes[pick % len(codes)] if codes else None

    def _edit(self, pick: int, day: date) -> int | None:
        code = self._pick(pick)
        if code is None:
            return None
        old = current(self.db)[code][2]
        use = next(use for use in ("ODT", "CLN", "LUC") if use != old and (pick % 2 or use != "ODT"))
        version = current_version(self.db, code) or 0
        return apply(
            self.db, Correction("attributes", "e", day), AttributeDrafts([Edit(version, land_use=use)])
        ).id

    def _split(self, pick: int, day: date) -> int | None:
        code = self._pick(pick)
        if code is None:
            return None
        x0, y0, x1, y1 = self.boxes[code]
        if x1 - x0 < 2:
            return None
        middle = round(x0 + (x1 - x0) * 0.25, 3)
        sheet = current(self.db)[code][0]
        lots = [
            lot(self._number(), x0, y0, middle, y1, sheet=sheet),
            lot(self._number(), middle, y0, x1, y1, sheet=sheet),
        ]
        return self.replace("split", [code], lots, day)

    def _merge(self, pick: int, day: date) -> int | None:
        """A parcel and its neighbour to the east, of one height and sheet."""
        code = self._pick(pick)
        if code is None:
            return None
        now = current(self.db)
        x0, y0, x1, y1 = self.boxes[code]
        for other in sorted(now):
            a0, b0, a1, b1 = self.boxes[other]
            if (a0, b0, b1) == (x1, y0, y1) and now[other][0] == now[code][0]:
                whole = lot(self._number(), x0, y0, a1, y1, sheet=now[code][0])
                return self.replace("merge", [code, other], [whole], day)
        return None

    def replace(self, kind: Kind, codes: list[str], lots: list[Lot], day: date) -> int:
        """The correction that ends `codes` and begins `lots`."""
        versions = [current_version(self.db, code) or 0 for code in codes]
        applied = apply(self.db, Correction(kind, "e", day, approver="a"), Replaced(versions, lots))
        self._learn(lots)
        return applied.id

    def _undo(self, pick: int, day: date) -> int | None:
        if not self.told:
            return None
        return revert(self.db, self.told[-1 - pick % min(3, len(self.told))].id, "u").id
