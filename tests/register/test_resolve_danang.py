"""Two real wards of Da Nang after the merger of 2025: every old key leads to its parcels (all: `make bench ONLY=resolve`)."""

import zipfile
from pathlib import Path

import pytest

from cli.bring import Choices, into_register
from register.connect import connect
from tests.bench.merged import merge, old_keys
from tests.geo.danang import ARCHIVE
from tests.register.resolving import answers

pytestmark = pytest.mark.skipif(not ARCHIVE.exists(), reason="the real parcels of Da Nang are not here")

WARDS = ["20242", "20239"]


def test_every_old_key_of_real_wards_is_resolved_after_their_merger(conninfo: str, tmp_path: Path) -> None:
    with zipfile.ZipFile(ARCHIVE) as archive:
        files = [Path(archive.extract(f"{ward}.geojson", tmp_path)) for ward in WARDS]
    receipt = into_register(files, conninfo, "register", "tester", Choices())
    with connect(conninfo) as db:
        keys = old_keys(db)
        assert {commune for commune, *_ in keys} == set(WARDS)
        assert sum(map(len, keys.values())) == receipt.stored > 5000
        assert merge(db) > 5000
        new = old_keys(db)
    texts = [".".join(key) for key in keys]
    for key, one in zip(keys, answers(conninfo, texts), strict=True):
        found = {parcel.code for parcel in one.parcels}
        assert keys[key] <= found or one.more, key
        several = len(keys[key] | new.get(key, set())) > 1
        assert one.status == ("ambiguous" if several else "current"), key
