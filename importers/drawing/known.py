"""Which drawing a file is, by its first bytes; and the words for those that only their maker's program can open."""

import re
from typing import Literal, NoReturn

from importers.errors import UnknownFormat

Kind = Literal["dxf", "dgn", "dgn8", "dwg"]

BINARY_DXF = b"AutoCAD Binary DXF\r\n\x1a\x00"
# Element 9 (settings) of 2D and 3D design files, element 5 of cell libraries: level, type, words to follow.
_DGN = (b"\x08\x09\xfe\x02", b"\xc8\x09\xfe\x02", b"\x08\x05\x17\x00")
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_DXF = re.compile(rb"[ \t]{0,9}0[ \t]*\r?\n[ \t]{0,9}SECTION[ \t]*\r?\n")
_COMMENT = re.compile(rb"[ \t]{0,9}999[ \t]*\r?\n[^\n]*\n")


def recognises(head: bytes, suffix: str) -> Kind | None:
    """The drawing format of a file that begins with `head` (64 KiB suffice), None for others.

    `suffix` (".dgn") decides only where the bytes leave it open: an OLE container may be many things, and a DXF may
    begin with junk.
    """
    if head.startswith(BINARY_DXF[:18]):
        return "dxf"
    if head.startswith(_DGN):
        return "dgn"
    if head[:4] in (b"AC10", b"AC1.", b"AC2.", b"MC0."):
        return "dwg"
    if head.startswith(OLE):
        return "dgn8" if suffix.lower() == ".dgn" or b"D\x00g\x00n\x00" in head else None
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip(b"\r\n\t ")
    while comment := _COMMENT.match(text):
        text = text[comment.end() :]
    if _DXF.match(text):
        return "dxf"
    if suffix.lower() == ".dxf" and b"\x00" not in head:
        return "dxf"
    if suffix.lower() == ".dgn" and head[1:2] in (b"\x09", b"\x05", b"\x08"):
        return "dgn"
    return None


def refuse(kind: Literal["dgn8", "dwg"], name: str) -> NoReturn:
    """Raises: UnknownFormat, which says how the same drawing is saved so that it can be read."""
    if kind == "dgn8":
        raise UnknownFormat(
            "Đây là DGN V8, chỉ MicroStation mở được: trong MicroStation chọn File > Save As, kiểu tệp "
            "MicroStation V7 DGN hoặc AutoCAD DXF, rồi nộp tệp đó.",
            "This is DGN V8, which only MicroStation opens: in MicroStation choose File > Save As, type "
            "MicroStation V7 DGN or AutoCAD DXF, and hand in that file.",
            name,
        )
    raise UnknownFormat(
        "Đây là DWG, chỉ AutoCAD mở được trọn vẹn: trong AutoCAD gõ lệnh DXFOUT (hoặc SAVEAS, kiểu tệp AutoCAD 2018 DXF), "
        "rồi nộp tệp .dxf.",
        "This is DWG, which only AutoCAD opens in full: in AutoCAD type DXFOUT (or SAVEAS, type AutoCAD 2018 DXF) "
        "and hand in the .dxf.",
        name,
    )
