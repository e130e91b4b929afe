"""A password from the person at the terminal: asked twice without being shown, read from standard input, or generated."""

import sys

from cli.errors import UsageError


def password_asked(name: str, *, generate: bool) -> tuple[str, bool]:
    """A new password for the account `name`, and whether it is to be shown.

    Raises: UsageError where standard input has none, or the two differ.
    """
    if generate:
        from register.passwords import new_password

        return new_password(), True
    if not sys.stdin.isatty():
        line = sys.stdin.readline().rstrip("\r\n")
        if not line:
            raise UsageError(
                "Không có mật khẩu: hãy gõ ở dòng đầu của đầu vào chuẩn, hoặc dùng --generate.",
                "No password came: give it as the first line of standard input, or use --generate.",
            )
        return line, False
    from getpass import getpass

    first = getpass(f"Mật khẩu mới của {name} · New password of {name}: ")
    if getpass("Gõ lại lần nữa · Once more: ") != first:
        raise UsageError("Hai lần gõ không giống nhau.", "The two are not the same.")
    return first, False


def show_password(name: str, password: str) -> None:
    """Show a generated password, this once."""
    from cli.say import answer, say

    say(
        f"Mật khẩu của {name}, chỉ hiện một lần này:",
        f"password of {name}, shown this once:",
    )
    answer(password)
