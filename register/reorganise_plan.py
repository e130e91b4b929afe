"""What a reorganisation would do, worked out in temporary tables before anything is written, and what stands against it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

import psycopg

from register.errors import ReorganisationError
from register.statements import load, one

LISTED = 20


@dataclass(frozen=True, slots=True)
class NewUnit:
    """A commune that begins: its code, kind (xã, phường, đặc khu), name, the code of its province.

    `outline` is WKB in degrees of WGS84; without one it is made of the communes that go over whole, where these have theirs.
    """

    code: str
    kind: str
    name: str
    province: str
    postcode: str | None = None
    outline: bytes | None = None


@dataclass(frozen=True, slots=True)
class Move:
    """Where a sheet of the commune `commune` goes; `sheet` None: all sheets that no other move names.

    `scale` (500 for 1:500) and `map_set` tell sheets of one number apart. None: the sheet keeps its number, its map set.
    Moves of one sheet to several communes divide it by their outlines.
    """

    commune: str
    sheet: str | None
    scale: int | None
    map_set: str | None
    to_commune: str
    to_sheet: str | None = None
    to_map_set: str | None = None


@dataclass(frozen=True, slots=True)
class Reorganisation:
    """Communes that begin and sheets that move on the legal date `effective_on`.

    A commune of today that gives all away ends; so does one whose code is given to a new one. One that is a target too goes
    on. `before`: whether old codes mean the communes before today's; None: they do where one of them is closed.
    """

    units: Sequence[NewUnit]
    moves: Sequence[Move]
    effective_on: date
    before: bool | None = None


@dataclass(frozen=True, slots=True)
class Flow:
    """What goes from one commune to another; `begins`: the other is new."""

    commune: str
    commune_name: str
    to_commune: str
    to_name: str
    begins: bool
    sheets: int
    renumbered: int
    parcels: int


@dataclass(frozen=True, slots=True)
class Fate:
    """What becomes of a commune that ends: merged, divided, renamed, moved or unchanged, and who takes over."""

    commune: str
    name: str
    relation: str
    successor: str


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why it cannot be done: a rule, a sentence in each language, the first places it is about and how many there are."""

    rule: str
    text_vi: str
    text_en: str
    places: list[str]
    count: int


@dataclass(frozen=True, slots=True)
class Preview:
    """What a reorganisation would do; with refusals it cannot be done."""

    flows: list[Flow]
    fates: list[Fate]
    parcels: int
    refusals: list[Refusal]


def work_out(conn: psycopg.Connection, wanted: Reorganisation) -> list[Refusal]:
    """Fill the temporary tables of reorganise_plan.sql; what stands against the reorganisation. Writes nothing else."""
    sql = load("register", "reorganise_plan.sql")
    conn.execute(sql["open"])
    units = [
        (n, u.code, u.kind, u.name, u.province, u.postcode, u.outline) for n, u in enumerate(wanted.units)
    ]
    moves = [
        (n, m.commune, m.sheet, m.scale, m.map_set, m.to_commune, m.to_sheet, m.to_map_set)
        for n, m in enumerate(wanted.moves)
    ]
    with conn.cursor() as cursor:
        cursor.executemany(sql["put_unit"], units)
        cursor.executemany(sql["put_move"], moves)
    for name in ("settle_units", "settle_origins", "settle_targets", "settle_stays", "settle_ending"):
        conn.execute(sql[name], {"before": wanted.before} if name == "settle_origins" else None)
    for name in ("named_sheets", "other_sheets", "count_pieces"):
        conn.execute(sql[name])
    refusals = _refusals(conn, "refusals", {"effective_on": wanted.effective_on})
    if refusals:
        return refusals
    for name in (
        "make_dests",
        "find_dests",
        "find_sheets",
        "move_whole",
        "move_by_place",
        "analyze",
        "heirs",
    ):
        conn.execute(sql[name])
    for name in ("sheets_left", "unplaced", "zones", "clashes"):
        refusals += _refusals(conn, name)
    if not refusals and not any(one(conn, sql["changes"])):
        refusals.append(_refusal("nothing", []))
    return refusals


def preview(conn: psycopg.Connection, wanted: Reorganisation) -> Preview:
    """What `wanted` would do, without doing it. The caller owns the transaction and rolls it back."""
    sql = load("register", "reorganise_plan.sql")
    refusals = work_out(conn, wanted)
    return Preview(
        [Flow(*row) for row in conn.execute(sql["flows"]).fetchall()],
        [Fate(*row) for row in conn.execute(sql["fates"]).fetchall()],
        one(conn, sql["changes"])[0],
        refusals,
    )


def refused(refusals: Sequence[Refusal]) -> ReorganisationError:
    """The error that says all of them."""
    return ReorganisationError(
        "\n".join(f"{r.text_en}{_listed(r, 'more')}" for r in refusals),
        "\n".join(f"{r.text_vi}{_listed(r, 'nữa')}" for r in refusals),
        [(r.rule, r.places, r.count) for r in refusals],
    )


def _listed(refusal: Refusal, more: str) -> str:
    shown = "; ".join(refusal.places)
    rest = refusal.count - len(refusal.places)
    return (f" {shown}" if shown else "") + (f"; … +{rest} {more}" if rest else "")


def _refusals(conn: psycopg.Connection, name: str, values: dict[str, object] | None = None) -> list[Refusal]:
    found: dict[str, list[str]] = {}
    for rule, place in conn.execute(load("register", "reorganise_plan.sql")[name], values).fetchall():
        found.setdefault(rule, []).append(place)
    return [_refusal(rule, places) for rule, places in found.items()]


def _refusal(rule: str, places: list[str]) -> Refusal:
    return Refusal(rule, *_WORDS[rule], places[:LISTED], len(places))


_WORDS = {
    "unit": (
        "Đơn vị mới cần mã 5 chữ số, loại, tên, mã bưu chính 5 chữ số nếu có:",
        "A new commune needs a code of 5 digits, kind, name, and a postcode of 5 digits or none:",
    ),
    "unit_twice": ("Đơn vị mới có mã trùng nhau:", "New communes share a code:"),
    "unit_province": (
        "Không có tỉnh hiện nay mang mã này; hãy sửa mã tỉnh của xã mới:",
        "No province of today has this code; correct the province of the new commune:",
    ),
    "unit_unused": (
        "Không có xã, tờ nào chuyển vào xã mới; hãy thêm dòng hoặc bỏ xã:",
        "Nothing goes to this new commune; add its rows or leave it out:",
    ),
    "unknown_commune": (
        "Không có xã nào mang mã cũ này, hiện nay hay trước đây; hãy sửa mã:",
        "No commune, today's or former, has this old code; correct it:",
    ),
    "unknown_target": (
        "Mã xã mới không phải xã hiện nay, cũng không có trong danh sách xã mới; hãy sửa mã hoặc thêm tên xã:",
        "The new code is no commune of today and none of the new ones; correct it or give the commune's name:",
    ),
    "too_early": (
        "Xã mới có hiệu lực từ ngày ghi bên cạnh; hãy chọn ngày hiệu lực muộn hơn:",
        "The commune stands only since the day beside it; choose a later legal date:",
    ),
    "unknown_sheet": (
        "Không có tờ bản đồ này với thửa hiện hành trong xã cũ; hãy sửa số tờ, tỷ lệ hoặc bỏ dòng:",
        "The old commune has no such sheet with current parcels; correct number or scale, or leave the row out:",
    ),
    "ambiguous_sheet": (
        "Có nhiều tờ cùng số; hãy ghi thêm tỷ lệ hoặc bộ bản đồ:",
        "Several sheets have this number; add the scale or the map set:",
    ),
    "sheet_twice": (
        "Một tờ được chuyển hai lần; hãy bỏ một dòng:",
        "A sheet is moved twice; leave one row out:",
    ),
    "no_outline": (
        "Một tờ chia cho nhiều xã cần ranh giới của các xã ấy; hãy nạp ranh giới (diachinh units import) hoặc chuyển cả tờ:",
        "A sheet that goes to several communes needs their outlines; import them (diachinh units import) or move it whole:",
    ),
    "sheet_left": (
        "Xã bị giải thể còn tờ chưa được chuyển; hãy thêm dòng cho các tờ:",
        "Sheets would be left in a commune that gives all away; add rows for them:",
    ),
    "unplaced": (
        "Thửa của tờ bị chia không nằm trong ranh giới xã nào; hãy sửa ranh giới:",
        "Parcels of a divided sheet lie in none of the outlines; correct these:",
    ),
    "zone": (
        "Các tờ khác múi chiếu hoặc khác loại không nhập thành một tờ được; hãy cho số tờ khác nhau:",
        "Sheets of different zones or kinds cannot become one; give them different numbers:",
    ),
    "number": (
        "Số thửa bị trùng khi các tờ cũ nhập vào một tờ; hãy cho các tờ số khác nhau:",
        "Parcel numbers meet where old sheets become one; give the sheets different numbers:",
    ),
    "nothing": (
        "Không có gì thay đổi: các tờ đã ở đúng xã và đúng số.",
        "Nothing would change: the sheets are there under these numbers already.",
    ),
}  # fmt: skip


def settle_new(
    conn: psycopg.Connection, named: Sequence[NewUnit], moves: Sequence[Move]
) -> tuple[list[NewUnit], list[str]]:
    """Those of `named` that begin: not the communes of today that are called so already.

    One without a province lies in that of the communes it is made of. Also codes of new communes without a kind.
    """
    sql = load("register", "reorganise_plan.sql")
    columns = {
        "codes": [u.code for u in named],
        "kinds": [u.kind for u in named],
        "names": [u.name for u in named],
    }
    known = {code for (code,) in conn.execute(sql["as_today"], columns)}
    of: dict[str, str] = dict(
        conn.execute(sql["provinces"], {"codes": [m.commune for m in moves]}).fetchall()
    )
    into = {m.to_commune: of[m.commune] for m in reversed(moves) if m.commune in of}
    begin = [
        u if u.province else replace(u, province=into.get(u.code, "")) for u in named if u.code not in known
    ]
    return begin, [u.code for u in begin if not u.kind]
