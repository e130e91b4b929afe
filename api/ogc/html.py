"""The answers for people: any document as a plain page, its links to follow, features as a table."""

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

_MOST_DEEP = 6
_PAGE = """<!doctype html>
<html lang="vi"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{title}</title>
<style>body{{font:15px/1.5 sans-serif;margin:1.5em;max-width:80em}}table{{border-collapse:collapse}}
td,th{{border:1px solid #ccc;padding:.15em .5em;text-align:left;vertical-align:top}}</style>
<h1>{title}</h1>
{body}
</html>
"""


def page(title: str, told: Mapping[str, Any]) -> bytes:
    """A page with what is `told`."""
    links = [link for link in told.get("links", ()) if link.get("rel") != "self"]
    parts = [_links(links)]
    features = told.get("features")
    if isinstance(features, list):
        parts.append(_table(features))
    rest = {k: v for k, v in told.items() if k not in ("links", "features", "title")}
    parts.append(_any(rest, 0))
    return _PAGE.format(title=escape(title), body="\n".join(part for part in parts if part)).encode()


def _links(links: Sequence[Mapping[str, Any]]) -> str:
    items = [
        f"<li>{escape(str(one['rel']).rsplit('/', 1)[-1])}: {_anchor(str(one['href']), str(one.get('title') or one['href']))}"
        for one in links
    ]
    return f"<ul>{''.join(items)}</ul>" if items else ""


def _table(features: Sequence[Mapping[str, Any]]) -> str:
    if not features:
        return "<p>–</p>"
    names = list(features[0]["properties"])
    head = "".join(f"<th>{escape(name)}" for name in ("id", *names))
    rows = []
    for one in features:
        cells = [_anchor(str(one["href"]), str(one["id"])) if "href" in one else escape(str(one["id"]))]
        cells += [_any(one["properties"].get(name), _MOST_DEEP) for name in names]
        rows.append("<tr>" + "".join(f"<td>{cell}" for cell in cells))
    return f"<table><tr>{head}{''.join(rows)}</table>"


def _any(told: Any, depth: int) -> str:
    if told is None:
        return ""
    if isinstance(told, Mapping) and depth < _MOST_DEEP:
        rows = "".join(f"<tr><th>{escape(str(k))}<td>{_entry(k, v, depth)}" for k, v in told.items())
        return f"<table>{rows}</table>" if rows else ""
    if isinstance(told, list | tuple) and depth < _MOST_DEEP:
        if all(not isinstance(one, Mapping | list | tuple) for one in told):
            return "<br>".join(_any(one, depth) for one in told)
        return "".join(_any(one, depth + 1) for one in told)
    text = str(told)
    if text.startswith(("http://", "https://")):
        return _anchor(text, text)
    return escape(text if len(text) < 2000 else text[:2000] + "…")


def _entry(name: str, told: Any, depth: int) -> str:
    if name == "links" and isinstance(told, list):
        return _links(told)
    return _any(told, depth + 1)


def _anchor(href: str, text: str) -> str:
    if not href.startswith(("http://", "https://", "/")):
        return escape(text)
    return f'<a href="{escape(href)}">{escape(text)}</a>'
