"""The report on paper (PDF, A4) and as one picture for a phone (PNG, 1080 pixels wide), set by typst.

What users wrote reaches typst as data (JSON), never as source. Its own fonts alone are used, so that every machine makes
the same pages: Libertinus Serif has every Vietnamese letter.
"""

import json
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any, Literal

from importers.report.page import cut_short, evidence
from importers.report.pictures import Pictures
from importers.report.telling import PLOT_HEADS, about_file, facts, held, plot_cells
from importers.report.wording import SEVERITIES, SEVERITY_WORDS, STATE_WORDS, number, shown, when

Row = dict[str, Any]
MOST_FINDINGS = 1_000
MOST_PLOTS = 1_000
_MOST_TAGGED = 300
_FIRST = 8
_LONG = 1_600
_RUN = re.compile(r"[^\s\u200b]{16}")


def pdf(body: Row, pictures: Pictures) -> bytes:
    """The A4 pages; the same body and pictures give the same bytes."""
    data = {**_common(body, pictures), **_paper(body, pictures)}
    data["overview"] = pictures.paper.svg if pictures.paper else None
    # Tags let a screen reader read tables; they double the time and the size, and no one listens to thousands of rows.
    tagged = len(body["plots"]) + len(body["findings"]) <= _MOST_TAGGED
    return typeset("paper.typ", data, "pdf", timestamp=_seconds(body["made_at"]), pdf_tags=tagged)


def png(body: Row, pictures: Pictures) -> bytes:
    """State, counts, overview and the first findings, 1080 pixels wide."""
    return typeset("phone.typ", phone(body, pictures), "png", ppi=216.0)


def phone(body: Row, pictures: Pictures) -> Row:
    """What the picture for a phone says: the data of phone.typ."""
    data = _common(body, pictures)
    findings = body["findings"]
    data["overview"] = pictures.screen.svg if pictures.screen else None
    data["first"] = [
        {
            "n": f["n"],
            "severity": f["severity"],
            "title": _pair(f, "title"),
            "text": [_w(f["text_vi"], 200), _w(f["text_en"], 200)],
        }
        for f in findings[:_FIRST]
    ]
    more = len(findings) - _FIRST
    vi, en = number(more, 0)
    data["more"] = (
        [f"… và {vi} mục nữa trong báo cáo.", f"… and {en} more in the report."] if more > 0 else ["", ""]
    )
    return data


@cache
def _fonts() -> Any:
    import typst  # a heavy library, needed by reports alone

    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=True)


@cache
def _source(path: Path) -> bytes:
    return path.read_bytes()


def typeset(source: str | Path, data: Row, form: Literal["pdf", "png"], **more: Any) -> bytes:
    """The pages of a source (a name: beside this module) with its data; `more` as typst.compile has it."""
    import typst

    made: bytes = typst.compile(
        _source(Path(__file__).parent / source),
        font_paths=_fonts(),
        format=form,
        sys_inputs={"report": json.dumps(data)},
        **more,
    )
    return made


def _seconds(iso: str) -> int:
    """Unix time of the report, for the PDF's own date: the clock is not asked, the same survey gives the same bytes."""
    try:
        at = datetime.fromisoformat(iso)
    except ValueError:
        return 0
    return int((at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp())


def _w(text: object, most: int = 600) -> str:
    """Words that fit into a column: long runs without a space may be broken."""
    return _RUN.sub(lambda m: m[0] + "\u200b", shown(str(text), most))


def _pair(row: Row, field: str) -> list[str]:
    return [_w(row[f"{field}_vi"]), _w(row[f"{field}_en"] or "")]


def _common(body: Row, pictures: Pictures) -> Row:
    counts = body["counts"]
    plots = number(counts["plots"], 0)
    names = [shown(f["name"], 60) for f in body["files"]]
    return {
        "title": "Báo cáo kiểm tra đo đạc",
        "title_en": "Report on a survey",
        "running": ", ".join(names[:2]) + (f" (+{len(names) - 2})" if len(names) > 2 else ""),
        "state": body["state"],
        "state_words": STATE_WORDS[body["state"]],
        "checked": [f"{plots[0]} thửa đã kiểm tra.", f"Plots checked: {plots[1]}."],
        "severities": [[s, SEVERITY_WORDS[s], number(counts["severity"][s], 0)[0]] for s in SEVERITIES],
        "key": "Nền vàng: thửa đo (surveyed). Xám: thửa trong sổ (registered). Nét gạch chấm: ranh xã (commune). "
        "Số đỏ đặc: phải sửa; viền cam: phải giải trình; viền đứt xanh: lưu ý.",
    }


def _paper(body: Row, pictures: Pictures) -> Row:
    findings, plots = body["findings"], body["plots"]
    made_at = when(body["made_at"])
    commune = " ".join(_w(body[key], 80) for key in ("commune_name", "commune") if body[key])
    head = [
        [["Tệp", "Files"], ", ".join(_w(f["name"], 120) for f in body["files"][:20]) or "–"],
        [["Đợt đo", "Survey"], _w(body["survey"] or "", 60)],
        [["Xã, phường", "Commune"], commune],
        [["Hệ tọa độ", "Zone"], _w(body["zone"] or "chưa rõ · not known")],
        [["Lập lúc", "Made at"], made_at],
        [["Đã chấp nhận", "Accepted"], ", ".join(_w(key, 80) for key in body["accepted"])],
    ]
    drawing = pictures.paper
    notes = []
    if drawing and drawing.unmarked:
        vi = f"{drawing.unmarked} chỗ không đủ chỗ ghi số: vẽ bằng chấm, hoặc nằm ngoài khung."
        notes.append(
            [
                vi,
                f"Places without room for a number: {drawing.unmarked}; drawn as dots, or outside the frame.",
            ]
        )
    if drawing and drawing.far:
        notes.append(
            [
                f"{drawing.far} thửa ở xa, nằm ngoài khung.",
                f"Plots far away, outside the frame: {drawing.far}.",
            ]
        )
    plots_notes = []
    if len(plots) > MOST_PLOTS:
        most, count = number(MOST_PLOTS, 0), number(len(plots), 0)
        vi = f"Ở đây chỉ có {most[0]} thửa đầu trong {count[0]}; tất cả có trong report.html và report.json."
        plots_notes.append(
            [vi, f"Only the first {most[1]} of {count[1]} plots; report.html and report.json have all."]
        )
    return {
        "foot": f"Địa Chính · {made_at}" + (f" · {shown(body['survey'], 60)}" if body["survey"] else ""),
        "head": [row for row in head if row[1]],
        "rules": _rules(findings),
        "nothing": ["Không có phát hiện nào.", "Nothing was found."],
        "no_plan": [
            "Không vẽ được sơ đồ vì chưa rõ vị trí các thửa.",
            "No plan: the place of the plots is not known.",
        ],
        "overview_notes": notes,
        "proposals": [
            [_pair(p, "text"), _w(": ".join(filter(None, (p["key"], evidence(p)[0]))))]
            for p in body["proposals"][:40]
        ],
        "findings": [_finding(f, pictures) for f in findings[:MOST_FINDINGS]],
        "findings_notes": list(cut_short(len(findings), MOST_FINDINGS, pictures)),
        "plot_heads": PLOT_HEADS,
        "plots": [[_w(cell) for cell in plot_cells(p)] for p in plots[:MOST_PLOTS]],
        "plots_notes": plots_notes,
        "files": [
            [_w(f["name"], 120), about_file(f), _w(held(f)), f"SHA-256 {_w(f['sha256'] or '–', 64)}"]
            for f in body["files"][:200]
        ],
        "left": [[_pair(one, "title"), _pair(one, "text")] for one in body["left"]],
    }


def _rules(findings: Sequence[Row]) -> list[list[Any]]:
    by_rule: dict[str, list[Row]] = {}
    for finding in findings:
        by_rule.setdefault(finding["rule"], []).append(finding)
    return [
        [
            some[0]["severity"],
            _pair(some[0], "title"),
            number(len(some), 0)[0],
            ", ".join(str(f["n"]) for f in some[:24]) + ("\u00a0…" if len(some) > 24 else ""),
        ]
        for some in by_rule.values()
    ]


def _finding(f: Row, pictures: Pictures) -> Row:
    n = f["n"]
    first = pictures.shown.get(n)
    see = (
        [f"Xem hình ở mục {first}.", f"See the picture at {first}."]
        if first is not None and first != n
        else None
    )
    text = _pair(f, "text")
    repair = _pair(f, "repair") if f["repair_vi"] else None
    told = [[vi, _w(value)] for vi, value, _, _ in facts(f)]
    size = sum(map(len, [*text, *(repair or []), *(value for _, value in told)]))
    return {
        "n": n,
        "severity": f["severity"],
        "word": SEVERITY_WORDS[f["severity"]],
        "title": _pair(f, "title"),
        "text": text,
        "facts": told,
        "repair": repair,
        "see": see,
        "svg": pictures.closeups.get(n),
        "long": size > _LONG,
    }
