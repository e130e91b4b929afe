"""Shapes of questions and answers about corrections."""

from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from register.edits.intents import Code, Intent

Hash = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
_Text = Annotated[str, StringConstraints(strip_whitespace=True, max_length=2000)]


class _Shape(BaseModel):
    model_config = ConfigDict(extra="forbid")


class NewCorrection(_Shape):
    """What is wanted: the intent, since when by law, why, on which paper, in which file of the office."""

    intent: Intent
    effective_on: date | None = Field(None, description="today where it is not said")
    reason: _Text = ""
    basis: _Text | None = None
    dossier: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)] | None = (
        None
    )


class Seen(_Shape):
    """The hash of the preview that was looked at."""

    hash: Hash


class GivenBack(_Shape):
    """Why, and where on the map."""

    comment: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2000)]
    at: tuple[Annotated[float, Field(ge=-180, le=180)], Annotated[float, Field(ge=-90, le=90)]] | None = (
        Field(None, description="longitude, latitude")
    )


class Withdrawn(_Shape):
    """Why it is given up."""

    comment: _Text = ""


class Rebase(_Shape):
    """For each parcel that both changed: mine, or theirs, which takes it out of the draft."""

    resolve: dict[Code, Literal["mine", "theirs"]] = {}


class Event(BaseModel):
    """One step of a correction."""

    at: datetime
    state: str
    who: str
    comment: str
    place: tuple[float, float] | None
    hash: str | None


class CorrectionAnswer(BaseModel):
    """A correction on its way: `preview` is what it will do, `hash` is over all of it; `conflicts` are parcels that others
    have changed meanwhile (base, theirs, yours), `others` open drafts on the same parcels; `applied` its number in the
    register once it is, `reverted_by` that of its undo."""

    correction: str
    kind: str
    state: Literal["draft", "submitted", "approved", "applied", "returned", "withdrawn"]
    author: str
    approver: str | None
    reason: str
    basis: str | None
    dossier: str | None
    effective_on: date
    made_at: datetime
    revision: int
    hash: str | None
    stops: int
    applied: int | None
    reverted_by: int | None
    preview: dict[str, Any]
    conflicts: list[dict[str, Any]]
    others: list[dict[str, Any]]
    events: list[Event]


class CorrectionList(BaseModel):
    """Corrections, the last first; `next` is the cursor of the next page."""

    corrections: list[dict[str, Any]]
    next: str | None
