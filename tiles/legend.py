"""The key to the map: the colour and hatching of each land-use code, in each look, in both languages."""

from collections.abc import Mapping, Sequence
from typing import Any

from psycopg import AsyncConnection
from psycopg.rows import TupleRow

from register.statements import load
from tiles.looks import GROUPS, HATCHINGS, OTHER_NAMES, Look

Use = tuple[str, str, str, str]
"""Land-use code, family, Vietnamese and English name."""


async def uses(conn: AsyncConnection[TupleRow]) -> list[Use]:
    """All land-use codes, legacy ones too: they still stand in the register."""
    return list(await (await conn.execute(load("tiles", "style.sql")["uses"])).fetchall())


def legend(of: Sequence[Use], look: Look) -> dict[str, Any]:
    """Groups in the order of the legend, each with its colour and its codes; a code's hatching where it has one."""
    group_of = {family: name for name, (_, _, families) in GROUPS.items() for family in families}
    titles: Mapping[str, tuple[str, str]] = {
        **{name: (vi, en) for name, (vi, en, _) in GROUPS.items()},
        "other": OTHER_NAMES,
    }
    hatching = {family: image for image, families in HATCHINGS.items() for family in families}
    return {
        "look": look.name,
        "title_vi": look.title_vi,
        "title_en": look.title_en,
        "groups": [
            {
                "group": name,
                "title_vi": title_vi,
                "title_en": title_en,
                "colour": look.washes[name],
                "codes": [
                    {"code": code, "name_vi": name_vi, "name_en": name_en, "hatching": hatching.get(family)}
                    for code, family, name_vi, name_en in of
                    if group_of.get(family, "other") == name
                ],
            }
            for name, (title_vi, title_en) in titles.items()
        ],
    }
