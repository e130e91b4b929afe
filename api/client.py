"""A client for programs that ask Địa Chính: `from api.client import Client`. The standard library alone; see docs/client.md.

    with Client("https://dia-chinh.example.vn", key="dck_…") as office:
        for answer in office.resolve(["w6ugmu6r6pux", "20194.1.55"]):
            print(answer["status"], answer["parcel"])

Answers are the JSON of the API. What may be asked twice without harm is asked again where the line or the server fails, later
and later, and as late as the server wishes (Retry-After); everything else is told once.
"""

import http.client
import json
import random
import ssl
import time
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Final, Literal
from urllib.parse import quote, urlencode, urlsplit

Json = dict[str, Any]
Key = str | Mapping[str, object]
MOST_KEYS: Final = 10_000
_AGAIN: Final = (429, 502, 503, 504)
_LONGEST_WAIT_S: Final = 120.0


class ProblemError(Exception):
    """The server said no: `status`, and `problem` with `title`, `detail`, `detail_vi` and fields of its kind."""

    def __init__(self, status: int, problem: Json) -> None:
        super().__init__(f"{status} {problem.get('title', '')}: {problem.get('detail', '')}")
        self.status = status
        self.problem = problem


class UnreachableError(Exception):
    """The server did not answer, however often it was asked."""


@dataclass(slots=True)
class Client:
    """One server. `key`: of a system (dck_…), or an access token; without it, what is open to everybody.

    `tries`: how often something is asked in all; `timeout_s`: for each answer to begin. Not to be shared by threads.
    """

    url: str
    key: str | None = field(default=None, repr=False)
    tries: int = 6
    timeout_s: float = 60.0
    first_wait_s: float = 0.5
    _line: http.client.HTTPConnection | None = field(default=None, init=False, repr=False)

    def __enter__(self) -> "Client":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Hang up; the next question calls again."""
        if self._line is not None:
            self._line.close()
            self._line = None

    # parcels

    def parcel(self, code: str, **asked: object) -> Json:
        """The parcel of a code as GeoJSON feature; `crs="vn2000"`, `as_of="2026-05-01"`, `known_at=…`. Raises: ProblemError."""
        return self._object("GET", f"/api/v1/parcels/{quote(code, safe='')}", asked)

    def parcels(self, **asked: object) -> Iterator[Json]:
        """All parcels by commune, sheet, number, at, bbox, land_use, as_of …, page by page, in the order of their codes."""
        path: str | None = _with("/api/v1/parcels", {"limit": 1000, **asked})
        while path is not None:
            page = self._json("GET", path)
            yield from page["features"]
            path = next((link["href"] for link in page["links"] if link["rel"] == "next"), None)

    def history(self, code: str) -> Json:
        """All a parcel was, its ancestors and descendants."""
        return self._object("GET", f"/api/v1/parcels/{quote(code, safe='')}/history")

    # look-ups

    def code(self, anything: str, **asked: object) -> Json:
        """What one key of any kind leads to, found or not: `status` says which."""
        try:
            return self._object("GET", f"/api/v1/codes/{quote(anything, safe='')}", asked)
        except ProblemError as error:
            if "answer" not in error.problem:
                raise
            answer: Json = error.problem["answer"]
            return answer

    def resolve(
        self, keys: Iterable[Key], as_of: str | None = None, known_at: str | None = None
    ) -> Iterator[Json]:
        """An answer for each key, in their order; any number of keys, 10,000 to a question."""
        path = _with("/api/v1/resolve", {"as_of": as_of, "known_at": known_at})
        bundle: list[Key] = []
        for key in keys:
            bundle.append(key)
            if len(bundle) == MOST_KEYS:
                yield from self._resolved(path, bundle)
                bundle = []
        if bundle:
            yield from self._resolved(path, bundle)

    def _resolved(self, path: str, keys: Sequence[Key]) -> list[Json]:
        answers: list[Json] = self._json("POST", path, body={"keys": keys}, safe=True)
        return answers

    def addresses(self, q: str, limit: int = 10, **asked: object) -> list[Json]:
        """Addresses by their words."""
        found: list[Json] = self._json("GET", "/api/v1/addresses", {"q": q, "limit": limit, **asked})[
            "addresses"
        ]
        return found

    def address(self, code: str) -> list[Json]:
        """What a digital address stands for."""
        found: list[Json] = self._json("GET", f"/api/v1/addresses/{quote(code, safe='')}")["addresses"]
        return found

    # the feed

    def changes(
        self,
        since: str = "0",
        shapes: Literal["none", "geojson", "wkb"] = "none",
        wait_s: int = 0,
        limit: int = 100,
    ) -> Iterator[Json]:
        """Pages of the feed, each with its `changes` and `next`, until nothing comes within `wait_s`. Keep `next` once a page
        is dealt with: going on from it misses nothing."""
        while True:
            asked = {"since": since, "shapes": shapes, "wait": wait_s, "limit": limit}
            page = self._json("GET", "/api/v1/changes", asked)
            if not page["changes"]:
                return
            yield page
            since = page["next"]

    # corrections

    def draft(
        self,
        intent: Mapping[str, object],
        reason: str = "",
        effective_on: str | None = None,
        basis: str | None = None,
        dossier: str | None = None,
    ) -> Json:
        """The draft of a correction with its preview and `hash`; asked again after a failure it is the same draft."""
        body = _drafted(intent, reason, effective_on, basis, dossier)
        headers = {"idempotency-key": uuid.uuid4().hex}
        return self._object("POST", "/api/v1/corrections", body=body, headers=headers, safe=True)

    def redraft(
        self,
        key: str,
        intent: Mapping[str, object],
        reason: str = "",
        effective_on: str | None = None,
        basis: str | None = None,
        dossier: str | None = None,
    ) -> Json:
        """Another intent for a draft, or for one that was returned: a new preview, a new `hash`."""
        body = _drafted(intent, reason, effective_on, basis, dossier)
        return self._object("PUT", f"/api/v1/corrections/{quote(key, safe='')}", body=body)

    def correction(self, key: str) -> Json:
        """A correction as it stands."""
        return self._object("GET", f"/api/v1/corrections/{quote(key, safe='')}")

    def step(self, key: str, step: Literal["submit", "approve", "apply"], seen: str) -> Json:
        """Submit, approve or apply the correction whose preview with the hash `seen` was looked at. Raises: ProblemError."""
        return self._object("POST", f"/api/v1/corrections/{quote(key, safe='')}/{step}", body={"hash": seen})

    def give_back(self, key: str, comment: str) -> Json:
        """Return a correction to its author."""
        return self._object(
            "POST", f"/api/v1/corrections/{quote(key, safe='')}/return", body={"comment": comment}
        )

    def withdraw(self, key: str, comment: str = "") -> Json:
        """Give up a draft."""
        return self._object(
            "POST", f"/api/v1/corrections/{quote(key, safe='')}/withdraw", body={"comment": comment}
        )

    # on the wire

    def _object(self, method: str, path: str, *more: Any, **said: Any) -> Json:
        """The JSON object of an answer."""
        found: Json = self._json(method, path, *more, **said)
        return found

    def _json(
        self,
        method: str,
        path: str,
        asked: Mapping[str, object] | None = None,
        body: object = None,
        headers: Mapping[str, str] | None = None,
        safe: bool = False,
    ) -> Any:
        """The JSON of an answer. `safe`: asking twice does no harm. Raises: ProblemError, UnreachableError."""
        content = None if body is None else json.dumps(body).encode()
        said = {"accept": "application/json, application/geo+json", **(headers or {})}
        if content is not None:
            said["content-type"] = "application/json"
        if self.key is not None:
            said["authorization"] = f"Bearer {self.key}"
        tries = max(1, self.tries) if safe or method == "GET" else 1
        failure: Exception | None = None
        for n in range(tries):
            try:
                status, retry_after, answer = self._ask(method, _with(path, asked or {}), content, said)
            except (OSError, http.client.HTTPException) as error:
                self.close()
                failure, retry_after = error, None
            else:
                if 200 <= status < 300:
                    return json.loads(answer) if answer else None
                if status not in _AGAIN or n == tries - 1:
                    raise ProblemError(status, _problem(answer))
            if n < tries - 1:
                time.sleep(self._wait_s(n, retry_after))
        raise UnreachableError(f"{self.url} does not answer: {failure}") from failure

    def _ask(
        self, method: str, path: str, content: bytes | None, headers: Mapping[str, str]
    ) -> tuple[int, str | None, bytes]:
        if self._line is None:
            self._line = self._called()
        self._line.request(method, path, content, dict(headers))
        answer = self._line.getresponse()
        return answer.status, answer.getheader("retry-after"), answer.read()

    def _called(self) -> http.client.HTTPConnection:
        parts = urlsplit(self.url)
        if parts.scheme == "https":
            context = ssl.create_default_context()
            return http.client.HTTPSConnection(
                parts.hostname or "", parts.port, timeout=self.timeout_s, context=context
            )
        if parts.scheme != "http" or not parts.hostname:
            raise ValueError(f"not the address of a server: {self.url}")
        return http.client.HTTPConnection(parts.hostname, parts.port, timeout=self.timeout_s)

    def _wait_s(self, n: int, retry_after: str | None) -> float:
        """As long as the server wishes, else twice as long each time, a little by chance so that not all come at once."""
        if retry_after is not None and retry_after.strip().isdigit():
            return min(float(retry_after), _LONGEST_WAIT_S)
        return min(self.first_wait_s * 2.0**n, _LONGEST_WAIT_S) * random.uniform(0.75, 1.25)  # noqa: S311


def _with(path: str, asked: Mapping[str, object]) -> str:
    said = {name: value for name, value in asked.items() if value is not None}
    return path if not said else f"{path}{'&' if '?' in path else '?'}{urlencode(said)}"


def _problem(answer: bytes) -> Json:
    try:
        problem = json.loads(answer)
    except ValueError:
        problem = None
    return problem if isinstance(problem, dict) else {"title": "no problem document"}


def _drafted(intent: Mapping[str, object], reason: str, *more: str | None) -> Json:
    said = zip(("effective_on", "basis", "dossier"), more, strict=True)
    return {"intent": dict(intent), "reason": reason} | {
        name: text for name, text in said if text is not None
    }
