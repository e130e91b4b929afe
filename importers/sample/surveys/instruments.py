"""Surveys as total stations store them: coordinates of corners, coded R12 for plot 12, plot by plot in order."""

from pathlib import Path

from importers.sample.surveys.survey import Survey
from importers.sample.surveys.tables import point_rows


def write_gsi16(path: Path, survey: Survey) -> Path:
    """Leica GSI-16: point number (11), code (71), east, north and height (81, 82, 83) in tenths of a millimetre."""
    lines = []
    for index, (name, x, y, code) in enumerate(point_rows(survey)):
        words = [
            f"*11{index % 10_000:04}+{name:0>16}",
            f"71....+{code:0>16}",
            _word("81", x),
            _word("82", y),
            _word("83", 0.0),
        ]
        lines.append(" ".join(words) + " \r\n")
    return _written(path, survey, "".join(lines))


def write_sdr33(path: Path, survey: Survey) -> Path:
    """Sokkia SDR33: 08TP records with north, east, height and the plot as description, fields of sixteen characters."""
    lines = [
        "00NMSDR33 V04-04.02     15-Jan-26 08:00 113111",
        f"10NM{'TRICH DO':<16}121111",
        "06NM1.00000000",
    ]
    for name, x, y, code in point_rows(survey):
        lines.append(f"08TP{name:>16}{y:<16.8f}{x:<16.8f}{0:<16.8f}{code:<16}")
    return _written(path, survey, "".join(f"{line}\r\n" for line in lines))


def _word(index: str, metres: float) -> str:
    tenths = round(metres * 10_000)
    return f"{index}..06{'-' if tenths < 0 else '+'}{abs(tenths):016}"


def _written(path: Path, survey: Survey, text: str) -> Path:
    content = text.encode("ascii", "replace")
    path.write_bytes(survey.spoil(content) if survey.spoil else content)
    return path
