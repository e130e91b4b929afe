"""Takes the README's picture of the running demo.

    uv run --with pillow python -m tests.browser.pictures http://127.0.0.1:8000

Pillow, where it is there, reduces the picture to 256 colours: a third of the size, to the eye the same.
"""

import os
import shutil
import sys
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

PICTURES = Path(__file__).parent.parent.parent / "docs/pictures"
SHEET, NUMBER = "7", "392"  # a parcel in the town of the sample
VIEW = "17.05/15.98585/108.20905"  # town, park, canal and fields
STILL = (
    "() => Boolean(window.diachinh) && window.diachinh.map.areTilesLoaded() && window.diachinh.map.loaded()"
    " && !window.diachinh.map.isMoving()"
)


def still(page: Page) -> None:
    """Wait until everything is drawn: twice, since a drawn map may ask for more."""
    for _ in range(2):
        while not page.evaluate(STILL):
            page.wait_for_timeout(100)
        page.wait_for_timeout(1000)


def take(url: str) -> Path:
    """The map with one parcel open, as docs/pictures/map.png."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"] if os.geteuid() == 0 else []
        )
        page = browser.new_page(viewport={"width": 1440, "height": 900}, locale="vi-VN")
        found = page.request.get(f"{url}/api/v1/parcels?sheet={SHEET}&number={NUMBER}").json()
        feature = found["features"][0]
        page.goto(f"{url}/?code={feature['id']}#{VIEW}")
        still(page)
        path = PICTURES / "map.png"
        page.screenshot(path=path)
        browser.close()
    _reduce(path)
    return path


def _reduce(path: Path) -> None:
    try:
        from PIL import Image
    except ImportError:
        return
    Image.open(path).convert("RGB").quantize(256, dither=Image.Dither.NONE).save(path, optimize=True)


if __name__ == "__main__":
    sys.stdout.write(f"{take(sys.argv[1].rstrip('/'))}\n")
