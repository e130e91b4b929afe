"""`diachinh scan`: scanned sheets and orthophotos onto the map, listed, taken off it."""

from pathlib import Path
from typing import Annotated

import typer

from cli.import_ import Commune, Crs, epsg_of

Files = Annotated[
    list[Path],
    typer.Argument(
        help="Ảnh TIFF, PNG, JPEG và tệp world hoặc điểm khống chế · A picture, its world file or points"
    ),
]
Kind = Annotated[str, typer.Option(help="scan: tờ quét · orthophoto: ảnh trực giao")]
Title = Annotated[str, typer.Option(help="Tên hiện trên bản đồ · Name on the map")]
Sheet = Annotated[str | None, typer.Option(help="Số tờ, cùng --commune · Sheet number, with --commune")]
Way = Annotated[
    str | None, typer.Option(help="affine, projective, thin_plate · Transformation [đề xuất · the proposed]")
]
Crop = Annotated[
    str | None, typer.Option(help="sheet, hoặc góc khung cột,hàng;… · sheet, or corners column,row;…")
]
Key = Annotated[str, typer.Argument(help="Mã ảnh quét · Key of the scan")]


def add_scan(
    files: Files,
    kind: Kind = "scan",
    title: Title = "",
    crs: Crs = None,
    commune: Commune = None,
    sheet: Sheet = None,
    transformation: Way = None,
    crop: Crop = None,
) -> None:
    """Đưa tờ quét, ảnh trực giao lên bản đồ · Place a scanned sheet or an orthophoto on the map."""
    from pydantic import ValidationError

    from api.scan_hand_in import Office, hand_in
    from api.scan_shapes import ScanFields
    from cli.database import open_database
    from cli.errors import UsageError
    from cli.migrate import bring_up
    from cli.say import answer, say
    from cli.settings import read_settings
    from cli.signals import stopped_cleanly
    from register.connect import connect
    from register.scans import find

    try:
        asked = ScanFields.model_validate(
            {
                "kind": kind,
                "title": title,
                "crs": epsg_of(crs),
                "commune": commune,
                "sheet": sheet,
                "transformation": transformation,
                "crop": crop,
            }
        )
    except ValidationError as error:
        said = error.errors(include_url=False, include_context=False, include_input=False)[0]
        where = ", ".join(f"--{name}" for name in said["loc"])
        raise UsageError(
            f"Sai tùy chọn {where}: {said['msg']}.", f"Wrong option {where}: {said['msg']}."
        ) from None
    settings = read_settings()
    with stopped_cleanly(), open_database(settings) as conninfo:
        bring_up(conninfo, settings.schema)
        office = Office(conninfo, settings.schema, settings.home / "scans")
        key, new = hand_in(office, settings.author, files, asked)
        with connect(conninfo, settings.schema) as conn:
            one = find(conn, key)
    for fit in one["fits"]:
        left = fit["left_out_rms_px"]
        answer(
            f"{fit['transformation']}: rms {fit['rms_px']:.2f} px, {fit['rms_m']:.3f} m, "
            f"điểm để riêng · left out {'-' if left is None else f'{left:.2f} px'}"
            + (" · đã dùng · taken" if fit["transformation"] == one["transformation"] else "")
            + (" · đề xuất · proposed" if fit["transformation"] == one["proposed"] else "")
        )
    for point in one["points"]:
        (x, y), (east, north) = point["residual_px"], point["residual_m"]
        answer(f"  {point['name']}: {x:+.2f} {y:+.2f} px, {east:+.3f} {north:+.3f} m")
    for note in one["notes"]:
        say(note["text_vi"], note["text_en"])
    if not new:
        say(
            "Ảnh này đã có trên bản đồ với đúng cách đặt này",
            "This picture is on the map already, placed just so",
        )
    answer(key)


def list_scans() -> None:
    """Liệt kê các ảnh trên bản đồ · List the scans on the map."""
    from cli.database import open_database
    from cli.migrate import bring_up
    from cli.say import answer
    from cli.settings import read_settings
    from register.connect import connect
    from register.scans import listed

    settings = read_settings()
    with open_database(settings) as conninfo:
        bring_up(conninfo, settings.schema)
        with connect(conninfo, settings.schema) as conn:
            for one in listed(conn):
                rms = "" if one["rms_m"] is None else f"  rms {one['rms_m']:.3f} m"
                answer(
                    f"{one['key']}  {one['kind']}  {one['title']}  {one['crs']}{rms}  z{one['min_zoom']}-{one['max_zoom']}"
                )


def retire_scan(key: Key) -> None:
    """Gỡ một ảnh khỏi bản đồ · Take a scan off the map."""
    from cli.database import open_database
    from cli.migrate import bring_up
    from cli.say import say
    from cli.settings import read_settings
    from register.connect import connect
    from register.scans import retire

    settings = read_settings()
    with open_database(settings) as conninfo:
        bring_up(conninfo, settings.schema)
        with connect(conninfo, settings.schema) as conn:
            retire(conn, settings.author, key)
    say("Đã gỡ", "Taken off the map")
