"""`diachinh user`: who may do what in this register, told at the machine it runs on; no account is needed for that."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

from cli.errors import CommandError, UsageError
from cli.password import password_asked, show_password

if TYPE_CHECKING:
    import psycopg

Name = Annotated[str, typer.Argument(help="Tên đăng nhập · Account name")]
Roles = Annotated[
    list[str] | None,
    typer.Option("--role", help="surveyor, editor, approver, office, partner, auditor"),
]
Communes = Annotated[
    list[str] | None,
    typer.Option("--commune", help="Mã xã (5 số), hoặc all · Commune code, or all"),
]
Before = Annotated[bool, typer.Option("--before", help="Mã xã trước 1/7/2025 · Codes of before 1 July 2025")]
Generate = Annotated[
    bool, typer.Option("--generate", help="Tạo mật khẩu và hiện một lần · Make one, show it once")
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Chạy thử, không ghi · Store nothing")]
FullName = Annotated[str, typer.Option("--full-name", help="Họ tên · Full name")]
System = Annotated[
    bool,
    typer.Option(
        "--system", help="Hệ thống: không mật khẩu, dùng khóa · A system: no password, asks with keys"
    ),
]
Label = Annotated[str | None, typer.Option(help="Khóa dùng để làm gì · What the key is for")]
Expires = Annotated[
    datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Ngày hết hạn · Day it ends [never]")
]
RevokeKey = Annotated[
    int | None, typer.Option("--revoke", help="Số của khóa cần thu hồi · Number of a key to revoke")
]
Sessions = Annotated[
    bool, typer.Option("--sessions", help="Mọi người phải đăng nhập lại · Everybody signs in again")
]


@contextmanager
def _register(*, dry_run: bool = False) -> Iterator[tuple["psycopg.Connection", str]]:
    """A connection to the register, and who is at the command line; committed at the end unless it is a dry run."""
    from cli.database import open_database
    from cli.migrate import bring_up
    from cli.settings import read_settings
    from cli.signals import stopped_cleanly
    from register.connect import connect

    settings = read_settings()
    with stopped_cleanly(), open_database(settings) as conninfo:
        bring_up(conninfo, settings.schema)
        with connect(conninfo, settings.schema) as conn:
            yield conn, settings.author
            if dry_run:
                conn.rollback()


def add(
    name: Name,
    roles: Roles = None,
    communes: Communes = None,
    full_name: FullName = "",
    before: Before = False,
    system: System = False,
    generate: Generate = False,
    dry_run: DryRun = False,
) -> None:
    """Thêm tài khoản · Add an account."""
    from cli.say import answer
    from register.accounts import add_account
    from register.accounts import grant as grant_role

    if (roles is None) != (communes is None):
        raise _half()
    password, shown = (None, False) if system else password_asked(name, generate=generate)
    with _register(dry_run=dry_run) as (conn, author):
        add_account(conn, author, name, full_name, password)
        for role in roles or ():
            for unit in _units(conn, communes or [], before):
                grant_role(conn, author, name, role, unit)
    _said(f"Đã thêm {name} · {name} added", dry_run)
    if password is not None and shown and not dry_run:
        show_password(name, password)
    if not roles:
        answer(
            "Chưa có quyền nào: hãy dùng `diachinh user grant` · It may do nothing yet: `diachinh user grant`"
        )


def list_users() -> None:
    """Liệt kê tài khoản và quyền · List accounts and what they may do."""
    from cli.say import answer
    from register.accounts import list_accounts

    with _register() as (conn, author):
        found, after = [], ""
        while page := list_accounts(conn, author, after):
            found += page
            after = page[-1].name
    for one in found:
        marks = [] if one.is_person else ["[hệ thống · system]"]
        marks += ["[đã khóa · disabled]"] if one.disabled else []
        answer("  ".join(filter(None, [one.name, one.full_name, *marks])))
        for held in one.grants:
            where = "all" if held.code is None else f"{held.code} {held.place}"
            answer(f"    {held.role}: {where}")
        for key in one.keys:
            ends = "" if key.expires_at is None else f", đến · until {key.expires_at:%Y-%m-%d}"
            used = "chưa dùng · unused" if key.last_used is None else f"dùng · used {key.last_used}"
            answer(f"    key {key.id}: {key.label}{ends}, {used}")
    if not found:
        answer("Chưa có tài khoản nào: hãy dùng `diachinh user add` · No accounts yet: `diachinh user add`")


def grant(
    name: Name,
    roles: Roles = None,
    communes: Communes = None,
    before: Before = False,
    dry_run: DryRun = False,
) -> None:
    """Cấp quyền · Grant roles for communes."""
    from register.accounts import grant as grant_role

    if not roles or not communes:
        raise _half()
    new = 0
    with _register(dry_run=dry_run) as (conn, author):
        for role in roles:
            for unit in _units(conn, communes, before):
                new += grant_role(conn, author, name, role, unit)[1]
    _said(f"Đã cấp {new} quyền cho {name} · {new} granted to {name}", dry_run)


def revoke(name: Name, roles: Roles = None, communes: Communes = None, dry_run: DryRun = False) -> None:
    """Thu hồi quyền · Take roles back."""
    from register.accounts import find_account
    from register.accounts import revoke as revoke_grant

    if not roles or not communes:
        raise _half()
    codes = {None if code == "all" else code for code in communes}
    with _register(dry_run=dry_run) as (conn, author):
        held = [g for g in find_account(conn, name).grants if g.role in roles and g.code in codes]
        if not held:
            raise CommandError(
                f"{name} không có quyền này; xem `diachinh user list`.",
                f"{name} has no such grant; see `diachinh user list`.",
            )
        for one in held:
            revoke_grant(conn, author, name, one.id)
    _said(f"Đã thu hồi {len(held)} quyền của {name} · {len(held)} taken from {name}", dry_run)


def disable(name: Name) -> None:
    """Khóa tài khoản · Let an account in no more."""
    from register.accounts import disable as disable_account

    with _register() as (conn, author):
        disable_account(conn, author, name)
    _said(f"Đã khóa {name} · {name} disabled")


def enable(name: Name) -> None:
    """Mở khóa tài khoản · Let an account in again."""
    from register.accounts import enable as enable_account

    with _register() as (conn, author):
        enable_account(conn, author, name)
    _said(f"Đã mở khóa {name} · {name} enabled")


def password(name: Name, generate: Generate = False) -> None:
    """Đặt mật khẩu mới · Set a new password."""
    from register.accounts import set_password

    new, shown = password_asked(name, generate=generate)
    with _register() as (conn, author):
        set_password(conn, author, name, new)
    _said(
        f"Đã đổi mật khẩu của {name}, các phiên cũ đã kết thúc · Password of {name} set, its sessions ended"
    )
    if shown:
        show_password(name, new)


def key(name: Name, label: Label = None, expires: Expires = None, revoke: RevokeKey = None) -> None:
    """Tạo hoặc thu hồi khóa của hệ thống · Make or revoke a system's key."""
    from cli.say import answer, say
    from register.api_keys import add_key, revoke_key

    if (label is None) == (revoke is None):
        raise UsageError(
            "Hãy ghi --label để tạo khóa, hoặc --revoke SỐ để thu hồi.",
            "Give --label to make a key, or --revoke NUMBER to revoke one.",
        )
    with _register() as (conn, author):
        if revoke is not None:
            revoke_key(conn, author, name, revoke)
            made = None
        else:
            ends = None if expires is None else expires.astimezone()
            made = add_key(conn, author, name, label or "", ends)
    if made is None:
        _said(f"Đã thu hồi khóa {revoke} của {name} · Key {revoke} of {name} revoked")
    else:
        say(f"Khóa {made[0]} của {name}, chỉ hiện một lần này:", f"key {made[0]} of {name}, shown this once:")
        answer(made[1])


def rotate(sessions: Sessions = False) -> None:
    """Thay khóa ký mã truy cập · Replace the key that access tokens are signed with."""
    from register.sessions import rotate as rotate_key

    with _register() as (conn, author):
        rotate_key(conn, author, sessions=sessions)
    _said("Đã thay khóa ký · Signing key replaced")


def _units(conn: "psycopg.Connection", codes: list[str], before: bool) -> list[int | None]:
    """Numbers of the communes meant by codes; None for `all`. Raises: CommandError."""
    from register.units import communes

    wanted = [code for code in codes if code != "all"]
    found = communes(conn, wanted, before=before)
    for code in wanted:
        if code not in found:
            raise CommandError(
                f"Không có xã {code}: hãy ghi mã 5 số, hoặc all cho tất cả.",
                f"There is no commune {code}: give a code of 5 digits, or all for all of them.",
            )
    return [None if code == "all" else found[code].id for code in codes]


def _half() -> UsageError:
    return UsageError(
        "Quyền cần cả --role và --commune, ví dụ --role editor --commune 20242, hoặc --commune all.",
        "A grant needs --role and --commune, for instance --role editor --commune 20242, or --commune all.",
    )


def _said(text: str, dry_run: bool = False) -> None:
    from cli.say import answer

    answer(text + (" (chạy thử, không ghi · dry run, nothing stored)" if dry_run else ""))
