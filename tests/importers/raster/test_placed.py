"""Pictures come back where they lie: a generated paper scan from its control points, real sheets from their files."""

from pathlib import Path
from typing import Any

import numpy as np
import pyproj
import pytest
import rasterio
from rasterio.windows import Window

from geo import crs
from importers.raster.place import place
from importers.raster.read import Placed, ScanOptions, placed
from importers.raster.request import request_of
from tests.importers.raster import paper
from tests.importers.raster.paper import EAST, EPSG, MARKS, NORTH

DATA = Path("/work/shared/data")
EIGHT = [0, 2, 3, 5, 8, 11, 12, 15]
REST = [i for i in range(16) if i not in EIGHT]


CORNER = ((400.0, 400.0), (450.0, 400.0), (450.0, 450.0), (400.0, 450.0))


def told_of(path: Path, **said: object) -> dict[str, Any]:
    """What is told of a scan; only a corner of it is drawn."""
    return place([path], request_of(ScanOptions(crop_pixels=CORNER, **said)), path.parent)  # type: ignore[arg-type]


def marks_in(made: Placed, marks: np.ndarray) -> np.ndarray:
    """How far the ink of marks lies from where VN-2000 has it, in pixels of the scan (n, 2)."""
    with rasterio.open(made.path) as tiles:
        web = np.stack(crs.to_web(EPSG, EAST + marks[:, 0], NORTH + marks[:, 1]), axis=1)
        there = np.stack(~tiles.transform @ web.T, axis=1)
        low, high = there.min(axis=0).astype(int) - 40, there.max(axis=0).astype(int) + 40
        picture = np.moveaxis(tiles.read(window=Window(*low, *(high - low))), 0, 2)
        size_m = tiles.transform.a * np.cos(np.radians(13.56))
    return (paper.blots(picture, there - low) - (there - low)) * size_m / paper.PIXEL_M


@pytest.mark.parametrize("seed", [1, 2])
def test_a_paper_scan_comes_back_from_eight_control_points(seed: int, tmp_path: Path) -> None:
    scan = paper.scanned(seed)
    path = paper.save(scan.picture, tmp_path / "to_12.png")
    points = tmp_path / "to_12.csv"
    points.write_text(paper.control_points(scan, MARKS[EIGHT], 0.3))
    with placed([path, points], ScanOptions(crs=EPSG)) as made:
        off = marks_in(made, MARKS[REST])
        told = made.told
    assert np.sqrt(np.mean(np.sum(off**2, axis=1))) < 1.0
    assert [one["transformation"] for one in told["fits"]] == ["affine", "projective", "thin_plate"]
    assert told["transformation"] == told["proposed"] != "affine"
    stiff = told["fits"][0]
    assert 0.5 < stiff["rms_px"] < stiff["left_out_rms_px"]
    assert stiff["rms_m"] == pytest.approx(stiff["rms_px"] * paper.PIXEL_M, rel=0.1)
    assert len(told["points"]) == 8
    assert told["points"][0]["name"] == "1"
    assert told["pixel_m"] == pytest.approx(paper.PIXEL_M, rel=0.05)


def test_the_caller_may_take_another_transformation_and_is_told_which_was_proposed(tmp_path: Path) -> None:
    scan = paper.scanned(1)
    path = paper.save(scan.picture, tmp_path / "to.jpg")
    text = paper.control_points(scan, MARKS)
    told = told_of(path, crs=EPSG, points=text, transformation="affine")
    assert (told["transformation"], told["proposed"]) == ("affine", "thin_plate")
    assert told["rms_px"] == told["fits"][0]["rms_px"] > 0.5


def test_degrees_and_metres_place_a_scan_alike(tmp_path: Path) -> None:
    scan = paper.scanned(3)
    path = paper.save(scan.picture, tmp_path / "to.png")
    metres = paper.control_points(scan, MARKS)
    lon, lat = crs.to_wgs84(EPSG, EAST + MARKS[:, 0], NORTH + MARKS[:, 1])
    at = scan.pixels(MARKS)
    # as QGIS writes them: rows upwards, so below nought
    rows = [f"{o:.9f},{a:.9f},{x:.4f},{-y:.4f},1,0,0,0" for o, a, (x, y) in zip(lon, lat, at, strict=True)]
    head = ["#CRS: GEOGCRS[]", "mapX,mapY,sourceX,sourceY,enable,dX,dY,residual"]
    degrees = "\n".join([*head, *rows, "0,0,0,0,0,0,0,0"])
    one = told_of(path, crs=EPSG, points=metres, transformation="projective")
    two = told_of(path, crs=4326, points=degrees, transformation="projective")
    np.testing.assert_allclose(one["outline"], two["outline"], atol=2e-7)
    assert one["rms_m"] == pytest.approx(two["rms_m"], rel=0.02)


def test_a_blunder_is_pointed_out(tmp_path: Path) -> None:
    scan = paper.scanned(1)
    path = paper.save(scan.picture, tmp_path / "to.png")
    lines = paper.control_points(scan, MARKS).splitlines()
    name, x, y, east, north = lines[6].split(",")
    lines[6] = ",".join([name, str(float(x) + 60), y, east, north])
    [note] = told_of(path, crs=EPSG, points="\n".join(lines), transformation="affine")["notes"]
    assert note["rule"] == "blunder"
    assert f"Point {name} " in note["text_en"]


def test_what_lies_outside_the_frame_is_cut_off(tmp_path: Path) -> None:
    scan = paper.scanned(2)
    path = paper.save(scan.picture, tmp_path / "to.png")
    text = paper.control_points(scan, MARKS)
    corners = scan.pixels(np.array([(50.0, 50.0), (150.0, 50.0), (150.0, 150.0), (50.0, 150.0)]))
    frame = tuple((float(x), float(y)) for x, y in corners)
    with (
        placed([path], ScanOptions(crs=EPSG, points=text, crop_pixels=frame)) as made,
        rasterio.open(made.path) as tiles,
    ):
        alpha = tiles.read(4)
        size_m = tiles.transform.a * np.cos(np.radians(13.56))
        assert (alpha > 0).sum() * size_m**2 == pytest.approx(100 * 100, rel=0.01)
        inside = np.stack(
            crs.to_web(EPSG, EAST + np.array([52, 100, 148, 45]), NORTH + np.array([52, 100, 148, 100]))
        )
        columns, rows = np.array(~tiles.transform @ inside).astype(int)
        assert (alpha[rows, columns] > 0).tolist() == [True, True, True, False]


def test_blocks_of_every_zoom_are_the_tiles_of_the_web_map(tmp_path: Path) -> None:
    scan = paper.scanned(2)
    path = paper.save(scan.picture, tmp_path / "to.png")
    with placed([path], ScanOptions(crs=EPSG, points=paper.control_points(scan, MARKS))) as made:
        content = made.path.read_bytes()
        with rasterio.open(made.path) as tiles:
            assert tiles.block_shapes == [(512, 512)] * 4
            for level in range(made.told["max_zoom"] - made.told["min_zoom"] + 1):
                size_m = 2 * 20037508.342789244 / 2 ** (made.told["max_zoom"] - level)
                for edge in (tiles.bounds.left + 20037508.342789244, 20037508.342789244 - tiles.bounds.top):
                    assert edge / size_m == pytest.approx(round(edge / size_m), abs=1e-6)
                assert tiles.width % (512 << level) == tiles.height % (512 << level) == 0
            assert content[: 4 << 10].count(b"LAYOUT=IFDS_BEFORE_DATA") == 1
    assert content.count(b"WEBPVP8") >= 5


ITALY, AUCKLAND = DATA / "it_cadastral_sheet_raster", DATA / "nz_auckland_linz"
FRAME = 700, 900, 1300, 1400


@pytest.mark.skipif(not DATA.is_dir(), reason="the developer data is not on this machine")
@pytest.mark.parametrize(
    ("files", "epsg", "kind", "corner", "step"),
    [
        ([ITALY / "ade_sheet_0035_cog.tif"], None, "scan", None, 0.0),
        (
            [ITALY / "ade_sheet_0036.png", ITALY / "ade_sheet_0036.pgw"],
            4258,
            "scan",
            (14.70204151633745 - 0.0000051526749 / 2, 41.89774005864805 + 0.00000386190391 / 2),
            (0.0000051526749, -0.00000386190391),
        ),
        (
            [AUCKLAND / f"waiheke_orthophoto_BA33_2710.{end}" for end in ("jpg", "jgw")],
            2193,
            "orthophoto",
            (1784320.0, 5927280.0),
            (0.125, -0.125),
        ),
    ],
    ids=["italian geotiff", "italian png", "auckland"],
)
def test_real_sheets_lie_where_their_files_say(
    files: list[Path],
    epsg: int | None,
    kind: str,
    corner: tuple[float, float] | None,
    step: tuple[float, float],
) -> None:
    left, top, right, bottom = FRAME
    frame = ((left, top), (right, top), (right, bottom), (left, bottom))
    with placed(files, ScanOptions(kind=kind, crs=epsg, crop_pixels=frame)) as made:  # type: ignore[arg-type]
        told = made.told
        with rasterio.open(made.path) as tiles:
            drawn = tiles.read()
    if corner is None:  # its own word is what GDAL reads of it
        with rasterio.open(files[0]) as source:
            assert told["epsg"] == source.crs.to_epsg()
            first, second = source.transform @ (left, top), source.transform @ (right, bottom)
    else:
        first = corner[0] + left * step[0], corner[1] + top * step[1]
        second = corner[0] + right * step[0], corner[1] + bottom * step[1]
    to_degrees = pyproj.Transformer.from_crs(told["epsg"], 4326, always_xy=True).transform
    for there in (first, second):
        assert np.hypot(*(np.array(told["outline"]) - to_degrees(*there)).T).min() < 2e-8
    shown = drawn[3] > 0
    assert shown.any()
    assert drawn[:3, shown].std() > 10  # a drawing, not one colour
