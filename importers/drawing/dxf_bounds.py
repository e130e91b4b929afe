"""What a DXF holds, counted by a look at its bytes: before a parser spends memory on it, and to prove what it gave."""

import mmap
import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from importers.drawing.known import BINARY_DXF
from importers.errors import EmptyFile, TooMuch

MAX_BYTES = 200 << 20
MAX_BINARY_BYTES = 50 << 20
MAX_ENTITIES = 2_000_000
MAX_TABLED = 50_000
# Ends of chains of entities and what belongs to the entity before: not entities of their own.
_PARTS = frozenset({b"VERTEX", b"SEQEND", b"ATTRIB", b"ENDSEC", b"SECTION", b"EOF"})
_TABLED = frozenset({b"LAYER", b"LTYPE", b"STYLE", b"BLOCK", b"BLOCK_RECORD"})
_RECORD = re.compile(rb"\n[ \t]{0,9}0[ \t]{0,9}\r?\n[ \t]{0,9}([A-Z][A-Z0-9_]{0,39})(?=[ \t]{0,9}\r?\n)")
_SECTION = re.compile(rb"\n[ \t]{0,9}2[ \t]{0,9}\r?\n[ \t]{0,9}ENTITIES(?=[ \t]{0,9}\r?\n)")
_END = re.compile(rb"(?:^|\n)[ \t]{0,9}0[ \t]{0,9}\r?\n[ \t]{0,9}EOF[ \t]{0,9}(?=\r?\n|$)")


@dataclass(frozen=True, slots=True)
class Bounds:
    """entities: top-level entities of the drawing by kind, None where the bytes do not tell. whole: it has its end mark.

    cut: the byte at which the last entity begins, where the file ends among its entities: nothing shows that one to be whole.
    """

    entities: Counter[str] | None
    whole: bool
    cut: int | None = None


def bounds(path: Path, name: str) -> Bounds:
    """Counts of a DXF. Raises: EmptyFile, TooMuch."""
    size = path.stat().st_size
    if size == 0:
        raise EmptyFile("Tệp rỗng (0 byte).", "The file is empty (0 bytes).", name)
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        if data[:18] == BINARY_DXF[:18]:
            if size > MAX_BINARY_BYTES:
                raise _too_much(f"{size >> 20} MB", name)
            return Bounds(None, b"EOF\x00" in data[-64:])
        if size > MAX_BYTES:
            raise _too_much(f"{size >> 20} MB", name)
        section = _SECTION.search(data)
        start = section.end() if section else size
        entities: Counter[str] = Counter()
        tabled, last = 0, None
        for n, match in enumerate(_RECORD.finditer(data)):
            kind = match[1]
            tabled += kind in _TABLED
            if n > 2 * MAX_ENTITIES:
                raise _too_much(f"hơn {2 * MAX_ENTITIES} đối tượng", name)
            if tabled > MAX_TABLED:
                raise _too_much(f"hơn {MAX_TABLED} lớp, khối, kiểu", name)
            if match.start() < start:
                continue
            if kind == b"ENDSEC":
                start, last = size, None
            elif kind not in _PARTS:
                entities[kind.decode("ascii")] += 1
                last = match.start()
        if entities.total() > MAX_ENTITIES:
            raise _too_much(f"{entities.total()} đối tượng", name)
        return Bounds(entities, _END.search(data, max(0, size - (1 << 16))) is not None, last)


def _too_much(what: str, name: str) -> TooMuch:
    return TooMuch(
        f"Bản vẽ quá lớn ({what}). Hãy tách tệp, hoặc chỉ xuất các lớp ranh và nhãn thửa.",
        f"The drawing is too large ({what}). Split it, or export only the layers of boundaries and labels.",
        name,
    )
