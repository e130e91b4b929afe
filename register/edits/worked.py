"""An intent worked out: its rows, its preview, and everything that hinders it, found by doing it and undoing it at once."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import psycopg
import shapely

from register.apply import rehearse
from register.correction import Correction
from register.edits.carried import KINDS, carried, carried_of
from register.edits.ground import Ground
from register.edits.intents import INTENT
from register.edits.plan import plan as plan_of
from register.edits.preview import build
from register.edits.resurveyed import resurveyed
from register.edits.row import Note, Plan, Row
from register.edits.staged import Kept, StagedDrafts, kept
from register.edits.surveyed import surveyed
from register.errors import (
    EditError,
    NotFoundError,
    NotRevertibleError,
    NumberTakenError,
    OverlapError,
    RegisterError,
)
from register.links import LinkDrafts
from register.revert import chain, revert_chain
from register.statements import load, one

MOST_SHOWN = 2000


@dataclass(frozen=True, slots=True)
class Worked:
    """`hash` is that of `preview`; `communes`: today's, whose parcels are changed."""

    rows: list[Kept]
    preview: str
    hash: bytes
    stops: int
    communes: list[int] = field(default_factory=list)


def work_out(
    conn: psycopg.Connection,
    proposal: int,
    kind: str,
    intent: Mapping[str, Any],
    effective_on: date,
    said: Mapping[str, Any],
    survey_run: int | None,
) -> Worked:
    """What the intent would do to the parcels as they stand; the transaction goes on, nothing of it is done."""
    notes: list[Note] = []
    plan = Plan()
    counts: dict[str, int] = {}
    codes: dict[int, str] = {}
    digital: dict[int, str | None] = {}
    communes: set[int] = set()
    try:
        with conn.transaction():
            if survey_run is not None:
                ground = Ground(conn, proposal)
                if intent.get("replaces") == "sheet":
                    plan = resurveyed(ground, survey_run, intent.get("shift", "keep"), intent.get("within_m"))
                else:
                    plan = surveyed(ground, survey_run, float(intent.get("tolerance_m", 0.3)))
            else:
                plan = plan_of(Ground(conn, proposal), INTENT.validate_python(intent))
            notes += plan.notes
            if plan.reverts is not None:
                counts, communes = _undo(conn, plan, bool(intent.get("chain")))
            else:
                correction = Correction(kind, "draft", effective_on)  # type: ignore[arg-type]
                if kind in KINDS:
                    going = carried(conn, plan, getattr(INTENT.validate_python(intent), "addresses", ()))
                    plan.moved, plan.ended_links = list(going.moved), list(going.kept)
                drafts = (
                    LinkDrafts(plan.links, plan.unlinks)
                    if kind == "address"
                    else StagedDrafts(kept(plan.rows), carried=carried_of(kind, plan.moved, plan.ended_links))
                )
                found, counts = rehearse(conn, correction, drafts)
                codes = {n: code for n, (code, _) in found.items()}
                digital = {row.n: found[row.n][1] for row in kept(plan.rows) if row.issues}
                notes += _unknown_uses(conn, plan)
    except RegisterError as error:
        notes.append(refusal(error))
    rows = [_with_code(k, codes) for k in kept(plan.rows)]
    communes |= {row.commune for row in plan.rows}
    communes |= {row.before.commune for row in plan.rows if row.before is not None}
    if plan.links or plan.unlinks:
        named = sorted({link["parcel"] for link in (*plan.links, *plan.unlinks)})
        communes |= {parcel.commune for parcel in Ground(conn).parcels(named)}
    preview, hash, stops = build(
        kind=kind, intent=intent, plan=plan, rows=rows, codes=codes, digital=digital, findings=notes, effective_on=effective_on,
        said=said, counts=counts, dossier=said.get("dossier"),
    )  # fmt: skip
    return Worked(rows, preview, hash, stops, sorted(communes))


def _with_code(row: Kept, codes: Mapping[int, str]) -> Kept:
    from dataclasses import replace

    return replace(row, code=codes.get(row.n)) if row.issues else row


def refusal(error: RegisterError) -> Note:
    """What the register would refuse, as a finding that stops."""
    rule = {OverlapError: "overlap", NumberTakenError: "number_taken"}.get(type(error))
    if rule is None:
        name = type(error).__name__.removesuffix("Error")
        rule = (
            error.rule
            if isinstance(error, EditError)
            else "".join("_" + c.lower() if c.isupper() else c for c in name)[1:]
        )
    x, y = (error.x, error.y) if isinstance(error, EditError) else (None, None)
    return Note(rule, "stops", error.detail_vi, error.detail, None, x, y)


def _unknown_uses(conn: psycopg.Connection, plan: Plan) -> list[Note]:
    """Land-use codes that are on no list (rules §7.1)."""
    asked = {row.land_use for row in plan.rows if row.opens and row.role != "neighbour" and row.land_use}
    known = {
        row[0] for row in conn.execute("select code from land_use where code = any(%s)", [sorted(asked)])
    }
    return [
        Note(
            "land_use", "explain",
            f"Mã loại đất {use} không có trong danh mục: hãy kiểm tra lại.",
            f"The land-use code {use} is on no list: check it.",
        )
        for use in sorted(asked - known)
    ]  # fmt: skip


def _undo(conn: psycopg.Connection, plan: Plan, together: bool) -> tuple[dict[str, int], set[int]]:
    """Fill the plan with what the undo closes and opens again, and try it."""
    sql = load("register", "proposals.sql")
    id = plan.reverts
    if id is None:
        raise LookupError("nothing to undo is named")
    found = conn.execute(load("register", "revert.sql")["correction"], {"id": id}).fetchone()
    if found is None or found[1] != "applied":
        raise NotFoundError(
            f"There is no applied correction {id}.", f"Không có chỉnh lý {id} nào đã được áp dụng."
        )
    ids = plan.undoes = chain(conn, id) if together else [id]
    (count,) = one(conn, sql["reverted_count"], {"ids": ids})
    rows = conn.cursor(binary=True).execute(sql["reverted"], {"ids": ids, "limit": MOST_SHOWN}).fetchall()
    now = (
        {p.code: p for p in Ground(conn).parcels([row[0] for row in rows if row[1] is not None])}
        if rows
        else {}
    )
    for code, _, opens, sheet, commune, number, land_use, legal, provisional, epsg, shape in rows:
        before = now.get(code)
        if not opens:
            plan.rows.append(_ends(before))
            continue
        drawn = shapely.from_wkb(shape)
        same = before is not None and shapely.equals_exact(before.shape, drawn)
        plan.rows.append(
            Row("changed" if before else "revived", before, True, sheet, commune, number, land_use, legal, epsg, code,
                provisional, None, None if same else drawn)
        )  # fmt: skip
    if count > MOST_SHOWN:
        plan.notes.append(
            Note(
                "not_all_shown", "note",
                f"Chỉ hiển thị {MOST_SHOWN} trong {count} thửa sẽ thay đổi.",
                f"{MOST_SHOWN} of {count} parcels that change are shown.",
            )
        )  # fmt: skip
    communes = {row[0] for row in conn.execute(sql["reverted_communes"], {"ids": ids})}
    with conn.transaction(force_rollback=True):
        applied = revert_chain(conn, Correction("revert", "draft", found[2], reverts=id), together)
    return applied.counts | {"corrections": len(ids)}, communes


def _ends(before: Any) -> Row:
    from register.edits.row import ended

    if before is None:
        raise NotRevertibleError(
            "What it opened is no longer current: undo the later corrections first.",
            "Thửa do nó tạo ra không còn hiệu lực: hãy hoàn tác các chỉnh lý sau trước.",
            [],
        )
    return ended(before)
