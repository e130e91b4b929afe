"""The server the tests of this floor ask."""

from collections.abc import Iterator

import pytest

from tests.api.asked import Asked, asking
from tests.conftest import Clone, Serve


@pytest.fixture(scope="package")
def asked(clone: Clone, serve: Serve) -> Iterator[Asked]:
    """One server for all tests: they only read."""
    with asking(clone, serve) as one:
        yield one
