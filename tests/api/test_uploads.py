"""Uploads in pieces (tus 1.0): whatever the line does, what arrives is what was sent, once."""

import hashlib
from base64 import b64encode
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from api.limits import Limits
from register.connect import connect
from register.files import end_expired
from tests.api.asked import problem_in
from tests.api.surveying import PREFIX, SAID, Surveyor, surveying
from tests.conftest import Clone, Serve

UPLOADS = "/api/v1/uploads"
TUS = {"tus-resumable": "1.0.0"}
PIECE = TUS | {"content-type": "application/offset+octet-stream"}
LIMITS = replace(Limits(), file_bytes=3 << 20, waiting_bytes=64 << 20)


@pytest.fixture(scope="module")
def counter(clone: Clone, serve: Serve) -> Iterator[Surveyor]:
    """A server without a worker: nothing is checked here."""
    with clone() as conninfo, surveying(conninfo, serve, checks=0, limits=LIMITS) as one:
        yield one


def begun(counter: Surveyor, size: int, name: str = "thửa.csv") -> str:
    """Address of a new upload."""
    said = {"upload-length": str(size), "upload-metadata": f"filename {b64encode(name.encode()).decode()}"}
    answer = counter.client.post(UPLOADS, headers=TUS | said)
    assert answer.status_code == 201, answer.text
    return answer.headers["location"]


def put(counter: Surveyor, where: str, offset: int, content: bytes) -> httpx.Response:
    """The answer to a piece."""
    return counter.client.patch(where, headers=PIECE | {"upload-offset": str(offset)}, content=content)


def offset_of(counter: Surveyor, where: str) -> int:
    """How far the server says it is."""
    answer = counter.client.head(where, headers=TUS)
    assert answer.headers["cache-control"] == "no-store"
    return int(answer.headers["upload-offset"])


@given(
    content=st.binary(min_size=1, max_size=400),
    cuts=st.lists(st.integers(1, 150), max_size=6),
    data=st.data(),
)
@settings(max_examples=15)
def test_any_cutting_with_repeated_and_wrong_offsets_gives_the_same_bytes(
    counter: Surveyor, content: bytes, cuts: list[int], data: st.DataObject
) -> None:
    where = begun(counter, len(content))
    done = 0
    for cut in [*cuts, len(content)]:
        wrong = data.draw(st.integers(0, len(content)))
        if wrong != done:
            refused = put(counter, where, wrong, content[wrong : wrong + 1])
            assert problem_in(refused)["offset"] == done
            assert refused.status_code == 409
        piece = content[done : done + cut]
        assert put(counter, where, done, piece).headers["upload-offset"] == str(done + len(piece))
        done += len(piece)
        assert offset_of(counter, where) == done
    answer = counter.client.post(PREFIX, json=SAID | {"uploads": [where[-26:]], "dossier": where[-26:]})
    assert answer.status_code in (200, 201), answer.text
    (original,) = [one["href"] for one in answer.json()["links"] if one["rel"] == "original"]
    assert counter.client.get(original).content == content
    assert answer.json()["files"][0]["sha256"] == hashlib.sha256(content).hexdigest()


def test_of_many_senders_of_one_piece_one_is_taken(counter: Surveyor) -> None:
    where = begun(counter, 1000)
    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(lambda n: put(counter, where, 0, bytes([n]) * 500), range(8)))
    assert sorted(answer.status_code for answer in answers) == [204] + [409] * 7
    assert offset_of(counter, where) == 500


def test_a_withdrawn_or_expired_upload_is_gone(counter: Surveyor) -> None:
    withdrawn, expired = begun(counter, 9), begun(counter, 9)
    assert counter.client.delete(withdrawn, headers=TUS).status_code == 204
    with connect(counter.conninfo) as conn:
        conn.execute("update upload set expires_at = now() where key = %s", [expired[-26:]])
        conn.commit()
        for _ in range(2):
            for where in (withdrawn, expired):
                assert problem_in(put(counter, where, 0, b"x"))["status"] == 410
                assert counter.client.head(where, headers=TUS).status_code == 410
            end_expired(conn)
            conn.commit()


def test_what_is_not_finished_makes_no_survey(counter: Surveyor) -> None:
    where = begun(counter, 9)
    put(counter, where, 0, b"half")
    answer = counter.client.post(PREFIX, json={"uploads": [where[-26:]]})
    assert (problem_in(answer)["status"], answer.json()["offset"]) == (409, 4)


def test_what_this_server_knows(counter: Surveyor) -> None:
    headers = counter.client.options(UPLOADS).headers
    assert headers["tus-version"] == headers["tus-resumable"] == "1.0.0"
    assert headers["tus-max-size"] == str(LIMITS.file_bytes)
    assert set(headers["tus-extension"].split(",")) == {"creation", "termination", "expiration"}


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"upload-length": "9"}, 412),
        ({"tus-resumable": "0.2.2", "upload-length": "9"}, 412),
        (TUS, 422),
        (TUS | {"upload-length": "-1"}, 422),
        (TUS | {"upload-length": "9", "upload-metadata": "filename ***"}, 422),
        (TUS | {"upload-length": str(LIMITS.file_bytes + 1)}, 413),
    ],
)
def test_a_wrong_beginning_is_told(counter: Surveyor, headers: dict[str, str], status: int) -> None:
    answer = counter.client.post(UPLOADS, headers=headers)
    assert problem_in(answer)["status"] == status
    assert answer.headers["tus-resumable"] == "1.0.0"


def test_pieces_beyond_the_end_or_of_another_kind_are_not_taken(counter: Surveyor) -> None:
    where = begun(counter, 3)
    assert problem_in(put(counter, where, 0, b"four"))["status"] == 413
    answer = counter.client.patch(where, headers=TUS | {"upload-offset": "0"}, content=b"abc")
    assert problem_in(answer)["status"] == 415
    assert offset_of(counter, where) == 0


def test_unfinished_uploads_cannot_fill_the_disk(clone: Clone, serve: Serve) -> None:
    few = replace(LIMITS, waiting_bytes=5)
    with clone() as conninfo, surveying(conninfo, serve, checks=0, limits=few) as counter:
        where = begun(counter, 3)
        refused = counter.client.post(UPLOADS, headers=TUS | {"upload-length": "3"})
        assert problem_in(refused)["status"] == 413
        counter.client.delete(where, headers=TUS)
        assert begun(counter, 3)
