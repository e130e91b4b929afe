"""`diachinh user`: accounts made and changed at the machine, passwords never shown but once."""

import re
import subprocess
import unicodedata
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from register.accounts import find_account
from register.connect import connect
from register.errors import NotSignedInError
from register.people import who_is
from register.sessions import SignedIn, refresh, sign_in
from tests.cli.command import PATIENCE_S, PROGRAM, Ran, environment
from tests.conftest import Clone

LETTERS = "Điện Biên Phủ trên không"


@pytest.fixture(scope="module")
def database(clone: Clone) -> Iterator[str]:
    with clone() as conninfo:
        yield conninfo


def user(database: str, *arguments: str, typed: str = "") -> Ran:
    """`diachinh user arguments` on a register of its own."""
    done = subprocess.run(
        [PROGRAM, "user", *arguments],
        env=environment(Path("/nonexistent"), DIACHINH_DATABASE=database, DIACHINH_AUTHOR="tester"),
        input=typed,
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )
    assert "Traceback" not in done.stderr
    return Ran(done.returncode, done.stdout, done.stderr)


def done(ran: Ran) -> str:
    assert ran.code == 0, ran.err
    return ran.out


def signed_in(database: str, name: str, password: str = LETTERS) -> SignedIn:
    with connect(database) as conn:
        return sign_in(conn, name, password)


def test_from_nobody_to_an_account_that_signs_in_and_back(database: str) -> None:
    assert "No accounts yet" in done(user(database, "list"))
    dry = done(
        user(
            database, "add", "chi", "--role", "office", "--commune", "all", "--dry-run", typed=LETTERS + "\n"
        )
    )
    assert "nothing stored" in dry
    assert "No accounts yet" in done(user(database, "list"))
    said = user(
        database, "add", "chi", "--full-name", "Trần Thị Chi", "--role", "office", "--commune", "all", "--role", "editor",
        typed=unicodedata.normalize("NFD", LETTERS) + "\n",
    )  # fmt: skip
    assert "chi added" in done(said)
    assert signed_in(database, "chi").who.roles == {"office", "editor"}
    listed = done(user(database, "list"))
    assert listed == "chi  Trần Thị Chi\n    editor: all\n    office: all\n"

    made = user(database, "add", "an", "--role", "editor", "--commune", "20242", "--generate")
    generated = done(made).splitlines()[-1]
    assert re.fullmatch(r"([a-z2-9]{5}-){3}[a-z2-9]{5}", generated)
    assert generated not in made.err
    an = signed_in(database, "an", generated)
    assert an.who.roles == {"editor"}
    assert "1 granted" in done(user(database, "grant", "an", "--role", "approver", "--commune", "20285"))
    assert "0 granted" in done(user(database, "grant", "an", "--role", "approver", "--commune", "20285"))
    assert "approver: 20285 phường Ngũ Hành Sơn" in done(user(database, "list"))
    assert "nothing stored" in done(
        user(database, "revoke", "an", "--role", "approver", "--commune", "20285", "--dry-run")
    )
    assert "1 taken" in done(user(database, "revoke", "an", "--role", "approver", "--commune", "20285"))
    with connect(database) as conn:
        assert who_is(conn, an.access).roles == {"editor"}

    done(user(database, "disable", "an"))
    assert "an  [đã khóa · disabled]" in done(user(database, "list"))
    with pytest.raises(NotSignedInError):
        signed_in(database, "an", generated)
    done(user(database, "enable", "an"))
    done(user(database, "password", "AN", typed=LETTERS + "\r\n"))
    kept = signed_in(database, "an")
    done(user(database, "rotate"))
    with connect(database) as conn:
        with pytest.raises(NotSignedInError):
            who_is(conn, kept.access)
        again = refresh(conn, kept.refresh)
        assert again is not None
    done(user(database, "rotate", "--sessions"))
    with connect(database) as conn:
        assert refresh(conn, again.refresh) is None
        authors = conn.execute("select distinct author from audit").fetchall()
        assert authors == [("tester",)]


def test_a_key_is_shown_once_and_revoked_by_its_number(database: str) -> None:
    done(user(database, "add", "thue", "--system", "--role", "partner", "--commune", "all"))
    made = user(database, "key", "thue", "--label", "Cơ quan thuế", "--expires", "2099-12-31")
    [key] = done(made).splitlines()
    with connect(database) as conn:
        assert who_is(conn, key).roles == {"partner"}
        [held] = find_account(conn, "thue").keys
    listed = done(user(database, "list"))
    assert f"key {held.id}: Cơ quan thuế, đến · until 2099-12-3" in listed
    assert key not in listed
    done(user(database, "key", "thue", "--revoke", str(held.id)))
    with connect(database) as conn, pytest.raises(NotSignedInError):
        who_is(conn, key)


@pytest.mark.parametrize(
    ("arguments", "typed", "code", "en"),
    [
        (["add", "a b"], LETTERS, 1, "is no account name"),
        (["add", "new"], "", 2, "No password came"),
        (["add", "new"], "short", 1, "at least 10 characters"),
        (["add", "new", "--role", "editor"], LETTERS, 2, "needs --role and --commune"),
        (["add", "new", "--role", "king", "--commune", "all"], LETTERS, 1, "“king” is no role"),
        (["add", "new", "--role", "editor", "--commune", "99999"], LETTERS, 1, "no commune 99999"),
        (["grant", "nobody", "--role", "editor", "--commune", "all"], "", 1, "no account “nobody”"),
        (["revoke", "nobody", "--role", "editor", "--commune", "all"], "", 1, "no account “nobody”"),
        (["grant", "x"], "", 2, "needs --role and --commune"),
        (["disable", "nobody"], "", 1, "no account “nobody”"),
        (["password", "nobody"], LETTERS, 1, "no account “nobody”"),
        (["key", "nobody"], "", 2, "Give --label"),
        (["key", "nobody", "--revoke", "1"], "", 1, "no account “nobody”"),
    ],
)
def test_what_cannot_be_is_one_sentence(
    database: str, arguments: list[str], typed: str, code: int, en: str
) -> None:
    ran = user(database, *arguments, typed=typed)
    assert (ran.code, ran.out) == (code, "")
    assert len(ran.err.splitlines()) == 2
    assert en in ran.err
    assert LETTERS not in ran.err


def test_the_last_office_stays(clone: Clone) -> None:
    with clone() as conninfo:
        done(user(conninfo, "add", "chi", "--role", "office", "--commune", "all", typed=LETTERS))
        for arguments in (["disable", "chi"], ["revoke", "chi", "--role", "office", "--commune", "all"]):
            ran = user(conninfo, *arguments)
            assert (ran.code, "last account" in ran.err) == (1, True)


def test_help_is_in_both_languages(tmp_path: Path) -> None:
    ran = user("host=/nonexistent", "--help")
    for command in ("add", "list", "grant", "revoke", "disable", "enable", "password", "key", "rotate"):
        assert re.search(rf"^\W*{command} .*·", ran.out, re.MULTILINE), command


def test_passwords_are_only_kept_as_hashes(database: str) -> None:
    with psycopg.connect(database) as conn:
        kept = conn.execute("select password from register.account where password is not null").fetchall()
    assert kept
    assert all(text.startswith("$argon2id$") for (text,) in kept)
