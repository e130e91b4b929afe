"""What the database itself refuses, whoever asks."""

import psycopg
import pytest

from tests.register.handed_in import hand_in, lot

APPEND_ONLY = "append-only"


@pytest.fixture
def filled(db: psycopg.Connection) -> psycopg.Connection:
    hand_in(db, lot("1", 0, 0, 5, 20, address="5 Lê Lợi"), lot("2", 4, 0, 10, 20))
    db.commit()
    return db


@pytest.mark.parametrize(
    "table", ["parcel", "parcel_version", "address", "parcel_address", "defect", "correction", "audit"]
)
@pytest.mark.parametrize("statement", ["delete from {}", "truncate {} cascade"])
def test_nothing_is_ever_deleted(filled: psycopg.Connection, table: str, statement: str) -> None:
    with pytest.raises(psycopg.Error, match=APPEND_ONLY) as refused:
        filled.execute(statement.format(table))
    assert refused.value.diag.constraint_name == "append_only"


@pytest.mark.parametrize(
    "statement",
    [
        "update parcel_version set number = '9'",
        "update parcel_version set shape = st_translate(shape, 1, 0)",
        "update parcel_version set closed_by = opened_by + 1, land_use = 'LUC'",
        "update parcel_version set id = id + 100",
        "update parcel set code = 'w7er8sp5fqef'",
        "update parcel_address set main = not main",
        "update address set text = 'x'",
        "update defect set size = 0",
        "update audit set what = ''",
    ],
)
def test_nothing_is_rewritten(filled: psycopg.Connection, statement: str) -> None:
    if "audit" in statement:
        filled.execute("insert into audit (what) values ('read')")
    with pytest.raises(psycopg.Error, match=APPEND_ONLY):
        filled.execute(statement)


def test_closing_is_allowed_once(filled: psycopg.Connection) -> None:
    filled.execute("update parcel_version set closed_by = opened_by + 1")
    with pytest.raises(psycopg.Error, match=APPEND_ONLY):
        filled.execute("update parcel_version set closed_by = opened_by + 2")


@pytest.mark.parametrize(
    "statement",
    [
        "update correction set reason = 'other'",
        "update correction set hash = null",
        "update correction set author = 'someone'",
    ],
)
def test_a_sealed_correction_does_not_change(filled: psycopg.Connection, statement: str) -> None:
    with pytest.raises(psycopg.Error, match="sealed"):
        filled.execute(statement)


def test_a_code_is_issued_once(filled: psycopg.Connection) -> None:
    with pytest.raises(psycopg.errors.UniqueViolation):
        filled.execute(
            "insert into parcel select code, east_m, north_m, epsg, algorithm, issued_by from parcel limit 1"
        )


def test_a_parcel_has_one_current_version(filled: psycopg.Connection) -> None:
    with pytest.raises(psycopg.errors.UniqueViolation) as refused:
        filled.execute(
            "insert into parcel_version (code, sheet, commune, number, area_m2, shape, web, anchor, room_m, opened_by) "
            "select code, sheet, commune, '77', area_m2, shape, web, anchor, room_m, opened_by from parcel_version limit 1"
        )
    assert refused.value.diag.constraint_name == "parcel_version_one_current"


@pytest.mark.parametrize(
    ("column", "value", "constraint"),
    [
        ("code", "'000000000000'", "version_code"),
        ("sheet", "999999", "version_sheet"),
        ("commune", "999999", "version_commune"),
        ("opened_by", "999999", "version_opened_by"),
    ],
)
def test_a_version_needs_what_it_names(
    filled: psycopg.Connection, column: str, value: str, constraint: str
) -> None:
    columns = [
        "code",
        "sheet",
        "commune",
        "number",
        "area_m2",
        "shape",
        "web",
        "anchor",
        "room_m",
        "opened_by",
    ]
    values = [value if name == column else name for name in columns]
    filled.execute("update parcel_version set closed_by = opened_by + 1")
    with pytest.raises(psycopg.errors.ForeignKeyViolation) as refused:
        filled.execute(
            f"insert into parcel_version ({', '.join(columns)}) select {', '.join(values)} from parcel_version limit 1"
        )
    assert refused.value.diag.constraint_name == constraint


def test_a_shape_is_valid(filled: psycopg.Connection) -> None:
    bow = "st_setsrid('POLYGON((0 0, 1 1, 1 0, 0 1, 0 0))'::geometry, 5899)"
    filled.execute("update parcel_version set closed_by = opened_by + 1")
    with pytest.raises(psycopg.errors.CheckViolation):
        filled.execute(
            "insert into parcel_version (code, sheet, commune, number, area_m2, shape, web, anchor, room_m, opened_by) "
            f"select code, sheet, commune, '77', area_m2, {bow}, web, anchor, room_m, opened_by from parcel_version limit 1"
        )
