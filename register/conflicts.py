"""When others were faster: yours, theirs and the base of each parcel."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import orjson
import psycopg
import shapely

from register.errors import ConflictError
from register.proposal import Proposal
from register.statements import load

_NEAR_M = 0.02
_ABSOLUTE = ("survey", "error")
_FIELDS = ("number", "land_use", "legal_area_m2", "sheet", "provisional", "shape")


def conflicts(conn: psycopg.Connection, proposal: Proposal) -> list[dict[str, Any]]:
    """One entry per parcel that others have changed since the draft was worked out; none: it is fresh.

    Each has code, role of the change in `yours`, `by` (the correction of theirs), `base`, `theirs` (None where the parcel
    ended; then `became`), `yours`, `fields` that both changed differently, and `free`: both fit together.
    """
    sql = load("register", "proposals.sql")
    values = {"id": proposal.id, "revision": proposal.revision}
    rows = conn.cursor(binary=True).execute(sql["stale"], values).fetchall()
    found: list[dict[str, Any]] = []
    for row in rows:
        _, code, by, base_version, now_version = row[:5]
        base, theirs, yours = _state(row[5:11]), _state(row[11:17]), _state(row[18:24])
        ended = now_version is None
        fields = [] if ended or not row[17] else _clashing(base, theirs, yours, proposal.kind in _ABSOLUTE)
        entry = {
            "code": code, "by": by, "base": _told(base, base_version), "theirs": None if ended else _told(theirs, now_version),
            "yours": _told(yours) if row[17] else None, "fields": fields,
            "free": not ended and row[17] and not fields,
        }  # fmt: skip
        if ended:
            became = conn.execute(sql["became"], {"version": base_version}).fetchall()
            entry["became"] = [code for (code,) in became]
        found.append(entry)
    return found


def refuse_stale(conn: psycopg.Connection, proposal: Proposal) -> None:
    """Raises: ConflictError where others have changed what the draft was made from."""
    found = conflicts(conn, proposal)
    if found:
        raise conflict_error(found)


def conflict_error(found: Sequence[Mapping[str, Any]]) -> ConflictError:
    """The three-way answer as an error."""
    codes = ", ".join(entry["code"] for entry in found[:3])
    return ConflictError(
        f"Others were faster: {codes} changed since this was drafted. Bring the draft onto the present (rebase); it is kept.",
        f"Thửa {codes} đã được người khác chỉnh lý trước. Hãy cập nhật bản thảo (rebase); bản thảo vẫn được giữ.",
        [dict(entry) for entry in found],
    )


def _state(row: Sequence[Any]) -> dict[str, Any]:
    values = dict(zip(_FIELDS, row, strict=True))
    values["shape"] = None if values["shape"] is None else shapely.from_wkb(values["shape"])
    return values


def _clashing(
    base: Mapping[str, Any], theirs: Mapping[str, Any], yours: Mapping[str, Any], absolute: bool
) -> list[str]:
    fields = [
        name for name in _FIELDS[:-1]
        if theirs[name] != base[name] and yours[name] != base[name] and theirs[name] != yours[name]
    ]  # fmt: skip
    moved, mine = _moved(base["shape"], theirs["shape"]), _moved(base["shape"], yours["shape"])
    both = len(moved) and len(mine) and not shapely.equals(theirs["shape"], yours["shape"])
    if both and (absolute or np.hypot(*(moved[:, None] - mine[None]).transpose(2, 0, 1)).min() < _NEAR_M):
        fields.append("shape")
    return fields


def _moved(before: shapely.Geometry, after: shapely.Geometry) -> Any:
    """Corners (n, 2) that only one of the two has."""
    a, b = ({tuple(p) for p in shapely.get_coordinates(s).tolist()} for s in (before, after))
    return np.array(sorted(a ^ b)).reshape(-1, 2)


def _told(state: Mapping[str, Any], version: int | None = None) -> dict[str, Any]:
    told = {name: state[name] for name in _FIELDS[:-1]}
    told["legal_area_m2"] = None if state["legal_area_m2"] is None else float(state["legal_area_m2"])
    told["shape"] = orjson.loads(shapely.to_geojson(state["shape"]))
    return told if version is None else told | {"version": version}
