"""Sheets and numbers as the file has them (rules §4.3): there, well-formed, and each once on a sheet."""

from collections import defaultdict

from geo.finding import Finding
from importers.check.gathered import Gathered
from importers.check.measured import Measured
from importers.check.rules import found
from importers.check.words import capital, key
from importers.plots import Drawn

_ASKED = (
    ("no_sheet", "sheet", "số tờ bản đồ", "map sheet number"),
    ("no_number", "number", "số thửa", "parcel number"),
    ("no_land_use", "land_use", "mã loại đất", "land-use code"),
)  # fmt: skip


def missing(m: Measured, out: Gathered, told: set[tuple[int, str]]) -> None:
    """What the whole file lacks is asked once, of the file, or only noted where its format has no place for it; else of each
    plot without. `told`: plots of which a reader has said that they have no number. Not asked of a file that could not be
    read to its end: what is missing may stand there."""
    parcels = m.parcels()
    for rule, name, vi, en in _ASKED:
        for file, drawn in enumerate(m.drawn):
            if any(f.rule == "incomplete_file" and f.severity == "stops" for f in drawn.findings):
                continue
            mine = [k for k in parcels if m.file[k] == file]
            without = [k for k in mine if not getattr(m.plots[k], name)]
            if not without:
                continue
            if len(without) == len(mine) and (len(mine) > 1 or name not in drawn.columns):
                if rule == "no_number" and all((file, m.plots[k].record) in told for k in mine):
                    continue
                out.put(_of_file(rule, drawn, name, vi, en, len(mine)), file)
                continue
            if rule == "no_number":
                without = [k for k in without if (file, m.plots[k].record) not in told]
            for k in without[: out.room(rule, len(without))]:
                k_vi, k_en = m.called(k)
                out.put(
                    found(rule, f"{capital(k_vi)} thiếu {vi}.", f"{capital(k_en)} has no {en}.", m.record(k),
                          **m.place(k)), file, k,
                )  # fmt: skip


def _of_file(rule: str, drawn: Drawn, name: str, vi: str, en: str, plots: int) -> Finding:
    if name in drawn.no_room:
        return found(
            rule, f"Tệp {drawn.name} thuộc loại không có chỗ ghi {vi} ({plots} thửa): ghi trong hồ sơ.",
            f"The kind of file {drawn.name} is has no place for a {en} ({plots} plots): give it in the dossier.",
            severity="note",
        )  # fmt: skip
    return found(rule, f"Tệp {drawn.name} không có {vi} cho thửa nào ({plots} thửa).",
                 f"The file {drawn.name} has no {en} for any plot ({plots} plots).")  # fmt: skip


def forms(m: Measured, out: Gathered) -> None:
    """number_form: a parcel number is a positive whole number."""
    for k in m.parcels():
        number = m.plots[k].number
        if number and not (number.isascii() and number.isdigit() and int(number[:18]) > 0):
            out.put(
                found("number_form", f"Số thửa “{number[:40]}” không phải số nguyên dương.",
                      f"The parcel number “{number[:40]}” is not a positive whole number.", m.record(k), **m.place(k)),
                int(m.file[k]), k,
            )  # fmt: skip


def repeated(m: Measured, out: Gathered, copies: dict[int, int]) -> None:
    """duplicate_number: within commune, map set, sheet and scale. `copies`: a plot drawn twice is one problem, told there."""
    same: dict[tuple[object, ...], list[int]] = defaultdict(list)
    for k in m.parcels():
        plot = m.plots[k]
        if plot.number and k not in copies:
            sheet, number = key(plot.sheet, plot.number)
            # Two maps of one commune may both begin at sheet 1 (rules §4.5).
            same[plot.commune, plot.map_set, plot.scale, sheet, number].append(k)
    for ks in same.values():
        for k in ks[1 : 1 + out.room("duplicate_number", len(ks) - 1)]:
            plot = m.plots[k]
            on_vi, on_en = (f" tờ {plot.sheet}", f" on sheet {plot.sheet}") if plot.sheet else ("", "")
            out.put(
                found("duplicate_number", f"Số thửa {plot.number}{on_vi} đã dùng ở [{m.plots[ks[0]].record}].",
                      f"The number {plot.number}{on_en} is used by [{m.plots[ks[0]].record}] already.", m.record(k),
                      other=m.record(ks[0]), **m.place(k)),
                int(m.file[k]), k,
            )  # fmt: skip
