"""Packs of a commune: what is in them is what the register has; made once a state; where there is none that is said."""

import gzip
import json
import os
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from pmtiles.reader import MmapSource, Reader

from register.connect import connect
from register.errors import InvalidKeyError
from tests.api.asked import STREET, problem_in
from tests.conftest import Clone, Serve, Served
from tests.register.handed_in import hand_in
from tiles.archive.export import Ask, export

CODE = "20194"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("archives")


@pytest.fixture(scope="module")
def site(clone: Clone, serve: Serve, folder: Path) -> Iterator[Served]:
    with clone() as conninfo:
        with connect(conninfo) as conn:
            hand_in(conn, *STREET)
        with serve(conninfo, archives=folder) as served:
            yield served


def asked(site: Served, commune: str) -> httpx.Response:
    return httpx.post(f"{site.url}/api/v1/packs/{commune}", json={}, timeout=120)


def communes(site: Served) -> dict[str, str]:
    told = httpx.get(f"{site.url}/api/v1/register").json()["communes"]
    return {one["code"]: one["name"] for one in told}


def test_a_pack_tells_of_the_parcels_of_its_commune(site: Served, folder: Path) -> None:
    for code, name in communes(site).items():
        told = asked(site, code).raise_for_status().json()
        path = folder / told["url"].rpartition("/")[2]
        assert path.stat().st_size == told["bytes"]
        assert httpx.head(site.url + told["url"]).headers["content-length"] == str(told["bytes"])
        with path.open("rb") as file:
            reader = Reader(MmapSource(file))
            metadata, header = reader.metadata(), reader.header()
        assert metadata["commune"]["name"] == name
        assert (header["min_zoom"], header["max_zoom"]) == (10, 17)
        page = httpx.get(f"{site.url}/api/v1/parcels", params={"commune": code, "limit": 1000}).json()
        known = {f["id"]: f["properties"] for f in page["features"]}
        assert {row[0] for row in metadata["parcels"]} == known.keys()
        for one, sheet, number, use, area, legal, lon, lat, address in metadata["parcels"]:
            facts = known[one]
            assert [sheet, number, use] == [facts["sheet"]["number"], facts["number"], facts["land_use"]]
            assert (area, legal) == (facts["area_m2"], facts["legal_area_m2"])
            assert [lon, lat] == pytest.approx(facts["point"], abs=2e-6)
            texts = {a["text"] for a in facts["addresses"] if a["text"]}
            assert address in texts if texts else address is None


def test_it_is_made_once_and_the_older_one_goes(site: Served, folder: Path) -> None:
    (code, *_) = communes(site)
    first = asked(site, code).json()
    path = folder / first["url"].rpartition("/")[2]
    made = path.stat().st_mtime_ns
    assert asked(site, code).json() == first
    assert path.stat().st_mtime_ns == made
    old = path.rename(path.with_name(f"xa-{code}-0.pmtiles"))
    assert asked(site, code).json()["url"].endswith(old.name)  # young enough

    os.utime(old, (0, 0))
    (folder / f"xa-{code}-0.pmtiles.parts").mkdir()
    assert asked(site, code).json() == first
    assert sorted(one.name for one in folder.glob(f"xa-{code}-*")) == [path.name]


def test_a_commune_without_parcels_and_words_that_are_none(site: Served) -> None:
    assert problem_in(asked(site, "00004"))["status"] == 404
    assert problem_in(asked(site, "..%2fetc"))["status"] in (404, 422)
    assert problem_in(asked(site, "abc"))["status"] == 422


def test_without_a_folder_it_is_said(clone: Clone, serve: Serve) -> None:
    with clone() as conninfo, serve(conninfo) as served:
        assert "không giữ tệp bản đồ" in problem_in(asked(served, CODE))["detail_vi"]


def test_only_a_commune_as_it_is_can_be_found_in(conninfo: str, tmp_path: Path) -> None:
    with pytest.raises(InvalidKeyError):
        export(conninfo, "register", tmp_path / "a.pmtiles", Ask(found=True), processes=0)


def test_other_archives_tell_of_no_parcels(site: Served, tmp_path: Path) -> None:
    path = tmp_path / "a.pmtiles"
    export(site.conninfo, "register", path, Ask(min_zoom=12, max_zoom=12), processes=0)
    with path.open("rb") as file:
        source = MmapSource(file)
        header = Reader(source).header()
        told = json.loads(gzip.decompress(source(header["metadata_offset"], header["metadata_length"])))
    assert "parcels" not in told
    assert "commune" not in told
