"""Files of addresses as a stream of rows and a list of findings: the door of this package."""

from collections.abc import Sequence
from pathlib import Path

from importers.options import ReadOptions
from importers.read import Reading, opened_for

__all__ = ["read_addresses"]


def read_addresses(paths: Sequence[Path], options: ReadOptions) -> Reading:
    """Open files of addresses: `batches` gives rows in ADDRESS_FILE_SCHEMA, read = stored + refused when it is through.

    `options.mapping` goes by the fields of `importers.address_files.columns`. Raises: Refused.
    """
    return opened_for(paths, options, mode="addresses")
