"""Code lists of the law: complete, sourced, and worth what the circulars' own examples say."""

from decimal import Decimal

import psycopg
import pytest

from register.code_lists import LISTS, load_code_lists

# What the map's style knows to colour.
FAMILIES = {
    "field", "perennial", "forest", "aquaculture", "livestock", "salt", "residential_rural", "residential_urban",
    "office", "defence", "public", "park", "heritage", "business", "industry", "transport", "irrigation", "utility",
    "religion", "cemetery", "water", "other", "unused",
}  # fmt: skip
# The letters of Circular 08/2024 (rules §7.1).
TODAY = """NNP CHN LUA LUC LUK HNK CLN LNP RDD RPH RSX NTS CNT LMU NKH PNN OTC ONT ODT TSC CQP CAN DSN DVH DXH DYT DGD DTT
    DKH DMT DKT DNG DSK CSK SKK SKN SCT TMD SKC SKS CCC DGT DTL DCT DPC DDD DRA DNL DBV DCH DKV TON TIN NTD TVC MNC SON
    PNK CSD CGT BCS DCS NCS MCS"""


@pytest.fixture(scope="module")
def conn(clone):
    from register.connect import connect

    with clone() as conninfo, connect(conninfo) as conn:
        yield conn


def test_the_land_use_codes_of_today(conn: psycopg.Connection) -> None:
    codes = [code for (code,) in conn.execute("select code from land_use where valid_to is null")]
    assert sorted(codes) == sorted(TODAY.split())
    families = {family for (family,) in conn.execute("select family from land_use")}
    assert families == FAMILIES


@pytest.mark.parametrize("table", ["land_use", "land_user"])
def test_a_legacy_code_leads_to_one_of_today_and_only_it(conn: psycopg.Connection, table: str) -> None:
    odd = conn.execute(
        f"""select k.code from {table} k left join {table} s on s.code = k.successor
            where (k.valid_to is not null) <> (s.code is not null) or s.valid_to is not null"""
    ).fetchall()
    assert odd == []


def test_legacy_codes_met_in_files(conn: psycopg.Connection) -> None:
    known = dict(conn.execute("select code, successor from land_use where successor is not null").fetchall())
    assert {code: known[code] for code in ("BHK", "NHK", "LUN", "RSM", "DTS", "TTN", "T", "1L", "Hg/b")} == {
        "BHK": "HNK", "NHK": "HNK", "LUN": "LUK", "RSM": "RSX", "DTS": "DSK", "TTN": "TON", "T": "OTC", "1L": "LUK",
        "Hg/b": "BCS",
    }  # fmt: skip


def test_land_users_are_counted_in_groups_there_are(conn: psycopg.Connection) -> None:
    odd = conn.execute(
        """select u.code from land_user u left join land_user p on p.code = u.parent
           where u.parent is not null and (p.code is null or p.role <> u.role)"""
    ).fetchall()
    assert odd == []
    assert conn.execute("select array_agg(code order by code) from land_user where role = 'manager' and valid_to is null"
                        ).fetchone() == (["CDQ", "KTQ", "TCQ", "TSQ"],)  # fmt: skip


@pytest.mark.parametrize(
    ("scale", "metres", "limit_cm"),
    [
        (500, 3, "1.8"),
        (500, 8, "5.05"),
        (500, 15, "7.15"),
        (500, 30, "10.9"),
        (500, 50, "14.9"),
        (200, 1, "1.5"),
    ],
)
def test_edge_tolerance(conn: psycopg.Connection, scale: int, metres: int, limit_cm: str) -> None:
    total = conn.execute(
        """select sum(base_cm + per_m_cm * (least(%(m)s, coalesce(to_m, 'infinity')) - from_m))
           from tolerance_edge where scale = %(s)s and (from_m < %(m)s or from_m = 0)""",
        {"s": scale, "m": metres},
    ).fetchone()
    assert total == (Decimal(limit_cm),)


@pytest.mark.parametrize(
    ("scale", "area_m2", "limit_m2"),
    [
        (500, 30, "0.25"), (500, 100, "0.81"), (500, 300, "1.81"), (500, 500, "2.61"), (500, 1000, "4.11"),
        (500, 2000, "6.11"), (1000, 300, "2.43"), (1000, 1000, "5.93"), (1000, 2000, "9.93"), (1000, 5000, "18.93"),
        (1000, 10000, "28.93"), (2000, 300, "2.74"), (2000, 1000, "6.24"),
    ],
)  # fmt: skip
def test_area_tolerance(conn: psycopg.Connection, scale: int, area_m2: int, limit_m2: str) -> None:
    total = conn.execute(
        """select sum(base_m2 + per_10m2_m2 * (least(%(a)s, coalesce(to_m2, 'infinity')) - from_m2) / 10)
           from tolerance_area where scale = %(s)s and (from_m2 < %(a)s or from_m2 = 0)""",
        {"s": scale, "a": area_m2},
    ).fetchone()
    assert total is not None
    assert total[0] == Decimal(limit_m2)


@pytest.mark.parametrize(
    ("table", "lower", "upper"),
    [("tolerance_edge", "from_m", "to_m"), ("tolerance_area", "from_m2", "to_m2")],
)
def test_steps_leave_no_gap(conn: psycopg.Connection, table: str, lower: str, upper: str) -> None:
    steps = conn.execute(f"select scale, {lower}, {upper} from {table} order by 1, 2").fetchall()
    scales = {scale for scale, *_ in steps}
    assert scales == {200, 500, 1000, 2000, 5000, 10000}
    for scale in scales:
        own = [(low, high) for s, low, high in steps if s == scale]
        assert own[0][0] == 0
        assert own[-1][1] is None
        assert [high for _, high in own[:-1]] == [low for low, _ in own[1:]]


def test_point_tolerance(conn: psycopg.Connection) -> None:
    rows = conn.execute("select scale, limit_cm * farmland_factor from tolerance_point order by 1").fetchall()
    assert [(scale, float(cm)) for scale, cm in rows] == [
        (200, 5), (500, 7), (1000, 22.5), (2000, 45), (5000, 150), (10000, 300),
    ]  # fmt: skip


def test_everything_names_its_source(conn: psycopg.Connection) -> None:
    for table in LISTS:
        assert conn.execute(
            f"select count(*) from {table} where source !~ '^(NĐ|TT|Mã trước|Bản đồ cũ)'"
        ).fetchone() == (0,)
        assert conn.execute(f"select count(*) > 0 from {table}").fetchone() == (True,)


def test_loading_again_changes_nothing_and_mends_what_differs(db: psycopg.Connection) -> None:
    def rows() -> list[list[tuple[object, ...]]]:
        return [db.execute(f"select xmin, t from {table} t order by t").fetchall() for table in LISTS]

    before = rows()
    load_code_lists(db)
    assert rows() == before
    db.execute("update land_use set name_en = 'X' where code = 'ODT'")
    load_code_lists(db)
    assert db.execute("select name_en from land_use where code = 'ODT'").fetchone() == (
        "Urban residential land",
    )
