"""What a report says of the survey as a whole: whose it is, which files, when, and how it stands."""

from dataclasses import dataclass
from typing import Literal

from geo.crs import ZONES
from importers.check.checked import Checked

State = Literal["clean", "explain", "stops"]


@dataclass(frozen=True, slots=True)
class File:
    """One file handed in: name as the user knows it, SHA-256 in hex, size."""

    name: str
    sha256: str
    bytes: int


@dataclass(frozen=True, slots=True)
class About:
    """The head of a report.

    survey: its id, None on a desk without a server. made_at: ISO 8601. zone: name of the VN-2000 zone, None while the
    place is not known. accepted: keys of the proposals the surveyor accepted. state: see `state_of`.
    """

    survey: str | None
    files: tuple[File, ...]
    commune: str | None
    commune_name: str | None
    made_at: str
    zone: str | None
    accepted: tuple[str, ...]
    state: State


def state_of(checked: Checked) -> State:
    """ "stops" with anything that must be corrected, "explain" with anything to explain in writing, else "clean"."""
    if checked.stops:
        return "stops"
    return "explain" if checked.explain else "clean"


def zone_of(checked: Checked) -> str | None:
    """The name of the zone its shapes are in; None where the place is not known."""
    known = ZONES.get(checked.epsg) if checked.epsg else None
    return known.name if known else None
