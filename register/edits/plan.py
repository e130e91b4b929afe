"""From an intent to the rows of a correction."""

from collections.abc import Callable, Mapping
from typing import Any

from register.edits import drawn, slivered, written
from register.edits.ground import Ground
from register.edits.intents import Revert
from register.edits.row import Plan

_KINDS: Mapping[str, Callable[[Ground, Any], Plan]] = {
    "split": drawn.split,
    "merge": drawn.merge,
    "boundary": drawn.boundary,
    "survey": drawn.survey,
    "create": drawn.create,
    "error": drawn.mistaken,
    "attributes": written.attributes,
    "renumber": written.renumber,
    "resheet": written.resheet,
    "retire": written.retire,
    "register": written.register,
    "address": written.address,
    "slivers": slivered.slivers,
}


def plan(ground: Ground, intent: Any) -> Plan:
    """What the intent (a model of `register.edits.intents`) does, over the parcels as they stand now.

    Raises: EditError, NotFoundError, with the place and what to do.
    """
    if isinstance(intent, Revert):
        return Plan(reverts=intent.correction)
    return _KINDS[intent.kind](ground, intent)
