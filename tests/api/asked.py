"""A real server over a small place, and the questions tests put to it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import httpx
import shapely

from api.shapes import Problem
from register.connect import connect
from register.revert import revert
from tests.conftest import Clone, Serve
from tests.register.handed_in import Lot, hand_in, lot

STREET = [
    lot("1", 0, 0, 5, 20, land_use="ODT", legal_area_m2=100.5, address="12 Đường Trần Phú, Phường Hải Châu"),
    lot(
        "2", 5, 0, 10, 20, land_use="ODT+CLN", address="14 Đường Trần Phú, Phường Hải Châu", postcode="50207"
    ),
    lot("3", 10, 0, 15, 20, land_use="ODT", address="12/3 Đường Hoàng Diệu"),
    lot("4", 0, 20, 15, 22, land_use="DGT"),
    lot("1", 100, 0, 140, 60, sheet="2", land_use="LUC"),
    lot("7", 0, 100, 20, 130, sheet="5", commune="20195", land_use="ONT"),
    Lot(
        "2", shapely.box(140, 0, 200, 60).difference(shapely.box(150, 10, 160, 20)), sheet="2", land_use="LUC"
    ),
]


@dataclass(frozen=True, slots=True)
class Asked:
    """A client of the server over the street; `codes` are its parcel codes by (sheet, number)."""

    client: httpx.Client
    conninfo: str
    codes: dict[tuple[str, str], str]

    def get(self, path: str, /, **query: object) -> httpx.Response:
        return self.client.get(f"{path}?{urlencode(query)}" if query else path)

    def json(self, path: str, /, **query: object) -> Any:
        """The body of an answer that must be 200."""
        answer = self.get(path, **query)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def problem(self, path: str, /, **query: object) -> dict[str, Any]:
        """The body of an answer that must be a problem, in its one shape."""
        return problem_in(self.get(path, **query))

    def found(self, **query: object) -> list[tuple[str, str]]:
        """(sheet, number) of the parcels found."""
        features = self.json("/api/v1/parcels", **query)["features"]
        return sorted((f["properties"]["sheet"]["number"], f["properties"]["number"]) for f in features)


def problem_in(answer: httpx.Response) -> dict[str, Any]:
    """The body of an answer that must be a problem, in its one shape."""
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    body: dict[str, Any] = answer.json()
    Problem.model_validate(body)
    assert body["status"] == answer.status_code >= 400
    assert body["instance"] == answer.url.path
    assert body["detail"].endswith(".")
    assert body["detail_vi"].endswith(".")
    assert "Traceback" not in answer.text
    return body


@contextmanager
def asking(clone: Clone, serve: Serve) -> Iterator[Asked]:
    """The server over STREET, and one parcel of sheet 9 that was imported and undone: retired."""
    with clone() as conninfo:
        with connect(conninfo) as conn:
            hand_in(conn, *STREET)
            undone = hand_in(conn, lot("1", 300, 0, 310, 10, sheet="9"))
            rows = conn.execute(
                "select s.number, v.number, v.code from parcel_version v join sheet s on s.id = v.sheet"
            )
            codes = {(sheet, number): code for sheet, number, code in rows}
            assert undone.correction is not None
            with conn.transaction():
                revert(conn, undone.correction, "tester")
        with serve(conninfo) as served, httpx.Client(base_url=served.url, timeout=60) as client:
            yield Asked(client, conninfo, codes)
