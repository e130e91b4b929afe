"""A generated paper sheet: a drawing on VN-2000, and a scan of it that is turned, skewed, warped and noisy."""

import struct
import warnings
import zlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import rasterio
from numpy.typing import NDArray

Floats = NDArray[np.float64]
EPSG = 9218
EAST, NORTH = 600_000.0, 1_500_000.0
SIDE_M = 200.0
PIXEL_M = 0.25
WIDTH, HEIGHT = 1000, 900
CENTRE = np.array([WIDTH / 2, HEIGHT / 2])
MARKS = np.array([(x, y) for y in (20, 73, 127, 180) for x in (20, 73, 127, 180)], dtype=float)
"""Crosses of the sheet, metres from its south-western corner."""


@dataclass(frozen=True)
class Scan:
    """A picture (h, w) and the way from sheet metres (n, 2) to its pixels."""

    picture: NDArray[np.uint8]
    seed: int

    def pixels(self, metres: Floats) -> Floats:
        return seen(metres, self.seed)


def seen(metres: Floats, seed: int) -> Floats:
    """Where the scanner puts points of the sheet: shrunk unevenly, turned, at a slant, and wavy by some pixels."""
    dice = np.random.default_rng(seed)
    turn = np.radians(dice.uniform(-12, 12))
    flat = (metres - SIDE_M / 2) * (1, -1) / PIXEL_M * dice.uniform(0.985, 1.015, 2)
    flat = flat @ np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
    flat = flat + np.stack([flat[:, 1] * dice.uniform(-0.01, 0.01), np.zeros(len(flat))], axis=1)
    flat = flat / (1 + flat @ dice.uniform(-2e-5, 2e-5, 2))[:, None]
    bow = dice.uniform(1.0, 2.5, 2) * (flat[:, ::-1] / 400) ** 2
    return np.asarray(flat + bow + CENTRE)


def scanned(seed: int, noise: float = 12.0) -> Scan:
    """A scan with a blot of ink at each mark, on paper with noise."""
    dice = np.random.default_rng(seed + 1)
    paper = 235 + dice.normal(0, noise, (HEIGHT, WIDTH))
    rows, columns = np.mgrid[0:HEIGHT, 0:WIDTH] + 0.5
    for x, y in seen(MARKS, seed):
        paper -= 210 * np.exp(-((columns - x) ** 2 + (rows - y) ** 2) / (2 * 2.5**2))
    return Scan(np.clip(paper, 0, 255).astype(np.uint8), seed)


def control_points(scan: Scan, marks: Floats, blur_px: float = 0.0) -> str:
    """A CSV of marks as somebody clicks them, up to `blur_px` aside."""
    dice = np.random.default_rng(scan.seed + 2)
    clicked = scan.pixels(marks) + dice.uniform(-blur_px, blur_px, marks.shape)
    rows = [
        f"{n},{x:.3f},{y:.3f},{EAST + e:.3f},{NORTH + north:.3f}"
        for n, ((x, y), (e, north)) in enumerate(zip(clicked, marks, strict=True), 1)
    ]
    return "\n".join(["name,col,row,east,north", *rows])


def save(picture: NDArray[np.uint8], path: Path, **more: object) -> Path:
    """A picture (h, w) or (h, w, bands) as a file of the format its name says."""
    bands = picture[None] if picture.ndim == 2 else np.moveaxis(picture, 2, 0)
    driver = {".png": "PNG", ".jpg": "JPEG", ".tif": "GTiff"}[path.suffix]
    profile = {"driver": driver, "count": len(bands), "height": bands.shape[1], "width": bands.shape[2]}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that it does not say where it lies
        with rasterio.open(path, "w", dtype="uint8", **profile, **more) as out:
            out.write(bands)
    return path


def blots(rgba: NDArray[np.uint8], near: Floats) -> Floats:
    """Centres of the ink (n, 2: column, row) nearest to places in a picture (h, w, 4)."""
    found = []
    for x, y in near:
        left, top = int(x) - 16, int(y) - 16
        ink = np.clip(170.0 - rgba[top : top + 33, left : left + 33, :3].mean(axis=2), 0, None)
        rows, columns = np.mgrid[0:33, 0:33] + 0.5
        found.append((left + (ink * columns).sum() / ink.sum(), top + (ink * rows).sum() / ink.sum()))
    return np.array(found)


def png(width: int, height: int, rows: bytes) -> bytes:
    """A PNG of one grey band that claims a size and has other rows."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return (
            struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
        )

    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def tiff(width: int, height: int) -> bytes:
    """A TIFF that claims so many grey pixels in one strip, and holds none."""
    entries = [
        (256, 4, 1, width), (257, 4, 1, height), (258, 3, 1, 8), (259, 3, 1, 1), (262, 3, 1, 1), (273, 4, 1, 8),
        (277, 3, 1, 1), (278, 4, 1, height), (279, 4, 1, min(width * height, 0xFFFFFFFF)),
    ]  # fmt: skip
    body = b"".join(
        struct.pack("<HHI", tag, kind, count)
        + (struct.pack("<HH", v, 0) if kind == 3 else struct.pack("<I", v))
        for tag, kind, count, v in entries
    )
    return b"II*\0" + struct.pack("<I", 8) + struct.pack("<H", len(entries)) + body + b"\0\0\0\0"
