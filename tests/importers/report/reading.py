"""Reports read back: pages as trees, pictures as shapes on paper, paper as words."""

import re
import tempfile
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache
from html.parser import HTMLParser
from io import BytesIO
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import orjson
from pypdf import PdfReader

from importers.check.checked import Checked
from importers.report.picture import UNIT
from importers.report.write import write_report
from tests.importers.report import survey

VOID = {"meta", "input", "br", "link", "img", "hr"}
SVG = "{http://www.w3.org/2000/svg}"


@dataclass(slots=True)
class Node:
    """An element of a page."""

    tag: str
    attributes: dict[str, str]
    inside: list["Node | str"] = field(default_factory=list)

    def all(self, tag: str = "", look: str = "") -> Iterator["Node"]:
        """Those within, in order, of this tag and class."""
        for one in self.inside:
            if isinstance(one, Node):
                if tag in ("", one.tag) and (not look or look in one.attributes.get("class", "").split()):
                    yield one
                yield from one.all(tag, look)

    @property
    def text(self) -> str:
        return "".join(one if isinstance(one, str) else one.text for one in self.inside)


class _Tree(HTMLParser):
    """Strict: what is opened is closed, in order."""

    def __init__(self) -> None:
        super().__init__()
        self.root = Node("", {})
        self.open = [self.root]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_startendtag(tag, attrs)
        if tag not in VOID:
            self.open.append(self.open[-1].inside[-1])  # type: ignore[arg-type]

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert len({key for key, _ in attrs}) == len(attrs), (tag, attrs)
        self.open[-1].inside.append(Node(tag, {key: value or "" for key, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop().tag == tag, f"</{tag}> at {self.getpos()}"

    def handle_data(self, data: str) -> None:
        self.open[-1].inside.append(data)

    def handle_comment(self, data: str) -> None:
        raise AssertionError(f"a comment: {data}")

    def handle_pi(self, data: str) -> None:
        raise AssertionError(f"an instruction: {data}")

    def unknown_decl(self, data: str) -> None:
        raise AssertionError(f"a declaration: {data}")


def tree(page: str) -> Node:
    """The page; it fails where an element is left open, closed twice or closed out of turn."""
    parser = _Tree()
    parser.feed(page)
    parser.close()
    assert parser.open == [parser.root]
    return parser.root


@dataclass(frozen=True, slots=True)
class Written:
    """The four forms of one report as bytes."""

    json: bytes
    html: bytes
    pdf: bytes
    png: bytes

    @property
    def told(self) -> dict[str, Any]:
        return orjson.loads(self.json)  # type: ignore[no-any-return]

    @property
    def page(self) -> Node:
        return tree(self.html.decode())


def written(checked: Checked) -> Written:
    """The report of a survey."""
    with tempfile.TemporaryDirectory() as folder:
        paths = write_report(checked, survey.drawn(checked), survey.about(checked), Path(folder))
        return Written(**{ending: path.read_bytes() for ending, path in paths.items()})


@cache
def once(make: Callable[[], Checked]) -> Written:
    """The same, written once for all tests that ask."""
    return written(make())


def words(pdf: bytes, pages: slice = slice(None)) -> str:
    """What a PDF says on its pages, or on some of them, without blanks: where lines break is no matter."""
    return bare("".join(page.extract_text() for page in PdfReader(BytesIO(pdf)).pages[pages]))


def bare(text: str) -> str:
    """Text without blanks and places to break, composed."""
    return re.sub(r"[\s\u200b]+", "", unicodedata.normalize("NFC", text))


def drawing(svg: str) -> ElementTree.Element:
    """A picture; it fails where it is no XML."""
    return ElementTree.fromstring(svg)


def looks(picture: ElementTree.Element, tag: str, look: str) -> list[ElementTree.Element]:
    """Its elements of a tag and class."""
    return [e for e in picture.iter(SVG + tag) if look in e.get("class", "").split()]


def box_mm(rect: ElementTree.Element) -> tuple[float, float, float, float]:
    """Left, top, right, bottom of a rectangle on paper."""
    x, y, wide, high = (float(rect.get(key, "0")) / UNIT for key in ("x", "y", "width", "height"))
    return x, y, x + wide, y + high


def rings_mm(path: ElementTree.Element) -> list[list[tuple[float, float]]]:
    """The rings of an outline on paper: right, down."""
    rings = []
    for ring in re.findall(r"M(-?\d+) (-?\d+)l([^z]*)z", path.get("d", "")):
        x, y = int(ring[0]), int(ring[1])
        xy = [(x / UNIT, y / UNIT)]
        steps = list(map(int, ring[2].split()))
        for dx, dy in zip(steps[::2], steps[1::2], strict=True):
            x, y = x + dx, y + dy
            xy.append((x / UNIT, y / UNIT))
        rings.append(xy)
    return rings
