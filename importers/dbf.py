"""The text encoding of a shapefile's attribute table, which the format leaves open."""

import codecs
from pathlib import Path


def encoding_of(shapefile: Path) -> tuple[str | None, bool]:
    """The encoding to read with (None: as the .cpg or the table's own mark says), and whether it is assumed.

    Without a .cpg: UTF-8 if all bytes are, else the code page marked in the table, else windows-1258 (Vietnamese).
    """
    if shapefile.with_suffix(".cpg").exists():
        return None, False
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        with shapefile.with_suffix(".dbf").open("rb") as file:
            head = file.read(32)
            size = int.from_bytes(head[8:10], "little")
            file.seek(max(32, size))
            while block := file.read(1 << 20):
                decoder.decode(block)
    except UnicodeDecodeError:
        marked = len(head) >= 30 and head[29] != 0
        return (None, False) if marked else ("CP1258", True)
    return "UTF-8", False
