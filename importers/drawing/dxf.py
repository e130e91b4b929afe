"""DXF, ASCII and binary, of any age: by ezdxf, its strict reader first and its forgiving one for broken files."""

import logging
import re
from io import BytesIO
from typing import Any

from geo.finding import Finding
from importers.check.rules import found
from importers.drawing.assemble import assemble
from importers.drawing.curves import offset_m
from importers.drawing.dxf_bounds import Bounds, bounds
from importers.drawing.dxf_entities import Collector, laid_out
from importers.drawing.strokes import Drawing
from importers.errors import BrokenFile, EmptyFile
from importers.plots import Drawn, How
from importers.source import SourceFile

# Metres of one unit by $INSUNITS; 0 is unitless.
UNITS_M = {
    1: 0.0254, 2: 0.3048, 3: 1609.344, 4: 0.001, 5: 0.01, 6: 1.0, 7: 1000.0, 8: 2.54e-8, 9: 2.54e-5, 10: 0.9144,
    13: 1e-6, 14: 0.1, 15: 10.0, 16: 100.0, 21: 1200 / 3937,
}  # fmt: skip


def read(source: SourceFile, how: How) -> Drawn:
    """The plots of a DXF. Records are handles ("2F3A"), or "ranh " and the handles of the lines that close a face.

    Raises: EmptyFile, BrokenFile, TooMuch.
    """
    limits = bounds(source.path, source.name)
    document, (model, paper), mended = _load(source, limits.cut)
    drawing = Drawing(source.name, "dxf")
    units = document.header.get("$INSUNITS", 0)
    drawing.unit_m = UNITS_M.get(units) if isinstance(units, int) else None
    collector = Collector(drawing, offset_m(how.scale) / (drawing.unit_m or 1.0))
    collector.collect(model, paper)
    drawing.findings = _complete(limits, collector.seen, mended)
    if not drawing.counts:
        if limits.whole:
            raise EmptyFile("Bản vẽ không có đối tượng nào.", "The drawing holds no entity.", source.name)
        raise _broken(source, "no end mark, no entity")
    return assemble(drawing, how)


def _load(source: SourceFile, cut: int | None) -> tuple[Any, tuple[list[Any], int], int]:
    """The document, its entities as `laid_out` gives them, and how many faults the forgiving reader mended in it (0 where
    the strict one read it).

    Of a file that ends among its entities, those before the byte `cut`.
    """
    import ezdxf.filemanagement
    from ezdxf import recover

    logging.getLogger("ezdxf").setLevel(logging.CRITICAL)
    try:
        document = ezdxf.filemanagement.readfile(source.path)
        return document, laid_out(document), 0
    except MemoryError:
        raise
    except Exception as strict:
        try:
            if cut is None:
                document, auditor = recover.readfile(source.path)
            else:
                held = source.path.read_bytes()[:cut]
                document, auditor = recover.read(BytesIO(held + b"\n  0\nENDSEC\n  0\nEOF\n"))
            held_by = laid_out(document)
        except MemoryError:
            raise
        except Exception as error:
            raise _broken(source, str(error) or str(strict)) from error
        return document, held_by, len(auditor.errors) + len(auditor.fixes) or 1


def _broken(source: SourceFile, said: str) -> BrokenFile:
    said = " ".join(said.replace(str(source.path), source.name).split())
    # what stands in the file may be an owner's name: the line's number tells enough
    said = re.sub(r"""["'].*["']""", "…", said)[:200]
    return BrokenFile(
        f"Tệp DXF hỏng hoặc bị cắt ({said}). Hãy xuất lại từ phần mềm gốc (DXFOUT).",
        f"The DXF is broken or cut short ({said}). Export it again (DXFOUT).",
        source.name,
    )


def _complete(limits: Bounds, seen: int, mended: int) -> list[Finding]:
    """What shows that the file is not whole: no end mark, fewer entities read than its bytes hold."""
    findings = []
    held = limits.entities.total() if limits.entities is not None else seen
    if not limits.whole or seen < held:
        why_vi = "thiếu dấu kết thúc (EOF)" if not limits.whole else "có đối tượng hỏng"
        why_en = "its end mark (EOF) is missing" if not limits.whole else "some entities are broken"
        of_vi, of_en = (f" trong số {held}", f" of {held}") if seen < held else ("", "")
        findings.append(
            found(
                "incomplete_file",
                f"Tệp DXF {why_vi}: đọc được {seen}{of_vi} đối tượng.",
                f"The DXF is incomplete, {why_en}: {seen}{of_en} entities were read.",
            )
        )
    elif mended:
        findings.append(
            found(
                "bad_line",
                f"Tệp DXF sai cấu trúc ở {mended} chỗ, đã đọc theo chế độ sửa lỗi: đủ {held} đối tượng, hãy soát lại.",
                f"The DXF is malformed in {mended} places and was read by repair: all {held} entities, look them over.",
                severity="explain",
            )
        )
    return findings
