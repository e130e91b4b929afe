"""Administrative units (đơn vị hành chính): provinces and communes of today and before, and what became of them.

`data/units.tsv`, one unit a line: code (2 digits: province, 5: commune; leading zeros count), kind, name, name of the
former district, province's code, valid_from, valid_to, epsg. Empty valid_from: before our records. Empty valid_to: valid
today. `data/unit_successors.tsv`: code of the unit that ended, code of its successor on the next day, relation
(unchanged; renamed: name or kind; moved: to another province, else the same; merged: wholly into a unit made of several;
divided: parts went to several), and main: t for the successor taken where nothing tells which.

What they rest on: 34 provinces by Resolution 202/2025/QH15 and 3,321 communes with the codes of Decision 19/2025/QĐ-TTg,
names and kinds as of 1 July 2025; the 63 provinces and 10,035 communes until 30 June 2025, with the ministry's conversion
table. 350 communes that the rearrangements of 2020 and 2023-2025 closed earlier are kept because maps still name them;
their last day is not on record, the year's end stands for it; district and kind are those of the commune that took them in.
The main successor of a divided commune is the one that took its whole population, else the one that kept its code, else its
name, else the lowest code.

epsg is the VN-2000 zone of the cadastral maps: of the former province by Circular 26/2024/TT-BTNMT, Appendix 01; of a
commune of today where all it was made of share one zone; empty where they do not (maps keep the old province's meridian).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from importlib.resources import files

import psycopg

from register.statements import load


@dataclass(frozen=True, slots=True)
class Commune:
    """A commune (xã, phường, thị trấn, đặc khu) of today (`valid_to` is None) or before.

    `today` is the commune its ground belongs to now, the default one of `todays` where it was divided; None where a
    former commune has no successor on record. `epsg` is the VN-2000 zone of its maps; None: the sheet must say.
    """

    id: int
    code: str
    kind: str
    name: str
    district: str | None
    valid_to: date | None
    epsg: int | None
    today: int | None
    todays: int


def load_units(conn: psycopg.Connection) -> None:
    """Bring units and successors to what the data files say; a second run changes nothing.

    Units are never removed; outlines and postcodes stay as they are. The caller owns the transaction.
    """
    sql = load("register", "units.sql")
    with conn.cursor() as cursor:
        cursor.execute(sql["drop_rows"])
        for table, file in (("unit_row", "units.tsv"), ("successor_row", "unit_successors.tsv")):
            cursor.execute(sql[table])
            with cursor.copy(sql[f"{table}_copy"]) as copy:
                copy.write(files("register").joinpath("data", file).read_bytes())
        for name in (
            "put_units",
            "analyze_units",
            "put_parents",
            "analyze_successors",
            "move_mains",
            "put_successors",
        ):
            cursor.execute(sql[name])


def zones(conn: psycopg.Connection) -> dict[str, int]:
    """EPSG code of the VN-2000 zone by commune code, old or new; codes with none or several are absent (rules §3.3, §3.5)."""
    return dict(conn.execute(load("register", "units.sql")["zones"]).fetchall())


def communes(conn: psycopg.Connection, codes: Iterable[str], *, before: bool = False) -> dict[str, Commune]:
    """The communes meant by `codes`, by code; unknown codes are absent.

    A code may be that of an old commune and of one of today: today's is meant, with `before` the one until 30 June 2025.
    """
    rows = conn.execute(
        load("register", "units.sql")["find_communes"], {"codes": list(codes), "before": before}
    ).fetchall()
    return {
        code: Commune(unit, code, kind, name, district, valid_to, epsg, today, count)
        for code, unit, kind, name, district, valid_to, epsg, today, count in rows
    }


def settle_communes(conn: psycopg.Connection, *, before: bool | None = None) -> None:
    """Give each row of the temporary table `place` the commune it was surveyed for, and today's.

    Sets surveyed_for, commune and divided; a code nobody knows leaves them null. See units.sql, sheet_commune, for what
    a code means that two communes had, one after the other.
    """
    sql = load("register", "units.sql")
    conn.execute(sql["sheet_commune"], {"before": before})
    conn.execute(sql["todays_commune"])


def settle_divided(conn: psycopg.Connection) -> list[tuple[str, str, str, str, int]]:
    """Give the parcels (temporary table `change`) of divided communes the commune of today their point lies in.

    Out: what no outline placed and so keeps the default: old code and name, default's code and name, parcels.
    """
    sql = load("register", "units.sql")
    conn.execute(sql["todays_commune_by_place"])
    return conn.execute(sql["left_to_default"]).fetchall()
