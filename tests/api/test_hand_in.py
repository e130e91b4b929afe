"""What comes through the door of surveys: many files, their names, their bytes; forms that are broken, cut or too large."""

import hashlib
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from api.allowance import HOUR_S, Allowance
from api.file_names import LONGEST_BYTES, apart, safe_name
from api.limits import Limits
from register.connect import connect
from register.errors import BusyError
from tests.api.asked import problem_in
from tests.api.surveying import PREFIX, Surveyor, surveying
from tests.conftest import Clone, Serve

MIB = 1 << 20
KEPT = ("survey", "survey_run", "survey_file", "file", "file_part", "procrastinate_jobs")
HEAD = "POST {path} HTTP/1.1\r\nHost: x\r\nContent-Type: {kind}\r\n{length}\r\n\r\n"
FORM = "multipart/form-data; boundary=b"
PART = b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n\r\n'
GOOD = PART + b"x\r\n--b--\r\n"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("spool")


@pytest.fixture(scope="module")
def surveyor(clone: Clone, serve: Serve, folder: Path) -> Iterator[Surveyor]:
    """A server that takes little at once, with no worker."""
    limits = Limits(file_bytes=MIB, survey_bytes=2 * MIB, files=8, folder=folder)
    with clone() as conninfo, surveying(conninfo, serve, checks=0, limits=limits) as one:
        yield one


def rows(surveyor: Surveyor) -> dict[str, int]:
    with connect(surveyor.conninfo) as conn:
        counts = {table: conn.execute(f"select count(*) from {table}").fetchone() for table in KEPT}  # type: ignore[call-overload]
    return {table: count[0] for table, count in counts.items() if count is not None}


def sent(
    surveyor: Surveyor, length: str, pieces: list[bytes], answered: bool = True, kind: str = FORM
) -> bytes:
    """The beginning of the answer to a request sent piece by piece; nothing is read where it is broken off."""
    where = urlsplit(str(surveyor.client.base_url))
    with socket.create_connection((where.hostname, where.port), timeout=60) as line:
        line.sendall(HEAD.format(path=PREFIX, kind=kind, length=length).encode())
        try:
            for piece in pieces:
                line.sendall(piece)
        except (BrokenPipeError, ConnectionResetError):
            pass  # it is answered before all is sent
        return line.recv(4096) if answered else b""


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("Bản đo thửa 12 – Hòa Xuân.dxf", "Bản đo thửa 12 – Hòa Xuân.dxf"),
        ("Đo\u0323 la\u0323i.csv", "Đọ lại.csv"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\An\\do.dxf", "do.dxf"),
        ("/", "file"),
        (".", "file"),
        ("..", "file"),
        ("CON", "CON_"),
        ("aux.dxf", "aux_.dxf"),
        ("a\x00b\nc\x1b.csv", "a_b_c_.csv"),
        ("\u202egnp.csv", "_gnp.csv"),
        ('"; rm -rf <x>.csv', "_; rm -rf _x_.csv"),
    ],
)
def test_names_are_kept_where_they_are_safe(name: str, kept: str) -> None:
    assert safe_name(name) == kept


@given(st.text(max_size=400))
def test_a_safe_name_is_one_visible_part_of_a_path(name: str) -> None:
    safe = safe_name(name)
    assert 0 < len(safe.encode()) <= LONGEST_BYTES
    assert safe.isprintable()
    assert not set(safe) & set('/\\<>:"|?*')
    assert safe not in (".", "..")
    assert Path(safe).name == safe == safe_name(safe)


@given(st.lists(st.sampled_from(["a.csv", "A.csv", "a (2).csv", "a", "á.csv"]), max_size=8))
def test_names_are_told_apart_in_whatever_case(names: list[str]) -> None:
    taken: set[str] = set()
    for name in names:
        taken.add(apart(name, taken).casefold())
    assert len(taken) == len(names)


def test_several_files_come_back_byte_for_byte_under_their_names(surveyor: Surveyor) -> None:
    long = "ờ" * 300 + ".geojson"
    names = ["đo đạc.txt", "đo đạc.txt", "ĐO ĐẠC.TXT", "../../etc/passwd", long, "đo đạc.txt"]
    contents = [b"1", b"2", b"3", bytes(range(256)) * 300, b"", b"1"]
    body = surveyor.survey(surveyor.hand_in(*zip(names, contents, strict=True)))
    kept = [file["name"] for file in body["files"]]
    assert kept[:4] == ["đo đạc.txt", "đo đạc (2).txt", "ĐO ĐẠC (3).TXT", "passwd"]
    assert kept[4].startswith("ờờ")
    assert kept[4].endswith(".geojson")
    assert len(kept) == 5, "the same name with the same content twice is one file"
    links = [link["href"] for link in body["links"] if link["rel"] == "original"]
    for link, file, content in zip(links, body["files"], contents[:5], strict=True):
        answer = surveyor.client.get(link)
        assert answer.content == content
        assert answer.headers["content-type"] == "application/octet-stream"
        assert answer.headers["content-disposition"].startswith("attachment; filename*=UTF-8''")
        assert answer.headers["content-length"] == str(len(content)) == str(file["bytes"])
        assert hashlib.sha256(content).hexdigest() == file["sha256"]
    assert body["receipt"]["files"] == body["files"]
    assert problem_in(surveyor.client.get(f"{PREFIX}/{body['id']}/files/6"))["status"] == 404
    assert problem_in(surveyor.client.get(f"{PREFIX}/{body['id']}/files/0"))["status"] == 422


def _chunk(content: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(content), content)


def test_too_much_is_told_while_it_is_sent(surveyor: Surveyor, folder: Path) -> None:
    """The body has no end: an answer can only come before it."""
    before = rows(surveyor)
    pieces = [_chunk(PART), *[_chunk(b"x" * (MIB // 4))] * 5]
    assert sent(surveyor, "Transfer-Encoding: chunked", pieces).startswith(b"HTTP/1.1 413")
    both = [_chunk(PART), *[_chunk(b"x" * (MIB // 2))] * 2, _chunk(b"\r\n" + PART)] * 3
    assert sent(surveyor, "Transfer-Encoding: chunked", both).startswith(b"HTTP/1.1 413")
    assert sent(surveyor, f"Content-Length: {90 * MIB}", [PART]).startswith(b"HTTP/1.1 413")
    assert rows(surveyor) == before
    assert not list(folder.iterdir())


def test_a_body_cut_off_leaves_nothing(
    surveyor: Surveyor, folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    before = rows(surveyor)
    for cut in (PART, PART + b"x" * 2000, GOOD[:-5], GOOD):
        sent(surveyor, f"Content-Length: {len(cut) + 500}", [cut], answered=False)
        sent(surveyor, "Transfer-Encoding: chunked", [_chunk(cut)], answered=False)
    problem_in(surveyor.client.get(f"{PREFIX}/{'a' * 26}"))  # asked later: the others are through
    assert rows(surveyor) == before
    assert not list(folder.iterdir())
    assert "Traceback" not in caplog.text


@pytest.mark.parametrize(
    ("kind", "body", "status"),
    [
        (FORM, GOOD[:-6], 400),
        (FORM, b"", 400),
        (FORM, b"--c\r\n", 400),
        (FORM, b"--b\r\nnonsense\r\n\r\nx\r\n--b--\r\n", 400),
        (FORM, GOOD.replace(b"form-data", b"attachment"), 400),
        (FORM, GOOD.replace(b'name="file"', b'name="picture"'), 400),
        (FORM, b"--b\r\nContent-Disposition: form-data; name=sheet\r\n\r\n1\r\n--b--\r\n", 400),
        (FORM, (PART + b"x\r\n") * 9 + b"--b--\r\n", 413),
        (FORM, PART.replace(b'; filename="a.txt"', b"") + b"x" * (MIB // 2) + b"\r\n--b--\r\n", 413),
        ("multipart/form-data", GOOD, 400),
        (f"multipart/form-data; boundary={'b' * 300}", GOOD, 400),
        ("text/plain", b"x", 415),
        ("application/x-www-form-urlencoded", b"file=x", 415),
        ("", b"x", 415),
        ("application/json", b"{", 400),
        ("application/json", b"[]", 422),
        ("application/json", b'{"uploads": []}', 422),
        ("application/json", b'{"uploads": ["\\u0000%s"]}' % (b"a" * 25), 422),
        ("application/json", b'{"uploads": ["%s"]}' % (b"a" * 26), 404),
        ("application/json", b'{"crs": null, "scale": null, "uploads": ["%s"]}' % (b"a" * 26), 404),
        ("application/json", b'{"crs": "EPSG:1", "uploads": ["%s"]}' % (b"a" * 26), 422),
        ("application/json", b" " * (MIB + 1), 413),
    ],
)
def test_what_is_no_hand_in_is_told(surveyor: Surveyor, kind: str, body: bytes, status: int) -> None:
    before = rows(surveyor)
    told = problem_in(
        surveyor.client.post(PREFIX, content=body, headers={"content-type": kind} if kind else {})
    )
    assert told["status"] == status
    assert rows(surveyor) == before


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_a_form_with_bytes_changed_is_taken_or_told(surveyor: Surveyor, data: st.DataObject) -> None:
    changed = bytearray(GOOD)
    for at in data.draw(st.lists(st.integers(0, len(GOOD) - 1), max_size=4)):
        changed[at] = data.draw(st.integers(0, 255))
    answer = surveyor.client.post(PREFIX, content=bytes(changed), headers={"content-type": FORM})
    assert answer.status_code in (200, 201, 400, 413, 422)


def test_the_queue_and_a_client_have_limits(clone: Clone, serve: Serve) -> None:
    limits = Limits(waiting_checks=2, hour_surveys=6, hour_bytes=3 * MIB)
    with clone() as conninfo, surveying(conninfo, serve, checks=0, limits=limits) as one:
        keys = [one.hand_in((f"{n}.txt", b"%d" % n)) for n in range(2)]
        ask: list[Callable[[], object]] = [
            lambda: one.post(("3.txt", b"3")),
            lambda: one.client.post(f"{PREFIX}/{keys[0]}/runs", json={"scale": 200}),
        ]
        before = rows(one)
        for wanted in ask:
            answer = wanted()
            assert "Too many surveys wait" in problem_in(answer)["detail"]  # type: ignore[arg-type]
            assert int(answer.headers["retry-after"]) > 0  # type: ignore[attr-defined]
        assert one.post(("0.txt", b"0")).status_code == 200, "what is here already is no work"
        assert "from this address" in problem_in(one.post(("4.txt", b"4" * 3 * MIB)))["detail"]
        assert "from this address" in problem_in(one.post(("0.txt", b"0")))["detail"]
        assert rows(one) == before


@given(st.lists(st.tuples(st.floats(0, 500), st.floats(0, 40)), max_size=60))
def test_an_allowance_is_never_overdrawn(turns: list[tuple[float, float]]) -> None:
    now_s = 0.0
    allowance = Allowance(60, lambda: now_s)
    taken: list[tuple[float, float]] = []
    for wait_s, amount in turns:
        now_s += wait_s
        try:
            allowance.take("2001:db8::1", amount)
            taken.append((now_s, amount))
        except BusyError as error:
            now_s += error.retry_after_s
            allowance.take("2001:db8::2", amount)  # the same network; then there is room
            taken.append((now_s, amount))
    for start, _ in taken:
        within = sum(amount for at, amount in taken if start <= at <= start + HOUR_S)
        assert within <= 2 * 60 + 1e-6  # what was left, and what came back
    allowance.take("2001:db8:0:1::1", 60)
