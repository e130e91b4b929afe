"""The laws of the register, told by hypothesis: any interleaving of drafts, steps, stale ones, undos and refusals, by several
people, over a small town; after every step the register is what a plain model says, at the end its whole past is too.
"""

from typing import Any

import shapely
from hypothesis import strategies as st
from hypothesis.stateful import rule

from tests.register.drawing import free_ground
from tests.register.handed_in import COMMUNE, EAST, NORTH
from tests.register.laws_steps import CELL_M, DAYS, PICK, WHO, YES, How, Steps

SHARE = st.integers(5, 95)
USE = st.sampled_from(["ODT", "CLN", "LUC", None])
HOW: st.SearchStrategy[How] = st.tuples(WHO, DAYS, st.sampled_from([0, 0, 1, 2, 3, 3, 3, 3]))
"""Who drafts, for which legal day, and how many steps the draft goes on at once."""


class Laws(Steps):
    """One story: drafts of every kind, and their steps."""

    @rule(how=HOW, x=st.integers(-1, 4), y=st.integers(-1, 4), blind=st.integers(0, 5), use=USE)
    def create(self, how: How, x: int, y: int, blind: int, use: str | None) -> None:
        cell = shapely.box(
            EAST + x * CELL_M, NORTH + y * CELL_M, EAST + (x + 1) * CELL_M, NORTH + (y + 1) * CELL_M
        )
        ground = cell if blind == 0 else free_ground(cell, self.model.present.values())
        if not ground.is_empty:
            new = {"rings": [list(map(list, ring.coords)) for ring in (ground.exterior, *ground.interiors)]}
            new |= {} if use is None else {"land_use": use}
            self._propose(how, "create", sheet={"commune": COMMUNE, "number": "1"}, parcels=[new])

    @rule(
        how=HOW, pick=PICK, way=st.integers(0, 5), share=SHARE, other=SHARE, registered=YES,
        keeps=st.sampled_from([None, None, 0, 1]), number=st.sampled_from([None, None, None, "77", "3", "T7"]),
    )  # fmt: skip
    def split(
        self, how: How, pick: int, way: int, share: int, other: int, registered: bool, keeps: int | None, number: str | None,
    ) -> None:  # fmt: skip
        drawn = self._drawn(pick)
        if drawn is not None:
            parts = [] if number is None else [{"number": number, "land_use": "CLN"}]
            more = {"registered": registered, "keeps": keeps, "parts": parts}
            self._propose(how, "split", parcel=drawn.code, **drawn.cut(way, share / 100, other / 100), **more)

    @rule(how=HOW, pick=PICK, other=PICK, registered=YES, keeps=YES, apart=st.integers(0, 9), use=USE)
    def merge(
        self, how: How, pick: int, other: int, registered: bool, keeps: bool, apart: int, use: str | None
    ) -> None:
        drawn = self._drawn(pick)
        if drawn is not None:
            near = drawn.beside() if apart else sorted(self.model.present.keys() - {drawn.code})
            chosen = [near[(other + n) % len(near)] for n in range(1 + other % 2)] if near else []
            parcels = list(dict.fromkeys([drawn.code, *chosen]))
            if len(parcels) > 1:
                into = {} if use is None else {"land_use": use}
                more = {"registered": registered, "keeps": drawn.code if keeps else None, "into": into}
                self._propose(how, "merge", parcels=parcels, **more)

    @rule(
        how=HOW,
        pick=PICK,
        corner=PICK,
        way=st.integers(0, 2),
        dx=st.integers(-1500, 1500),
        dy=st.integers(-1500, 1500),
    )
    def boundary(self, how: How, pick: int, corner: int, way: int, dx: int, dy: int) -> None:
        drawn = self._drawn(pick)
        if drawn is not None:
            self._propose(how, "boundary", parcel=drawn.code, **drawn.corner(way, corner, dx, dy))

    @rule(how=HOW, pick=PICK, seed=PICK, error=YES, legal=st.sampled_from([None, "100.00", "0"]))
    def survey(self, how: How, pick: int, seed: int, error: bool, legal: str | None) -> None:
        drawn = self._drawn(pick)
        if drawn is not None:
            one = {"parcel": drawn.code, "rings": drawn.measured(seed)} | (
                {} if legal is None else {"legal_area_m2": legal}
            )
            self._propose(how, "error" if error else "survey", parcels=[one])

    @rule(
        how=HOW, picks=st.lists(PICK, min_size=1, max_size=3), use=USE, legal=st.sampled_from([None, "120.5"]),
        number=st.sampled_from([None, None, "50", "51", "2", "T3"]), error=YES,
    )  # fmt: skip
    def attributes(
        self, how: How, picks: list[int], use: str | None, legal: str | None, number: str | None, error: bool
    ) -> None:
        found = dict(p for p in map(self._parcel, picks) if p is not None)
        said = {"land_use": use, "legal_area_m2": legal}
        parcels = [{"parcel": code, **said, "number": None if n else number} for n, code in enumerate(found)]
        if parcels:
            self._propose(how, "error" if error else "attributes", parcels=parcels)

    @rule(
        how=HOW,
        picks=st.lists(PICK, min_size=1, max_size=3),
        number=st.sampled_from([None, None, None, "60", "4", "T1"]),
    )
    def renumber(self, how: How, picks: list[int], number: str | None) -> None:
        found = dict(p for p in map(self._parcel, picks) if p is not None)
        parcels = [
            {"parcel": code} | ({} if number is None or n else {"number": number})
            for n, code in enumerate(found)
        ]
        if parcels:
            self._propose(how, "renumber", parcels=parcels)

    @rule(how=HOW, pick=PICK)
    def resheet(self, how: How, pick: int) -> None:
        found = self._parcel(pick)
        if found is not None:
            to = "2" if found[1].sheet == "1" and pick % 7 != 3 else "1"
            self._propose(how, "resheet", parcels=[found[0]], to={"commune": COMMUNE, "number": to})

    @rule(how=HOW, pick=PICK)
    def retire(self, how: How, pick: int) -> None:
        found = self._parcel(pick)
        if found is not None:
            self._propose(how, "retire", parcels=[found[0]])

    @rule(how=HOW, picks=st.lists(PICK, min_size=1, max_size=3), any_=st.integers(0, 4))
    def register(self, how: How, picks: list[int], any_: int) -> None:
        wanted = sorted(
            code for code, parcel in self.model.present.items() if parcel.provisional or any_ == 0
        )
        codes = sorted({wanted[pick % len(wanted)] for pick in picks}) if wanted else []
        if codes:
            self._propose(how, "register", parcels=codes)

    @rule(how=HOW, pick=PICK, way=st.integers(0, 3), which=PICK)
    def address(self, how: How, pick: int, way: int, which: int) -> None:
        """A link, a main link, an end of one; or the main one changed for another that is there."""
        found = self._parcel(pick)
        if found is None:
            return
        code = found[0]
        mine = sorted((x for x in self.model.links if x.code == code), key=repr)
        old = mine[which % len(mine)]
        named = {"parcel": code, "scheme": old.scheme, "code": old.digital or None, "text": old.text}
        new = {"parcel": code, "text": f"Ngõ {which % 4}"}
        intent: dict[str, Any] = [
            {"link": [new]}, {"link": [new | {"main": True}]}, {"unlink": [named]},
            {"unlink": [named], "link": [named | {"main": True}]},
        ][way]  # fmt: skip
        self._propose(how, "address", **intent)

    @rule(how=HOW, pick=st.integers(0, 7), chain=YES)
    def undo(self, how: How, pick: int, chain: bool) -> None:
        ids = sorted(self.model.done)
        self._propose(how, "revert", correction=ids[-1 - pick % len(ids)], chain=chain)
