"""Registers of their own for commands: folders the database's account can enter, removed when done."""

import os
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from cli.cluster import Cluster
from tests.cli.command import run
from tests.environment import CLUSTERS


@pytest.fixture(scope="module")
def register_home() -> Iterator[Path]:
    """A folder for DIACHINH_HOME; no server of it is left running, and the folder goes."""
    home = CLUSTERS / f"diachinh-cli-{os.geteuid()}-{uuid.uuid4().hex[:8]}"
    yield home
    if home.exists():
        cluster = Cluster(home)
        cluster.start()
        assert cluster.stop(discard=True), "a command still holds the database"


@pytest.fixture(scope="module")
def kept_home(register_home: Path) -> Iterator[Path]:
    """The same, migrated, its server held open: commands find it running, as beside a server of the map."""
    with Cluster(register_home):
        assert run(register_home, "migrate").code == 0
        yield register_home
