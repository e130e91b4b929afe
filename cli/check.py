"""`diachinh check`: a surveyor's files checked on the spot, by the same rules and in the same words as on the server."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.errors import REFUSED, UsageError
from cli.import_ import Commune, Crs, Files, Map, epsg_of, mapping_of

if TYPE_CHECKING:
    from importers.surroundings import Surroundings
    from importers.survey import Examined

SHOWN = 10
Package = Annotated[
    Path | None, typer.Option(help="Gói dữ liệu xã, ngoại tuyến · Commune package (diachinh package)")
]
Register = Annotated[
    bool, typer.Option("--register", help="So với sổ trong cơ sở dữ liệu · Ask the register")
]
Sheet = Annotated[str | None, typer.Option(help="Số tờ khi tệp không có · Sheet where the files have none")]
Scale = Annotated[int | None, typer.Option(help="Mẫu số tỷ lệ, ví dụ 500 · Scale denominator")]
Axes = Annotated[
    str | None,
    typer.Option(help="Thứ tự trục: east_north hoặc north_east · Order of the axes in point lists"),
]
Layers = Annotated[
    Path | None, typer.Option(help="Tệp JSON: tên lớp → mức, ví dụ ranh → 10 · JSON: layer name → level")
]
Accept = Annotated[
    list[str] | None, typer.Option(help="Đề nghị chỉnh vị trí được chấp nhận · Accepted proposal of place")
]
Report = Annotated[
    Path | None, typer.Option(help="Thư mục ghi báo cáo JSON, HTML, PDF, PNG · Folder for the reports")
]


def check_survey(
    files: Files,
    crs: Crs = None,
    commune: Commune = None,
    sheet: Sheet = None,
    scale: Scale = None,
    axes: Axes = None,
    mapping: Map = None,
    layers: Layers = None,
    accept: Accept = None,
    package: Package = None,
    register: Register = False,
    report: Report = None,
) -> None:
    """Kiểm tra bản đo, không ghi gì vào sổ · Check a survey; nothing is stored."""
    from cli import progress
    from importers.plots import How
    from importers.survey import Asked, examine

    if axes not in (None, "east_north", "north_east"):
        raise UsageError(
            f"--axes {axes}: hãy ghi east_north hoặc north_east.", f"--axes {axes}: east_north or north_east."
        )
    how = How(mapping_of(mapping or []), _layers(layers), commune, sheet, scale, axes)  # type: ignore[arg-type]
    asked = Asked(how, epsg_of(crs), tuple(accept or ()))
    with _around(package, register) as around, progress.shown() as show:
        found = examine(
            files,
            asked,
            around,
            _now(),
            progress=lambda done, step: show(f"survey_{step}", round(done * 100), 100),
        )
    if report is not None:
        report.mkdir(parents=True, exist_ok=True)
        for kind, content in found.report.items():
            (report / f"report.{kind}").write_bytes(content)
    _tell(found, report)
    if found.stops:
        raise typer.Exit(REFUSED)


@contextmanager
def _around(package: Path | None, register: bool) -> "Iterator[Surroundings]":
    from cli.say import say
    from importers.package import Alone, Package

    if package is not None and register:
        raise UsageError(
            "Chọn --package (ngoại tuyến) hoặc --register, không cả hai.",
            "Give --package (offline) or --register, not both.",
        )
    if package is not None:
        pack = Package(package)
        name, made_at, count = pack.facts()
        say(
            f"Gói {name}: {count:,} thửa, lập {made_at}",
            f"Package of {name}: {count:,} parcels, made {made_at}",
        )
        yield pack
    elif register:
        from cli.database import open_database
        from cli.migrate import bring_up
        from cli.settings import read_settings
        from cli.signals import stopped_cleanly
        from register.connect import connect
        from register.near import Near

        settings = read_settings()
        with stopped_cleanly(), open_database(settings) as conninfo:
            bring_up(conninfo, settings.schema)
            with connect(conninfo, settings.schema) as conn:
                yield Near(conn)
    else:
        yield Alone()


def _now() -> Any:
    from datetime import datetime

    return datetime.now().astimezone()


def _layers(path: Path | None) -> dict[str, int]:
    if path is None:
        return {}
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
        if not all(isinstance(level, int) for level in told.values()):
            raise ValueError("a level is a number")
    except (OSError, ValueError, AttributeError) as error:
        raise UsageError(
            f'--layers {path}: cần JSON dạng {{"RANH THUA": 10}} ({error}).',
            f'--layers {path}: JSON such as {{"RANH THUA": 10}} is needed ({error}).',
        ) from None
    layers: dict[str, int] = told
    return layers


def _tell(found: "Examined", report: Path | None) -> None:
    """The outcome first, then the findings in the order and with the numbers of the report."""
    from cli.say import answer

    words = {
        "stops": ("Phải sửa", "Must be corrected"),
        "explain": ("Phải giải trình", "Must be explained"),
        "note": ("Lưu ý", "Note"),
    }
    notes = len(found.findings) - found.stops - found.explain
    answer(
        f"{found.plots.num_rows:,} thửa · plots; phải sửa · to correct {found.stops:,}, "
        f"phải giải trình · to explain {found.explain:,}, lưu ý · notes {notes:,}"
    )
    shown: dict[str, int] = {}
    for n, finding in enumerate(found.findings, 1):
        shown[finding.rule] = shown.get(finding.rule, 0) + 1
        if shown[finding.rule] > SHOWN:
            continue
        vi, en = words[finding.severity]
        place = "" if finding.lon_deg is None else f" @ {finding.lat_deg:.6f}, {finding.lon_deg:.6f}"
        answer(f"\n{n}. {vi} · {en} [{finding.rule}] {finding.record or ''}{place}")
        answer(f"   {finding.text_vi}\n   {finding.text_en}")
        if finding.repair_vi:
            answer(f"   → {finding.repair_vi}\n   → {finding.repair_en}")
    more = sum(count - SHOWN for count in shown.values() if count > SHOWN)
    if more:
        answer(f"\n… và {more:,} điều nữa trong báo cáo · and {more:,} more in the report")
    where = "--report DIR" if report is None else str(report)
    answer(f"\nBáo cáo có hình (HTML, PDF, PNG, JSON) · Reports with pictures: {where}")
