"""`diachinh doctor`: narrow gaps and overlaps between a commune's parcels, listed or drafted for repair."""

from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from cli.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from register.doctor import Diagnosis, Found
    from register.doctor_drafts import Round

CommuneCode = Annotated[str, typer.Argument(help="Mã xã (5 số), cũ hoặc mới · Commune code, old or new")]
Sheet = Annotated[str | None, typer.Option(help="Chỉ một tờ bản đồ · One map sheet only")]
ToleranceM = Annotated[
    float,
    typer.Option(
        "--tolerance-m", min=0.002, max=0.25, help="Bề rộng lớn nhất, mét · Widest to look for, metres"
    ),
]
Draft = Annotated[bool, typer.Option("--draft", help="Lập bản thảo sửa · Draft the repairs")]
Author = Annotated[
    str | None, typer.Option(help="Tài khoản lập bản thảo · Account whose drafts they will be")
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Chạy thử, không ghi · Store nothing")]
PAGE = 1000
_Page = TypeVar("_Page", "Diagnosis", "Round")


def doctor(
    commune: CommuneCode,
    sheet: Sheet = None,
    tolerance_m: ToleranceM = 0.05,
    draft: Draft = False,
    author: Author = None,
    dry_run: DryRun = False,
) -> None:
    """Tìm khe hở, chồng lấn nhỏ giữa các thửa · Find narrow gaps and overlaps between parcels."""
    from datetime import date

    from cli.database import open_database
    from cli.migrate import bring_up
    from cli.progress import shown
    from cli.settings import read_settings
    from cli.signals import stopped_cleanly
    from register.accounts import find_account
    from register.connect import connect
    from register.doctor import Area, find
    from register.doctor_drafts import draft_all
    from register.proposals import Said

    if draft and author is None:
        raise UsageError(
            "Thiếu --author: bản thảo phải có người lập",
            "--author is missing: a draft is somebody's",
        )
    settings = read_settings()
    area = Area(commune, sheet)
    with stopped_cleanly(), open_database(settings) as conninfo:
        bring_up(conninfo, settings.schema)
        with connect(conninfo, settings.schema) as conn, shown() as progress:
            if not draft:
                pages = _pages(lambda at: find(conn, area, tolerance_m, PAGE, at, progress))
                _show([one for page in pages for one in page.slivers])
                return
            name = find_account(conn, author or "").name
            said = Said(date.today(), "diachinh doctor")
            rounds = _pages(
                lambda at: draft_all(conn, name, said, area, tolerance_m, PAGE, at, progress=progress)
            )
            _tell(list(rounds), dry_run)
            if dry_run:
                conn.rollback()


def _pages(ask: "Callable[[str | None], _Page]") -> "Iterator[_Page]":
    cursor = None
    while True:
        page = ask(cursor)
        yield page
        cursor = page.next
        if cursor is None:
            return


def _show(found: "list[Found]") -> None:
    from cli.say import answer

    kinds = {"gap": "khe hở · gap", "overlap": "chồng lấn · overlap"}
    if found:
        answer(
            f"{'loại · kind':<20}  {'mm':>6}  {'m²':>9}  {'kinh độ, vĩ độ · lon, lat':<25}  các thửa · parcels"
        )
    for one in found:
        place = f"{one.lon:.7f}, {one.lat:.7f}"
        mark = f"  ({one.draft})" if one.draft else ""
        answer(
            f"{kinds[one.kind]:<20}  {one.width_m * 1000:>6.1f}  {one.area_m2:>9.4f}  {place:<25}  "
            f"{' '.join(one.parcels)}{mark}"
        )
    gaps = sum(one.kind == "gap" for one in found)
    answer(f"{gaps} khe hở, {len(found) - gaps} chồng lấn · {gaps} gaps, {len(found) - gaps} overlaps")


def _tell(rounds: "list[Round]", dry_run: bool) -> None:
    from cli.say import answer

    drafts = [one for page in rounds for one in page.drafts]
    for one in drafts:
        answer(
            f"{one.key}  {one.parcels} thửa, sửa {one.repaired}, còn {one.left} · "
            f"{one.parcels} parcels, {one.repaired} repaired, {one.left} left"
        )
    waiting, without = (sum(getattr(page, name) for page in rounds) for name in ("waiting", "no_repair"))
    answer(
        f"{len(drafts)} bản thảo; {waiting} chỗ chờ lượt sau, {without} chỗ phải sửa bằng tay"
        f"{' (chạy thử, không ghi)' if dry_run else ''} · {len(drafts)} drafts; {waiting} slivers wait for the next "
        f"round, {without} to be repaired by hand{' (dry run, nothing stored)' if dry_run else ''}"
    )
