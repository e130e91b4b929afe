"""Code lists of the law, with validity and source: land use, land users, tolerances (rules §5, §7). Data, not code.

One `data/NAME.tsv` a table, its columns the table's. `family` of a land use groups codes for colours and legends.
"""

from importlib.resources import files

import psycopg

from register.statements import load

LISTS = ("land_use", "land_user", "tolerance_point", "tolerance_edge", "tolerance_area")


def load_code_lists(conn: psycopg.Connection) -> None:
    """Bring the code lists to what the data files say; a second run changes nothing, nothing is removed.

    The caller owns the transaction.
    """
    sql = load("register", "code_lists.sql")
    with conn.cursor() as cursor:
        cursor.execute(sql["drop_rows"])
        for name in LISTS:
            cursor.execute(sql[f"{name}_row"])
            with cursor.copy(sql[f"{name}_copy"]) as copy:
                copy.write(files("register").joinpath("data", f"{name}.tsv").read_bytes())
            cursor.execute(sql[f"{name}_put"])
