"""Files of points written and read back in one line."""

import importlib
from pathlib import Path

from importers.plots import Drawn, How
from importers.points import recognises
from importers.source import SourceFile

MODULE = {"points": "table", "xlsx": "table"}


def read(folder: Path, content: str | bytes, kind: str = "points", how: How | None = None) -> Drawn:
    """`content` as a file of a format, read."""
    path = folder / "survey.dat"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return read_path(path, kind, how)


def read_path(path: Path, kind: str, how: How | None = None) -> Drawn:
    reader = importlib.import_module(f"importers.points.{MODULE.get(kind, kind)}")
    drawn = reader.read(SourceFile(path.name, path, kind, path.stat().st_size), how or How())  # type: ignore[arg-type]
    assert isinstance(drawn, Drawn)
    return drawn


def told(content: str | bytes, suffix: str = ".csv") -> str | None:
    raw = content if isinstance(content, bytes) else content.encode()
    return recognises(raw[: 1 << 16], suffix)


def rules(drawn: Drawn) -> list[str]:
    return [f.rule for f in drawn.findings]


def rings(drawn: Drawn) -> list[tuple[str | None, list[tuple[float, float]]]]:
    """Number and exterior ring of each plot, rounded to the millimetre, the first corner not repeated."""
    return [
        (p.number, [(round(x, 3), round(y, 3)) for x, y in p.shape.exterior.coords[:-1]] if p.shape else [])
        for p in drawn.plots
    ]
