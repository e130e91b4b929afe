"""An edit that cannot be done, with the place."""

from dataclasses import dataclass


@dataclass(slots=True, eq=False)
class EditRefused(Exception):  # noqa: N818 - it is an answer, not a failure
    """Why, in English and Vietnamese, and where (east, north in metres) if that is known; `rule` names it for machines."""

    rule: str
    detail: str
    detail_vi: str
    x: float | None = None
    y: float | None = None

    def __str__(self) -> str:
        return f"{self.detail_vi}\n{self.detail}"
