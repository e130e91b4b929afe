"""A commune's package answers as the register does; one that is broken, or of another commune, is refused."""

import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import psycopg
import pyarrow as pa
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from api.packages import package_of
from importers.errors import BrokenFile, MissingFile, WrongPackage
from importers.package import Alone, Package, packed, sealed
from importers.plots import How
from importers.sample.place import COMMUNE, EPSG
from importers.surroundings import AROUND_SCHEMA, Surroundings
from importers.survey import Asked, Examined, Ready, examine
from register.connect import connect
from register.near import Near
from tests.api.surveying import SHEET, block, faulty, town
from tests.conftest import Clone

ABOUT = {"commune": COMMUNE, "commune_name": "phường Hòa Xuân", "codes": [COMMUNE, "20227"], "epsg": EPSG}
AT = datetime(2026, 3, 1, 8)


@pytest.fixture(scope="module")
def register(clone: Clone) -> Iterator[str]:
    with town(clone) as conninfo:
        yield conninfo


@pytest.fixture
def conn(register: str) -> Iterator[psycopg.Connection]:
    with connect(register) as one:
        yield one


@pytest.fixture(scope="module")
def package(register: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("package") / "xa-20314.arrow"
    path.write_bytes(package_of(register, "register", COMMUNE))
    return path


@pytest.fixture(scope="module")
def ready() -> Iterator[Ready]:
    one = Ready()
    yield one
    one.close()


def test_the_facts_are_those_of_the_register(conn: psycopg.Connection, package: Path) -> None:
    pack, near = Package(package), Near(conn)
    told, known = pack.about(COMMUNE, None, []), near.about(COMMUNE, None, [SHEET])
    for name in ("commune", "commune_name", "urban", "epsg", "outline", "land_uses", "has_register"):
        assert told[name] == known[name], name
    assert told["last_numbers"][SHEET] == known["last_numbers"][SHEET]
    assert pack.facts()[2] == len(block().town)


@pytest.mark.parametrize("margin_m", [-10.0, 0.0, 15.0, 1e5])
def test_the_same_parcels_in_a_box_and_by_number(
    conn: psycopg.Connection, package: Path, margin_m: float
) -> None:
    pack, near = Package(package), Near(conn)
    near.about(COMMUNE, None, [])
    west, south, east, north = shapely.total_bounds([lot.shape for lot in block().lots]).tolist()
    box = (west - margin_m, south - margin_m, east + margin_m, north + margin_m)
    here = shapely.box(*box)
    # the register answers by boxes of the web map, a little wider: what meets the box is the same
    rows = {
        row["code"]: row
        for row in near.parcels(box).to_pylist()
        if shapely.from_wkb(row["shape"]).intersects(here)
    }
    assert {row["code"]: row for row in pack.parcels(box).to_pylist()} == rows
    keys = [(SHEET, str(n)) for n in range(30, 60)] + [("99", "1"), (SHEET, "x")]
    by_code = [sorted(one.numbered(keys).to_pylist(), key=lambda row: row["code"]) for one in (pack, near)]
    assert by_code[0] == by_code[1]


@pytest.mark.parametrize(
    ("kind", "form", "rule"),
    [
        ("overlap_register", "geojson", "overlap_register"),
        ("swapped_axes", "gml", "swapped_axes"),
        ("moved_corner", "wkt", "moved_corner"),
    ],
)
def test_a_check_says_the_same_with_a_package_as_with_the_register(
    conn: psycopg.Connection, package: Path, ready: Ready, tmp_path: Path, kind: str, form: str, rule: str
) -> None:
    name, content = faulty(kind, form)
    (tmp_path / name).write_bytes(content)
    asked = Asked(How(commune=COMMUNE, sheet=SHEET, scale=500))

    def found(around: Surroundings) -> Examined:
        return examine([tmp_path / name], asked, around, AT, "S-1", ready=ready)

    offline, online, alone = found(Package(package)), found(Near(conn)), found(Alone())
    assert rule in {finding.rule for finding in offline.findings}
    assert offline.findings == online.findings
    assert offline.plots.equals(online.plots)
    assert offline.report["json"] == online.report["json"]
    told = json.loads(alone.report["json"])
    assert rule not in {finding["rule"] for finding in told["findings"]} or rule == "swapped_axes"
    assert "overlap_register" in str(told), "what was left unchecked is told"


@pytest.mark.parametrize("commune", ["00004", "20194"])
def test_the_package_of_another_commune_is_refused(package: Path, commune: str) -> None:
    with pytest.raises(WrongPackage, match=COMMUNE) as refused:
        Package(package).about(commune, None, [])
    assert refused.value.text_vi != refused.value.text_en


def test_a_commune_goes_by_its_old_codes_too(tmp_path: Path) -> None:
    path = tmp_path / "a.arrow"
    path.write_bytes(packed(ABOUT, AROUND_SCHEMA.empty_table()))
    pack = Package(path)
    assert pack.about("20227", None, [])["commune"] == COMMUNE
    assert pack.about(None, (108.2, 16.0), [])["commune"] == COMMUNE
    assert pack.parcels((0, 0, 1, 1)).num_rows == pack.numbered([("1", "1")]).num_rows == 0


def test_a_package_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(MissingFile):
        Package(tmp_path / "none.arrow")


def other(table: pa.Table, told: object) -> bytes:
    sink = pa.BufferOutputStream()
    meta = {} if told is None else {b"diachinh.package": json.dumps(told).encode()}
    with pa.ipc.new_file(sink, table.schema.with_metadata(meta)) as writer:
        writer.write_table(table.replace_schema_metadata(meta))
    return sealed(bytes(sink.getvalue()))


EMPTY = AROUND_SCHEMA.empty_table()
SAID = {"version": 1, "sha256": "-" * 64}


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"nonsense",
        b"ARROW1\0\0",
        other(EMPTY, None),
        other(EMPTY, SAID | {"sha256": "0" * 64}),
        other(EMPTY, SAID | {"version": 99}),
        other(EMPTY, [SAID]),
        other(EMPTY.drop_columns(["shape"]), SAID),
        other(EMPTY.rename_columns(["a", *AROUND_SCHEMA.names[1:]]), SAID),
    ],
)
def test_what_is_no_package_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.arrow"
    path.write_bytes(content)
    with pytest.raises(BrokenFile, match=r"a\.arrow|commune package"):
        Package(path)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(at=st.floats(0, 1, exclude_max=True), flip=st.integers(1, 255), cut=st.booleans())
def test_a_package_with_one_byte_changed_is_refused(
    package: Path, tmp_path: Path, at: float, flip: int, cut: bool
) -> None:
    content = bytearray(package.read_bytes())
    where = int(at * len(content))
    content[where] ^= flip
    path = tmp_path / "a.arrow"
    path.write_bytes(content[:where] if cut else content)
    with pytest.raises(BrokenFile):
        Package(path)
