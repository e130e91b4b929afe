"""The page as it is built, and the patience it needs."""

from pathlib import Path

import pytest

WEB = Path(__file__).parent.parent.parent / "web"
PATIENCE_MS = 60_000  # software rendering on a busy machine
NEEDS_PAGE = pytest.mark.skipif(
    not (WEB / "dist/index.html").is_file(),
    reason="the page is not built: `cli/setup.sh run` builds web/dist",
)
