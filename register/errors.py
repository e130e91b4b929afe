"""What the register says no to. One tree; fields carry the facts, `detail_vi` and `detail` the sentence.

Only `api/errors.py` knows HTTP statuses and only `cli` exit codes.
"""

from dataclasses import dataclass


@dataclass(slots=True, eq=False)
class RegisterError(Exception):
    """The register refused."""

    detail: str
    detail_vi: str

    def __str__(self) -> str:
        return f"{self.detail_vi}\n{self.detail}"


@dataclass(slots=True, eq=False)
class NotFoundError(RegisterError):
    """There is no such thing in the register."""


@dataclass(slots=True, eq=False)
class InvalidKeyError(RegisterError):
    """A key (code, point, box, cursor …) has a wrong form."""


@dataclass(slots=True, eq=False)
class StaleError(RegisterError):
    """Versions a correction was made from have been closed by others: code → the correction that closed it."""

    closed: dict[str, int]


@dataclass(slots=True, eq=False)
class OverlapError(RegisterError):
    """Parcels would overlap that did not: (code, code, m²)."""

    pairs: list[tuple[str, str, float]]


@dataclass(slots=True, eq=False)
class NumberTakenError(RegisterError):
    """Parcel numbers are used already on their sheet: (sheet, number, code)."""

    taken: list[tuple[str, str, str]]


@dataclass(slots=True, eq=False)
class ConflictError(RegisterError):
    """Others have changed parcels since they were drafted upon: base, theirs and yours of each
    (`register.conflicts.conflicts`)."""

    conflicts: list[dict[str, object]]


@dataclass(slots=True, eq=False)
class EditError(RegisterError):
    """What an editor wants cannot be done with these parcels: rule, and the place (VN-2000 metres) where there is one."""

    rule: str
    x: float | None = None
    y: float | None = None


@dataclass(slots=True, eq=False)
class StateError(RegisterError):
    """A draft is in another state than this step needs: the state."""

    state: str


@dataclass(slots=True, eq=False)
class NotPreviewedError(RegisterError):
    """What would be approved or applied is not what was seen: the hash it has now, hex."""

    hash: str | None


@dataclass(slots=True, eq=False)
class EarlyError(RegisterError):
    """A correction would by law begin before what it changes: since when that stands (ISO 8601)."""

    since: str


@dataclass(slots=True, eq=False)
class NotRevertibleError(RegisterError):
    """Later corrections stand on what is to be undone."""

    later: list[int]


@dataclass(slots=True, eq=False)
class ReorganisationError(RegisterError):
    """A reorganisation of communes and sheets cannot be done as handed in: (rule, first places, how many)."""

    refusals: list[tuple[str, list[str], int]]


@dataclass(slots=True, eq=False)
class SheetZoneError(RegisterError):
    """A sheet is in the register in another VN-2000 zone than the data handed in."""

    sheet: str
    registered_epsg: int
    given_epsg: int


@dataclass(slots=True, eq=False)
class NoCodeError(RegisterError):
    """No free code lies inside a parcel."""


@dataclass(slots=True, eq=False)
class UnaccountedError(RegisterError):
    """Records that were read are neither stored nor refused."""


@dataclass(slots=True, eq=False)
class TooLargeError(RegisterError):
    """More was handed in than is taken at once."""

    most: int


@dataclass(slots=True, eq=False)
class BusyError(RegisterError):
    """So much was handed in already that more has to wait."""

    retry_after_s: int


@dataclass(slots=True, eq=False)
class OffsetError(RegisterError):
    """An upload stands at another byte than its sender believes."""

    offset: int


@dataclass(slots=True, eq=False)
class GoneError(RegisterError):
    """What was asked for was there and is no more."""


@dataclass(slots=True, eq=False)
class NotAcceptedError(RegisterError):
    """A survey is not in the state that what was asked for needs."""

    state: str


@dataclass(slots=True, eq=False)
class UnreadableError(RegisterError):
    """A file that was handed in cannot be read: the rule it breaks, and the file."""

    rule: str
    place: str


@dataclass(slots=True, eq=False)
class MalformedError(RegisterError):
    """A request cannot be taken apart."""


@dataclass(slots=True, eq=False)
class MediaError(RegisterError):
    """A request is of a media type, or a version of a protocol, that is not read here."""


@dataclass(slots=True, eq=False)
class ChainError(RegisterError):
    """A feed does not continue the chain of hashes, or was changed on its way: the place where it broke."""

    seq: int


@dataclass(slots=True, eq=False)
class TooWideError(RegisterError):
    """More was asked for than one answer holds."""


@dataclass(slots=True, eq=False)
class NotSignedInError(RegisterError):
    """It is not known who asks: no name and password, token or key that holds."""


@dataclass(slots=True, eq=False)
class NotAllowedError(RegisterError):
    """Who asks may not: the role that is missing, and for which commune (its number; None: all, or any)."""

    role: str
    commune: int | None


@dataclass(slots=True, eq=False)
class NameTakenError(RegisterError):
    """An account has this name already."""


@dataclass(slots=True, eq=False)
class PasswordError(RegisterError):
    """A new password is not good enough."""


@dataclass(slots=True, eq=False)
class WrongPasswordError(PasswordError):
    """A password given beside a new one is not the old one."""


@dataclass(slots=True, eq=False)
class LastOfficeError(RegisterError):
    """Nobody would be left who can let others in."""
