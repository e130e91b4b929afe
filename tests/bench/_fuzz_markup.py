"""XML changed so that it stays XML: what is not well formed is turned away before any reader sees it."""

import random
import re
from collections.abc import Callable

_TOKEN = re.compile(rb"<[^<>]*>|[^<>]+")
_VALUE = re.compile(rb'"([^"<>&]*)"')
_NAME = re.compile(rb"</?([^\s/>]+)")
_UNSAFE = re.compile(rb'[<>&"\x00-\x08\x0b\x0c\x0e-\x1f]')
_MOST_CHANGES = 4

Mutate = Callable[[bytes, int], bytes]


def changed(text: bytes, most_bytes: int, seed: int, mutate: Mutate) -> bytes:
    """Other XML: texts and attributes mutated, elements left out, doubled, moved and renamed. One time in eight the bytes
    themselves are mutated; so is what does not look like XML."""
    rng = random.Random(seed)
    tokens = _TOKEN.findall(text)
    if len(tokens) < 3 or not text.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"<") or rng.random() < 0.125:
        return mutate(text, most_bytes)
    for _ in range(rng.randint(1, _MOST_CHANGES)):
        change = rng.choice((_words, _words, _words, _values, _values, _without, _twice, _moved, _renamed))
        tokens = change(tokens, rng, mutate) or tokens
    made = b"".join(tokens)
    return made if len(made) <= most_bytes else text[:most_bytes]


def _plain(data: bytes, rng: random.Random, mutate: Mutate) -> bytes:
    """Bytes mutated, as they may stand between tags and quotes in UTF-8."""
    made = mutate(data, len(data) + rng.choice((0, 8, 64)) + 1)
    return _UNSAFE.sub(b"", made.decode("utf-8", "ignore").encode())


def _words(tokens: list[bytes], rng: random.Random, mutate: Mutate) -> list[bytes] | None:
    texts = [i for i, token in enumerate(tokens) if not token.startswith(b"<") and token.strip()]
    if not texts:
        return None
    i = rng.choice(texts)
    return [*tokens[:i], _plain(tokens[i], rng, mutate), *tokens[i + 1 :]]


def _values(tokens: list[bytes], rng: random.Random, mutate: Mutate) -> list[bytes] | None:
    tags = [i for i, token in enumerate(tokens) if token.startswith(b"<") and b'"' in token]
    if not tags:
        return None
    i = rng.choice(tags)
    values = list(_VALUE.finditer(tokens[i]))
    if not values or tokens[i].startswith(b"<?"):
        return None
    one = rng.choice(values)
    tag = tokens[i][: one.start(1)] + _plain(one[1], rng, mutate) + tokens[i][one.end(1) :]
    return [*tokens[:i], tag, *tokens[i + 1 :]]


def _element(tokens: list[bytes], rng: random.Random) -> tuple[int, int] | None:
    """From an opening tag to behind the end of its element; never the root."""
    opening = [i for i, t in enumerate(tokens) if t.startswith(b"<") and t[1:2] not in (b"/", b"?", b"!")]
    if len(opening) < 2:
        return None
    start, depth = rng.choice(opening[1:]), 0
    for i in range(start, len(tokens)):
        token = tokens[i]
        if token.startswith(b"<") and token[1:2] not in (b"?", b"!") and not token.endswith(b"/>"):
            depth += -1 if token[1:2] == b"/" else 1
        if depth <= 0:
            return (start, i + 1) if depth == 0 else None
    return None


def _without(tokens: list[bytes], rng: random.Random, _mutate: Mutate) -> list[bytes] | None:
    span = _element(tokens, rng)
    return None if span is None else tokens[: span[0]] + tokens[span[1] :]


def _twice(tokens: list[bytes], rng: random.Random, _mutate: Mutate) -> list[bytes] | None:
    span = _element(tokens, rng)
    return None if span is None else tokens[: span[1]] + tokens[span[0] :]


def _moved(tokens: list[bytes], rng: random.Random, _mutate: Mutate) -> list[bytes] | None:
    span = _element(tokens, rng)
    if span is None:
        return None
    element, rest = tokens[span[0] : span[1]], tokens[: span[0]] + tokens[span[1] :]
    to = _element(rest, rng)
    return None if to is None else rest[: to[0]] + element + rest[to[0] :]


def _renamed(tokens: list[bytes], rng: random.Random, _mutate: Mutate) -> list[bytes] | None:
    """An element under the name of another."""
    span, other = _element(tokens, rng), _element(tokens, rng)
    if span is None or other is None:
        return None
    name, new = _NAME.match(tokens[span[0]]), _NAME.match(tokens[other[0]])
    if name is None or new is None:
        return None
    made = list(tokens)
    for i in {span[0], span[1] - 1}:
        prefix = b"</" if made[i].startswith(b"</") else b"<"
        made[i] = prefix + new[1] + made[i][len(prefix) + len(name[1]) :]
    return made
