"""What a correction will do, for people to see and approve: before and after, the mutation table, areas, phrases."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date
from typing import Any

import numpy as np
import orjson
import shapely

from geo import crs
from register.edits.phrases import phrases
from register.edits.row import Note, Parcel, Plan, Row
from register.edits.staged import Kept

_BALANCE_M2 = 0.05


def build(
    *,
    kind: str,
    intent: Mapping[str, Any],
    plan: Plan,
    rows: Sequence[Kept],
    codes: Mapping[int, str],
    digital: Mapping[int, str | None],
    findings: Sequence[Note],
    effective_on: date,
    said: Mapping[str, Any],
    counts: Mapping[str, int],
    dossier: str | None,
) -> tuple[str, bytes, int]:
    """The preview as JSON text, its SHA-256, and how many findings stop it. `codes`: of the rows by number, as issued."""
    issued = [codes.get(k.n, k.code) for k in rows]
    notes = [*findings, *_balance(kind, plan.rows)]
    body = {
        "kind": kind,
        "intent": intent,
        "effective_on": effective_on.isoformat(),
        **said,
        **plan.head,
        "parcels": [_parcel(row, code) for row, code in zip(plan.rows, issued, strict=True)],
        "table": table(plan.rows, issued),
        "areas": _areas(plan.rows),
        "codes": {
            "issued": [c for k, c in zip(rows, issued, strict=True) if k.issues],
            "ended": [row.before.code for row in plan.rows if not row.opens and row.before is not None],
        },
        "neighbours": [_neighbour(row) for row in plan.rows if row.role == "neighbour"],
        "addresses": {
            "kept": [
                {"code": code, "text": row.address}
                for row, code in zip(plan.rows, issued, strict=True)
                if row.address and row.before is None
            ],
            "digital": [
                {"code": code, "olc": digital[k.n]} for k, code in zip(rows, issued, strict=True) if k.n in digital
            ],
            "link": plan.links,
            "unlink": plan.unlinks,
            "moved": [one | {"to": issued[one["n"] - 1]} for one in plan.moved],
            "ended": plan.ended_links,
            **plan.matched,
        },
        "phrases": phrases(kind, plan.rows, issued, dossier, effective_on),
        "counts": dict(counts),
        "undoes": plan.undoes,
        "findings": [
            asdict(note) for note in notes
        ],
        "rows": digest(rows).hex(),
    }  # fmt: skip
    if kind == "slivers":
        body |= {"slivers": plan.slivers, "beside": plan.beside}
    text = orjson.dumps(body, option=orjson.OPT_SORT_KEYS | orjson.OPT_SERIALIZE_NUMPY, default=str).decode()
    return text, hashlib.sha256(text.encode()).digest(), sum(n.severity == "stops" for n in notes)


def digest(rows: Sequence[Kept]) -> bytes:
    """SHA-256 over the rows as they are kept: what is applied is what was seen."""
    told = hashlib.sha256()
    for k in sorted(rows, key=lambda row: row.n):
        legal = None if k.legal_area_m2 is None else f"{k.legal_area_m2:.2f}"
        words = [
            k.n,
            k.role,
            k.before,
            k.opens,
            k.issues,
            k.sheet,
            k.commune,
            k.number,
            k.land_use,
            legal,
            k.provisional,
            k.address,
            k.epsg,
        ]
        told.update(orjson.dumps(words))
        told.update(b"" if k.shape is None else k.shape)
    return told.digest()


def table(rows: Sequence[Row], codes: Sequence[str | None]) -> list[dict[str, Any]]:
    """The mutation table of an office (rules §6.5): before: sheet, number, area, land use; after: temporary and official
    number, area, land use. One line per parcel before or after; of a later state of a sheet with its `cause`."""
    lines = []
    for row, code in zip(rows, codes, strict=True):
        if row.role == "neighbour":
            continue
        old = row.before
        line: dict[str, Any] = {"code": code}
        line |= {
            "sheet_before": old.sheet_number if old else None,
            "number_before": old.number if old else None,
            "area_before_m2": round(old.area_m2, 1) if old else None,
            "land_use_before": old.land_use if old else None,
        }
        line |= {
            "temporary_number": row.number if row.opens and row.provisional else None,
            "number": row.number if row.opens and not row.provisional else None,
            "area_m2": round(shapely.area(row.geometry), 1) if row.opens else None,
            "land_use": row.land_use if row.opens else None,
        }
        if row.why is not None:
            line |= {"cause": row.why.cause, "kin": list(row.why.kin)}
        lines.append(line)
    return lines


def _areas(rows: Sequence[Row]) -> dict[str, float]:
    """Square metres in and out, exactly and as they are written; their difference is what rounding must explain."""
    before = [shapely.area(row.before.shape) for row in rows if row.before is not None]
    after = [shapely.area(row.geometry) for row in rows if row.opens]
    written = sum(round(a, 1) for a in after) - sum(round(a, 1) for a in before)
    return {
        "before_m2": round(sum(before), 4),
        "after_m2": round(sum(after), 4),
        "difference_m2": round(sum(after) - sum(before), 4),
        "rounding_m2": round(written - (sum(after) - sum(before)), 4),
        "written_difference_m2": round(written, 1),
    }


def _balance(kind: str, rows: Sequence[Row]) -> list[Note]:
    """Splits, mergers and moved corners give back the ground they take."""
    if kind not in ("split", "merge", "boundary") or not rows:
        return []
    areas = _areas(rows)
    off, written = areas["difference_m2"], areas["written_difference_m2"]
    if abs(off) > _BALANCE_M2:
        text = f"{off:+.2f}"
        return [
            Note(
                "area_balance", "explain",
                f"Tổng diện tích sau khác trước {text.replace('.', ',')} m²: phải giải trình.",
                f"The areas after differ from those before by {text} m²: to be explained.",
            )
        ]  # fmt: skip
    if written:
        text = f"{written:+.1f}"
        return [
            Note(
                "rounding", "explain",
                f"Tổng diện tích ghi sổ chênh {text.replace('.', ',')} m² do làm tròn đến 0,1 m²: phải giải trình.",
                f"The areas as written differ by {text} m², by rounding to 0.1 m²: to be explained.",
            )
        ]  # fmt: skip
    return []


def _parcel(row: Row, code: str | None) -> dict[str, Any]:
    return {
        "role": row.role,
        "code": code,
        "before": None if row.before is None else _before(row.before),
        "after": None if not row.opens else _state(
            row.number, row.land_use, shapely.area(row.geometry), row.legal_area_m2, row.provisional, row.geometry, row.epsg
        ) | {"sheet": row.sheet, "commune": row.commune, "reshaped": row.shape is not None},
    }  # fmt: skip


def _before(parcel: Parcel) -> dict[str, Any]:
    return _state(
        parcel.number, parcel.land_use, parcel.area_m2, parcel.legal_area_m2, parcel.provisional, parcel.shape, parcel.epsg
    ) | {
        "version": parcel.version,
        "sheet": parcel.sheet_number,
        "scale": parcel.scale,
        "map_set": parcel.map_set,
        "commune": parcel.commune_code,
    }  # fmt: skip


def _state(
    number: str, land_use: str, area: float, legal: Any, provisional: bool, shape: shapely.Geometry, epsg: int
) -> dict[str, Any]:
    return {
        "number": number,
        "land_use": land_use,
        "area_m2": round(area, 1),
        "legal_area_m2": None if legal is None else float(legal),
        "provisional": provisional,
        "epsg": epsg,
        "shape": _geojson(shape),
        "geometry": _geojson(in_wgs84(shape, epsg), 8),
    }


def _neighbour(row: Row) -> dict[str, Any]:
    """Which corners of a neighbour go where: taken away and put in, metres."""
    if row.before is None:
        raise LookupError("a neighbour was there before")
    old = {tuple(p) for p in shapely.get_coordinates(row.before.shape).tolist()}
    new = {tuple(p) for p in shapely.get_coordinates(row.geometry).tolist()}
    return {
        "code": row.before.code,
        "number": row.before.number,
        "area_change_m2": round(shapely.area(row.geometry) - shapely.area(row.before.shape), 4),
        "gone": sorted(old - new),
        "come": sorted(new - old),
    }


def in_wgs84(shape: shapely.Geometry, epsg: int) -> shapely.Geometry:
    """For showing; it never travels back."""
    return shapely.transform(shape, lambda xy: np.column_stack(crs.to_wgs84(epsg, xy[:, 0], xy[:, 1])))


def _geojson(shape: shapely.Geometry, decimals: int = 3) -> dict[str, Any]:
    rounded = shapely.transform(shape, lambda xy: np.round(xy, decimals))
    told: dict[str, Any] = orjson.loads(shapely.to_geojson(rounded))
    return told
