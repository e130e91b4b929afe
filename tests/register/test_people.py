"""Accounts, grants, sessions and keys: what holds, for whom, where and how long."""

import unicodedata
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import jwt
import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from register import passwords
from register.accounts import (
    account_name,
    add_account,
    disable,
    enable,
    find_account,
    grant,
    grants_at,
    key_of,
    list_accounts,
    revoke,
    set_password,
)
from register.api_keys import add_key, revoke_key
from register.audit import record
from register.connect import connect
from register.errors import (
    InvalidKeyError,
    LastOfficeError,
    NameTakenError,
    NotAllowedError,
    NotFoundError,
    NotSignedInError,
    PasswordError,
)
from register.people import ROLES, Who, require, require_on, who_is
from register.sessions import SignedIn, change_password, end_session, refresh, rotate, sign_in
from register.units import communes
from tests.conftest import Clone

BY = "tester"
LETTERS: Final = "Đường Nguyễn Huệ 12"


@pytest.fixture(scope="module")
def kept(clone: Clone) -> Iterator[psycopg.Connection]:
    with clone() as conninfo, connect(conninfo) as conn:
        yield conn
        conn.rollback()


@pytest.fixture
def conn(kept: psycopg.Connection) -> Iterator[psycopg.Connection]:
    """A register with the account chi (office for all); what a test writes is rolled back."""
    add_account(kept, BY, "chi", "Trần Thị Chi", LETTERS)
    grant(kept, BY, "chi", "office", None)
    yield kept
    kept.rollback()


def unit(conn: psycopg.Connection, code: str, *, before: bool = False) -> int:
    return communes(conn, [code], before=before)[code].id


def person(conn: psycopg.Connection, name: str, *grants: tuple[str, int | None]) -> SignedIn:
    """Somebody new who is signed in."""
    add_account(conn, BY, name, password=LETTERS)
    for role, commune in grants:
        grant(conn, BY, name, role, commune)
    return sign_in(conn, name, LETTERS)


def refused(conn: psycopg.Connection, bearer: str) -> bool:
    try:
        who_is(conn, bearer)
    except NotSignedInError:
        return True
    return False


def forge(conn: psycopg.Connection, access: str, secret: bytes | None = None, **claims: object) -> str:
    """The token with other claims, signed as the register signs (or with `secret`)."""
    row = conn.execute("select secret from signing_key").fetchone()
    assert row is not None
    said = jwt.decode(access, options={"verify_signature": False}) | claims
    return jwt.encode(
        {k: v for k, v in said.items() if v is not None}, secret or bytes(row[0]), algorithm="HS256"
    )


def test_a_name_and_its_password_give_tokens_that_say_who_it_is(conn: psycopg.Connection) -> None:
    signed = sign_in(conn, " CHI ", LETTERS)
    who = who_is(conn, signed.access)
    assert (who.name, sorted(who.roles), who.may("office", None)) == ("chi", ["office"], True)
    assert who.may("editor", unit(conn, "20242")) is False
    left_s = (signed.expires_at - datetime.now(UTC)).total_seconds()
    assert 14 * 60 < left_s <= 15 * 60
    for secret in (signed.access, signed.refresh):
        assert secret not in repr(signed)


@pytest.mark.parametrize("form", ["NFC", "NFD", "NFKC", "NFKD"])
def test_the_same_letters_typed_otherwise_are_the_same(conn: psycopg.Connection, form: Any) -> None:
    add_account(conn, BY, "Hường", password=unicodedata.normalize("NFD", LETTERS))
    assert sign_in(conn, unicodedata.normalize(form, "HƯỜNG"), unicodedata.normalize(form, LETTERS))
    with pytest.raises(NameTakenError):
        add_account(conn, BY, unicodedata.normalize(form, "hường"))


@given(text=st.text(max_size=30))
def test_a_name_that_is_compared_is_compared_the_same_again(text: str) -> None:
    assert key_of(key_of(text)) == key_of(text) == key_of(unicodedata.normalize("NFKD", text))


@pytest.mark.parametrize("name", ["chi", "nobody", "", "\0", "x" * 300, "\ud800"])
def test_a_wrong_name_or_password_is_told_alike(conn: psycopg.Connection, name: str) -> None:
    with pytest.raises(NotSignedInError, match="Name or password is wrong"):
        sign_in(conn, name, "not it at all")


def test_a_password_kept_by_older_parameters_is_kept_anew(conn: psycopg.Connection) -> None:
    from argon2 import PasswordHasher

    weak = PasswordHasher(time_cost=1, memory_cost=8192, parallelism=1)
    conn.execute("update account set password = %s", [weak.hash(unicodedata.normalize("NFKC", LETTERS))])
    sign_in(conn, "chi", LETTERS)
    [(now,)] = conn.execute("select password from account").fetchall()
    assert not PasswordHasher().check_needs_rehash(now)
    assert sign_in(conn, "chi", LETTERS)


@pytest.mark.parametrize("password", ["", "short", "a" * 40, "chi", "x" * 300, "with\nline break", "\0" * 12])
def test_a_poor_password_is_refused_and_not_repeated(conn: psycopg.Connection, password: str) -> None:
    with pytest.raises(PasswordError) as told:
        set_password(conn, BY, "chi", password)
    assert len(password) < 6 or password not in str(told.value)
    assert sign_in(conn, "chi", LETTERS)


@pytest.mark.parametrize("name", ["", "a", "a b", "a/b", "../x", "a\n", "<b>", "a" * 65, "_x", "a\0b"])
def test_a_name_that_is_none_is_told(conn: psycopg.Connection, name: str) -> None:
    with pytest.raises(InvalidKeyError, match="no account name"):
        add_account(conn, BY, name)


def test_generated_passwords_are_good_and_new() -> None:
    made = {passwords.new_password() for _ in range(50)}
    assert len(made) == 50
    assert all(passwords.hashed(one) for one in list(made)[:1])
    assert account_name("nguyễn.văn-an") == "nguyễn.văn-an"


def test_tokens_that_are_not_ours_are_refused(conn: psycopg.Connection) -> None:
    access = person(conn, "an", ("editor", None)).access
    other = person(conn, "bo")
    head, body, signature = access.split(".")
    past = datetime.now(UTC) - timedelta(seconds=2)
    for bearer in (
        forge(conn, access, exp=past),
        forge(conn, access, secret=b"0" * 32),
        forge(conn, access, exp=None),
        forge(conn, access, sid=other.who.session),
        forge(conn, access, sid="1 or 1=1"),
        forge(conn, access, sid=2**70),
        forge(conn, access, sub=str(other.who.account)),
        jwt.encode(jwt.decode(access, options={"verify_signature": False}), None, algorithm="none"),
        f"{head}.{body}.", f"{head}.{body}", f"{head}.{body}.{signature[:-4]}", access[1:], access + "x" * 3000,
        "", ".", "...", "dck_", "dck_" + "A" * 43, "ü", "\0",
    ):  # fmt: skip
        assert refused(conn, bearer), bearer
    assert who_is(conn, access).name == "an"


def test_every_shortened_token_is_refused(conn: psycopg.Connection) -> None:
    access = sign_in(conn, "chi", LETTERS).access
    for length in range(0, len(access), 7):
        assert refused(conn, access[:length])


def test_what_is_revoked_holds_no_more_at_once(conn: psycopg.Connection) -> None:
    hai_chau = unit(conn, "20242")
    signed = person(conn, "an", ("editor", hai_chau))
    assert who_is(conn, signed.access).may("editor", hai_chau)
    [held] = find_account(conn, "an").grants
    revoke(conn, BY, "an", held.id)
    assert who_is(conn, signed.access).roles == set()
    with pytest.raises(NotFoundError, match="no such grant"):
        revoke(conn, BY, "an", held.id)
    disable(conn, BY, "an")
    assert refused(conn, signed.access)
    assert refresh(conn, signed.refresh) is None
    with pytest.raises(NotSignedInError):
        sign_in(conn, "an", LETTERS)
    enable(conn, BY, "an")
    assert refused(conn, signed.access), "a session that ended does not come back"
    again = sign_in(conn, "an", LETTERS)
    assert again.who.session is not None
    end_session(conn, again.who.session)
    assert refused(conn, again.access)


def test_a_refresh_token_is_good_once_and_ends_the_session_the_second_time(conn: psycopg.Connection) -> None:
    first = sign_in(conn, "chi", LETTERS)
    bystander = sign_in(conn, "chi", LETTERS)
    second = refresh(conn, first.refresh)
    assert second is not None
    assert second.who.session == first.who.session
    third = refresh(conn, second.refresh)
    assert third is not None
    assert refresh(conn, first.refresh) is None
    assert refused(conn, third.access)
    assert refresh(conn, third.refresh) is None
    assert not refused(conn, bystander.access)
    for nonsense in ("", "x", first.access, "\ud800", "\0"):
        assert refresh(conn, nonsense) is None


def test_of_two_who_use_a_refresh_token_at_once_one_wins_and_the_session_ends(clone: Clone) -> None:
    with clone() as conninfo:
        with connect(conninfo) as conn:
            signed = person(conn, "an")

        def use(_: int) -> SignedIn | None:
            with connect(conninfo) as conn:
                return refresh(conn, signed.refresh)

        with ThreadPoolExecutor(6) as crowd:
            won = [one for one in crowd.map(use, range(6)) if one is not None]
        assert len(won) == 1
        with connect(conninfo) as conn:
            assert refused(conn, won[0].access)


def test_a_password_changed_while_it_was_looked_at_opens_no_session(
    clone: Clone, monkeypatch: pytest.MonkeyPatch
) -> None:
    with clone() as conninfo, connect(conninfo) as conn, connect(conninfo, autocommit=True) as other:
        person(other, "an")

        def meanwhile(kept: str | None, password: str) -> bool:
            set_password(other, BY, "an", "another password")
            return passwords.is_right(kept, password)

        monkeypatch.setattr("register.sessions.is_right", meanwhile)
        with pytest.raises(NotSignedInError):
            sign_in(conn, "an", LETTERS)


def test_refresh_tokens_and_sessions_end(conn: psycopg.Connection) -> None:
    late, old = sign_in(conn, "chi", LETTERS), sign_in(conn, "chi", LETTERS)
    conn.execute(
        "update token set expires_at = now() - interval '1 s' where session = %s", [late.who.session]
    )
    assert refresh(conn, late.refresh) is None
    conn.execute(
        "update session set expires_at = now() - interval '31 days' where id = %s", [old.who.session]
    )
    assert refused(conn, old.access)
    assert refresh(conn, old.refresh) is None
    sign_in(conn, "chi", LETTERS)
    left = conn.execute("select count(*) from session where id = %s", [old.who.session]).fetchone()
    assert left == (0,)


def test_a_new_password_ends_the_other_sessions(conn: psycopg.Connection) -> None:
    here, there = sign_in(conn, "chi", LETTERS), sign_in(conn, "chi", LETTERS)
    with pytest.raises(PasswordError, match="old password"):
        change_password(conn, here.who, "wrong", "a better password")
    change_password(conn, here.who, LETTERS, "a better password")
    assert not refused(conn, here.access)
    assert refused(conn, there.access)
    set_password(conn, BY, "chi", LETTERS)
    assert refused(conn, here.access)


def test_a_rotated_key_ends_access_tokens_but_not_sessions(conn: psycopg.Connection) -> None:
    signed = sign_in(conn, "chi", LETTERS)
    rotate(conn, BY)
    assert refused(conn, signed.access)
    again = refresh(conn, signed.refresh)
    assert again is not None
    assert not refused(conn, again.access)
    rotate(conn, BY, sessions=True)
    assert refresh(conn, again.refresh) is None


def test_a_grant_for_an_old_commune_holds_for_what_became_of_it(conn: psycopg.Connection) -> None:
    """Law, over every commune: what became of it is covered, and an old one only where all of it lies inside."""
    old = unit(conn, "20227")  # Thanh Bình, now in Hải Châu
    new = unit(conn, "20242")
    elsewhere = unit(conn, "20285")
    who = person(conn, "an", ("editor", old)).who
    assert [who.may("editor", u) for u in (old, new, elsewhere)] == [True, True, False]
    assert not who.may("approver", new)
    assert not who.may("editor", None)
    wrong = conn.execute(
        """with sample as (select id from unit where level = 'commune' and id % 97 = 0),
                now_there as (select s.id, array_agg(t.today) as today from sample s, units_today(array[s.id]) t group by s.id),
                covered as (select n.id, n.today, c.unit from now_there n, unnest(units_covered(array[n.id])) c (unit))
           select id from covered c join lateral
               (select array_agg(t.today) as today from units_today(array[c.unit]) t) u on true
           group by id, c.today having not bool_and(u.today <@ c.today) or not c.today <@ array_agg(c.unit)
               or not bool_or(unit = id)
        """
    ).fetchall()
    assert wrong == []


def test_a_grant_for_one_part_of_a_divided_commune_does_not_hold_for_the_whole(
    conn: psycopg.Connection,
) -> None:
    row = conn.execute(
        "select unit, min(successor), max(successor) from unit_successor s join unit u on u.id = s.unit "
        "where relation = 'divided' and level = 'commune' and valid_to = '2025-06-30' group by unit having count(*) = 2 limit 1"
    ).fetchone()
    assert row is not None
    divided, one, other = row
    part = person(conn, "an", ("editor", one)).who
    assert [part.may("editor", u) for u in (divided, one, other)] == [False, True, False]
    both = person(conn, "bo", ("editor", one), ("editor", other)).who
    assert both.may("editor", divided)
    whole = person(conn, "ca", ("editor", divided)).who
    assert [whole.may("editor", u) for u in (divided, one, other)] == [True, True, True]


def test_what_is_missing_is_said_in_one_sentence(conn: psycopg.Connection) -> None:
    hai_chau = unit(conn, "20242")
    who = person(conn, "an", ("editor", hai_chau)).who
    require_on(conn, who, "editor", hai_chau)
    with pytest.raises(NotAllowedError) as told:
        require_on(conn, who, "approver", hai_chau)
    assert str(told.value) == (
        "Việc này cần vai trò phê duyệt (approver) cho phường Hải Châu: hãy đề nghị văn phòng đăng ký đất đai cấp.\n"
        "This needs the role approver for phường Hải Châu: ask the land office for it."
    )
    with pytest.raises(NotAllowedError, match="all communes"):
        require(who, "editor", None)


def test_an_office_acts_within_its_communes_and_not_for_itself(conn: psycopg.Connection) -> None:
    here, there = unit(conn, "20242"), unit(conn, "20285")
    office = person(conn, "hai-chau", ("office", here)).who
    person(conn, "an", ("editor", there))
    person(conn, "bo")
    grant(conn, office, "bo", "editor", here)
    with pytest.raises(NotAllowedError, match="office for"):
        grant(conn, office, "bo", "editor", there)
    with pytest.raises(NotAllowedError, match="all communes"):
        grant(conn, office, "bo", "surveyor", None)
    with pytest.raises(NotAllowedError, match="Nobody grants himself"):
        grant(conn, office, "HAI-CHAU", "approver", here)
    for forbidden in (
        lambda: disable(conn, office, "an"),
        lambda: disable(conn, office, "chi"),
        lambda: add_key(conn, office, "an", "x"),
        lambda: set_password(conn, office, "chi", "stolen password"),
        lambda: revoke(conn, office, "an", find_account(conn, "an").grants[0].id),
        lambda: grant(conn, find(conn, "an"), "bo", "editor", there),
        lambda: add_account(conn, find(conn, "an"), "new"),
        lambda: list_accounts(conn, find(conn, "an")),
    ):
        with pytest.raises(NotAllowedError):
            forbidden()
    assert [a.name for a in list_accounts(conn, office)] == ["bo", "hai-chau"]
    assert [a.name for a in list_accounts(conn, office, after="bo")] == ["hai-chau"]
    assert len(list_accounts(conn, BY)) == 4


def find(conn: psycopg.Connection, name: str) -> Who:
    return sign_in(conn, name, LETTERS).who


def test_the_last_office_stays(conn: psycopg.Connection) -> None:
    [office] = find_account(conn, "chi").grants

    def tried(what: Any) -> None:
        with pytest.raises(LastOfficeError), conn.transaction():
            what()

    tried(lambda: disable(conn, BY, "chi"))
    tried(lambda: revoke(conn, BY, "chi", office.id))
    add_account(conn, BY, "system")
    grant(conn, BY, "system", "office", None)  # cannot sign in: counts for nothing
    person(conn, "local", ("office", unit(conn, "20242")))
    tried(lambda: disable(conn, BY, "chi"))
    second = person(conn, "second", ("office", None)).who
    revoke(conn, second, "chi", office.id)
    tried(lambda: disable(conn, second, "second"))


def test_two_offices_cannot_remove_each_other_at_once(clone: Clone) -> None:
    from threading import Thread

    with clone() as conninfo:
        with connect(conninfo) as conn:
            for name in ("a1", "b1"):
                person(conn, name, ("office", None))
        with connect(conninfo) as one, connect(conninfo) as two:
            disable(one, BY, "a1")
            outcome: list[str] = []

            def other() -> None:
                try:
                    disable(two, BY, "b1")
                    two.commit()
                    outcome.append("done")
                except LastOfficeError:
                    two.rollback()
                    outcome.append("refused")

            thread = Thread(target=other)
            thread.start()
            thread.join(0.3)
            one.commit()
            thread.join(30)
            assert outcome == ["refused"]


def test_who_could_do_what_is_kept(conn: psycopg.Connection) -> None:
    here = unit(conn, "20242")
    add_account(conn, BY, "an")
    number, new = grant(conn, BY, "an", "editor", here)
    assert (number, new) != grant(conn, BY, "an", "editor", here) == (number, False)
    between = datetime.now(UTC)
    revoke(conn, BY, "an", number)
    assert [(g.role, g.code) for g in grants_at(conn, "an", between)] == [("editor", "20242")]
    assert grants_at(conn, "an", datetime.now(UTC)) == []
    assert grants_at(conn, "an", between - timedelta(days=1)) == []
    for statement in (
        "delete from access_grant",
        "update access_grant set role = 'office'",
        "update access_grant set revoked_at = null, revoked_by = null",
        "truncate access_grant",
        "delete from account",
    ):
        with pytest.raises(psycopg.Error, match="append-only"), conn.transaction():
            conn.execute(statement)
    trail = conn.execute("select author, what, code from audit where code = 'an' order by id").fetchall()
    assert trail == [
        (BY, "account added", "an"),
        (BY, "granted editor for 20242", "an"),
        (BY, "revoked editor for 20242", "an"),
    ]


def test_a_key_of_a_system_carries_no_deciding_role(conn: psycopg.Connection) -> None:
    add_account(conn, BY, "tax")
    for role in ROLES:
        grant(conn, BY, "tax", role, None)
    number, key = add_key(conn, BY, "tax", "Cơ quan thuế")
    who = who_is(conn, key)
    assert (who.name, sorted(who.roles), who.key) == ("tax", ["partner", "surveyor"], number)
    assert who.session is None
    assert key.startswith("dck_")
    assert conn.execute("select last_used = current_date from api_key").fetchone() == (True,)
    rows = conn.execute("select hash from api_key").fetchall()
    assert key.encode() not in bytes(rows[0][0])
    assert refused(conn, key[:-1])
    disable(conn, BY, "tax")
    assert refused(conn, key)
    enable(conn, BY, "tax")
    revoke_key(conn, BY, "tax", number)
    assert refused(conn, key)
    with pytest.raises(NotFoundError, match="no such key"):
        revoke_key(conn, BY, "tax", number)
    soon = datetime.now(UTC) + timedelta(minutes=1)
    _, short = add_key(conn, BY, "tax", "short", soon)
    assert not refused(conn, short)
    conn.execute("update api_key set expires_at = now() where label = 'short'")
    assert refused(conn, short)
    for label, ends in (
        ("", None),
        ("x" * 65, None),
        ("x", datetime.now(UTC)),
        ("x", soon.replace(tzinfo=None)),
    ):
        with pytest.raises(InvalidKeyError):
            add_key(conn, BY, "tax", label, ends)


def test_the_audit_says_who(conn: psycopg.Connection) -> None:
    who = find(conn, "chi")
    record(conn, who, "owner read", "w6ugmww06xud")
    record(conn, BY, "owner read", "w6ugmww06xud")
    rows = conn.execute(
        "select account, author from audit where code = 'w6ugmww06xud' order by id"
    ).fetchall()
    assert rows == [(who.account, None), (None, BY)]
    with pytest.raises(psycopg.Error, match="append-only"), conn.transaction():
        conn.execute("truncate audit cascade")


def test_nothing_secret_is_in_the_database(conn: psycopg.Connection) -> None:
    signed = sign_in(conn, "chi", LETTERS)
    _, key = add_key(conn, BY, "chi", "x")
    tables = ("account", "session", "token", "api_key", "audit", "access_grant")
    text = "\n".join(str(conn.execute(f"select * from {table}").fetchall()) for table in tables)
    for secret in (signed.access, signed.refresh, key, LETTERS, unicodedata.normalize("NFKC", LETTERS)):
        assert secret not in text
