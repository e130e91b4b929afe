"""What a worker examines a survey with: the fenced reader, asking the register for what stands around."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import psycopg

from api.survey_job import Examine, Progress
from importers.plots import How
from importers.survey import Asked, Examined, Ready, examine
from register.near import Near

VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")
_HOW = ("mapping", "layers", "commune", "sheet", "scale", "axes", "replaces")


def examiner(ready: Ready, now: Callable[[], datetime] = lambda: datetime.now(VIETNAM)) -> Examine:
    """The examination of surveys by processes that stand `ready`; reports bear the hour of `now`."""

    def look(
        conn: psycopg.Connection, paths: list[Path], said: dict[str, Any], progress: Progress
    ) -> Examined:
        how = How(**{name: said[name] for name in _HOW if said.get(name)})
        asked = Asked(how, said.get("crs"), tuple(said.get("accept") or ()))
        return examine(paths, asked, Near(conn), now(), said.get("survey"), progress, ready)

    return look
