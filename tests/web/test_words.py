"""The words of the page's parts: both languages have them all, with the same places to fill, and none is left over."""

import json
import re
from pathlib import Path

import pytest

SOURCES = Path(__file__).parent.parent.parent / "web/src"
PARTS = sorted(path.parent for path in SOURCES.glob("*/texts/vi.json"))
# keys made of a task, a state, a field: `say(`task.${…}`)`
MADE = re.compile(r"`([a-z.]+\.)\$\{")


@pytest.mark.parametrize("part", PARTS, ids=[str(part.parent.name) for part in PARTS])
def test_both_languages_say_the_same(part: Path) -> None:
    vi, en = (json.loads((part / f"{name}.json").read_text()) for name in ("vi", "en"))
    assert list(vi) == list(en)
    for key in vi:
        assert vi[key].strip(), key
        assert en[key].strip(), key
        assert sorted(re.findall(r"\{(\w+)\}", vi[key])) == sorted(re.findall(r"\{(\w+)\}", en[key])), key


def test_the_editors_words_are_all_said() -> None:
    source = "".join(path.read_text() for path in (SOURCES / "edit").glob("*.ts*"))
    made = tuple(MADE.findall(source))
    words = json.loads((SOURCES / "edit/texts/vi.json").read_text())
    assert [key for key in words if f'"{key}"' not in source and not key.startswith(made)] == []
