"""The server as a whole: problems in one shape, headers, OpenAPI, the page, the overview, a lost database."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import psycopg
import pytest

from api.app import create_app
from api.shapes import Register, Units
from tests.api.asked import Asked
from tests.conftest import Served


@pytest.mark.parametrize(
    "path", ["/nothing", "/api/v2/parcels", "/api/v1/parcels/a/b", "/tiles/", "/tiles/parcels", "/%2e%2e/etc/passwd", "/.env"]
)  # fmt: skip
def test_what_is_not_there_is_a_problem(asked: Asked, path: str) -> None:
    assert asked.problem(path)["type"] == "/problems/not-found"


def test_a_wrong_method_is_a_problem_that_names_the_right_one(asked: Asked) -> None:
    answer = asked.client.delete("/api/v1/parcels")
    assert (answer.json()["type"], answer.headers["allow"]) == ("/problems/method-not-allowed", "GET")


def test_every_answer_forbids_foreign_code(asked: Asked) -> None:
    for path in ("/", "/api/v1/register", "/tiles/parcels/14/0/0.mvt", "/nothing", "/api/v1/parcels/x"):
        headers = asked.get(path).headers
        assert headers["content-security-policy"].startswith("default-src 'self'; worker-src 'self';")
        assert headers["x-content-type-options"] == "nosniff"


def test_openapi_describes_every_door_with_its_problems(asked: Asked) -> None:
    document = asked.json("/api/openapi.json")
    assert document["openapi"].startswith("3.1")
    assert {
        "/api/v1/parcels/{code}", "/api/v1/parcels", "/api/v1/addresses/{code}", "/api/v1/addresses",
        "/api/v1/register", "/api/v1/units", "/tiles/{layers}/{z}/{x}/{y}.mvt", "/tiles/{layers}.json",
        "/tiles/style.json", "/health", "/api/v1/uploads", "/api/v1/uploads/{key}", "/api/v1/surveys",
        "/api/v1/surveys/{key}", "/api/v1/surveys/{key}/report.{kind}", "/api/v1/surveys/{key}/files/{number}",
        "/api/v1/surveys/{key}/events", "/api/v1/surveys/{key}/runs", "/api/v1/surveys/{key}/corrections",
        "/api/v1/communes/{code}/package", "/api/v1/sessions", "/api/v1/sessions/refresh", "/api/v1/sessions/current",
        "/api/v1/me", "/api/v1/me/password", "/api/v1/accounts", "/api/v1/accounts/{name}/grants",
        "/api/v1/accounts/{name}/grants/{number}", "/api/v1/accounts/{name}/disable", "/api/v1/accounts/{name}/enable",
        "/api/v1/accounts/{name}/password", "/api/v1/accounts/{name}/keys", "/api/v1/accounts/{name}/keys/{number}",
        "/api/v1/parcels/{code}/history", "/api/v1/parcels/{code}/neighbours",
        "/api/v1/changes", "/api/v1/changes/events",
        "/api/v1/corrections", "/api/v1/corrections/{key}", "/api/v1/corrections/{key}/submit",
        "/api/v1/corrections/{key}/approve", "/api/v1/corrections/{key}/return", "/api/v1/corrections/{key}/withdraw",
        "/api/v1/corrections/{key}/apply", "/api/v1/corrections/{key}/rebase",
        "/api/v1/slivers", "/api/v1/slivers/drafts", "/api/v1/addresses/files",
        "/api/v1/addresses/files/{key}/report.{kind}",
    } == set(document["paths"])  # fmt: skip
    by_code = document["paths"]["/api/v1/parcels/{code}"]["get"]
    assert by_code["responses"]["200"]["content"]["application/geo+json"]["example"]["type"] == "Feature"
    assert set(by_code["responses"]) == {"200", "304", "404", "422"}
    assert "application/problem+json" in by_code["responses"]["404"]["content"]


def test_the_register_in_numbers(asked: Asked) -> None:
    answer = asked.json("/api/v1/register")
    Register.model_validate(answer)
    assert (answer["parcels"], answer["sheets"], answer["last_correction"]["id"]) == (7, 3, 3)
    west, south, east, north = answer["bbox"]
    assert 108 < west < east < 109
    assert 16 < south < north < 17
    assert [(c["code"], c["name"]) for c in answer["communes"]] == [("20194", "Hải Vân")]


def test_an_empty_register_is_fine(server: Served) -> None:
    with httpx.Client(base_url=server.url) as client:
        answer = client.get("/api/v1/register").json()
        Register.model_validate(answer)
        assert (answer["parcels"], answer["bbox"], answer["communes"]) == (0, None, [])
        assert client.get("/api/v1/parcels").json()["features"] == []
        assert "bounds" not in client.get("/tiles/parcels.json").json()


def test_units_of_today_come_before_those_they_replaced(asked: Asked) -> None:
    units = asked.json("/api/v1/units", q="hoa hiep bac")["units"]
    Units.model_validate({"units": units})
    assert ("20194", "2025-06-30") in [(u["code"], u["valid_to"]) for u in units]
    assert [u["name"] for u in asked.json("/api/v1/units", q="20194")["units"]] == ["Hải Vân", "Hòa Hiệp Bắc"]


def test_a_lost_database_that_is_back_is_not_noticed(server: Served) -> None:
    with httpx.Client(base_url=server.url, timeout=90) as client:
        assert client.get("/health").json() == {"status": "ok"}
        with psycopg.connect(server.conninfo, autocommit=True) as conn:
            conn.execute("select pg_terminate_backend(pid, 30000) from pg_stat_activity where datname = current_database() "
                         "and pid <> pg_backend_pid()")  # fmt: skip
        told = [client.get("/api/v1/parcels/s00000000000").json() for _ in range(20)]
        assert {one["type"] for one in told} == {"/problems/not-found"}


def ask(app_page: Path, path: str, **headers: str) -> httpx.Response:
    """One answer of the page's door, without a database: it needs none."""
    app = create_app("host=/nonexistent", page=app_page)

    async def get() -> httpx.Response:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://here") as client:
            return await client.get(path, headers=headers)

    with ThreadPoolExecutor(1) as thread:  # a loop of the browser tests may run in this one
        return thread.submit(asyncio.run, get()).result()


@pytest.fixture
def built_page(tmp_path: Path) -> Path:
    (tmp_path / "dist/assets").mkdir(parents=True)
    (tmp_path / "dist/index.html").write_text("<!doctype html><title>Địa Chính</title>" + " " * 500, "utf-8")
    (tmp_path / "dist/assets/worker-1a2b.mjs").write_text("export {}", "utf-8")
    (tmp_path / "secret.txt").write_text("secret", "utf-8")
    (tmp_path / "dist/link.txt").symlink_to(tmp_path / "secret.txt")
    return tmp_path / "dist"


def test_the_page_is_served_with_types_and_caching(built_page: Path) -> None:
    index = ask(built_page, "/")
    assert "Địa Chính" in index.text
    assert (index.headers["content-type"], index.headers["cache-control"]) == (
        "text/html; charset=utf-8",
        "no-cache",
    )
    assert ask(built_page, "/", **{"if-none-match": index.headers["etag"]}).status_code == 304
    worker = ask(built_page, "/assets/worker-1a2b.mjs")
    assert worker.headers["content-type"].startswith("text/javascript")
    assert "immutable" in worker.headers["cache-control"]


def test_nothing_outside_the_page_is_served(built_page: Path) -> None:
    for path in (
        "/link.txt",
        "/../secret.txt",
        "/%2e%2e/secret.txt",
        "/assets/../../secret.txt",
    ):
        answer = ask(built_page, path)
        assert "secret" not in answer.text.replace("/secret.txt", "").replace("secret.txt", "")
        assert answer.json()["type"] == "/problems/not-found"
