"""From an error to what the person reads and the shell gets: a sentence in each language, an exit code, no trace."""

import sys
from collections.abc import Sequence
from typing import Any

from typer.core import TyperGroup
from typer.exceptions import Abort, TyperException

from cli.errors import DONE, REFUSED, CommandError
from cli.say import say_error


class Bilingual(TyperGroup):
    """The group of all commands: the one place where errors become sentences and exit codes."""

    def main(
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        complete_var: str | None = None,
        standalone_mode: bool = True,
        windows_expand_args: bool = True,
        **extra: Any,
    ) -> Any:
        try:
            code = super().main(args, prog_name, complete_var, False, windows_expand_args, **extra)
        except TyperException as error:
            say_error(*usage_sentences(error))
            code = error.exit_code
        except Abort:
            code = REFUSED
        except Exception as error:  # nothing else may show a trace to a user
            code = _told(error)
        sys.exit(code if isinstance(code, int) else DONE)


def usage_sentences(error: TyperException) -> tuple[str, str]:
    """What was wrong with the call, in Vietnamese and English, and where help is."""
    english = error.format_message()
    kind = type(error).__name__
    if kind == "NoArgsIsHelpError":  # its message is the whole help
        return "Hãy chọn một lệnh:", english
    param = getattr(error, "param", None)
    name = param.get_error_hint() if param is not None else ""
    text_vi = {
        "NoSuchOption": f"Không có tùy chọn {getattr(error, 'option_name', '')}",
        "MissingParameter": f"Thiếu {name}",
        "BadParameter": f"Giá trị của {name} không hợp lệ",
    }.get(kind, "Lệnh gọi không đúng")
    context = getattr(error, "ctx", None)
    path = context.command_path if context is not None else "diachinh"
    return f"{text_vi}; xem `{path} --help`.", f"{english.rstrip('.')}; see `{path} --help`."


def _told(error: Exception) -> int:
    """The exit code of `error`, which has been told."""
    if isinstance(error, CommandError):
        say_error(error.text_vi, error.text_en)
        return error.exit_code
    # Only now: these floors are heavy, and a command that went well needs none of this.
    from importers.errors import Refused
    from register.errors import RegisterError

    if isinstance(error, Refused):
        place = f"{error.place}: " if error.place else ""
        say_error(place + error.text_vi, place + error.text_en)
    elif isinstance(error, RegisterError):
        say_error(error.detail_vi, error.detail)
    else:
        _tell_unexpected(error)
    return REFUSED


def _tell_unexpected(error: Exception) -> None:
    from psycopg.errors import UndefinedColumn, UndefinedFunction, UndefinedTable

    from cli.settings import read_settings

    if read_settings().debug:
        raise error
    if isinstance(error, UndefinedTable | UndefinedColumn | UndefinedFunction):
        what = str(error).partition("\n")[0]
        say_error(
            f"Sổ địa chính chưa được dựng, hoặc của phiên bản khác ({what}); hãy chạy `diachinh migrate` trước.",
            f"The register is not set up, or of another version ({what}); run `diachinh migrate` first.",
        )
        return
    words = " ".join(f"{type(error).__name__}: {error}".split())
    say_error(
        f"Lỗi ngoài dự kiến ({words}); chạy lại với DIACHINH_DEBUG=1 để xem chi tiết và báo cho nhóm phát triển.",
        f"Unexpected error ({words}); run again with DIACHINH_DEBUG=1 for its trace, and report it.",
    )
