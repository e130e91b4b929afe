"""Corrections of kind `reorganise`: communes merged, divided, renamed, and their sheets renumbered (rules §4.5).

Parcels keep code, number and shape; what changes is on which sheet and in which commune they stand. Old keys go on to be
found: commune, sheet and number lead to past versions, and these to the parcel.
"""

from dataclasses import dataclass

import psycopg

from register.apply import apply
from register.correction import Applied, Correction, Progress
from register.errors import StaleError
from register.reorganise_plan import Reorganisation, refused, work_out
from register.statements import load


@dataclass(frozen=True, slots=True)
class ReorganiseDrafts:
    """The drafts of one reorganisation; the correction must have its legal date."""

    wanted: Reorganisation

    def stage(self, conn: psycopg.Connection, correction: int) -> None:
        """Communes ended and begun, sheets made, one row of `change` per parcel that changes either.

        Raises: ReorganisationError, before anything is written.
        """
        sql = load("register", "reorganise.sql")
        conn.execute(sql["alone"])
        refusals = work_out(conn, self.wanted)
        if refusals:
            raise refused(refusals)
        values = {"correction": correction, "effective_on": self.wanted.effective_on}
        conn.execute(sql["end_units"], values)
        conn.execute(sql["begin_units"], values)
        conn.execute(sql["put_heirs"], values)
        for name in ("make_sheets", "find_sheets", "stage"):
            conn.execute(sql[name])

    def settle(self, conn: psycopg.Connection, correction: int) -> None:
        """Parcels that came onto these sheets meanwhile would be left behind. Raises: StaleError."""
        late = conn.execute(load("register", "reorganise.sql")["newcomers"]).fetchall()
        if late:
            raise StaleError(
                f"Parcel {late[0][0]} came onto a sheet while it was being moved: do it again.",
                f"Thửa {late[0][0]} vừa được thêm vào tờ đang chuyển: hãy làm lại.",
                {code: 0 for (code,) in late},
            )


def reorganise(
    conn: psycopg.Connection,
    wanted: Reorganisation,
    author: str,
    reason: str = "",
    basis: str | None = None,
    progress: Progress = lambda *_: None,
) -> Applied:
    """The reorganisation as applied, in the caller's transaction; `register.revert.revert` undoes it.

    Raises: ReorganisationError, and what `register.apply.apply` raises.
    """
    correction = Correction("reorganise", author, wanted.effective_on, reason, basis)
    return apply(conn, correction, ReorganiseDrafts(wanted), progress)
