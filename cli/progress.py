"""Long work as it goes: bars on a terminal, a line per step elsewhere. On standard error, like all news."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from cli.say import say

Progress = Callable[[str, int, int | None], None]

STEPS = {  # as the register and the readers name them: (Vietnamese, English)
    "read": ("Đọc tệp", "Reading"),
    "store": ("Ghi thửa đất", "Storing parcels"),
    "address": ("Gắn địa chỉ", "Linking addresses"),
    "check": ("Kiểm tra chồng lấn", "Checking overlaps"),
    "sheets": ("Vẽ tờ bản đồ", "Drawing sheets"),
    "blocks": ("Dựng kho ô bản đồ", "Filling the map's store"),
    "archive_cells": ("Đọc thửa đất", "Reading parcels"),
    "archive_tiles": ("Vẽ ô bản đồ", "Drawing tiles"),
    "archive_write": ("Ghi tệp", "Writing the file"),
    "sample": ("Dựng xã mẫu", "Making the sample"),
    "doctor": ("Tìm khe hở, chồng lấn", "Finding gaps and overlaps"),
    "doctor_draft": ("Lập bản thảo", "Drafting"),
    "survey_read": ("Đọc bản đo", "Reading the survey"),
    "survey_place": ("Xác định vị trí", "Finding the place"),
    "survey_check": ("Kiểm tra", "Checking"),
    "survey_report": ("Lập báo cáo", "Writing the report"),
}


@contextmanager
def shown() -> Iterator[Progress]:
    """A function (step, done, total or None) that shows how far each step is."""
    if not sys.stderr.isatty():
        yield _line_per_step()
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as Bars

    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn()
    with Bars(*columns, console=Console(stderr=True)) as bars:
        tasks = {}

        def show(step: str, done: int, total: int | None) -> None:
            if step not in tasks:
                tasks[step] = bars.add_task(" · ".join(STEPS.get(step, (step, step))), total=total)
            bars.update(tasks[step], completed=done, total=total)

        yield show


def _line_per_step() -> Progress:
    begun = set()

    def show(step: str, _done: int, _total: int | None) -> None:
        if step not in begun:
            begun.add(step)
            text_vi, text_en = STEPS.get(step, (step, step))
            say(f"{text_vi} …", f"{text_en} …")

    return show
