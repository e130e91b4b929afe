"""Provinces and communes: the numbers of the law, successors that end today, zones of the old provinces."""

import unicodedata
from pathlib import Path

import psycopg
import pytest

from register.units import communes, load_units, settle_communes, settle_divided, zones

# Communes of Đà Nẵng on the city's parcel maps; six were closed before 2025-06-30, two codes are in use again.
DA_NANG = ("20207", "20209", "20212", "20215", "20218", "20221", "20225", "20230", "20233", "20239", "20242", "20251",
           "20278", "20281")  # fmt: skip
DATA = Path(__file__).parents[2] / "register/data"

# Rules §3.3, a second time and by name: EPSG code of the zone → old provinces.
PROVINCES = {
    9205: "Lai Châu, Điện Biên", 9206: "Sơn La", 9207: "Kiên Giang, Cà Mau",
    9208: "Lào Cai, Yên Bái, Nghệ An, Phú Thọ, An Giang",
    5897: "Thanh Hóa, Vĩnh Phúc, Đồng Tháp, Cần Thơ, Bạc Liêu, Hậu Giang, Hà Nội, Ninh Bình, Hà Nam",
    9209: "Hà Giang, Hải Dương, Hà Tĩnh, Bắc Ninh, Hưng Yên, Thái Bình, Nam Định, Tây Ninh, Vĩnh Long, Sóc Trăng, Trà Vinh",
    9210: "Cao Bằng, Long An, Tiền Giang, Bến Tre, Hải Phòng, Hồ Chí Minh, Bình Dương",
    9211: "Tuyên Quang, Hòa Bình, Quảng Bình", 9212: "Quảng Trị, Bình Phước", 9213: "Bắc Kạn, Thái Nguyên",
    9214: "Bắc Giang, Huế", 9215: "Lạng Sơn", 9216: "Kon Tum",
    5899: "Quảng Ninh, Đồng Nai, Bà Rịa - Vũng Tàu, Quảng Nam, Lâm Đồng, Đà Nẵng", 5898: "Quảng Ngãi",
    9217: "Ninh Thuận, Khánh Hòa, Bình Định", 9218: "Đắk Lắk, Đắk Nông, Phú Yên, Gia Lai, Bình Thuận",
}  # fmt: skip


@pytest.fixture(scope="module")
def conn(clone):
    from register.connect import connect

    with clone() as conninfo, connect(conninfo) as conn:
        yield conn


def test_the_numbers_of_the_law(conn: psycopg.Connection) -> None:
    counts = conn.execute(
        "select level, coalesce(valid_to::text, 'today'), count(*) from unit group by 1, 2 order by 1, 2"
    ).fetchall()
    assert counts == [
        ("commune", "2020-12-31", 1),
        ("commune", "2024-12-31", 349),
        ("commune", "2025-06-30", 10035),
        ("commune", "today", 3321),
        ("province", "2025-06-30", 63),
        ("province", "today", 34),
    ]


def test_relations(conn: psycopg.Connection) -> None:
    counts = conn.execute(
        """select relation, count(*) from unit_successor s join unit u on u.id = s.unit
           where level = 'commune' and valid_to = '2025-06-30' group by 1 order by 1"""
    ).fetchall()
    # The ministry's table: 10,571 rows, 6 of them whole districts; 910 + 58 parts, and 2 it calls otherwise.
    assert counts == [("divided", 970), ("merged", 9463), ("moved", 45), ("renamed", 5), ("unchanged", 82)]
    assert sum(n for _, n in counts) == 10571 - 6


def test_every_way_ends_in_one_default_of_today(conn: psycopg.Connection) -> None:
    lost = conn.execute(
        """select u.code, count(t) from unit u left join units_today(array(select id from unit)) t on t.unit = u.id and t.main
           group by u.id having count(t) <> 1"""
    ).fetchall()
    assert lost == []


def test_only_a_divided_commune_has_several_successors(conn: psycopg.Connection) -> None:
    odd = conn.execute(
        """select unit from unit_successor group by unit
           having (count(*) > 1) <> bool_or(relation = 'divided')
               or bool_or(relation = 'divided') <> bool_and(relation = 'divided')"""
    ).fetchall()
    assert odd == []


def test_provinces_of_a_period_hold_its_communes(conn: psycopg.Connection) -> None:
    strays = conn.execute(
        """select c.code from unit c left join unit p on p.id = c.parent
           where c.level = 'commune' and (p.level, p.valid_from) is distinct from ('province', c.valid_from)"""
    ).fetchall()
    assert strays == []


def test_a_commune_of_today_lies_where_its_old_communes_lay(conn: psycopg.Connection) -> None:
    """Where a commune's parts went, its province went: no merger crossed the new provinces."""
    strays = conn.execute(
        """select o.code, n.code from unit_successor s join unit o on o.id = s.unit join unit n on n.id = s.successor
           join unit_successor p on p.unit = o.parent
           where o.valid_to = '2025-06-30' and o.level = 'commune' and p.successor <> n.parent"""
    ).fetchall()
    assert strays == []


def test_names_are_nfc_and_bare(conn: psycopg.Connection) -> None:
    for kind, name, district in conn.execute("select kind, name, coalesce(district, '') from unit"):
        assert kind in {"tỉnh", "thành phố", "xã", "phường", "thị trấn", "đặc khu"}
        for text in (name, district):
            assert text == unicodedata.normalize("NFC", text).strip()
        assert not name.lower().startswith((f"{kind} ", "thi trấn "))


def test_zones_are_those_of_the_old_provinces(conn: psycopg.Connection) -> None:
    registered: dict[int, set[str]] = {}
    for name, epsg in conn.execute(
        "select name, epsg from unit where level = 'province' and valid_to is not null"
    ):
        registered.setdefault(epsg, set()).add(name)
    assert registered == {epsg: set(names.split(", ")) for epsg, names in PROVINCES.items()}
    assert sum(len(names) for names in registered.values()) == 63
    strays = conn.execute(
        """select c.code from unit c join unit p on p.id = c.parent
           where c.level = 'commune' and c.valid_to is not null and c.epsg is distinct from p.epsg"""
    ).fetchall()
    assert strays == []


def test_a_commune_of_today_has_a_zone_where_its_old_communes_agree(conn: psycopg.Connection) -> None:
    strays = conn.execute(
        """select n.code from unit n join unit_successor s on s.successor = n.id join unit o on o.id = s.unit
           where n.valid_to is null
           group by n.id having n.epsg is distinct from case count(distinct o.epsg) when 1 then min(o.epsg) end"""
    ).fetchall()
    assert strays == []
    without = [
        row[0] for row in conn.execute("select code from unit where level = 'commune' and epsg is null")
    ]
    assert without == []


def test_zones_by_code(conn: psycopg.Connection) -> None:
    by_code = zones(conn)
    assert by_code["20207"] == by_code["20242"] == by_code["20333"] == 5899
    assert by_code["13285"] == 5897  # Hà Nam: 105°00', not the 105°30' of some lists
    assert "99999" not in by_code
    codes = {code for (code,) in conn.execute("select code from unit where level = 'commune'")}
    assert set(by_code) == codes


def test_a_code_whose_units_have_different_zones_is_absent(db: psycopg.Connection) -> None:
    db.execute("update unit set epsg = 9210 where code = '20242' and valid_to is null")
    db.execute("update unit set epsg = null where code = '20209' and valid_to is null")
    by_code = zones(db)
    assert "20242" not in by_code
    assert "20209" not in by_code
    assert by_code["20207"] == 5899


def test_the_old_wards_of_da_nang(conn: psycopg.Connection) -> None:
    found = communes(conn, DA_NANG, before=True)
    names = {
        code: f"{unit.kind} {unit.name}" for code, unit in communes(conn, ["20209", "20242", "20275"]).items()
    }
    by_id = {communes(conn, [code])[code].id: name for code, name in names.items()}
    assert {code: (unit.name, by_id[unit.today or 0], unit.todays) for code, unit in found.items()} == {
        "20207": ("Thanh Khê Đông", "phường Thanh Khê", 1),
        "20209": ("Xuân Hà", "phường Thanh Khê", 1),
        "20212": ("Tân Chính", "phường Thanh Khê", 1),
        "20215": ("Chính Gián", "phường Thanh Khê", 1),
        "20218": ("Thạc Gián", "phường Thanh Khê", 1),
        "20221": ("Thạc Gián", "phường Thanh Khê", 1),
        "20225": ("Hòa Khê", "phường Thanh Khê", 1),
        "20230": ("Thuận Phước", "phường Hải Châu", 1),
        "20233": ("Thạch Thang", "phường Hải Châu", 1),
        "20239": ("Hải Châu II", "phường Hải Châu", 1),
        "20242": ("Phước Ninh", "phường Hải Châu", 1),
        "20251": ("Bình Hiên", "phường Hải Châu", 1),
        "20278": ("An Hải Nam", "phường An Hải", 1),
        "20281": ("An Hải Đông", "phường An Hải", 1),
    }


def test_a_code_two_communes_had_means_the_one_of_today(conn: psycopg.Connection) -> None:
    both = communes(conn, ["20242"])["20242"], communes(conn, ["20242"], before=True)["20242"]
    assert [(unit.name, unit.valid_to is None) for unit in both] == [
        ("Hải Châu", True),
        ("Phước Ninh", False),
    ]
    assert both[0].today == both[1].today == both[0].id
    closed = communes(conn, ["20207"]), communes(conn, ["20207"], before=True)
    assert closed[0] == closed[1]
    assert communes(conn, ["99999", "48"]) == {}


def test_loading_again_changes_nothing(db: psycopg.Connection) -> None:
    def rows() -> list[tuple[object, ...]]:
        return (
            db.execute("select xmin, u from unit u order by id").fetchall()
            + db.execute("select xmin, s from unit_successor s order by unit, successor").fetchall()
        )

    before = rows()
    load_units(db)
    load_units(db)
    assert rows() == before


def test_loading_mends_what_the_file_tells_otherwise(db: psycopg.Connection) -> None:
    load_units(db)
    told = "select code, kind, name, parent, valid_to, epsg, postcode from unit where code = '20207'"
    before = db.execute(told).fetchone()
    main = "select successor from unit_successor where main and unit = (select id from unit where code = '00553')"
    default = db.execute(main).fetchone()
    db.execute("update unit set name = 'X', parent = null, valid_to = null where code = '20207'")
    db.execute("delete from unit_successor where unit = (select id from unit where code = '20207')")
    db.execute(
        "update unit_successor set main = false where unit = (select id from unit where code = '00553')"
    )
    db.execute(
        """update unit_successor set main = true where (unit, successor) =
           (select unit, max(successor) from unit_successor join unit on unit.id = unit where code = '00553' group by 1)"""
    )
    assert db.execute(main).fetchone() != default
    load_units(db)
    assert db.execute(told).fetchone() == before
    assert db.execute(main).fetchone() == default
    assert communes(db, ["20207"])["20207"].todays == 1


def test_the_files_are_sorted_and_small() -> None:
    for name in ("units.tsv", "unit_successors.tsv"):
        lines = (DATA / name).read_text(encoding="utf-8").splitlines()[1:]
        keys = [(len(fields[0]), fields[0]) for fields in (line.split("\t") for line in lines)]
        assert keys == sorted(keys)
        assert len(set(lines)) == len(lines)
    assert sum((DATA / name).stat().st_size for name in ("units.tsv", "unit_successors.tsv")) < 1_200_000


def _hand_in(conn: psycopg.Connection, *codes: str) -> None:
    """The temporary tables of a hand-in with one sheet a code."""
    from register.statements import load

    sql = load("register", "apply.sql")
    conn.execute(sql["open_places"])
    conn.execute(sql["open_changes"])
    for n, code in enumerate(codes):
        conn.execute(
            "insert into place (place, commune_code, number, map_set, epsg) values (%s, %s, '1', '', 5899)",
            [n, code],
        )


def _settled(conn: psycopg.Connection) -> list[tuple[object, ...]]:
    return conn.execute(
        """select commune_code, s.name, t.name, divided from place left join unit s on s.id = surveyed_for
           left join unit t on t.id = commune order by place"""
    ).fetchall()


def test_sheets_of_codes_in_use_today_belong_to_the_communes_of_today(db: psycopg.Connection) -> None:
    _hand_in(db, "20242", "20209")
    settle_communes(db)
    assert _settled(db) == [
        ("20242", "Hải Châu", "Hải Châu", False),
        ("20209", "Thanh Khê", "Thanh Khê", False),
    ]


def test_a_closed_code_tells_that_the_hand_in_speaks_of_old_communes(db: psycopg.Connection) -> None:
    _hand_in(db, "20242", "20207", "20221")
    settle_communes(db)
    assert _settled(db) == [
        ("20242", "Phước Ninh", "Hải Châu", False),
        ("20207", "Thanh Khê Đông", "Thanh Khê", False),
        ("20221", "Thạc Gián", "Thanh Khê", False),
    ]


@pytest.mark.parametrize(("before", "name"), [(True, "Phước Ninh"), (False, "Hải Châu")])
def test_the_user_may_say_which_communes_the_codes_mean(
    db: psycopg.Connection, before: bool, name: str
) -> None:
    _hand_in(db, "20242")
    settle_communes(db, before=before)
    assert _settled(db) == [("20242", name, "Hải Châu", False)]


def test_an_unknown_code_is_left_open_and_tells_nothing(db: psycopg.Connection) -> None:
    _hand_in(db, "20242", "99999")
    settle_communes(db)
    assert _settled(db) == [("20242", "Hải Châu", "Hải Châu", False), ("99999", None, None, False)]


def test_parcels_of_a_divided_commune_follow_their_place(db: psycopg.Connection) -> None:
    """Cổ Bi went to three communes; squares stand for their outlines, `.` is a parcel's point.

     00136   00541   00565
    [0 . 2] [2 . 4]  none here
    """
    _hand_in(db, "00553")
    settle_communes(db)
    default = db.execute("select commune, divided from place").fetchone()
    assert default is not None
    assert default[1]
    for west, code in ((105.0, "00136"), (105.2, "00541")):
        db.execute(
            """update unit set outline = st_multi(st_makeenvelope(%s, 21, %s, 21.2, 4326))
               where code = %s and valid_to is null""",
            [west, west + 0.2, code],
        )
    for n, (lon, lat) in enumerate([(105.1, 21.1), (105.3, 21.1), (105.401, 21.1), (106.0, 21.1)]):
        db.execute(
            """insert into change (n, opens, issues, given, place, cell, anchor)
               values (%s, true, true, false, 0, 0, st_transform(st_setsrid(st_makepoint(%s, %s), 4326), 3857))""",
            [n, lon, lat],
        )
    left = settle_divided(db)
    communes_of = "select u.code from change c left join unit u on u.id = c.commune order by n"
    assert [code for (code,) in db.execute(communes_of)] == ["00136", "00541", None, None]
    assert [(row[0], row[4]) for row in left] == [("00553", 2)]

    # With the third outline known, the point just beside an outline (they are simplified) goes to the nearest.
    db.execute(
        """update unit set outline = st_multi(st_makeenvelope(104.6, 21, 105, 21.2, 4326))
           where code = '00565' and valid_to is null"""
    )
    assert [row[4] for row in settle_divided(db)] == [1]
    assert [code for (code,) in db.execute(communes_of)] == ["00136", "00541", "00541", None]
