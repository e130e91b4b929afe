"""What the two OpenAPI documents promise is what the server does: a little here, all of it in the bench `openapi`."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from register.accounts import add_account, grant
from register.connect import connect
from tests.api.asked import STREET
from tests.api.described import hold, token_of
from tests.conftest import Clone, Serve, Served
from tests.register.handed_in import hand_in

LETTERS = "Trường Sa 1988 – Hoàng Sa"


@pytest.fixture(scope="module")
def office(clone: Clone, serve: Serve) -> Iterator[Served]:
    """A server over the street, with an account that may do everything: what is asked here also writes."""
    with clone() as conninfo:
        with connect(conninfo) as conn:
            hand_in(conn, *STREET)
            add_account(conn, "tester", "chi", "Chi", LETTERS)
            for role in ("office", "editor", "approver", "surveyor"):
                grant(conn, "tester", "chi", role, None)
        with serve(conninfo) as served:
            yield served


@pytest.mark.parametrize("document", ["/api/openapi.json", "/ogc/api"])
def test_the_server_does_what_its_document_says(office: Served, tmp_path: Path, document: str) -> None:
    token = token_of(office.url, "chi", LETTERS)
    held = hold(
        office.url,
        document,
        tmp_path,
        "--max-examples",
        "1",
        "--phases",
        "fuzzing",
        "--seed",
        "1",
        token=token,
    )
    assert held.clean, held.told
    assert held.cases >= 20


def references(told: Any) -> set[str]:
    """All `$ref` in a document."""
    if isinstance(told, dict):
        here = {told["$ref"]} if isinstance(told.get("$ref"), str) else set()
        return here.union(*map(references, told.values()))
    return set().union(*map(references, told)) if isinstance(told, list) else set()


@pytest.mark.parametrize(("document", "version"), [("/api/openapi.json", "3.1."), ("/ogc/api", "3.0.")])
def test_documents_hold_together(office: Served, document: str, version: str) -> None:
    told = httpx.get(f"{office.url}{document}").json()
    assert told["openapi"].startswith(version)
    for reference in references(told):
        part: Any = told
        for name in reference.removeprefix("#/").split("/"):
            part = part[name]
    named = [op["operationId"] for path in told["paths"].values() for op in path.values()]
    assert len(set(named)) == len(named)
    for path in told["paths"].values():
        for operation in path.values():
            assert "422" not in operation["responses"] or "HTTPValidationError" not in str(
                operation["responses"]
            )
