"""The demo's accounts, one for each role: made at its first start, their passwords shown then and kept nowhere."""

from cli.settings import Settings

NAMES = {
    "surveyor": "Đo đạc viên",
    "editor": "Cán bộ chỉnh lý",
    "approver": "Lãnh đạo phê duyệt",
    "office": "Quản trị văn phòng",
    "partner": "Hệ thống liên thông",
    "auditor": "Cán bộ kiểm tra",
}


def people(settings: Settings, conninfo: str) -> None:
    """Make the accounts where the register has none at all; else say how to set a password."""
    from cli.say import say
    from register.accounts import add_account, grant, list_accounts
    from register.connect import connect
    from register.passwords import new_password

    made: dict[str, str] = {}
    with connect(conninfo, settings.schema) as conn:
        conn.execute("lock table account in share row exclusive mode")  # two demos at once make them once
        if not list_accounts(conn, settings.author):
            for role, full_name in NAMES.items():
                made[role] = new_password()
                add_account(conn, settings.author, role, full_name, made[role])
                grant(conn, settings.author, role, role, None)
    if not made:
        say(
            "Đặt mật khẩu mới cho tài khoản: diachinh user password TÊN",
            "To set an account's password: diachinh user password NAME",
        )
        return
    say(
        "Tài khoản dùng thử; mật khẩu chỉ hiện một lần này:",
        "accounts to try it with; their passwords are shown this once:",
    )
    for role, password in made.items():
        say(f"  {role:<9} {password}", NAMES[role])
