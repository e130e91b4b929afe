"""Both OpenAPI documents held against the server: schemathesis asks what they promise and looks at what comes.

A few things it would take for faults are none, and are told here, one by one.
"""

import json
import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import httpx

CONFIG = """
hooks = "schemathesis_hooks"

# Codes, filters, cursors, days: these are languages, and not every text of their letters is one of their sentences.
[checks.positive_data_acceptance]
enabled = false

[checks.negative_data_rejection]
expected-statuses = [400, 401, 403, 404, 405, 406, 409, 410, 412, 413, 414, 415, 422, 428, 429, 503]

# Who waits for the next correction waits.
[[operations]]
include-path = "/api/v1/changes"
[operations.parameters]
wait = 0

# More than the maximum is the maximum, and no error (OGC 17-069r4, 7.15.3).
[[operations]]
include-path-regex = "/collections/[a-z]+/items$"
[operations.parameters]
limit = 10
"""
HOOKS = """
import schemathesis

@schemathesis.serializer("application/offset+octet-stream")
def octets(ctx, value):
    return value if isinstance(value, bytes) else str(value).encode()
"""


@dataclass(frozen=True, slots=True)
class Held:
    """How it went: whether nothing was found, how many requests were made, and what was found, as text."""

    clean: bool
    cases: int
    told: str


def hold(url: str, document: str, folder: Path, *options: str, token: str | None = None) -> Held:
    """The document at `document` of the server at `url` against that server, with options of `st run`."""
    # events never end: they have tests of their own
    options = (*options, "--exclude-path", "/api/v1/changes/events", "--exclude-path", "/tiles/events")
    (folder / "schemathesis.toml").write_text(CONFIG)
    (folder / "schemathesis_hooks.py").write_text(HOOKS)
    base = httpx.get(f"{url}{document}", timeout=60).json().get("servers", [{"url": url}])[0]["url"]
    program = Path(sys.executable).parent / "st"
    more = [] if token is None else ["--header", f"Authorization: Bearer {token}"]
    done = subprocess.run(
        [
            program,
            "run",
            f"{url}{document}",
            "--url",
            base,
            "--no-color",
            "--request-timeout",
            "60",
            *options,
            *more,
        ],
        capture_output=True,
        text=True,
        check=False,
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(folder)},
    )
    cases = re.search(r"(\d+) generated", done.stdout)
    return Held(
        done.returncode == 0,
        int(cases[1]) if cases else 0,
        done.stdout[max(done.stdout.find("= FAILURES"), 0) :] + done.stderr,
    )


def token_of(url: str, name: str, password: str) -> str:
    """The access token of an account."""
    answer = httpx.post(f"{url}/api/v1/sessions", json={"name": name, "password": password}, timeout=60)
    told = json.loads(answer.content)
    return str(told["access"])
