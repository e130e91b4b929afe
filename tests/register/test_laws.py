"""Laws 1 and 2 under any story of drafts, steps, undos and refusals (`tests.register.laws`); more in `make bench ONLY=laws`."""

from collections import Counter

import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.conftest import Clone
from tests.register.laws import Laws

STORIES, STEPS = 5, 60
LEAST, MOST = 600, 4_000
KINDS = {
    "create", "split", "merge", "boundary", "survey", "attributes", "renumber", "resheet", "retire", "register",
    "address", "error", "revert",
}  # fmt: skip


@pytest.mark.timeout(900)
def test_any_story_keeps_the_laws(clone: Clone) -> None:
    """Stories go on until each kind was applied: which rules a story has is drawn, so one alone may lack some."""
    count: Counter[str] = Counter()
    number = 0
    while count["steps"] < LEAST or (_lacking(count) and count["steps"] < MOST):
        machine = type("Story", (Laws,), {"clone": staticmethod(clone), "count": count})
        run_state_machine_as_test(
            seed(number)(machine),
            settings=settings(
                max_examples=STORIES, stateful_step_count=STEPS, deadline=None, database=None,
                phases=[Phase.generate, Phase.shrink], suppress_health_check=list(HealthCheck),
            ),
        )  # fmt: skip
        number += 1
    assert not _lacking(count), f"never applied: {_lacking(count)}"


def _lacking(count: Counter[str]) -> set[str]:
    return {kind for kind in KINDS if not count[f"applied {kind}"]}
