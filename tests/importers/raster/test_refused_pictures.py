"""Pictures that cannot be placed, or want to cost more than a picture may, are refused in words, soon."""

import struct
import zlib
from contextlib import nullcontext
from pathlib import Path

import numpy as np
import pytest

from importers.errors import Refused
from importers.raster.place import place
from importers.raster.points_file import read_controls
from importers.raster.read import ScanOptions, placed
from importers.raster.request import request_of
from tests.importers.raster import paper

FLAT = np.full((300, 400), 200, np.uint8)
WORLD = b"0.25\n0\n0\n-0.25\n600000.125\n1499999.875\n"
GOOD = [
    (0, 0, 600000, 1500000),
    (400, 0, 600100, 1500000),
    (400, 300, 600100, 1499925),
    (0, 300, 600000, 1499925),
]


def listed(rows: list[tuple[float, ...]]) -> bytes:
    return "\n".join(["col,row,east,north", *(",".join(map(str, row)) for row in rows)]).encode()


def refusal(tmp_path: Path, files: dict[str, bytes], fenced: bool = False, **options: object) -> Refused:
    """Why these files are refused: by the reader itself, or as it is asked from outside."""
    paths = []
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
        paths.append(tmp_path / name)
    said = ScanOptions(**options)  # type: ignore[arg-type]
    with pytest.raises(Refused) as refused, placed(paths, said) if fenced else nullcontext():
        place(paths, request_of(said), tmp_path)
    assert refused.value.text_vi.rstrip().endswith(".")
    assert refused.value.text_en.rstrip().endswith(".")
    assert str(tmp_path) not in refused.value.text_en
    return refused.value


@pytest.fixture
def flat(tmp_path: Path) -> bytes:
    return paper.save(FLAT, tmp_path / "made.png").read_bytes()


@pytest.mark.parametrize(
    ("rows", "rule", "words"),
    [
        (GOOD[:2], "unusable_points", "There are 2 control points"),
        ([], "unusable_points", "There are 0 control points"),
        ([(i * 100, i * 75, 600000 + i * 25, 1500000 - i * 18.75) for i in range(4)], "unusable_points", "one line"),
        ([*GOOD, GOOD[0]], "unusable_points", "The points 1 and 5 are one place"),
        ([(c, r, n, e) for c, r, e, n in GOOD], "swapped_axes", "East"[:0] + "give east first"),
        ([(c, r, e + 3e6, n) for c, r, e, n in GOOD], "wrong_crs", "no VN-2000 metres"),
        ([(c, r, "x", n) for c, r, e, n in GOOD], "broken_file", "Row 2 of the control points"),  # type: ignore[misc]
        ([(c, r, e, float("nan")) for c, r, e, n in GOOD], "broken_file", "not finite"),
    ],
)  # fmt: skip
def test_points_that_do_not_place(
    tmp_path: Path, flat: bytes, rows: list[tuple[float, ...]], rule: str, words: str
) -> None:
    said = refusal(tmp_path, {"to.png": flat, "to.csv": listed(rows)}, crs=paper.EPSG)
    assert said.rule == rule
    assert words in said.text_en


def test_no_place_and_no_system(tmp_path: Path, flat: bytes) -> None:
    assert refusal(tmp_path, {"to.png": flat}, crs=paper.EPSG).rule == "no_place"
    assert refusal(tmp_path, {"to.png": flat, "to.pgw": WORLD}).rule == "no_crs"
    assert refusal(tmp_path, {"to.png": flat, "to.pgw": WORLD}, crs=4756).rule == "wrong_crs"
    assert refusal(tmp_path, {"to.png": flat, "to.pgw": WORLD}, crs=99999).rule == "wrong_crs"
    assert refusal(tmp_path, {"to.pgw": WORLD}, crs=paper.EPSG).rule == "unknown_format"
    assert refusal(tmp_path, {"a.png": flat, "b.png": flat}, crs=paper.EPSG).rule == "unknown_format"


def test_a_picture_that_would_cover_the_world_is_refused(tmp_path: Path, flat: bytes) -> None:
    huge = WORLD.replace(b"0.25", b"2500").replace(b"600000", b"500000")
    assert refusal(tmp_path, {"to.png": flat, "to.pgw": huge}, crs=4326).rule in (
        "unusable_points",
        "too_much",
    )


@pytest.mark.parametrize(
    ("name", "content", "rule"),
    [
        ("to.tif", b"Ban do dia chinh to so 12\n" * 50, "unknown_format"),
        ("to.tif", paper.tiff(1_000_000, 1_000_000), "too_much"),
        ("to.tif", paper.tiff(46_000, 46_000), "too_much"),
        ("to.tif", paper.tiff(20_000, 15_000), "broken_file"),
        ("to.tif", b"II*\0\x08\0\0\0", "broken_file"),
        ("to.tif", b"II*\0" + struct.pack("<I", 8) + b"\xff" * 200, "broken_file"),
        ("to.png", paper.png(60_000, 60_000, zlib.compress(b"\0" * (1 << 24), 9)), "too_much"),
        ("to.png", paper.png(20_000, 19_000, zlib.compress(b"\0" * 1000)), "broken_file"),
        ("to.jpg", b"\xff\xd8\xff\xe0" + b"\0" * 64, "broken_file"),
    ],
    ids=["text", "million", "two gigabytes", "empty", "cut", "noise", "bomb", "short", "jpeg"],
)
def test_hostile_pictures_cost_little(tmp_path: Path, name: str, content: bytes, rule: str) -> None:
    assert refusal(tmp_path, {name: content, "to.wld": WORLD}, fenced=True, crs=paper.EPSG).rule == rule


@pytest.mark.parametrize(
    "text",
    [
        "pixel_x;pixel_y;east;north\n10,5;20;600000,25;1500000\n",
        "name,col,row,lon,lat\nA,10.5,20,600000.25,1500000\n",
        "10.5,20,600000.25,1500000\n",
        "A\t10.5\t20\t600000.25\t1500000\n",
        "cột;hàng;Đông;Bắc\n10.5;20;600000.25;1500000\n",
        "#CRS: EPSG:9218\nmapX,mapY,pixelX,pixelY,enable\n600000.25,1500000,10.5,-20,1\n1,1,1,1,0\n",
        "gdal_translate -gcp 10.5 20 600000.25 1500000 a.tif b.tif",
        "\ufeffcol,row,east,north\r\n10.5,20,600000.25,1500000\r\n\r\n",
    ],
)  # fmt: skip
def test_lists_of_control_points_in_many_forms(text: str) -> None:
    read = read_controls(text.encode(), "points")
    assert read.pixels.tolist() == [[10.5, 20.0]]
    assert read.ground.tolist() == [[600000.25, 1500000.0]]
    assert read.crs == ("EPSG:9218" if "#CRS" in text else None)
