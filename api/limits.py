"""How much is taken at once."""

from dataclasses import dataclass
from pathlib import Path

from register.errors import TooLargeError


@dataclass(frozen=True, slots=True)
class Limits:
    """Most bytes of one file, of all files of a survey and of all unfinished uploads; most files of a survey.

    `folder`: where a hand-in waits on disk until it is whole (None: the system's place for temporary files).
    """

    file_bytes: int = 512 << 20
    survey_bytes: int = 1 << 30
    waiting_bytes: int = 64 << 30
    files: int = 200
    folder: Path | None = None

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

    def check_files(self, count: int) -> None:
        """Raises: TooLargeError for `count` files."""
        if count > self.files:
            raise TooLargeError(
                f"A survey has at most {self.files} files: zip them.",
                f"Mỗi lần nộp tối đa {self.files} tệp: hãy nén lại thành .zip.",
                self.files,
            )
