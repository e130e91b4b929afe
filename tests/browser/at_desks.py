"""People at their desks: accounts, signing in on the page."""

from collections.abc import Mapping

from playwright.sync_api import Page, expect

from register.accounts import add_account, grant
from register.connect import connect
from tests.browser.built import PATIENCE_MS

PASSWORD = "một mật khẩu dài"  # noqa: S105


def hire(conninfo: str, people: Mapping[str, tuple[str, ...]]) -> None:
    """Accounts by name with their roles, for all communes; all have one password."""
    with connect(conninfo) as conn:
        for name, roles in people.items():
            add_account(conn, "tester", name, name.title(), PASSWORD)
            for role in roles:
                grant(conn, "tester", name, role, None)


def enter(page: Page, name: str, password: str = PASSWORD) -> None:
    """Fill in the dialog that is open, and send it."""
    dialog = page.get_by_role("dialog")
    expect(dialog).to_be_visible(timeout=PATIENCE_MS)
    dialog.get_by_label("Tên đăng nhập").fill(name)
    dialog.get_by_label("Mật khẩu").fill(password)
    dialog.get_by_role("button", name="Đăng nhập").click()


def sign_in(page: Page, name: str) -> None:
    """From the map, or over a desk in the address, until the desks are offered."""
    if "desk=" not in page.url:  # a desk in the address opens the dialog by itself
        page.get_by_role("button", name="Đăng nhập").click()
    enter(page, name)
    expect(page.get_by_role("navigation")).to_be_visible(timeout=PATIENCE_MS)


def desks(page: Page) -> list[str]:
    """What the bar offers."""
    return page.get_by_role("navigation").get_by_role("list").get_by_role("button").all_inner_texts()
