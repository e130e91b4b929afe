"""Why a reading cannot go on: one tree. What is wrong with single records is a finding, never an exception."""

from typing import ClassVar


class Refused(Exception):  # noqa: N818 - the word the office uses
    """The file cannot be read as a parcel map; nothing of it may be stored.

    `rule` names the kind for machines, `text_vi` and `text_en` say what is wrong and what to do, `place` is the file.
    """

    rule: str = "refused"
    kinds: ClassVar[dict[str, type["Refused"]]] = {}

    def __init__(self, text_vi: str, text_en: str, place: str = "") -> None:
        super().__init__(text_en)
        self.text_vi = text_vi
        self.text_en = text_en
        self.place = place

    def __init_subclass__(cls, rule: str) -> None:
        cls.rule = rule
        Refused.kinds[rule] = cls

    def __str__(self) -> str:
        return f"{self.place}: {self.text_en}" if self.place else self.text_en


class UnknownFormat(Refused, rule="unknown_format"):
    """The bytes are of no format that is read here."""


class EmptyFile(Refused, rule="empty_file"):
    """No bytes, or no records."""


class BrokenFile(Refused, rule="broken_file"):
    """The format is known, the content cannot be parsed."""


class MissingFile(Refused, rule="missing_file"):
    """The path, or a part of a file in parts (.shx, .dbf), is not there or cannot be opened."""


class BadArchive(Refused, rule="bad_archive"):
    """A zip that is broken, hostile, nested or holds nothing to read."""


class ForbiddenMarkup(Refused, rule="forbidden_markup"):
    """XML with a document type or entities: they can expand without end or fetch other files."""


class NoGeometry(Refused, rule="no_geometry"):
    """The file has no geometry column, or no layer of polygons."""


class NoCrs(Refused, rule="no_crs"):
    """Neither the file nor the caller says in which coordinate system it is."""


class WrongCrs(Refused, rule="wrong_crs"):
    """A coordinate system that is not kept here, or coordinates that cannot be in the one that is claimed."""


class SwappedAxes(Refused, rule="swapped_axes"):
    """North and east (or latitude and longitude) stand in each other's place."""


class UnknownColumn(Refused, rule="unknown_column"):
    """A column named by the caller is not in the file."""


class MissingColumn(Refused, rule="missing_column"):
    """No column could be recognised for something every parcel needs."""


class AmbiguousColumn(Refused, rule="ambiguous_column"):
    """Two columns claim to be the same field."""


class WrongPackage(Refused, rule="wrong_package"):
    """The commune package at hand is of another commune than the survey."""


class NoPlace(Refused, rule="no_place"):
    """A picture that does not say where it lies."""


class UnusablePoints(Refused, rule="unusable_points"):
    """Control points that do not say where a picture lies: too few, on one line, contradictory."""


class TooMuch(Refused, rule="too_much"):
    """Reading took more memory, time or space than one file may cost."""


class ReaderFailed(Refused, rule="reader_failed"):
    """The reader itself failed, whatever the file is: a fault of this program or its installation."""
