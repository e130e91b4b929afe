"""Names of handed-in files, made safe to keep, to write on disk and to send back; those that clash are kept apart."""

import re
import unicodedata
from collections.abc import Container
from pathlib import PurePosixPath
from urllib.parse import quote

LONGEST_BYTES = 160
# devices of Windows, whatever suffix they bear
_DEVICES = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(?=\.|$)", re.IGNORECASE)


def safe_name(name: str) -> str:
    """The last part of a path, as one visible line of at most LONGEST_BYTES of UTF-8, its suffix kept; never empty."""
    last = unicodedata.normalize("NFC", name[-4096:]).replace("\\", "/").rstrip("/").rsplit("/", 1)[-1]
    seen = "".join(c if c.isprintable() and c not in '<>:"|?*' else "_" for c in last)
    bare = " ".join(seen.split()).strip(". ") or "file"
    bare = _DEVICES.sub(r"\1_", bare, count=1) if _DEVICES.match(bare) else bare
    suffix = PurePosixPath(bare).suffix
    if len(suffix.encode()) > 16:
        suffix = ""
    return _cut(bare[: len(bare) - len(suffix)], LONGEST_BYTES - len(suffix.encode())) + suffix


def apart(name: str, taken: Container[str]) -> str:
    """`name`, or with a number before its suffix where it is taken, in whatever case."""
    stem, suffix = _split(name)
    n = 1
    while name.casefold() in taken:
        n += 1
        name = f"{stem} ({n}){suffix}"
    return name


def attachment(name: str) -> str:
    """Content-Disposition that saves under `name` (RFC 6266)."""
    return f"attachment; filename*=UTF-8''{quote(name, safe='')}"


def _split(name: str) -> tuple[str, str]:
    suffix = PurePosixPath(name).suffix
    return name[: len(name) - len(suffix)], suffix


def _cut(text: str, most_bytes: int) -> str:
    return text.encode()[:most_bytes].decode("utf-8", "ignore").rstrip()
