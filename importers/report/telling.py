"""What the pages say of a finding, a plot, a file: the body's fields as words in Vietnamese and English."""

from typing import Any

from importers.report.wording import number, quantity, shown, width

Pair = tuple[str, str]
Fact = tuple[str, str, str, str]
"""Label and value in Vietnamese, label and value in English."""


def facts(finding: dict[str, Any]) -> list[Fact]:
    """What a finding measures and names, in the order one asks for it."""
    out: list[Fact] = []
    record, other = finding["record"], finding["other"]
    if record is not None:
        both = shown(record, 120) + (f" · {shown(other, 120)}" if other is not None else "")
        out.append(("Trong tệp", both, "In the file", both))
    if finding["width_m"] is not None:
        vi, en = width(finding["width_m"])
        flat = (finding["extent"] or "POLYGON").startswith(("POLYGON", "MULTIPOLYGON"))
        out.append(("Rộng", vi, "Width", en) if flat else ("Khoảng cách", vi, "Distance", en))
    if finding["size_m2"] is not None:
        vi, en = quantity(finding["size_m2"], _digits(abs(finding["size_m2"])), "m²")
        out.append(("Diện tích", vi, "Area", en))
    if finding["x"] is not None and finding["y"] is not None:
        metres = abs(finding["x"]) > 360 or abs(finding["y"]) > 360
        digits = 2 if metres else 6
        north, east = (number(finding[key], digits) for key in ("y", "x"))
        # North is X on Vietnamese papers.
        out.append(("Tọa độ (X; Y)", f"{north[0]}; {east[0]}", "North; east", f"{north[1]}; {east[1]}"))
    if finding["law"]:
        out.append(("Căn cứ", finding["law"], "Source", finding["law"]))
    return out


def _digits(area_m2: float) -> int:
    return 1 if area_m2 >= 1 or area_m2 == 0 else 2 if area_m2 >= 0.1 else 4


def about_file(file: dict[str, Any]) -> Pair:
    """Format, encoding and size of a file; in English a file that was not read is said to be."""
    vi, en = [], []
    if file["format"]:
        vi.append(shown(file["format"], 40).upper())
        en.append(vi[-1])
    else:
        vi.append("không đọc")
        en.append("not read")
    if file["encoding"]:
        vi.append(f"chữ {shown(file['encoding'], 40)}")
        en.append(f"text {shown(file['encoding'], 40)}")
    if file["bytes"] is not None:
        size_vi, size_en = quantity(file["bytes"] / 1000, 1, "kB")
        vi.append(size_vi)
        en.append(size_en)
    return " · ".join(vi), " · ".join(en)


def held(file: dict[str, Any], most: int = 12) -> str:
    """What a file held: "level 10 LINE: 883; …"."""
    items = list(file["counts"].items())
    words = "; ".join(f"{shown(str(k), 60)}: {number(v, 0)[0]}" for k, v in items[:most])
    return words + ("; …" if len(items) > most else "")


def plot_cells(plot: dict[str, Any], most: int = 40) -> list[str]:
    """A plot's row: number, sheet, land use, area, area on paper, code, findings, record; numbers as in Vietnamese."""
    area, legal = (
        number(plot[key], 1)[0] if plot[key] is not None else "–" for key in ("area_m2", "legal_area_m2")
    )
    said = plot["findings"]
    listed = ", ".join(map(str, said[:8])) + ("…" if len(said) > 8 else "")
    return [
        shown(plot["number"] or "–", most),
        shown(plot["sheet"] or "–", most),
        shown(plot["land_use"] or "–", most),
        area,
        legal,
        shown(plot["match"] or plot["code"] or "–", most),
        listed,
        shown(plot["record"], most),
    ]


PLOT_HEADS: tuple[Pair, ...] = (
    ("Thửa", "Plot"),
    ("Tờ", "Sheet"),
    ("Loại đất", "Land use"),
    ("Diện tích (m²)", "Area (m²)"),
    ("Giấy tờ (m²)", "On paper (m²)"),
    ("Mã thửa", "Code"),
    ("Mục", "Findings"),
    ("Trong tệp", "In the file"),
)
