"""`diachinh tiles`: the map as one file, and its store filled beforehand."""

from pathlib import Path
from typing import Annotated

import typer

File = Annotated[
    Path | None,
    typer.Argument(
        help="Tệp .pmtiles · The file [DIACHINH_HOME/archives/diachinh.pmtiles]", show_default=False
    ),
]
Layers = Annotated[
    str, typer.Option(help="Các lớp, cách nhau dấu phẩy · Layers, comma-separated [tất cả · all]")
]
MinZoom = Annotated[int, typer.Option("--min-zoom", help="Mức thu phóng đầu · First zoom")]
MaxZoom = Annotated[int, typer.Option("--max-zoom", help="Mức thu phóng cuối · Last zoom")]
Commune = Annotated[
    str | None, typer.Option(help="Chỉ các ô có thửa của xã này · Tiles with parcels of a commune")
]
Box = Annotated[
    str | None, typer.Option(help="Chỉ khung tây,nam,đông,bắc (độ) · A box: west,south,east,north")
]
AsOf = Annotated[
    str | None,
    typer.Option("--as-of", help="Như vào ngày, hoặc thời điểm · As of a day, or an instant with offset"),
]
KnownAt = Annotated[
    str | None, typer.Option("--known-at", help="Ngày đó như được biết lúc · That day as known at")
]
Processes = Annotated[
    int | None, typer.Option(help="Số tiến trình · Processes [số nhân · cores]", min=1, max=64)
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Chạy thử, không ghi · Write nothing")]


def export_tiles(
    file: File = None,
    layers: Layers = "",
    min_zoom: MinZoom = 6,
    max_zoom: MaxZoom = 16,
    commune: Commune = None,
    bbox: Box = None,
    as_of: AsOf = None,
    known_at: KnownAt = None,
    processes: Processes = None,
    dry_run: DryRun = False,
) -> None:
    """Xuất bản đồ thành một tệp PMTiles; bị ngắt thì chạy lại để làm tiếp · The map as one PMTiles file; run again to go on."""
    from cli import progress
    from cli.database import open_database
    from cli.migrate import bring_up
    from cli.say import answer, say
    from cli.settings import read_settings
    from cli.signals import stopped_cleanly
    from register import clocks
    from tiles.archive.export import Ask, export
    from tiles.layers import layers_named

    names = tuple(layer.name for layer in layers_named(layers)) if layers else ()
    box = None if bbox is None else _box(bbox)
    ask = Ask(names, min_zoom, max_zoom, commune, box, clocks.as_of(as_of, known_at))
    settings = read_settings()
    to = file or settings.home / "archives" / f"{'diachinh' if commune is None else commune}.pmtiles"
    with stopped_cleanly(), open_database(settings) as conninfo:
        bring_up(conninfo, settings.schema)
        if not dry_run:
            to.parent.mkdir(parents=True, exist_ok=True)
        with progress.shown() as show:
            made = export(conninfo, settings.schema, to, ask, show, processes, dry_run)
    if dry_run:
        say(
            f"Chạy thử: {made.units} phần việc, không ghi gì; sổ lúc {made.made_at or '(trống)'}",
            f"Dry run: {made.units} units of work, nothing is written; the register of {made.made_at or '(empty)'}",
        )
        return
    if made.resumed:
        say(
            f"Làm tiếp: {made.resumed} trong {made.units} phần việc đã có sẵn",
            f"Taken up: {made.resumed} of {made.units} units of work were there",
        )
    say(
        f"{made.tiles} ô, {made.bytes} byte, sổ lúc {made.made_at or '(trống)'}",
        f"{made.tiles} tiles, {made.bytes} bytes, the register of {made.made_at or '(empty)'}",
    )
    answer(str(to))


def build_tiles(processes: Processes = None) -> None:
    """Dựng sẵn kho ô bản đồ sau khi nhập · Fill the map's store after an import, for the first views."""
    from cli import progress
    from cli.database import open_database
    from cli.migrate import bring_up
    from cli.say import say
    from cli.settings import read_settings
    from cli.signals import stopped_cleanly
    from tiles.bulk import build_blocks

    settings = read_settings()
    with stopped_cleanly(), open_database(settings) as conninfo:
        bring_up(conninfo, settings.schema)
        with progress.shown() as show:
            cells = build_blocks(conninfo, settings.schema, show, processes)
    say(f"Đã dựng {cells} ô", f"{cells} cells built")


def _box(text: str) -> tuple[float, float, float, float]:
    """Four numbers. Raises: UsageError."""
    from cli.errors import UsageError

    try:
        west, south, east, north = (float(part) for part in text.split(","))
    except ValueError:
        raise UsageError(
            f"--bbox {text[:60]} không phải bốn số tây,nam,đông,bắc, ví dụ 108.1,16.0,108.3,16.2.",
            f"--bbox {text[:60]} is not four numbers west,south,east,north, for example 108.1,16.0,108.3,16.2.",
        ) from None
    return west, south, east, north
