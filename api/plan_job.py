"""A plan drawn by a process of its own, which the server can end at any time: `python -m api.plan_job`.

It reads one line of JSON from its standard input and ends with 0 when the file is whole.
"""

import json
import sys
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import shapely

from geo import crs
from importers.plan.drawing import Colours, Plots
from importers.plan.paper import Words, pdf
from importers.plan.sheet import Sheet
from importers.report.wording import number, quantity
from register.connect import connect
from register.features.rows import SCHEMA, batches, wanted
from register.statements import load
from tiles.legend import legend
from tiles.looks import Look, look_named

_VIETNAM = timezone(timedelta(hours=7))


def write(
    conninfo: str, schema: str, of: str, epsg: int, middle: list[float], asked: Mapping[str, Any], path: Path
) -> None:
    """The plan `asked` for (`api.plan_shapes.PlanAsked`) of the parcels `of`, in the zone `epsg`, as a PDF at `path`."""
    with connect(conninfo, schema) as conn:
        conn.read_only = True
        found = pa.Table.from_batches(list(batches(conn, wanted(of), epsg)), SCHEMA)
        uses = list(conn.execute(load("tiles", "style.sql")["uses"]).fetchall())
    look, english = look_named(asked["look"]), asked["lang"] == "en"
    key = legend(uses, look)["groups"]
    washes = {use["code"]: group["colour"] for group in key for use in group["codes"]}
    colours = Colours(look.sheet, look.ink, washes, look.washes["other"])
    rows = found.drop_columns(["shape"]).to_pylist()
    plots = Plots(
        shapely.from_wkb(found["shape"].to_numpy(zero_copy_only=False)),
        [row["code"] for row in rows],
        [row["number"] for row in rows],
        [row["land_use"] or "" for row in rows],
        [row["area_m2"] for row in rows],
        np.column_stack([found["label_x"].to_numpy(), found["label_y"].to_numpy()]),
        found["room_m"].fill_null(0).to_numpy(),
    )
    now = datetime.now(UTC)
    sheet = Sheet(asked["paper"], asked["orientation"])
    window = sheet.window(middle[0], middle[1], asked["scale"])
    of_code = {row["code"]: row for row in rows}
    chosen = of_code.get(asked["code"])
    words = Words(
        title=asked["title"].strip() or _title(chosen, english),
        under=_under(chosen, rows, english),
        facts=_facts(chosen, english),
        key=_key(key, {code for use in plots.land_uses for code in use.split("+")}, english),
        about=_about(asked, epsg, look, now, english),
        note="Printed from the map of the register; it does not stand in for an extract (trích lục)."
        if english
        else "In từ bản đồ của sổ địa chính; không thay cho trích lục bản đồ địa chính.",
        english=english,
    )
    path.write_bytes(
        pdf(sheet, window, plots, chosen and chosen["code"], colours, words, int(now.timestamp()))
    )


def _title(chosen: Mapping[str, Any] | None, english: bool) -> str:
    if chosen is None:
        return "CADASTRAL MAP" if english else "BẢN ĐỒ ĐỊA CHÍNH"
    sheet, plot = chosen["sheet"], chosen["number"]
    return f"PARCEL {plot}, MAP SHEET {sheet}" if english else f"THỬA ĐẤT SỐ {plot}, TỜ BẢN ĐỒ SỐ {sheet}"


def _under(chosen: Mapping[str, Any] | None, rows: list[dict[str, Any]], english: bool) -> str:
    if chosen is not None:
        return chosen["address"] or ""
    sheets = sorted({row["sheet"] for row in rows}, key=lambda name: (len(name), name))
    if not sheets:
        return ""
    told = ", ".join(sheets[:12]) + (" …" if len(sheets) > 12 else "")
    return f"Map sheets {told}" if english else f"Tờ bản đồ số {told}"


def _facts(chosen: Mapping[str, Any] | None, english: bool) -> list[tuple[str, str]]:
    if chosen is None:
        return []
    at = 1 if english else 0
    code = chosen["code"]
    legal = chosen["legal_area_m2"]
    facts = [
        (("Mã thửa", "Code"), " ".join((code[:4], code[4:8], code[8:]))),
        (("Tờ bản đồ", "Map sheet"), chosen["sheet"]),
        (("Thửa đất số", "Parcel"), chosen["number"]),
        (("Loại đất", "Land use"), chosen["land_use"] or "–"),
        (("Diện tích đo", "Measured area"), quantity(chosen["area_m2"], 1, "m²")[at]),
        (("Diện tích pháp lý", "Legal area"), "–" if legal is None else quantity(legal, 1, "m²")[at]),
        (("Địa chỉ", "Address"), chosen["address"] or "–"),
    ]
    return [(name[at], value) for name, value in facts]


def _key(groups: list[dict[str, Any]], there: set[str], english: bool) -> list[tuple[str, str]]:
    """Colours of what is there, with the codes that have them."""
    told = []
    for group in groups:
        codes = [use["code"] for use in group["codes"] if use["code"] in there]
        if codes:
            title = group["title_en" if english else "title_vi"]
            told.append(
                (group["colour"], f"{title} ({', '.join(codes[:6])}{' …' if len(codes) > 6 else ''})")
            )
    return told[:10]


def _about(asked: Mapping[str, Any], epsg: int, look: Look, now: datetime, english: bool) -> list[str]:
    at = 1 if english else 0
    scale = number(asked["scale"], 0)[at]
    made = now.astimezone(_VIETNAM).strftime("%d/%m/%Y %H:%M")
    step = quantity(asked["scale"] / 10, 0, "m")[at]
    zone = crs.zone(epsg)
    meridian = f"{int(zone.central_meridian_deg)}°{round(zone.central_meridian_deg % 1 * 60):02d}′"
    lines = [
        (f"Tỷ lệ 1:{scale}", f"Scale 1:{scale}"),
        (f"VN-2000, kinh tuyến trục {meridian}, múi 3°", f"VN-2000, central meridian {meridian}, zone of 3°"),
        (f"Lưới tọa độ {step}; Bắc của lưới", f"Grid of {step}; north of the grid"),
        (f"In lúc {made}", f"Printed {made}"),
    ]
    if asked["as_of"]:
        lines.append((f"Bản đồ tại {asked['as_of'][:10]}", f"As of {asked['as_of'][:10]}"))
    return [line[at] for line in lines]


if __name__ == "__main__":
    told = json.loads(sys.stdin.readline())
    write(**{**told, "path": Path(told["path"])})
