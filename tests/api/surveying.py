"""A surveyor at the counter: a real server with a worker over a few blocks of the sample town, and files to hand in."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import httpx
import numpy as np
import shapely

from importers.sample.place import COMMUNE, Parcel, draw_place
from importers.sample.surveys.faults import KINDS
from importers.sample.surveys.formats import FORMATS
from importers.sample.surveys.planting import Block, block_of
from importers.sample.surveys.survey import Survey, blocks
from register.connect import connect
from tests.conftest import Clone, Serve
from tests.register.handed_in import EAST, NORTH, Lot, hand_in

PREFIX: Final = "/api/v1/surveys"
SHEET: Final = "12"
SAID: Final = {"commune": COMMUNE, "sheet": SHEET, "scale": "500"}
AROUND_M: Final = 30.0


@cache
def block() -> Block:
    """The smallest block of the sample town, 38 plots of sheet 12, and the parcels around it."""
    every = draw_place(1).parcels
    chosen = min(blocks(every), key=len)
    box = shapely.buffer(shapely.box(*shapely.total_bounds([p.shape for p in chosen])), AROUND_M)
    return block_of(chosen, [p for p in every if p.shape.intersects(box)])


def lots(parcels: tuple[Parcel, ...]) -> list[Lot]:
    """Parcels of the sample as tests hand them in."""
    return [
        Lot(
            p.number,
            shapely.affinity.translate(p.shape, -EAST, -NORTH),
            p.sheet,
            p.land_use,
            p.legal_area_m2,
            commune=COMMUNE,
        )
        for p in parcels
    ]


def written(form: str, survey: Survey) -> tuple[str, bytes]:
    """Name and content of a survey written as one file of a format (the name as in FORMATS)."""
    chosen = FORMATS[form]
    with TemporaryDirectory() as folder:
        path = chosen.write(Path(folder) / chosen.file, survey)
        return path.name, path.read_bytes()


def clean(form: str = "wkt") -> tuple[str, bytes]:
    """The block measured anew without a fault."""
    return written(form, block().survey)


def faulty(kind: str, form: str) -> tuple[str, bytes]:
    """The block with one planted fault (a name in KINDS)."""
    return written(form, KINDS[kind].plant(block(), np.random.default_rng(26)).survey)


@dataclass(frozen=True, slots=True)
class Surveyor:
    """A client of the server; `conninfo` is the register behind it."""

    client: httpx.Client
    conninfo: str

    def post(self, *files: tuple[str, bytes], **said: str) -> httpx.Response:
        """The answer to a hand-in."""
        sent = [("file", file) for file in files]
        return self.client.post(PREFIX, files=sent, data=SAID | said)

    def hand_in(self, *files: tuple[str, bytes], **said: str) -> str:
        """The key of a new survey."""
        answer = self.post(*files, **said)
        assert answer.status_code == 201, answer.text
        key: str = answer.json()["id"]
        assert answer.headers["location"] == f"{PREFIX}/{key}"
        return key

    def follow(self, key: str, after: int | None = None) -> list[dict[str, Any]]:
        """Its events as they come, until the check is decided; `id` is that of the stream."""
        headers = {} if after is None else {"last-event-id": str(after)}
        found = []
        with self.client.stream("GET", f"{PREFIX}/{key}/events", headers=headers) as answer:
            assert answer.headers["content-type"].startswith("text/event-stream")
            number = 0
            for line in answer.iter_lines():
                if line.startswith("id: "):
                    number = int(line[4:])
                elif line.startswith("data: "):
                    found.append(json.loads(line[6:]) | {"id": number})
        return found

    def survey(self, key: str) -> dict[str, Any]:
        """The survey as it stands."""
        answer = self.client.get(f"{PREFIX}/{key}")
        assert answer.status_code == 200, answer.text
        body: dict[str, Any] = answer.json()
        return body

    def checked(self, *files: tuple[str, bytes], **said: str) -> dict[str, Any]:
        """The survey of these files, when it is through."""
        key = self.hand_in(*files, **said)
        self.follow(key)
        return self.survey(key)

    def report(self, key: str, kind: str = "json", run: int | None = None) -> httpx.Response:
        """A report."""
        return self.client.get(f"{PREFIX}/{key}/report.{kind}", params={} if run is None else {"run": run})

    def told(self, key: str, run: int | None = None) -> dict[str, Any]:
        """The report for programs."""
        body: dict[str, Any] = self.report(key, "json", run).json()
        return body

    def again(self, key: str, **changes: object) -> dict[str, Any]:
        """The survey after one more check."""
        last = self.client.get(f"{PREFIX}/{key}/events")  # all that has happened, or 204
        seen = [int(line[4:]) for line in last.text.splitlines() if line.startswith("id: ")]
        answer = self.client.post(f"{PREFIX}/{key}/runs", json=changes)
        assert answer.status_code == 202, answer.text
        self.follow(key, seen[-1])
        return self.survey(key)


@contextmanager
def town(clone: Clone) -> Iterator[str]:
    """The register of the block and of what stands around it."""
    with clone() as conninfo:
        with connect(conninfo) as conn:
            hand_in(conn, *lots(block().town))
        yield conninfo


@contextmanager
def surveying(conninfo: str, serve: Serve, **more: Any) -> Iterator[Surveyor]:
    """The server over a register; by default with a worker beside it."""
    with (
        serve(conninfo, **({"checks": 1} | more)) as served,
        httpx.Client(base_url=served.url, timeout=120) as client,
    ):
        yield Surveyor(client, conninfo)


def said_by(values: Mapping[str, Any]) -> set[tuple[str, str, str]]:
    """(rule, record, Vietnamese text) of the findings of a report."""
    return {(f["rule"], f.get("record") or "", f["text_vi"]) for f in values["findings"]}
