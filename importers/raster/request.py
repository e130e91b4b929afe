"""Options as they go to the fenced process, and as they name a placement."""

import json
from typing import Any

from importers.raster.options import ScanOptions


def request_of(options: ScanOptions) -> dict[str, Any]:
    """The options as the fenced process is asked with them."""
    return {
        "kind": options.kind,
        "crs": options.crs,
        "transformation": options.transformation,
        "points": options.points,
        "crop_pixels": [list(one) for one in options.crop_pixels],
        "crop_web": None if options.crop_web is None else options.crop_web.hex(),
    }


def options_key(options: ScanOptions) -> bytes:
    """The options as bytes that are the same for the same options."""
    return json.dumps(request_of(options), sort_keys=True).encode()
