"""The report as one page of HTML: no script, nothing fetched, every word of a file escaped."""

import base64
import hashlib
from collections.abc import Iterable
from functools import cache
from html import escape
from pathlib import Path
from typing import Any

from importers.report.furniture import COLOURS
from importers.report.pictures import Pictures
from importers.report.telling import PLOT_HEADS, about_file, facts, held, plot_cells
from importers.report.wording import SEVERITIES, SEVERITY_WORDS, STATE_WORDS, number, shown, when, width

Row = dict[str, Any]
MOST_FINDINGS = 5_000
MOST_PLOTS = 20_000
_OPEN_PLOTS = 200
_ICONS = {
    "stops": '<path d="M7 1h10l6 6v10l-6 6H7l-6-6V7z"/><path d="M8 8l8 8m0-8l-8 8"/>',
    "explain": '<path d="M12 2L23 22H1z"/><path d="M12 9v6m0 3v1"/>',
    "note": '<circle cx="12" cy="12" r="10.5"/><path d="M12 11v7m0-11v-1"/>',
    "clean": '<circle cx="12" cy="12" r="10.5"/><path d="M7 12.5l3.5 3.5L17 8.5"/>',
}


@cache
def _css() -> str:
    return (Path(__file__).parent / "page.css").read_text("utf-8")


@cache
def policy() -> str:
    """The content security policy the page carries, and a server may send: nothing but its own style."""
    digest = base64.b64encode(hashlib.sha256(_css().encode()).digest()).decode()
    return f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"


def page(body: Row, pictures: Pictures) -> str:
    """The whole page of a report; `body` as `importers.report.body.body` gives it."""
    findings = body["findings"]
    parts = [
        '<!doctype html><html lang="vi"><head><meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="{policy()}">',
        '<meta name="viewport" content="width=device-width,initial-scale=1"><meta name="referrer" content="no-referrer">',
        f"<title>Báo cáo kiểm tra đo đạc{_named(body)}</title><style>{_css()}</style></head><body>",
        '<svg class="hidden" width="0" height="0" aria-hidden="true">',
        *(
            f'<symbol id="i-{name}" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="2.2">{drawn}</symbol>'
            for name, drawn in _ICONS.items()
        ),
        "</svg><main>",
        _tongue(),
        _head(body),
        _summary(body),
        _overview(pictures),
        _kinds(findings),
        _proposals(body["proposals"]),
        _findings(findings, pictures),
        _plots(body["plots"]),
        _files(body["files"]),
        _left(body["left"]),
        "</main></body></html>\n",
    ]
    return "".join(parts)


def _t(text: object, most: int = 600) -> str:
    return escape(shown(str(text), most))


def _both(vi: str, en: str, tag: str = "span") -> str:
    """Words in both languages; where they are the same, once."""
    if vi == en:
        return f"<{tag}>{_t(vi)}</{tag}>"
    return f'<{tag} class="vi">{_t(vi)}</{tag}><{tag} class="en" lang="en">{_t(en)}</{tag}>'


def _icon(name: str) -> str:
    return f'<svg class="icon" aria-hidden="true"><use href="#i-{name}"/></svg>'


def _named(body: Row) -> str:
    return f" · {_t(body['survey'], 60)}" if body["survey"] else ""


def _tongue() -> str:
    choices = (
        ("both", "Tiếng Việt + English", " checked"),
        ("only-vi", "Tiếng Việt", ""),
        ("only-en", "English", ""),
    )
    return (
        '<fieldset class="tongue" aria-label="Ngôn ngữ · Language">'
        + "".join(
            f'<label><input type="radio" name="tongue" id="{key}"{on}>{words}</label>'
            for key, words, on in choices
        )
        + "</fieldset>"
    )


def _head(body: Row) -> str:
    state = body["state"]
    commune = " ".join(_t(body[key], 80) for key in ("commune_name", "commune") if body[key])
    rows = [
        ("Tệp", "Files", ", ".join(_t(f["name"], 120) for f in body["files"][:20]) or "–"),
        ("Đợt đo", "Survey", _t(body["survey"], 60) if body["survey"] else ""),
        ("Xã, phường", "Commune", commune),
        ("Hệ tọa độ", "Zone", _t(body["zone"] or "chưa rõ · not known")),
        ("Lập lúc", "Made at", escape(when(body["made_at"]))),
        ("Đã chấp nhận", "Accepted", ", ".join(_t(key, 80) for key in body["accepted"])),
    ]
    told = "".join(f'<dt class="in">{_both(vi, en)}</dt><dd>{value}</dd>' for vi, en, value in rows if value)
    return (
        f"<header><h1>{_both('Báo cáo kiểm tra đo đạc', 'Report on a survey')}</h1>"
        f'<div class="state {state}">{_icon(state)}<div>{_both(*STATE_WORDS[state])}</div></div>'
        f'<dl class="head">{told}</dl></header>'
    )


def _summary(body: Row) -> str:
    counts = body["counts"]
    total = "".join(
        f'<tr><td class="in"><span class="word {s}">{_icon(s)} {_both(*SEVERITY_WORDS[s])}</span></td>'
        f'<td class="n">{number(counts["severity"][s], 0)[0]}</td></tr>'
        for s in SEVERITIES
    )
    plots = number(counts["plots"], 0)
    nothing = "" if body["findings"] else _both("Không có phát hiện nào.", "Nothing was found.", "p")
    return (
        f"<section><h2>{_both('Tóm tắt', 'Summary')}</h2>"
        f'<p class="in">{_both(f"{plots[0]} thửa đã kiểm tra.", f"Plots checked: {plots[1]}.")}</p>'
        f'<div class="scroll"><table><tbody>{total}</tbody></table></div>{nothing}</section>'
    )


def _kinds(findings: list[Row]) -> str:
    """Which rules found something: the way to a finding from its kind."""
    if not findings:
        return ""
    by_rule: dict[str, list[Row]] = {}
    for finding in findings:
        by_rule.setdefault(finding["rule"], []).append(finding)
    rules = "".join(
        f'<tr><td class="kind"><span class="word {some[0]["severity"]}">{_icon(some[0]["severity"])}</span> '
        f"{_both(some[0]['title_vi'], some[0]['title_en'])}</td>"
        f'<td class="n">{number(len(some), 0)[0]}</td><td class="list">{_links(some)}</td></tr>'
        for some in by_rule.values()
    )
    heads = (
        f"<th>{_both('Loại', 'Kind')}</th>"
        f'<th class="n">{_both("Số", "Count")}</th><th>{_both("Mục", "Findings")}</th>'
    )
    return (
        f'<section><h2>{_both("Theo loại", "By kind")}</h2><div class="scroll"><table>'
        f"<thead><tr>{heads}</tr></thead><tbody>{rules}</tbody></table></div></section>"
    )


def _links(findings: list[Row], most: int = 40) -> str:
    listed = ", ".join(
        f'<a href="#f{f["n"]}">{f["n"]}</a>' for f in findings[:most] if f["n"] <= MOST_FINDINGS
    )
    return listed + ("\u00a0…" if len(findings) > most else "")


def _overview(pictures: Pictures) -> str:
    drawing = pictures.screen
    if drawing is None:
        said = _both(
            "Không vẽ được sơ đồ vì chưa rõ vị trí các thửa.",
            "No plan: the place of the plots is not known.",
            "p",
        )
        return f"<section><h2>{_both('Sơ đồ', 'Plan')}</h2>{said}</section>"
    vi = "Chạm vào một số để đến mục ấy. Tỷ lệ ghi trong hình đúng khi in bản PDF; trên màn hình, xem thước."
    en = "Tap a number to go to its finding. The scales told are true in the printed PDF; on a screen, use the bar."
    notes = _both(vi, en, "p") if pictures.shown else ""
    if drawing.unmarked:
        vi = f"{drawing.unmarked} chỗ không đủ chỗ ghi số: vẽ bằng chấm, hoặc nằm ngoài khung."
        notes += _both(
            vi,
            f"Places without room for a number: {drawing.unmarked}; drawn as dots, or outside the frame.",
            "p",
        )
    if drawing.far:
        vi = f"{drawing.far} thửa ở xa, nằm ngoài khung."
        notes += _both(vi, f"Plots far away, outside the frame: {drawing.far}.", "p")
    return (
        f'<section><h2>{_both("Sơ đồ", "Plan")}</h2><figure><div class="overview">{drawing.svg}</div>{_key()}'
        f"<figcaption>{notes}</figcaption></figure></section>"
    )


def _key() -> str:
    swatches = (
        (
            '<rect class="plots" x="1" y="1" width="28" height="14" fill="#fff3cf" stroke="#3a3120"/>',
            "Thửa đo",
            "Surveyed",
        ),
        (
            '<rect class="near" x="1" y="1" width="28" height="14" fill="#ebebeb" stroke="#9a9a9a"/>',
            "Thửa trong sổ",
            "Registered",
        ),
        (
            '<path class="commune" d="M1 8h28" fill="none" stroke="#7a1f6b" stroke-width="3" stroke-dasharray="9 3 2 3"/>',
            "Ranh xã",
            "Commune",
        ),
        *(
            (
                f'<rect class="mark {s}" x="6" y="1" width="18" height="14" rx="{2 if s == "stops" else 7}"'
                f' fill="{COLOURS[s] if s == "stops" else "#ffffff"}" stroke="{COLOURS[s]}" stroke-width="2"'
                f' stroke-dasharray="{"4 3" if s == "note" else "none"}"/>',
                *SEVERITY_WORDS[s],
            )
            for s in SEVERITIES
        ),
    )
    items = "".join(
        f'<li class="in"><svg viewBox="0 0 30 16" aria-hidden="true">{drawn}</svg>{_both(vi, en)}</li>'
        for drawn, vi, en in swatches
    )
    return f'<ul class="key">{items}</ul>'


def _proposals(proposals: list[Row]) -> str:
    if not proposals:
        return ""
    items = "".join(f"<li>{_both(p['text_vi'], p['text_en'])}{_evidence(p)}</li>" for p in proposals)
    head = _both("Đề nghị chỉnh vị trí cả tệp", "Proposed corrections of place")
    return f"<section><h2>{head}</h2><ul>{items}</ul></section>"


def _evidence(p: Row) -> str:
    vi, en = evidence(p)
    return f'<p class="in"><code>{_t(p["key"], 80)}</code> {_both(vi, en)}</p>'


def evidence(p: Row) -> tuple[str, str]:
    """The numbers that speak for a proposal."""
    vi, en = [], []
    if p["shift_m"] is not None:
        said = width(p["shift_m"])
        vi.append(f"dời {said[0]}")
        en.append(f"moves by {said[1]}")
    if p["inside_before"] is not None and p["inside_after"] is not None:
        before, after = f"{p['inside_before']:.0%}", f"{p['inside_after']:.0%}"
        vi.append(f"trong xã: {before} → {after}")
        en.append(f"inside the commune: {before} → {after}")
    if p["matched"] is not None:
        rms = width(p["rms_m"]) if p["rms_m"] is not None else ("–", "–")
        vi.append(f"{p['matched']} đỉnh khớp, còn lệch {rms[0]}")
        en.append(f"{p['matched']} corners fit, {rms[1]} left over")
    if p["accepted"]:
        vi.append("đã chấp nhận")
        en.append("accepted")
    return "; ".join(vi), "; ".join(en)


def _findings(findings: list[Row], pictures: Pictures) -> str:
    if not findings:
        return ""
    told = "".join(_finding(f, pictures) for f in findings[:MOST_FINDINGS])
    notes = "".join(_both(vi, en, "p") for vi, en in cut_short(len(findings), MOST_FINDINGS, pictures))
    return f"<section><h2>{_both('Các phát hiện', 'Findings')}</h2>{notes}{told}</section>"


def cut_short(count: int, most: int, pictures: Pictures) -> Iterable[tuple[str, str]]:
    """What is said where not all findings, or not all places, are shown."""
    if count > most:
        yield (
            f"Ở đây chỉ có {number(most, 0)[0]} mục đầu trong {number(count, 0)[0]}; tất cả có trong report.json.",
            f"Only the first {number(most, 0)[1]} of {number(count, 0)[1]} findings are here; report.json has all.",
        )
    if pictures.left:
        yield (
            f"{number(pictures.left, 0)[0]} mục có vị trí không có hình riêng; xem sơ đồ và tọa độ.",
            f"Findings with a place but no picture: {number(pictures.left, 0)[1]}; see the plan and their coordinates.",
        )


def _finding(f: Row, pictures: Pictures) -> str:
    n, severity = f["n"], f["severity"]
    first = pictures.shown.get(n)
    svg = pictures.closeups.get(n, "")
    told = "".join(
        f'<dt>{_both(label_vi, label_en)}</dt><dd class="num">{_both(vi, en)}</dd>'
        for label_vi, vi, label_en, en in facts(f)
    )
    see = ""
    if first is not None and first != n:
        see = f'<p class="in"><a href="#f{first}">{_both(f"Xem hình ở mục {first}", f"See the picture at {first}")}</a></p>'
    fix = ""
    if f["repair_vi"]:
        told_how = _both(f["repair_vi"], f["repair_en"] or "", "p")
        fix = f'<div class="fix"><b class="in">{_both("Cách sửa", "Repair")}</b>{told_how}</div>'
    return (
        f'<article id="f{n}" class="{severity}"><div class="two{" pic" if svg else ""}"><div class="say"><div class="top">'
        f'<span class="badge {severity}">{n}</span><div>'
        f'<span class="word {severity} in">{_icon(severity)} {_both(*SEVERITY_WORDS[severity])}</span>'
        f"<h3>{_both(f['title_vi'], f['title_en'])}</h3></div></div>"
        f"{_both(f['text_vi'], f['text_en'], 'p')}</div>"
        + (f"<figure>{svg}</figure>" if svg else "")
        + f'<div class="more"><dl>{told}</dl>{see}{fix}</div></div></article>'
    )


def _plots(plots: list[Row]) -> str:
    if not plots:
        return ""
    right = {3, 4}
    heads = "".join(
        f'<th class="{"n" if k in right else ""}">{_both(vi, en)}</th>'
        for k, (vi, en) in enumerate(PLOT_HEADS)
    )
    rows = "".join(
        "<tr>"
        + "".join(
            f'<td class="n">{cell}</td>' if k in right else f"<td>{cell}</td>"
            for k, cell in enumerate(map(escape, plot_cells(p)))
        )
        + "</tr>"
        for p in plots[:MOST_PLOTS]
    )
    more = ""
    if len(plots) > MOST_PLOTS:
        vi = f"Chỉ {number(MOST_PLOTS, 0)[0]} thửa đầu; tất cả có trong report.json."
        more = _both(vi, f"Only the first {number(MOST_PLOTS, 0)[1]} plots; report.json has all.", "p")
    table = f'<div class="scroll"><table class="plots"><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table></div>'
    if len(plots) > _OPEN_PLOTS:
        count = number(len(plots), 0)
        opening = _both(f"Mở bảng {count[0]} thửa", f"Open the table of {count[1]} plots")
        table = f"<details><summary>{opening}</summary>{table}</details>"
    return f"<section><h2>{_both('Các thửa', 'Plots')}</h2>{more}{table}</section>"


def _files(files: list[Row]) -> str:
    items = "".join(
        f'<dt>{_t(f["name"], 120)}</dt><dd class="in">{_both(*about_file(f))}<br><small>{_t(held(f))}</small><br>'
        f"<small>SHA-256 {_t(f['sha256'] or '–', 64)}</small></dd>"
        for f in files[:200]
    )
    return (
        f"<section><h2>{_both('Tệp đã nộp', 'Files handed in')}</h2><dl>{items}</dl></section>"
        if items
        else ""
    )


def _left(left: list[Row]) -> str:
    if not left:
        return ""
    items = "".join(
        f'<li><b class="in">{_both(one["title_vi"], one["title_en"])}</b>{_both(one["text_vi"], one["text_en"], "p")}</li>'
        for one in left
    )
    return f"<section><h2>{_both('Chưa kiểm tra được', 'What could not be checked')}</h2><ul>{items}</ul></section>"
