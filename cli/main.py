"""The command `diachinh`. Each command lives in a module of its own and is loaded light: heavy imports wait inside.

Exit codes: 0 done, 1 refused (with the reason), 2 called wrongly.
"""

import typer

from cli import user
from cli.addresses import export_addresses, import_addresses
from cli.check import check_survey
from cli.code import print_parcel
from cli.demo import demo
from cli.doctor import doctor
from cli.failures import Bilingual
from cli.import_ import import_files
from cli.migrate import migrate_register
from cli.package import write_package
from cli.reorganise import reorganise_units
from cli.resolve import resolve_file
from cli.scan import add_scan, list_scans, retire_scan
from cli.serve import serve
from cli.tiles import build_tiles, export_tiles
from cli.units import import_units_file
from cli.worker import work

app = typer.Typer(
    name="diachinh",
    cls=Bilingual,
    help="Bản đồ địa chính mở · The open cadastral map service",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.command("demo")(demo)
app.command("serve")(serve)
app.command("worker")(work)
app.command("import")(import_files)
app.command("check")(check_survey)
app.command("doctor")(doctor)
app.command("package")(write_package)
app.command("migrate")(migrate_register)
app.command("code")(print_parcel)
app.command("resolve")(resolve_file)

units = typer.Typer(help="Đơn vị hành chính · Administrative units", no_args_is_help=True)
units.command("import")(import_units_file)
units.command("reorganise")(reorganise_units)
app.add_typer(units, name="units")

addresses = typer.Typer(help="Địa chỉ và thửa đất · Addresses of parcels", no_args_is_help=True)
addresses.command("import")(import_addresses)
addresses.command("export")(export_addresses)
app.add_typer(addresses, name="addresses")

scans = typer.Typer(help="Tờ bản đồ quét, ảnh trực giao · Scanned sheets, orthophotos", no_args_is_help=True)
scans.command("add")(add_scan)
scans.command("list")(list_scans)
scans.command("retire")(retire_scan)
app.add_typer(scans, name="scan")

tiles = typer.Typer(help="Ô bản đồ · Map tiles", no_args_is_help=True)
tiles.command("export")(export_tiles)
tiles.command("build")(build_tiles)
app.add_typer(tiles, name="tiles")

users = typer.Typer(help="Tài khoản và quyền · Accounts and what they may do", no_args_is_help=True)
users.command("add")(user.add)
users.command("list")(user.list_users)
users.command("grant")(user.grant)
users.command("revoke")(user.revoke)
users.command("disable")(user.disable)
users.command("enable")(user.enable)
users.command("password")(user.password)
users.command("key")(user.key)
users.command("rotate")(user.rotate)
app.add_typer(users, name="user")
