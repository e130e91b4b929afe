"""A zip's files into a temporary folder, within limits; what is hostile or broken is refused before a byte is written."""

import shutil
import stat
import zipfile
import zlib
from pathlib import Path, PurePosixPath

from importers.errors import BadArchive, TooMuch

MAX_MEMBERS = 10_000
MAX_UNPACKED_BYTES = 16 << 30
# GeoJSON of parcels packs 5 to 15 times; a bomb a thousand times. Small files may pack better than they should.
MAX_RATIO = 200
_SMALL_BYTES = 64 << 20
_CHUNK_BYTES = 1 << 20


def is_zip(path: Path) -> bool:
    """Whether the file begins like a zip (also an empty one)."""
    if not path.is_file():
        return False
    with path.open("rb") as file:
        return file.read(4) in (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")


def unpack(path: Path, name: str, folder: Path) -> list[tuple[str, Path]]:
    """Unpack into a new folder under `folder`; (name inside the zip, path) of each file, sorted by name.

    Raises: BadArchive for a broken, encrypted, nested or hostile zip, TooMuch beyond the limits.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            members = [m for m in archive.infolist() if not m.filename.endswith("/")]
            _check(members, path.stat().st_size, name, folder)
            place = folder / f"z{len(list(folder.iterdir()))}"
            unpacked = []
            for member in sorted(members, key=lambda m: m.filename):
                if PurePosixPath(member.filename).name.startswith(".") or member.filename.startswith(
                    "__MACOSX/"
                ):
                    continue
                target = place / PurePosixPath(member.filename)
                target.parent.mkdir(parents=True, exist_ok=True)
                with archive.open(member) as source, target.open("xb") as out:
                    head = source.read(4)
                    if head == b"PK\x03\x04":
                        raise BadArchive(
                            f"Trong zip có zip khác ({member.filename}). Hãy giải nén ra một lớp.",
                            f"The zip holds another zip ({member.filename}). Unpack it to one level.",
                            name,
                        )
                    out.write(head)
                    shutil.copyfileobj(source, out, _CHUNK_BYTES)
                unpacked.append((member.filename, target))
            return unpacked
    except (
        zipfile.BadZipFile,
        zlib.error,
        EOFError,
        NotImplementedError,
        RuntimeError,
        OSError,
        ValueError,
        OverflowError,
    ) as error:
        raise BadArchive(
            f"Tệp zip bị hỏng hoặc không đọc được ({error}). Hãy nén lại.",
            f"The zip is broken or cannot be read ({error}). Zip it again.",
            name,
        ) from error


def _check(members: list[zipfile.ZipInfo], packed_bytes: int, name: str, folder: Path) -> None:
    if len(members) > MAX_MEMBERS:
        raise TooMuch(
            f"Zip có {len(members)} tệp, nhiều hơn {MAX_MEMBERS}.",
            f"The zip holds {len(members)} files, more than {MAX_MEMBERS}.",
            name,
        )
    seen: set[str] = set()
    for member in members:
        inner = member.filename
        parts = PurePosixPath(inner.replace("\\", "/")).parts
        link = stat.S_ISLNK(member.external_attr >> 16)
        if (
            not parts
            or inner.startswith(("/", "\\"))
            or ".." in parts
            or ":" in parts[0]
            or "\x00" in inner
            or link
        ):
            raise BadArchive(
                f"Tên tệp trong zip chỉ ra ngoài thư mục hoặc là liên kết: {inner!r}. Từ chối cả tệp zip.",
                f"A name in the zip leads outside its folder or is a link: {inner!r}. The whole zip is refused.",
                name,
            )
        if "/".join(parts).lower() in seen:
            raise BadArchive(
                f"Zip có hai tệp cùng tên: {inner!r}.",
                f"The zip holds two files of one name: {inner!r}.",
                name,
            )
        seen.add("/".join(parts).lower())
        if member.flag_bits & 1:
            raise BadArchive(
                "Zip có mật khẩu. Hãy nén lại không mật khẩu.",
                "The zip has a password. Zip it without one.",
                name,
            )
    total = sum(m.file_size for m in members)
    if total > MAX_UNPACKED_BYTES or (total > _SMALL_BYTES and total > MAX_RATIO * packed_bytes):
        raise TooMuch(
            f"Giải nén ra {total >> 20} MB từ {packed_bytes >> 10} KB: quá giới hạn. Hãy chia nhỏ.",
            f"It would unpack to {total >> 20} MB from {packed_bytes >> 10} KB: beyond the limit. Split it.",
            name,
        )
    if total + (256 << 20) > shutil.disk_usage(folder).free:
        raise TooMuch("Không đủ đĩa để giải nén.", "There is not enough disk to unpack it.", name)
