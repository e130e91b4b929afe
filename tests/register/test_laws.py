"""Laws 1 and 2 under any story of drafts, steps, undos and refusals (`tests.register.laws`); more in `make bench ONLY=laws`."""

from collections import Counter

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.conftest import Clone
from tests.register.laws import Laws

STORIES, STEPS = 15, 60
LEAST = 1000


@pytest.mark.timeout(900)
def test_any_story_keeps_the_laws(clone: Clone) -> None:
    count: Counter[str] = Counter()
    machine = type("Story", (Laws,), {"clone": staticmethod(clone), "count": count})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=STORIES, stateful_step_count=STEPS, deadline=None, derandomize=True, database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )  # fmt: skip
    assert count["steps"] >= LEAST
    for kind in (
        "create", "split", "merge", "boundary", "survey", "attributes", "renumber", "resheet", "retire", "register",
        "address", "error", "revert",
    ):  # fmt: skip
        assert count[f"applied {kind}"] > 0, f"no {kind} was ever applied"
