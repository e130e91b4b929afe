"""Codes that differ from what was typed by one slip: a character wrong, missing or too many, or two of them swapped."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal

from geo.geohash import ALPHABET, LENGTH

Kind = Literal["wrong", "missing", "extra", "swapped"]
LENGTHS: Final = (LENGTH - 1, LENGTH, LENGTH + 1)


@dataclass(frozen=True, slots=True)
class Slip:
    """What is wrong with a typed code, and at which character of it (from 1; where one is missing: before which)."""

    kind: Kind
    at: int


def slip(typed: str, code: str) -> Slip | None:
    """The one slip between what was typed and a code; None where it is none, or more than one."""
    if typed == code or abs(len(typed) - len(code)) > 1:
        return None
    first = next(
        (n for n, (a, b) in enumerate(zip(typed, code, strict=False)) if a != b), min(len(typed), len(code))
    )
    if len(typed) < len(code):
        return Slip("missing", first + 1) if typed[first:] == code[first + 1 :] else None
    if len(typed) > len(code):
        return Slip("extra", first + 1) if typed[first + 1 :] == code[first:] else None
    if typed[first + 1 :] == code[first + 1 :]:
        return Slip("wrong", first + 1)
    pair = typed[first : first + 2]
    return Slip("swapped", first + 1) if pair[::-1] + typed[first + 2 :] == code[first:] else None


def variants(typed: str, before: int) -> Iterator[str]:
    """The codes one slip away whose slip lies in the first `before` characters typed."""
    if len(typed) == LENGTH:
        for n in range(before):
            for c in ALPHABET:
                if c != typed[n]:
                    yield typed[:n] + c + typed[n + 1 :]
            if n + 1 < LENGTH and typed[n] != typed[n + 1]:
                yield typed[:n] + typed[n + 1] + typed[n] + typed[n + 2 :]
    elif len(typed) < LENGTH:
        for n in range(before):
            for c in ALPHABET:
                yield typed[:n] + c + typed[n:]
    else:
        for n in range(before):
            yield typed[:n] + typed[n + 1 :]
