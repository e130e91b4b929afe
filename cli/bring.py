"""Files into the register: what `diachinh import` and the demo do."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from cli.settings import Settings

if TYPE_CHECKING:
    from register.receive import Receipt


@dataclass(frozen=True, slots=True)
class Choices:
    """What the caller says about files that do not say it themselves, and about the correction."""

    mapping: Mapping[str, str] = field(default_factory=dict)
    crs: int | None = None
    commune: str | None = None
    effective_on: date | None = None
    reason: str = ""
    dry_run: bool = False


def bring(
    paths: Sequence[Path],
    conninfo: str,
    settings: Settings,
    choices: Choices | None = None,
    report: Path | None = None,
    *,
    tiles: bool = False,
) -> "Receipt":
    """Import files under one correction, all or nothing, with progress shown; the receipt is told and given back.

    `report`: where the receipt goes as JSON, every finding in it. `tiles`: fill the map's store too, once all is stored, so
    that the first views do not wait for it; without, each view fills in what it needs.

    Raises: importers.errors.Refused, register.errors.RegisterError: then nothing is stored.
    """
    from cli import progress
    from cli.receipt import tell

    with progress.shown() as show:
        receipt = into_register(paths, conninfo, settings.schema, settings.author, choices or Choices(), show)
        if tiles and not (choices is not None and choices.dry_run):
            from tiles.bulk import build_blocks

            build_blocks(conninfo, settings.schema, show)
    if report is not None:
        report.write_text(json.dumps(asdict(receipt), ensure_ascii=False, indent=1), encoding="utf-8")
    tell(receipt, report, dry_run=choices is not None and choices.dry_run)
    return receipt


def into_register(
    paths: Sequence[Path],
    conninfo: str,
    schema: str,
    author: str,
    choices: Choices,
    progress: Callable[[str, int, int | None], None] = lambda *_: None,
) -> "Receipt":
    """The same without a word: one transaction, committed unless it is a dry run."""
    from importers.read import ReadOptions, read
    from register.connect import connect
    from register.receive import receive
    from register.units import zones

    with connect(conninfo, schema) as conn:
        options = ReadOptions(choices.mapping, choices.crs, choices.commune, zones(conn).get)
        reading = read(paths, options)
        try:
            day = choices.effective_on or date.today()
            receipt = receive(conn, reading, author, day, choices.reason, progress)
        finally:
            reading.close()
        if choices.dry_run:
            conn.rollback()
    return receipt
