"""Surveys as FAMIS and gCadas leave them: `dcNN.txt` in TCVN3 with a line for each plot, beside a drawing (rules §9.3)."""

from dataclasses import replace
from pathlib import Path

from importers.legacy_text import encode
from importers.sample.surveys.drawings import write_rings
from importers.sample.surveys.survey import Survey


def write_famis(path: Path, survey: Survey) -> Path:
    """The table at `path`, its drawing (DXF, numbers and rings) beside it. Owners are invented: there are none."""
    lines = []
    for index, lot in enumerate(survey.lots):
        x, y = survey.at(lot.label) if lot.label else (0.0, 0.0)
        area = "" if lot.told_area_m2 is None else f"{lot.told_area_m2:.1f}"
        use = lot.land_use or ""
        fields = [
            str(index + 1),
            lot.number or "",
            f"{x:.{survey.decimals}f}",
            f"{y:.{survey.decimals}f}",
            area,
            "",
            use,
            use,
            "",
            "",
            "",
            lot.address or "",
        ]
        lines.append("|".join(fields) + "\r\n")
    content = encode("".join(lines), "tcvn3").encode("latin-1", "replace")
    path.write_bytes(survey.spoil(content) if survey.spoil else content)
    only_numbers = tuple(replace(lot, told_area_m2=None, land_use=None) for lot in survey.lots)
    write_rings(path.with_suffix(".dxf"), replace(survey, lots=only_numbers, spoil=None))
    return path
