"""Undo: a correction that is the inverse of another. Nothing is taken out of the history."""

from dataclasses import dataclass

import psycopg

from register.apply import apply
from register.correction import Applied, Correction, Progress
from register.errors import NotFoundError, NotRevertibleError
from register.reorganise_undo import undo_units, units_standing
from register.statements import load

MOST_LINKS = 100


@dataclass(frozen=True, slots=True)
class Inverse:
    """The drafts that undo the correction `id`."""

    id: int

    def stage(self, conn: psycopg.Connection, correction: int) -> None:
        """Versions it opened are closed and versions it closed opened again; so are its address links."""
        sql = load("register", "revert.sql")
        values = {"id": self.id, "correction": correction}
        undo_units(conn, self.id, correction)
        conn.execute(sql["stage"], values)
        conn.execute(sql["close_links"], values)
        conn.execute(sql["open_links"], values)

    def settle(self, conn: psycopg.Connection, correction: int) -> None:
        """Nothing: versions that were closed meanwhile are refused as stale."""


def revert(
    conn: psycopg.Connection,
    id: int,
    author: str,
    reason: str = "",
    progress: Progress = lambda *_: None,
    *,
    approver: str | None = None,
    basis: str | None = None,
) -> Applied:
    """The undo of correction `id`, applied. An undo can itself be undone: parcels come back under their codes.

    Legal date: that of what is undone. Raises: NotFoundError; NotRevertibleError with the corrections that stand on it,
    or the one that has undone it already.
    """
    sql = load("register", "revert.sql")
    found = conn.execute(sql["correction"], {"id": id}).fetchone()
    if found is None or found[1] != "applied":
        raise NotFoundError(
            f"There is no applied correction {id}.", f"Không có chỉnh lý {id} nào đã được áp dụng."
        )
    if found[3] is not None:
        raise NotRevertibleError(
            f"Correction {id} was undone already, by correction {found[3]}.",
            f"Chỉnh lý {id} đã được hoàn tác bởi chỉnh lý {found[3]}.",
            [found[3]],
        )
    later = sorted(
        {number for (number,) in conn.execute(sql["later"], {"id": id})} | set(units_standing(conn, id))
    )
    if later:
        numbers = ", ".join(str(number) for number in later)
        raise NotRevertibleError(
            f"Correction {id} cannot be undone: later corrections stand on it ({numbers}). Undo those first.",
            f"Không thể hoàn tác chỉnh lý {id}: các chỉnh lý sau dựa trên nó ({numbers}). Hãy hoàn tác chúng trước.",
            later,
        )
    correction = Correction(
        kind="revert", author=author, effective_on=found[2], reason=reason or f"revert {id}", reverts=id,
        basis=basis, approver=approver,
    )  # fmt: skip
    return apply(conn, correction, Inverse(id), progress)


def chain(conn: psycopg.Connection, id: int) -> list[int]:
    """Corrections to be undone so that `id` can be: those that stand on it, the last first, and itself.

    Raises: NotRevertibleError where they are more than `MOST_LINKS`.
    """
    later = load("register", "revert.sql")["later"]
    found, todo = {id}, [id]
    while todo:
        for (number,) in conn.execute(later, {"id": todo.pop()}).fetchall():
            if number not in found:
                found.add(number)
                todo.append(number)
        if len(found) > MOST_LINKS:
            raise NotRevertibleError(
                f"More than {MOST_LINKS} corrections stand on correction {id}: draft a new one instead.",
                f"Hơn {MOST_LINKS} chỉnh lý dựa trên chỉnh lý {id}: hãy lập chỉnh lý mới thay vì hoàn tác.",
                sorted(found - {id}, reverse=True)[:100],
            )
    return sorted(found, reverse=True)


def revert_chain(conn: psycopg.Connection, correction: Correction, together: bool) -> Applied:
    """The undo that `correction` (kind revert) stands for, applied; `together`: with all that stands on it.

    Raises: as `revert`.
    """
    if correction.reverts is None:
        raise LookupError("nothing to undo is named")
    ids = chain(conn, correction.reverts) if together else [correction.reverts]
    for id in ids[:-1]:
        revert(conn, id, correction.author, correction.reason, approver=correction.approver)
    return revert(
        conn,
        ids[-1],
        correction.author,
        correction.reason,
        approver=correction.approver,
        basis=correction.basis,
    )
