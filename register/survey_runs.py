"""One check of a survey from its beginning to its stored outcome: what was asked, how far it is, what came out."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

import psycopg
from psycopg.types.json import Jsonb

from geo.finding import Finding
from register.errors import UnaccountedError
from register.statements import load, one
from register.surveys import Original

if TYPE_CHECKING:
    import pyarrow as pa

_ROWS = 10_000
DECIDED = {
    "accepted": ("Đạt: không có lỗi nào chặn hồ sơ.", "Accepted: nothing stops it."),
    "returned": ("Trả lại: có lỗi phải sửa.", "Returned: there are faults to correct."),
}


class Outcome(Protocol):
    """What a check gives.

    findings stand in the order of the report; report holds it by kind (json, html, pdf, png); plots has the
    columns of `importers.plots.Plot`, `shape` (WKB, metres in the zone `epsg`) and `match` (code of the registered parcel
    a plot measures anew, or null); `stops` is the number of findings that stop the survey, `explain` of those to explain.
    """

    @property
    def findings(self) -> Sequence[Finding]: ...
    @property
    def report(self) -> Mapping[str, bytes]: ...
    @property
    def plots(self) -> "pa.Table": ...
    @property
    def epsg(self) -> int | None: ...
    @property
    def stops(self) -> int: ...
    @property
    def explain(self) -> int: ...


def _no_plots() -> "pa.Table":
    import pyarrow as pa

    return pa.table({})


@dataclass(frozen=True, slots=True)
class NotRead:
    """The outcome where the files could not be read at all: `refused` names the rule, `error` what broke on our side."""

    findings: Sequence[Finding]
    report: Mapping[str, bytes]
    refused: str
    error: str | None = None
    plots: "pa.Table" = field(default_factory=_no_plots)
    epsg: int | None = None
    stops: int = 1
    explain: int = 0


@dataclass(frozen=True, slots=True)
class Begun:
    """A check at work: its survey, what was asked for, its files, and how often it was begun."""

    run: int
    survey: int
    asked: dict[str, Any]
    files: list[Original]
    attempts: int


def begin(conn: psycopg.Connection, run: int) -> Begun | None:
    """The check, ours as long as `conn` lives; None where another process is at it or it is through.

    `conn` is in autocommit.
    """
    sql = load("register", "survey_runs.sql")
    if not one(conn, sql["claim"], {"run": run})[0]:
        return None
    row = conn.execute(sql["begin"], {"run": run}).fetchone()
    if row is None:
        return None
    survey, asked, attempts = row
    rows = conn.execute(sql["files"], {"survey": survey}).fetchall()
    return Begun(run, survey, asked, [Original(*file) for file in rows], attempts)


def tell(
    conn: psycopg.Connection, begun: Begun, state: str, progress: float, message_vi: str, message_en: str
) -> None:
    """Whoever follows the survey learns its state and how far the check is (0 to 1), unless a later check waits."""
    conn.execute(
        load("register", "surveys.sql")["tell"],
        {
            "run": begun.run,
            "state": state,
            "progress": min(1.0, max(0.0, progress)),
            "message_vi": message_vi,
            "message_en": message_en,
        },
    )


def versions(conn: psycopg.Connection, plots: "pa.Table") -> dict[str, int]:
    """Current version of each registered parcel that `plots` measure anew, as `conn` sees it."""
    if "match" not in plots.column_names:
        return {}
    codes = sorted({code for code in plots.column("match").to_pylist() if code is not None})
    return dict(conn.execute(load("register", "survey_runs.sql")["versions"], {"codes": codes}).fetchall())


def finish(
    conn: psycopg.Connection, begun: Begun, outcome: Outcome, before: Mapping[str, int], engine: str
) -> str:
    """The survey's new state, `accepted` or `returned`; reports, findings, plots and receipt are stored with it.

    The caller owns the transaction. Raises: UnaccountedError where the receipt does not add up.
    """
    sql = load("register", "survey_runs.sql")
    (receipt,) = one(conn, sql["hold"], {"survey": begun.survey})
    state = "returned" if outcome.stops else "accepted"
    counts = _counts(outcome)
    finished = conn.execute(
        sql["finish"],
        {
            "run": begun.run,
            "engine": engine,
            "outcome": state,
            "refused": getattr(outcome, "refused", None),
            "error": getattr(outcome, "error", None),
            "epsg": outcome.epsg,
            "counts": Jsonb(counts),
        },
    ).rowcount
    if not finished:
        return state
    for kind, content in outcome.report.items():
        conn.execute(sql["put_report"], {"run": begun.run, "kind": kind, "content": content})
    with conn.cursor() as cursor:
        with cursor.copy(sql["put_finding"]) as copy:
            for n, f in enumerate(outcome.findings, 1):
                place = (
                    None
                    if f.lon_deg is None or f.lat_deg is None
                    else f"SRID=4326;POINT({f.lon_deg!r} {f.lat_deg!r})"
                )
                copy.write_row(
                    (begun.survey, begun.run, n, f.rule, f.severity, _clean(f.record), _clean(f.text_vi),
                     _clean(f.text_en), place, f.size, f.width_m, _clean(f.other), f.x, f.y, f.extent,
                     _clean(f.repair_vi), _clean(f.repair_en))
                )  # fmt: skip
        with cursor.copy(sql["put_plot"]) as copy:
            for row in _plots(outcome, before):
                copy.write_row((begun.run, *row))
    if one(conn, sql["is_last"], {"run": begun.run})[0]:
        values = {"survey": begun.survey, "receipt": Jsonb(receipt | {"reading": counts})}
        conn.execute(load("register", "surveys.sql")["put_receipt"], values)
    tell(conn, begun, "checked", 1.0, "Đã kiểm tra.", "Checked.")
    tell(conn, begun, state, 1.0, *DECIDED[state])
    return state


def forgotten(conn: psycopg.Connection) -> list[tuple[int, int]]:
    """(survey, run) of checks that are not through, oldest first."""
    return conn.execute(load("register", "survey_runs.sql")["forgotten"]).fetchall()


def _counts(outcome: Outcome) -> dict[str, Any]:
    """How many plots were given and what became of them: given = checked + shown + without_shape."""
    table = outcome.plots
    given = table.num_rows
    checked = shown = bare = 0
    if given:
        for kind, shape in zip(
            table.column("kind").to_pylist(), table.column("shape").is_valid().to_pylist(), strict=True
        ):
            bare += not shape
            checked += shape and kind == "parcel"
            shown += shape and kind != "parcel"
    severities = [f.severity for f in outcome.findings]
    if severities.count("stops") != outcome.stops and outcome.stops == 0:
        raise UnaccountedError(
            "The check counts no fault that stops the survey, but lists some: please report this file.",
            "Kết quả kiểm tra không đếm lỗi chặn nào nhưng lại liệt kê có: xin báo lại tệp này.",
        )
    return {
        "plots": {"given": given, "checked": checked, "shown": shown, "without_shape": bare},
        "findings": {kind: severities.count(kind) for kind in ("stops", "explain", "note")},
    }


def _plots(outcome: Outcome, before: Mapping[str, int]) -> Iterator[tuple[object, ...]]:
    import shapely

    n = 0
    names = ("commune", "sheet", "number", "scale", "map_set", "land_use", "legal_area_m2")
    for part in outcome.plots.to_batches(_ROWS):
        shapes = shapely.from_wkb(part.column("shape").to_numpy(zero_copy_only=False))
        hexes = shapely.to_wkb(shapely.set_srid(shapes, outcome.epsg or 0), hex=True, include_srid=True)
        for row, shape in zip(part.to_pylist(), hexes, strict=True):
            n += 1
            match = row["match"]
            values = (_clean(row[name]) for name in names)
            yield n, _clean(row["record"]), row["kind"], *values, match, before.get(match), shape


def _clean(value: Any) -> Any:
    """PostgreSQL's text holds no zero byte."""
    return value.replace("\0", "\N{REPLACEMENT CHARACTER}") if isinstance(value, str) else value
