"""One kill of each kind while people correct: the whole of it is the benchmark `faults`."""

from tests.faults.fire import under_fire
from tests.faults.office import KINDS, office


def test_what_was_acknowledged_is_whole_whoever_is_killed() -> None:
    with office() as one:
        told = under_fire(one, KINDS, 14, most_s=0.5, every_s=5.0)
        assert told.failures == []
        assert told.ledger.acknowledged()
        assert told.ledger.surveys
