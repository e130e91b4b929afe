"""The command `diachinh`. Each command lives in a module of its own and is loaded light: heavy imports wait inside.

Exit codes: 0 done, 1 refused (with the reason), 2 called wrongly.
"""

import typer

from cli.check import check_survey
from cli.code import print_parcel
from cli.demo import demo
from cli.failures import Bilingual
from cli.import_ import import_files
from cli.migrate import migrate_register
from cli.package import write_package
from cli.reorganise import reorganise_units
from cli.serve import serve
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
app.command("package")(write_package)
app.command("migrate")(migrate_register)
app.command("code")(print_parcel)

units = typer.Typer(help="Đơn vị hành chính · Administrative units", no_args_is_help=True)
units.command("import")(import_units_file)
units.command("reorganise")(reorganise_units)
app.add_typer(units, name="units")
