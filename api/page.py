"""The built web page, read once when the server starts: small, and ready to be sent plain or gzipped."""

import gzip
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path

from api.errors import no_route
from api.reply import Reply, Scope, header

_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".ico": "image/x-icon",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".mjs": "text/javascript; charset=utf-8",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
    ".webmanifest": "application/manifest+json",
    ".webp": "image/webp",
    ".woff2": "font/woff2",
}
_PACKED = {".ico", ".png", ".webp", ".woff2"}  # compressed already


@dataclass(frozen=True, slots=True)
class _File:
    media_type: str
    plain: bytes
    gzipped: bytes | None
    tag: str
    cache: str


class StaticPage:
    """Files of one folder by the path they are asked for; nothing outside it exists."""

    def __init__(self, folder: Path | None) -> None:
        self.files: dict[str, _File] = {}
        for path in sorted(folder.rglob("*")) if folder is not None and folder.is_dir() else ():
            if path.is_file() and path.suffix in _TYPES and not path.is_symlink():
                name = "/" + path.relative_to(folder or path).as_posix()
                self.files["/" if name == "/index.html" else name] = _read(path, name)

    def reply(self, scope: Scope) -> Reply:
        """The file asked for; a problem where there is none."""
        path: str = scope["path"]
        file = self.files.get(path)
        if file is None:
            return no_route(404, scope["method"], path)
        gzipped = file.gzipped is not None and "gzip" in header(scope, b"accept-encoding")
        tag = f'"{file.tag}-gz"' if gzipped else f'"{file.tag}"'
        headers = {"cache-control": file.cache, "etag": tag, "vary": "Accept-Encoding"}
        if tag in header(scope, b"if-none-match"):
            return Reply(304, b"", file.media_type, headers)
        if gzipped:
            headers["content-encoding"] = "gzip"
        body = file.gzipped if gzipped and file.gzipped is not None else file.plain
        return Reply(200, body, file.media_type, headers)


def _read(path: Path, name: str) -> _File:
    plain = path.read_bytes()
    # the builder puts a hash of the content into the names under /assets/: such a name never changes its content
    cache = "public, max-age=31536000, immutable" if name.startswith("/assets/") else "no-cache"
    return _File(
        _TYPES[path.suffix],
        plain,
        None if path.suffix in _PACKED else gzip.compress(plain, 9, mtime=0),
        blake2b(plain, digest_size=12).hexdigest(),
        cache,
    )
