"""A French commune in eight sections, held against what stands in the text of its .VEC files."""

import io
import re
import tarfile
from pathlib import Path

import numpy as np
import pytest
import shapely

from geo.tolerance import area_tolerance_m2
from tests.importers.handed import column, examined, refusal, rules, shapes
from tests.importers.parcels import data

PARCEL = re.compile(r"OBJ;PARCELLE_id(.*?)(?:\r\n\r\n|$)", re.S)
SUPF = re.compile(r"SUPF_id\r\nATVSR\d\d:\+([\d.]+)")
IDU = re.compile(r"IDU_id\r\n(?:TEXT [^\r]*\r\n)?ATVST\d\d:(\w+)")


@pytest.fixture(scope="module")
def commune() -> Path:
    return data("fr_edigeo_25354")


@pytest.fixture(scope="module")
def told(commune: Path) -> dict[str, float]:
    """Area on record of each parcel by its reference."""
    found = {}
    for archive in sorted(commune.glob("*.tar.bz2")):
        with tarfile.open(archive) as tar:
            for member in tar.getmembers():
                part = tar.extractfile(member)
                assert part is not None
                for block in PARCEL.findall(part.read().decode("latin-1")):
                    if (idu := IDU.search(block)) and (area := SUPF.search(block)):
                        found[idu[1]] = float(area[1])
    return found


@pytest.fixture(scope="module")
def said(commune: Path):
    return examined(commune)


def test_every_parcel_of_every_section(said, told: dict[str, float]) -> None:
    assert len(told) == 511
    assert len(set(column(said, "file"))) == 8
    assert sorted(column(said, "record")) == sorted(told)
    assert list(zip(column(said, "sheet"), column(said, "number"), strict=True)) == [
        (record[6:8].lstrip("0"), record[8:].lstrip("0")) for record in column(said, "record")
    ]
    assert not shapely.is_missing(shapes(said)).any()


def test_areas_that_differ_beyond_tolerance_are_told(said, told: dict[str, float]) -> None:
    areas = dict(zip(column(said, "record"), shapely.area(shapes(said)).tolist(), strict=True))
    off = {idu for idu, area in areas.items() if abs(told[idu] - area) > area_tolerance_m2(area, None) + 1}
    named = {
        word
        for f in said.findings
        if f.rule == "written_area" and f.severity == "explain"
        for word in (f.record or "").split()
    }
    assert len(off) > 400
    assert off <= named
    near = {idu for idu, area in areas.items() if abs(told[idu] - area) < area_tolerance_m2(area, None) - 1}
    assert not near & named
    assert sum(abs(told[idu] / area - 1) > 0.01 for idu, area in areas.items()) == 256


def test_the_shapes_cover_the_ground_once(said) -> None:
    areas = shapely.area(shapes(said))
    assert np.isclose(areas.sum(), shapely.union_all(shapes(said)).area, rtol=1e-4)


def test_another_country_s_system_is_told_of_each_file(said) -> None:
    assert rules(said.findings)["no_place"] == 8
    assert all("Lambert" in f.text_en for f in said.findings if f.rule == "no_place")


def packed(path: Path, members: dict[str, bytes], links: tuple[str, ...] = ()) -> Path:
    with tarfile.open(path, "w:bz2") as tar:
        for name, content in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
        for name in links:
            info = tarfile.TarInfo(name)
            info.type, info.linkname = tarfile.SYMTYPE, "/etc/passwd"
            tar.addfile(info)
    return path


@pytest.fixture(scope="module")
def parts(commune: Path) -> dict[str, bytes]:
    with tarfile.open(next(iter(sorted(commune.glob("*AB01*"))))) as tar:
        files = {m.name: tar.extractfile(m) for m in tar.getmembers()}
        return {name: part.read() for name, part in files.items() if part is not None}


def test_names_that_lead_outside_are_only_names(tmp_path: Path, parts: dict[str, bytes]) -> None:
    inside = tmp_path / "in"
    inside.mkdir()
    hostile = {f"../../{name}": content for name, content in parts.items()}
    read = examined(packed(inside / "a.tar.bz2", hostile, ("x.VEC", "/etc/a.DIC")))
    assert read.plots.num_rows == 14
    assert sorted(p.name for p in tmp_path.rglob("*")) == ["a.tar.bz2", "in"]


def test_unpacked_beside_its_header(tmp_path: Path, parts: dict[str, bytes]) -> None:
    for name, content in parts.items():
        (tmp_path / name).write_bytes(content)
    header = next(tmp_path.glob("*.THF"))
    assert examined(header).plots.num_rows == 14


@pytest.mark.parametrize("tenth", range(1, 10))
def test_an_archive_cut_short_is_refused(tmp_path: Path, commune: Path, tenth: int) -> None:
    whole = next(iter(sorted(commune.glob("*AB01*")))).read_bytes()
    path = tmp_path / "a.tar.bz2"
    path.write_bytes(whole[: len(whole) * tenth // 10])
    assert refusal(path).rule in ("bad_archive", "missing_file", "unknown_format")


def test_two_headers_and_none(tmp_path: Path, parts: dict[str, bytes]) -> None:
    header = next(n for n in parts if n.endswith(".THF"))
    two = packed(tmp_path / "2.tar.bz2", {**parts, "OTHER.THF": parts[header]})
    none = packed(tmp_path / "0.tar.bz2", {n: c for n, c in parts.items() if n != header})
    assert [refusal(two).rule, refusal(none).rule] == ["missing_file", "missing_file"]


def test_a_header_that_names_a_file_elsewhere(tmp_path: Path, parts: dict[str, bytes]) -> None:
    header = next(n for n in parts if n.endswith(".THF"))
    hostile = re.sub(rb"GNISA\d\d:\w+", b"GNISA14:/etc/EDAB01SEXX", parts[header])
    assert hostile != parts[header]
    assert refusal(packed(tmp_path / "a.tar.bz2", {**parts, header: hostile})).rule == "broken_file"
