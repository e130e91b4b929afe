"""The report of a checked survey, written: JSON for programs, HTML for the screen, PDF for paper, PNG for a phone."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import orjson

from importers.check.checked import Checked
from importers.plots import Drawn
from importers.report.about import About
from importers.report.body import body
from importers.report.page import page
from importers.report.paper import pdf, png
from importers.report.pictures import pictures
from importers.report.placed import placed


def write_report(checked: Checked, drawn: Sequence[Drawn], about: About, folder: Path) -> dict[str, Path]:
    """The paths of report.json, report.html, report.pdf and report.png in `folder` (made where missing), by their endings.

    The four say the same of the same findings under the same numbers; JSON has their shapes besides.
    The same survey gives the same bytes.
    Raises: OSError.
    """
    folder.mkdir(parents=True, exist_ok=True)
    told = _whole(body(checked, drawn, about))
    drawings = pictures(checked, drawn, told["findings"])
    made = {
        "json": orjson.dumps(placed(told, checked), option=orjson.OPT_INDENT_2 | orjson.OPT_NON_STR_KEYS),
        "html": page(told, drawings).encode(),
        "pdf": pdf(told, drawings),
        "png": png(told, drawings),
    }
    paths = {ending: folder / f"report.{ending}" for ending in made}
    for ending, content in made.items():
        paths[ending].write_bytes(content)
    return paths


def _whole(value: Any) -> Any:
    """The same with halves of surrogate pairs replaced: no encoding can write them."""
    if isinstance(value, str):
        return value if value.isascii() else value.encode("utf-8", "replace").decode()
    if isinstance(value, dict):
        return {_whole(key): _whole(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_whole(inner) for inner in value]
    return value
