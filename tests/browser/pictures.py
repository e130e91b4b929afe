"""Takes pictures of every view, in Vietnamese, at the size of a phone and of a desk, into docs/pictures/.

    uv run --with pillow python -m tests.browser.pictures               # all of them, of a demo started for it
    uv run --with pillow python -m tests.browser.pictures edit parcel   # those whose names begin so

The demo's register is made anew in a folder of its own, people sign in with the passwords it shows, and their work under
way is made through the API (tests/browser/stage.py). Pillow reduces a picture to 256 colours or fewer: a third of the size.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import Final

from playwright.sync_api import Browser, sync_playwright

from cli.demo_people import NAMES
from cli.http_server import listen
from tests.browser.conftest import ARGUMENTS
from tests.browser.stage import Stage, set_stage
from tests.browser.views import DESKTOP, PHONE, VIEWS, View

CHECKOUT: Final = Path(__file__).parent.parent.parent
PICTURES: Final = CHECKOUT / "docs/pictures"
MOST_BYTES: Final = 250_000
COLOURS: Final = (256, 160, 96, 64, 48)


@contextmanager
def demo() -> Iterator[Stage]:
    """The demo in a folder of its own, with work under way; stopped and thrown away at the end."""
    with listen("127.0.0.1", 0) as free:
        port = free.getsockname()[1]
    with tempfile.TemporaryDirectory(dir="/var/tmp", ignore_cleanup_errors=True) as home:
        command = [Path(sys.executable).parent / "diachinh", "demo", "--port", str(port)]
        Path(home).chmod(0o755)  # the database's account enters it too
        running = subprocess.Popen(
            command,
            env=os.environ | {"DIACHINH_HOME": f"{home}/demo"},
            stderr=subprocess.STDOUT,
            stdout=subprocess.PIPE,
            text=True,
        )
        try:
            passwords = {}
            assert running.stdout is not None
            for line in running.stdout:
                if found := re.match(r"\s+(\w+)\s+(\S+) · ", line):
                    passwords[found[1]] = found[2]
                if f"http://127.0.0.1:{port}" in line:
                    break
            assert set(passwords) == set(NAMES), f"the demo showed the passwords of {sorted(passwords)}"
            yield set_stage(f"http://127.0.0.1:{port}", passwords)
        finally:
            running.terminate()
            running.wait(60)


def take(browser: Browser, stage: Stage, view: View, size: str) -> bytes:
    """The view as a PNG."""
    context = browser.new_context(
        viewport=PHONE if size == "phone" else DESKTOP,
        has_touch=size == "phone",
        locale="vi-VN",
        timezone_id="Asia/Ho_Chi_Minh",
        color_scheme="dark" if view.dark else "light",
    )
    try:
        page = context.new_page()
        view.go(page, stage)
        page.wait_for_timeout(700)  # what moves has come to rest
        return page.screenshot(animations="disabled")
    finally:
        context.close()


def reduced(picture: bytes) -> bytes:
    """The PNG with as many colours as fit into MOST_BYTES; as it is where Pillow is missing."""
    try:
        from PIL import Image
    except ImportError:
        return picture
    drawn = Image.open(BytesIO(picture)).convert("RGB")
    for colours in COLOURS:
        kept = BytesIO()
        drawn.quantize(colours, dither=Image.Dither.NONE).save(kept, "PNG", optimize=True)
        if kept.tell() < MOST_BYTES:
            break
    return kept.getvalue()


def main(wanted: Sequence[str]) -> int:
    """Take the views whose names begin with one of `wanted`, all where it is empty; how many failed."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    failed = 0
    with demo() as stage, sync_playwright() as playwright:
        root = ["--no-sandbox"] if os.geteuid() == 0 else []
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium") or shutil.which("google-chrome"),
            args=[*ARGUMENTS, *root],
        )
        for view in VIEWS:
            if wanted and not any(view.name.startswith(one) for one in wanted):
                continue
            for size in ("desktop", "phone"):
                path = PICTURES / f"{view.name}-{size}.png"
                try:
                    path.write_bytes(reduced(take(browser, stage, view, size)))
                    told = f"{path.stat().st_size // 1000} kB"
                except Exception as error:
                    failed += 1
                    told = f"FAILED: {error}"
                sys.stdout.write(f"{path.relative_to(CHECKOUT)}  {told}\n")
                sys.stdout.flush()
        browser.close()
    return failed


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]) > 0)
