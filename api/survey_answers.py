"""A survey as it is answered: its JSON, with links to everything that can be asked next."""

from typing import Any

import orjson

from register.surveys import Run, Survey

PREFIX = "/api/v1/surveys"
REPORTS = {
    "json": "application/json",
    "html": "text/html; charset=utf-8",
    "pdf": "application/pdf",
    "png": "image/png",
}
_RUN = [
    "asked",
    "asked_at",
    "started_at",
    "finished_at",
    "engine",
    "outcome",
    "refused",
    "epsg",
    "counts",
    "correction",
]


def survey_json(survey: Survey) -> bytes:
    """The body of an answer about `survey`."""
    base = f"{PREFIX}/{survey.key}"
    last = next((run for run in reversed(survey.runs) if run.outcome), None)
    links = [
        _link("self", base),
        _link("events", f"{base}/events", "text/event-stream"),
        _link("runs", f"{base}/runs"),
    ]
    links += [
        _link("report", f"{base}/report.{kind}", REPORTS[kind]) for kind in (last.reports if last else ())
    ]
    if survey.state == "accepted":
        links.append(_link("corrections", f"{base}/corrections"))
    links += [
        # by number: a name may be a person's, and addresses are kept in many places
        _link("original", f"{base}/files/{n}", "application/octet-stream")
        for n in range(1, len(survey.files) + 1)
    ]
    return orjson.dumps(
        {
            "id": survey.key,
            "state": survey.state,
            "progress": round(survey.progress, 3),
            "message_vi": survey.message_vi,
            "message_en": survey.message_en,
            "states": survey.states,
            "dossier": survey.dossier,
            "asked": survey.asked,
            "files": [{"name": f.name, "bytes": f.size, "sha256": f.digest.hex()} for f in survey.files],
            "receipt": survey.receipt,
            "runs": [_run(base, run) for run in survey.runs],
            "links": links,
        }
    )


def _run(base: str, run: Run) -> dict[str, Any]:
    links = [_link("report", f"{base}/report.{kind}?run={run.n}", REPORTS[kind]) for kind in run.reports]
    return {"run": run.n} | {name: getattr(run, name) for name in _RUN} | {"links": links}


def _link(rel: str, href: str, kind: str = "application/json") -> dict[str, str]:
    return {"rel": rel, "href": href, "type": kind}
