"""A later state of whole sheets through the door: handed in as a file, checked, and one draft that tells what changed."""

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pytest

from importers.read import read
from register.accounts import add_account, grant
from register.connect import connect
from register.proposal import find
from register.receive import receive
from tests.api.surveying import PREFIX, Surveyor, surveying
from tests.conftest import Clone, Serve
from tests.importers.parcels import options, write
from tests.register.handed_in import COMMUNE, DAY, EAST, EPSG, NORTH, Lot, hand_in
from tests.register.proposing import preview
from tests.register.resurveying import State, moved, planted, sheet
from tests.register.snapshots import snapshot, written

BEFORE = sheet(10, 8, 0, 0, 11)
DID = [("gone", "5"), ("attributes", "17"), ("reshaped", "44"), ("split", "71")]
BY = (4.2, -6.5)


LETTERS = "một mật khẩu dài"


def signed(surveyor: Surveyor) -> dict[str, str]:
    """The header of a surveyor who signed in."""
    with connect(surveyor.conninfo) as conn:
        if conn.execute("select from account where key = 'an'").fetchone() is None:
            add_account(conn, "tester", "an", "An", LETTERS)
            grant(conn, "tester", "an", "surveyor", None)
    answer = surveyor.client.post("/api/v1/sessions", json={"name": "an", "password": LETTERS})
    return {"authorization": f"Bearer {answer.json()['access']}"}


@pytest.fixture
def surveyor(clone: Clone, serve: Serve) -> Iterator[Surveyor]:
    with clone() as conninfo, surveying(conninfo, serve) as one:
        yield one


def file_of(state: State, path: Path) -> tuple[str, bytes]:
    numbers = list(state.shape) * 2
    fields = {
        "soHieuToBanDo": pa.array(["1"] * len(numbers)),
        "soThuTuThua": pa.array(numbers),
        "kyHieuMucDichSuDung": pa.array([state.land_use[n] for n in numbers]),
    }
    write(path, [state.shape[n] for n in numbers], fields, crs=f"EPSG:{EPSG}")
    return path.name, path.read_bytes()


def test_a_sheet_is_replaced_by_its_later_state(surveyor: Surveyor, tmp_path: Path) -> None:
    with connect(surveyor.conninfo) as conn:
        hand_in(conn, *(Lot(n, s) for n, s in BEFORE.shape.items()))  # type: ignore[arg-type]
    state = moved(planted(BEFORE, DID).state, EAST + BY[0], NORTH + BY[1])
    file = file_of(state, tmp_path / "later.gpkg")
    survey = surveyor.checked(file, commune=COMMUNE, sheet="1", replaces="sheet")
    assert survey["state"] == "accepted", survey
    told = {f["rule"]: f["severity"] for f in surveyor.told(survey["id"])["findings"]}
    assert (told["shifted"], told["duplicate_shape"]) == ("explain", "note")
    (proposed,) = surveyor.told(survey["id"])["proposals"]
    answer = surveyor.client.post(f"{PREFIX}/{survey['id']}/corrections", headers=signed(surveyor)).json()
    assert answer["counts"] == {
        "doubled": 80, "moved": 76, "attributes": 1, "reshaped": 1, "split": 2, "gone": 1,
    }  # fmt: skip
    (gone,) = [plot for plot in answer["plots"] if plot["does"] == "gone"]
    assert (gone["record"], gone["number"]) == ("", "5")
    with connect(surveyor.conninfo) as conn:
        (shift,) = preview(find(conn, answer["correction"]))["sheet_shift"]
    assert (shift["east_m"], shift["north_m"]) == BY
    east, north = proposed["key"].removeprefix("shift:").split(",")
    assert (-float(east), -float(north)) == pytest.approx(BY, abs=0.01), (
        "the check proposes the same, the other way"
    )
    # Without the word the second records stop it.
    assert surveyor.checked(file, commune=COMMUNE, sheet="1")["state"] == "returned"
    # With the check's proposal accepted the file lies where the register does: the same changes, no shift left.
    again = surveyor.checked(file, commune=COMMUNE, sheet="1", replaces="sheet", accept=proposed["key"])
    answer = surveyor.client.post(f"{PREFIX}/{again['id']}/corrections", headers=signed(surveyor)).json()
    assert answer["counts"] == {
        "doubled": 80, "unchanged": 76, "attributes": 1, "reshaped": 1, "split": 2, "gone": 1,
    }  # fmt: skip


def test_the_second_real_state_comes_through_the_door(surveyor: Surveyor, tmp_path: Path) -> None:
    first, second = (written(tmp_path / f"v{n}.gpkg", snapshot(n)) for n in (1, 2))
    with connect(surveyor.conninfo) as conn:
        receive(conn, read([first], options(zone_of={COMMUNE: EPSG}.get)), "tester", DAY)
    survey = surveyor.checked(
        (second.name, second.read_bytes()), commune=COMMUNE, scale="2000", replaces="sheet"
    )
    told = surveyor.told(survey["id"])
    assert survey["state"] == "accepted", [f for f in told["findings"] if f["severity"] == "stops"][:5]
    answer = surveyor.client.post(f"{PREFIX}/{survey['id']}/corrections", headers=signed(surveyor)).json()
    assert answer["counts"] == {"doubled": 686, "moved": 663, "new": 21, "attributes": 2}
    with connect(surveyor.conninfo) as conn:
        draft = find(conn, answer["correction"])
    (shift,) = preview(draft)["sheet_shift"]
    assert draft.stops == 0
    (key,) = [one["key"] for one in told["proposals"]]
    proposed = [-float(m) for m in key.removeprefix("shift:").split(",")]
    assert [shift["east_m"], shift["north_m"]] == pytest.approx(proposed, abs=0.01)
