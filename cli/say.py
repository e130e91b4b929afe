"""What a command says to the person at the terminal, in Vietnamese and English."""

import sys


def say(text_vi: str, text_en: str) -> None:
    """A line of news on standard error: standard output is for answers."""
    print(f"{text_vi} · {text_en}", file=sys.stderr, flush=True)  # noqa: T201


def say_error(text_vi: str, text_en: str) -> None:
    """Why the command did not do it: a line in each language on standard error."""
    print(f"{text_vi}\n{text_en}", file=sys.stderr, flush=True)  # noqa: T201


def answer(text: str) -> None:
    """A line of the command's answer on standard output."""
    print(text, flush=True)  # noqa: T201
