"""INSPIRE Addresses 3.0 (4.0 is alike) in GML: addresses, and the names, postcodes and units they point to by xlink.

The file is read twice from front to back: components may stand after the addresses that name them, and only components are
held. Nothing is fetched: a component that is not in the file is told.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa

from geo.finding import Finding
from importers.address_files.place import degrees
from importers.address_files.rows import Maker
from importers.crs import identify
from importers.errors import TooMuch
from importers.exchange.markup import Tag, walk
from importers.source import SourceFile

MAX_COMPONENTS = 500_000
BATCH_ROWS = 20_000
_KINDS = {
    "ThoroughfareName": "street", "PostalDescriptor": "postcode", "AdminUnitName": "unit", "AddressAreaName": "hamlet",
}  # fmt: skip
_PARCEL = re.compile(r"(?<![0-9a-z])[0-9b-hjkmnp-z]{12}(?![0-9a-z])", re.IGNORECASE)
_EPSG = re.compile(r"EPSG[:/]+(?:[0-9.]*[:/]+)?(\d{4,5})$")
Tell = Callable[[pa.RecordBatch, list[Finding], int], None]


def is_inspire(head: bytes) -> bool:
    """Whether a GML begins as a set of INSPIRE addresses."""
    return b"gmlas:Addresses:" in head or b"inspire.ec.europa.eu/schemas/ad/" in head


@dataclass(slots=True)
class _Components:
    """The first pass: gml:id → (kind, text)."""

    name: str
    found: dict[str, tuple[str, str]] = field(default_factory=dict)
    kind: str = ""
    id: str = ""
    texts: list[str] = field(default_factory=list)

    def opens(self, tag: Tag, above: Tag | None) -> None:
        if tag.name in _KINDS and not self.kind:
            self.kind, self.id, self.texts = tag.name, tag.attributes.get("id", ""), []

    def closes(self, tag: Tag, above: Tag | None, text: str) -> None:
        if not self.kind:
            return
        if tag.name == ("postCode" if self.kind == "PostalDescriptor" else "text") and text.strip():
            self.texts.append(text.strip())
        if tag.name == self.kind:
            if len(self.found) >= MAX_COMPONENTS:
                raise TooMuch(
                    f"Tệp có hơn {MAX_COMPONENTS:,} thành phần địa chỉ. Hãy chia nhỏ.",
                    f"The file has more than {MAX_COMPONENTS:,} components of addresses. Split it.",
                    self.name,
                )
            self.found[self.id] = (_KINDS[self.kind], self.texts[0] if self.texts else "")
            self.kind = ""


@dataclass(slots=True)
class _One:
    """An address as it is met."""

    id: str
    parts: dict[str, str] = field(default_factory=dict)
    designators: list[tuple[str, str]] = field(default_factory=list)
    components: list[str] = field(default_factory=list)
    place: tuple[float, float] | None = None
    srs: str = ""
    bad_place: bool = False


class _Addresses:
    """The second pass: batches of addresses, told as they fill."""

    def __init__(
        self, name: str, components: dict[str, tuple[str, str]], asked: int | None, tell: Tell
    ) -> None:
        self.name = name
        self.components = components
        self.asked = asked
        self.tell = tell
        self.maker = Maker(name)
        self.epsg: dict[str, int | None] = {}
        self.rows: list[_One] = []
        self.missing = 0
        self.one: _One | None = None
        self.designator = ["", ""]
        self.points = 0

    def opens(self, tag: Tag, above: Tag | None) -> None:
        if tag.name == "Address" and self.one is None:
            self.one, self.points = _One(tag.attributes.get("id", f"line {tag.line}")), 0
        if self.one is None:
            return
        href = tag.attributes.get("href", "")
        if tag.name == "component" and href:
            self.one.components.append(href.rpartition("#")[2])
        elif tag.name == "parcel" and href:
            code = _PARCEL.findall(href)
            if code:
                self.one.parts["code"] = code[-1]
        elif tag.name == "Point":
            self.one.srs = tag.attributes.get("srsName", self.one.srs)
        elif tag.name == "LocatorDesignator":
            self.designator = ["", ""]
        elif tag.name == "status" and href:
            self.one.parts["status"] = href.rpartition("/")[2]

    def closes(self, tag: Tag, above: Tag | None, text: str) -> None:
        one = self.one
        if one is None:
            return
        said = text.strip()
        around = "" if above is None else above.name
        if tag.name == "designator" and around == "LocatorDesignator":
            self.designator[0] = said
        elif tag.name == "type" and around == "LocatorDesignator":
            self.designator[1] = tag.attributes.get("href", "").rpartition("/")[2] or said
        elif tag.name == "LocatorDesignator" and self.designator[0]:
            one.designators.append((self.designator[0], self.designator[1]))
        elif tag.name == "pos":
            self._place(one, said)
        elif tag.name == "status" and said:
            one.parts["status"] = said
        elif tag.name == "Address":
            self.rows.append(one)
            self.one = None
            if len(self.rows) >= BATCH_ROWS:
                self.flush()

    def _place(self, one: _One, said: str) -> None:
        """The first position counts (the default one stands first)."""
        self.points += 1
        if self.points > 1:
            return
        try:
            x, y = (float(number) for number in said.split()[:2])
        except ValueError:
            one.bad_place = True
            return
        one.place = (x, y)

    def flush(self) -> None:
        """Tell what has come together."""
        rows, self.rows = self.rows, []
        if not rows:
            return
        lon, lat = np.full(len(rows), np.nan), np.full(len(rows), np.nan)
        bad = np.array([one.bad_place for one in rows])
        for srs in {one.srs for one in rows if one.place is not None}:
            at = [n for n, one in enumerate(rows) if one.srs == srs and one.place is not None]
            xy = np.array([rows[n].place for n in at], np.float64)
            epsg = self._system(srs)
            if epsg is None:
                bad[at] = True
                continue
            lon[at], lat[at] = degrees(epsg, xy[:, 0], xy[:, 1])
        told = [self._fields(one) for one in rows]
        names = ("code", "house", "street", "hamlet", "ward", "postcode", "status")
        columns: dict[str, Any] = {name: pa.array([t.get(name) for t in told], pa.string()) for name in names}
        records = [f"{self.name}#{one.id}" for one in rows]
        self.tell(*self.maker.batch(records, columns, lon, lat, bad), len(rows))

    def _system(self, srs: str) -> int | None:
        if srs not in self.epsg:
            found = _EPSG.search(srs)
            known = identify(f"EPSG:{found[1]}" if found else None, self.asked, self.name)
            self.epsg[srs] = None if known is None else known.epsg
        return self.epsg[srs]

    def _fields(self, one: _One) -> dict[str, str]:
        made = dict(one.parts)
        # Catastro writes 1 for the number of a building; the code list says addressNumber, extension, …
        numbers = [text for text, kind in one.designators if kind in ("1", "addressNumber", "")]
        more = [text for text, kind in one.designators if kind not in ("1", "addressNumber", "")]
        if numbers or more:
            made["house"] = " ".join((*numbers, *more))
        units: list[str] = []
        for id in one.components:
            if id not in self.components:
                self.missing += 1
                continue
            kind, text = self.components[id]
            if kind == "unit" and text:
                units.append(text)
            elif text:
                made.setdefault(kind, text)
        if units:
            made["ward"] = ", ".join(dict.fromkeys(units))
        return made


def read_inspire(source: SourceFile, crs: int | None, tell: Tell) -> list[Finding]:
    """Tell the addresses of a file in batches; gives what is to be said of the whole.

    Raises: WrongCrs, TooMuch, what `markup.walk` raises.
    """
    components = _Components(source.name)
    walk(source, components)
    addresses = _Addresses(source.name, components.found, crs, tell)
    broken = walk(source, addresses)
    addresses.flush()
    findings = [] if broken is None else [broken]
    if addresses.missing:
        findings.append(
            Finding(
                "missing_component", "note",
                f"{addresses.missing} thành phần (tên đường, mã bưu chính…) được nêu nhưng không có trong tệp.",
                f"{addresses.missing} components (street names, postcodes…) are named but are not in the file.",
                source.name,
            )
        )  # fmt: skip
    return findings
