"""How much is taken at once, from one client and from all."""

from dataclasses import dataclass
from pathlib import Path

from register.errors import BusyError, TooLargeError


@dataclass(frozen=True, slots=True)
class Limits:
    """Most bytes of one file, of all files of a survey and of all unfinished uploads; most files of a survey.

    `folder`: where a hand-in waits on disk until it is whole (None: the system's place for temporary files).
    `waiting_bytes`: what unfinished uploads may grow to, each counted with 64 KiB at least. `waiting_checks`: checks that
    are not through, of all clients. `hour_bytes`, `hour_surveys`: what one client may send, and hand in or have checked
    again, within an hour (`api.allowance`), so that the disk fills no faster than that from one address.
    `private_webhooks`: whether webhooks may go to private addresses.
    `download_parcels`: parcels of one file given out; a commune has 30,000, the largest 150,000.
    """

    file_bytes: int = 512 << 20
    survey_bytes: int = 1 << 30
    waiting_bytes: int = 64 << 30
    waiting_checks: int = 10_000
    hour_bytes: int = 16 << 30
    hour_surveys: int = 2000
    files: int = 200
    folder: Path | None = None
    private_webhooks: bool = False
    download_parcels: int = 200_000

    def check_file(self, size: int) -> None:
        """Raises: TooLargeError for a file of `size` bytes."""
        if size > self.file_bytes:
            most = self.file_bytes >> 20
            raise TooLargeError(
                f"A file has at most {most} MiB: split the survey, or leave pictures out.",
                f"Mỗi tệp tối đa {most} MiB: hãy chia nhỏ, hoặc bỏ ảnh nền.",
                self.file_bytes,
            )

    def check_survey(self, size: int) -> None:
        """Raises: TooLargeError for files of `size` bytes in all."""
        if size > self.survey_bytes:
            most = self.survey_bytes >> 20
            raise TooLargeError(
                f"A survey has at most {most} MiB in all: hand it in in several.",
                f"Mỗi lần nộp tối đa {most} MiB: hãy nộp thành nhiều lần.",
                self.survey_bytes,
            )

    def check_waiting(self, count: int) -> None:
        """Raises: BusyError where `count` checks wait already."""
        if count >= self.waiting_checks:
            raise BusyError(
                "Too many surveys wait to be checked: hand this one in again in a few minutes.",
                "Đang có quá nhiều bản đo chờ kiểm tra: hãy nộp lại sau vài phút.",
                120,
            )

    def check_files(self, count: int) -> None:
        """Raises: TooLargeError for `count` files."""
        if count > self.files:
            raise TooLargeError(
                f"A survey has at most {self.files} files: zip them.",
                f"Mỗi lần nộp tối đa {self.files} tệp: hãy nén lại thành .zip.",
                self.files,
            )
