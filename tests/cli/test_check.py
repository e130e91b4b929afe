"""`diachinh check` and `package` as a surveyor runs them: offline, by the register and alone; what the server says too."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from importers.sample.place import COMMUNE
from tests.api.surveying import SHEET, Surveyor, clean, faulty, surveying, town
from tests.cli.command import Ran, run
from tests.conftest import Clone, Serve

SAID = ("--commune", COMMUNE, "--sheet", SHEET, "--scale", "500")


@dataclass(frozen=True, slots=True)
class Desk:
    """A folder with files and a package, over an office's register."""

    folder: Path
    office: Surveyor

    def run(self, *arguments: str, **more: str) -> Ran:
        ran = run(self.folder / "none", *arguments, **more)
        assert "Traceback" not in ran.err + ran.out
        return ran

    def asked(self, *arguments: str) -> Ran:
        return self.run(*arguments, DIACHINH_DATABASE=self.office.conninfo)

    def put(self, file: tuple[str, bytes]) -> str:
        (self.folder / file[0]).write_bytes(file[1])
        return str(self.folder / file[0])

    @property
    def package(self) -> str:
        return str(self.folder / "xã.arrow")


@pytest.fixture(scope="module")
def desk(clone: Clone, serve: Serve, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with town(clone) as conninfo, surveying(conninfo, serve) as office:
        one = Desk(tmp_path_factory.mktemp("desk"), office)
        ran = one.asked("package", COMMUNE, "--out", one.package)
        assert ran.code == 0, ran.err
        assert one.package in ran.out
        yield one


def test_the_desk_the_register_and_the_server_say_the_same(desk: Desk) -> None:
    file = faulty("overlap_register", "gml")
    path = desk.put(file)
    ways = {"package": ("--package", desk.package), "register": ("--register",)}
    reports = {}
    for way, option in ways.items():
        folder = desk.folder / way
        ran = desk.asked("check", path, *SAID, *option, "--report", str(folder))
        assert ran.code == 1, ran.err
        assert sorted(p.name for p in folder.iterdir()) == [
            f"report.{kind}" for kind in ("html", "json", "pdf", "png")
        ]
        assert all(p.stat().st_size for p in folder.iterdir())
        reports[way] = json.loads((folder / "report.json").read_bytes())
        for number, finding in enumerate(reports[way]["findings"][:3], 1):
            assert f"\n{number}. " in ran.out
            assert finding["text_vi"] in ran.out
            assert finding["text_en"] in ran.out
    survey = desk.office.checked(file)
    reports["server"] = desk.office.told(survey["id"])
    assert "overlap_register" in {finding["rule"] for finding in reports["server"]["findings"]}
    for part in ("findings", "plots", "counts", "zone"):
        assert reports["package"][part] == reports["register"][part] == reports["server"][part]


def test_alone_it_tells_what_it_left_unchecked(desk: Desk) -> None:
    path = desk.put(faulty("overlap_register", "gml"))
    ran = desk.run("check", path, *SAID, "--report", str(desk.folder / "alone"))
    told = json.loads((desk.folder / "alone/report.json").read_bytes())
    assert "overlap_register" not in {finding["rule"] for finding in told["findings"]}
    assert "overlap_register" in json.dumps(told)
    assert ran.code == (1 if told["counts"]["severity"]["stops"] else 0)
    assert "38 thửa" in ran.out
    assert not (desk.folder / "none").exists(), "no database is begun"


def test_nothing_wrong_ends_with_0(desk: Desk) -> None:
    ran = desk.run("check", desk.put(clean("geojson")), *SAID, "--package", desk.package)
    assert ran.code == 0, ran.out
    assert "phường Hòa Xuân" in ran.err


@pytest.mark.parametrize(
    ("options", "code", "words"),
    [
        (("--package", "{package}", "--register"), 2, "not both"),
        (("--axes", "up"), 2, "east_north"),
        (("--layers", "{none}"), 2, "JSON"),
        (("--crs", "x"), 2, "EPSG"),
        (("--package", "{none}"), 1, "no such commune package"),
        (("--package", "{broken}"), 1, "download it again"),
        (("--package", "{package}", "--commune", "00004"), 1, "download the right one"),
    ],
)
def test_a_wrong_call_is_2_and_a_refusal_1(
    desk: Desk, options: tuple[str, ...], code: int, words: str
) -> None:
    places = {
        "package": desk.package,
        "none": str(desk.folder / "none"),
        "broken": desk.put(("broken.arrow", b"x")),
    }
    ran = desk.run("check", desk.put(clean("wkt")), *(option.format(**places) for option in options))
    assert (ran.code, ran.out) == (code, "")
    assert words in ran.err


@pytest.mark.parametrize("file", [("a.dxf", b"nonsense"), ("a.csv", b""), ("none.dxf", None)])
def test_what_cannot_be_read_ends_with_1_in_both_languages(
    desk: Desk, file: tuple[str, bytes | None]
) -> None:
    name, content = file
    path = str(desk.folder / name) if content is None else desk.put((name, content))
    ran = desk.run("check", path)
    assert (ran.code, ran.out) == (1, "")
    assert ran.err.count(name) >= 2


def test_a_commune_without_a_map_has_no_package(desk: Desk) -> None:
    ran = desk.asked("package", "00004", "--out", str(desk.folder / "other.arrow"))
    assert ran.code == 1
    assert "no map of it" in ran.err
    assert not (desk.folder / "other.arrow").exists()
