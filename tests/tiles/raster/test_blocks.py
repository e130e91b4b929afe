"""Blocks found in a file are what GDAL reads there; files that are none are refused."""

from pathlib import Path

import numpy as np
import pytest
import rasterio
from rasterio.io import MemoryFile
from rasterio.windows import Window

from importers.raster.options import ScanOptions
from importers.raster.place import place
from importers.raster.request import request_of
from tests.importers.raster import paper
from tiles.raster.blocks import opened

MANY = ScanOptions(crs=paper.EPSG, points=paper.control_points(paper.scanned(5), paper.MARKS))


def test_every_block_is_the_tile_gdal_reads(tmp_path: Path) -> None:
    picture = paper.save(paper.scanned(5).picture, tmp_path / "to.png")
    told = place([picture], request_of(MANY), tmp_path)
    blocks = opened(Path(told["path"]), told["max_zoom"])
    assert sorted(blocks.levels) == list(range(told["min_zoom"], told["max_zoom"] + 1))
    seen = 0
    for overview, zoom in enumerate(sorted(blocks.levels, reverse=True)):
        level = blocks.levels[zoom]
        finer = {} if overview == 0 else {"overview_level": overview - 1}
        with rasterio.open(told["path"], **finer) as source:
            assert level.offsets.shape == (source.height // 512, source.width // 512)
            size_m = 2 * 20037508.342789244 / 2**zoom
            assert source.bounds.left == pytest.approx(level.x * size_m - 20037508.342789244, abs=1e-4)
            assert source.bounds.top == pytest.approx(20037508.342789244 - level.y * size_m, abs=1e-4)
            for row, column in np.ndindex(level.offsets.shape):
                bands = source.read(window=Window(column * 512, row * 512, 512, 512))
                where = blocks.where(zoom, level.x + column, level.y + row)
                assert where is not None
                if where[1] == 0:
                    assert not bands.any()
                    continue
                content = blocks.read(*where)
                assert blocks.resident(*where) in (content, None)
                warned = pytest.warns(rasterio.errors.NotGeoreferencedWarning)
                with warned, MemoryFile(content) as kept, kept.open() as tile:
                    np.testing.assert_array_equal(tile.read()[:3], bands[:3])
                seen += 1
    assert seen >= 4
    assert blocks.where(told["max_zoom"], 0, 0) == (0, 0)
    assert blocks.where(told["max_zoom"] + 1, 0, 0) is None


@pytest.mark.parametrize(
    "content", [b"", b"II*\0", b"II*\0\xff\xff\xff\x7f", b"MM\0*" + b"\0" * 40, paper.tiff(512, 512)]
)
def test_files_that_are_none(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "x.tif").write_bytes(content)
    with pytest.raises(ValueError, match="no file of tiles"):
        opened(tmp_path / "x.tif", 19)
