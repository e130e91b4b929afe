"""Shapes of what an office is told of its work."""

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, Field

from api.people_shapes import Place

Box = list[float] | None


class Count(BaseModel):
    """What was done in one month in one commune; month null: in all months, commune null and `total`: in all communes."""

    month: str | None = Field(examples=["2026-11"])
    commune: Place | None
    surveys: int
    accepted: int
    returned: int
    corrections: int
    parcels: int
    area_m2: float
    on_time: int
    late: int
    overdue: int
    reverts: int
    imports: int
    imported: int
    imported_m2: float


class Counts(BaseModel):
    """Counts by month and commune, with their totals. A row's commune is null where none is known."""

    first: str = Field(examples=["2026-01"])
    last: str = Field(examples=["2026-11"])
    rows: list[Count]
    months: list[Count]
    communes: list[Count]
    total: Count


class ImportFile(BaseModel):
    """A file of an import."""

    name: str
    bytes: int


class ImportFinding(BaseModel):
    """One of the `n` findings of its rule in an import."""

    rule: str
    severity: Literal["stops", "explain", "note"]
    record: str | None
    text_vi: str
    text_en: str
    lon_deg: float | None
    lat_deg: float | None
    n: int


class Import(BaseModel):
    """Files brought into the register, and what became of them."""

    id: int
    state: str
    made_at: datetime
    correction: int | None
    author: str | None
    reason: str | None
    undone_by: int | None
    receipt: dict[str, Any]
    files: list[ImportFile]


class Imports(BaseModel):
    """The last first; `before` gives the next page, null where there is none."""

    imports: list[Import]
    before: int | None


class ImportTold(Import):
    """An import with the first findings of each rule."""

    findings: list[ImportFinding]


class CommuneCount(BaseModel):
    """A commune with its current parcels; the box is west, south, east, north in degrees."""

    code: str
    name: str
    sheets: int
    parcels: int
    area_m2: float
    provisional: int
    bbox: Box


class CommuneCounts(BaseModel):
    """The office's communes that have parcels."""

    communes: list[CommuneCount]


class SheetCount(BaseModel):
    """A map sheet with its current parcels in the commune."""

    number: str
    scale: int | None
    map_set: str
    epsg: int
    kind: str
    parcels: int
    area_m2: float
    bbox: Box


class SheetCounts(BaseModel):
    """Sheets of a commune."""

    commune: Place
    sheets: list[SheetCount]


class FailedJob(BaseModel):
    """A job that was given up."""

    id: int
    task: str
    attempts: int
    at: datetime | None


class Jobs(BaseModel):
    """Background work: how many wait, are at work, failed; since when the oldest has waited; who works."""

    waiting: int
    running: int
    failed: int
    oldest: datetime | None
    workers: int
    last_heartbeat: datetime | None
    failures: list[FailedJob]


class Disk(BaseModel):
    """Room on the disk of the server's folder of scans, or of its working folder."""

    bytes: int
    free: int


class Health(BaseModel):
    """How the server, its database and its work are. Times are null where there is nothing."""

    version: str
    postgresql: str
    postgis: str
    migration: str
    bytes: int
    connections: int
    most_connections: int
    disk: Disk
    corrections: int
    last_correction: datetime | None
    checks_waiting: int
    oldest_check: datetime | None
    checks_broken: int
    to_approve: int
    oldest_to_approve: datetime | None
    defects: int
    webhooks: int
    webhooks_failing: int
    signed_in: int
    jobs: Jobs
