"""Keys of all kinds resolved by the ten thousand, single look-ups beside tipg's, codes from three keyboards.

On the real parcels of Da Nang where they are. One call holds 10,000 mixed keys, each with the parcel it must lead to; the same
server in one process. tipg answers the same parcels by code from a view of the same table (no reprojection of its own: it
has the degrees stored nowhere either), 8 clients each, alternating rounds.

    .venv/bin/python -m tests.bench resolve
"""

import asyncio
import json
import random
import statistics
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import httpx
import psycopg

from geo.keyboards import CUTS, Search, plainly
from register.connect import connect
from tests.bench.merged import Keys, merge, old_keys
from tests.bench.serving import filled_register, our_server
from tests.bench.tiles_first import PEER_SCHEMA, tipg
from tests.bench.wire import load
from tests.geo.keyboards import Engine, typed

KEYS = 10_000
NEEDED_KEYS = 5_000
NEEDED_RATIO = 2.0
ROUNDS = 5
CLIENTS = 8
LOOKUPS = 4_000
ENGINES = {"telex": Engine("telex"), "vni": Engine("vni"), "viqr": Engine("viqr")}


@dataclass(frozen=True, slots=True)
class Asked:
    """A key of one kind, and the code it must lead to (None: none)."""

    kind: str
    key: str
    code: str | None


def run() -> int:
    """0 where all three bars hold."""
    with filled_register() as conninfo, connect(conninfo, autocommit=True) as conn:
        conn.execute(f"create schema {PEER_SCHEMA}")
        conn.execute(
            f"create view {PEER_SCHEMA}.lookup as select code as id, sheet, commune, number, land_use, area_m2::float8, "
            "legal_area_m2::float8, web::geometry(Geometry, 3857) as geom from parcel_version where closed_by is null"
        )
        asked = mixed(conn)
        codes = [
            code
            for (code,) in conn.execute(
                "select code from parcel_version where closed_by is null order by md5(code)"
            )
        ]
        with our_server(conninfo) as ours:
            speed = batch(ours, asked)
            with tipg(conninfo) as theirs:
                ratio = single(ours, theirs, codes[:LOOKUPS])
            keys = old_keys(conn)
            print(f"the merger of 2025: {merge(conn):,} parcels on sheets of today's communes")
            unfound = old(ours, keys)
    missed = keyboards(codes)
    print(
        f"resolve: {speed:,.0f} mixed keys/s in one call of {KEYS:,}, {ratio:.2f}x the look-ups of tipg, "
        f"{missed} of {3 * len(codes):,} codes from keyboards missed, {unfound} of {len(keys):,} old keys after the merger "
        f"(needs {NEEDED_KEYS:,}/s, {NEEDED_RATIO}x, 0, 0)"
    )
    return 0 if speed >= NEEDED_KEYS and ratio >= NEEDED_RATIO and not missed and not unfound else 1


def mixed(conn: psycopg.Connection) -> list[Asked]:
    """10,000 keys of all kinds, drawn with a fixed seed."""
    dice = random.Random(1)
    rows = conn.execute(
        "select v.code, u.code, s.number, v.number, today.code, today.name, st_x(p), st_y(p), r.east_m, r.north_m, "
        "(select a.code from parcel_address l join address a on a.id = l.address where l.code = v.code and l.closed_by is null "
        "order by l.main desc limit 1) from parcel_version v join sheet s on s.id = v.sheet join unit u on u.id = s.commune "
        "join unit today on today.id = v.commune join parcel r on r.code = v.code "
        "cross join lateral (select st_transform(v.anchor, 4326) as p) g where v.closed_by is null "
        "order by md5(v.code) limit %s",
        [KEYS],
    ).fetchall()
    kinds = {
        "code": 25, "grouped": 10, "keyboard": 10, "slip": 3, "sheet": 20, "words": 5, "digital": 10, "degrees": 7, "metres": 5,
        "never": 3, "nonsense": 2,
    }  # fmt: skip
    out = []
    for row in rows:
        code, commune, sheet, number, _, name, lon, lat, east, north, digital = row
        kind = dice.choices(list(kinds), list(kinds.values()))[0]
        n = dice.randrange(12)
        wrong = (
            code[:n] + dice.choice("0123456789bcdefghjkmnpqrstuvwxyz".replace(code[n], "")) + code[n + 1 :]
        )
        key, meant = {
            "code": (code, code),
            "grouped": (f"{code[:4]}-{code[4:8]}-{code[8:]}".upper(), code),
            "keyboard": (typed(code, dice.choice(list(ENGINES.values()))), code),
            "slip": (wrong, code),
            "sheet": (f"{commune}.{sheet}.{number}", code),
            "words": (f"Thửa {number}, tờ bản đồ số {sheet}, phường {name}", code),
            "digital": (digital or code, code),
            "degrees": (f"{lat:.7f}, {lon:.7f}", code),
            "metres": (f"X={north:.3f} Y={east:.3f}", code),
            "never": ("w3" + code[2:], None),
            "nonsense": (f"{sheet}{number} không có ở đâu cả", None),
        }[kind]
        out.append(Asked(kind, key, meant))
    return out


def batch(port: int, asked: Sequence[Asked]) -> float:
    """Keys a second, the median of the rounds. Raises: AssertionError where a key does not lead where it must."""
    body = json.dumps({"keys": [one.key for one in asked]}).encode()
    headers = {"content-type": "application/json", "accept": "application/x-ndjson"}
    seconds = []
    for number in range(ROUNDS + 1):
        started = time.perf_counter()
        answer = httpx.post(
            f"http://127.0.0.1:{port}/api/v1/resolve", content=body, headers=headers, timeout=120
        )
        took = time.perf_counter() - started
        assert answer.status_code == 200, answer.text[:500]
        if number:  # the first round warms the connections
            seconds.append(took)
    lost: dict[str, list[str]] = {}
    count: dict[str, int] = {}
    for one, line in zip(asked, answer.text.splitlines(), strict=True):
        told = json.loads(line)
        found = [told["parcel"], *(c["parcel"] for c in told["candidates"])]
        codes = [p["code"] for p in found if p] + [hint["code"] for hint in told["did_you_mean"]]
        count[one.kind] = count.get(one.kind, 0) + 1
        if (one.code is None and told["parcel"]) or (one.code is not None and one.code not in codes):
            lost.setdefault(one.kind, []).append(one.key)
    for kind, total in count.items():
        print(
            f"{kind:>9}: {total:>5} keys, {len(lost.get(kind, ())):>3} not where they must lead {lost.get(kind, [])[:3]}"
        )
    assert sum(map(len, lost.values())) <= 0.001 * len(asked), "keys do not lead to their parcels"
    print(f"one call of {len(asked):,} keys: {', '.join(f'{s:.2f}' for s in seconds)} s")
    return len(asked) / statistics.median(seconds)


def single(ours: int, theirs: int, codes: Sequence[str]) -> float:
    """How many times the look-ups a second of tipg, by the medians of the rounds."""
    paths = {
        "ours": (ours, [f"/api/v1/parcels/{code}" for code in codes]),
        "tipg": (theirs, [f"/collections/{PEER_SCHEMA}.lookup/items/{code}?f=geojson" for code in codes]),
    }
    rates: dict[str, list[float]] = {name: [] for name in paths}
    for number in range(ROUNDS + 1):
        for name, (port, wanted) in paths.items() if number % 2 else reversed(paths.items()):
            took, answers = asyncio.run(load("127.0.0.1", port, wanted, CLIENTS))
            assert {a.status for a in answers} == {200}, name
            for code, one in zip(codes[:20], answers, strict=False):
                assert json.loads(one.body)["id"] == code, name
            if number:
                rates[name].append(len(wanted) / took)
    middle = {name: statistics.median(each) for name, each in rates.items()}
    print(f"look-ups by code, {CLIENTS} clients: ours {middle['ours']:,.0f}/s, tipg {middle['tipg']:,.0f}/s")
    return middle["ours"] / middle["tipg"]


def old(port: int, keys: Keys) -> int:
    """How many old keys do not lead to all parcels that stood there."""
    texts = [".".join(key) for key in keys]
    statuses: Counter[str] = Counter()
    unfound = []
    for start in range(0, len(texts), KEYS):
        answer = httpx.post(
            f"http://127.0.0.1:{port}/api/v1/resolve", json={"keys": texts[start : start + KEYS]}, timeout=120
        )
        for told in answer.json():
            statuses[told["status"]] += 1
            found = {p["code"] for p in (told["parcel"], *(c["parcel"] for c in told["candidates"])) if p}
            commune, sheet, number = told["key"].split(".", 2)
            if not keys[commune, sheet, number] <= found and not told["more"]:
                unfound.append(told["key"])
    print(f"old keys: {dict(statuses)}, {len(unfound)} not where they must lead {unfound[:5]}")
    return len(unfound)


def keyboards(codes: Sequence[str]) -> int:
    """How many codes are not among the readings of what the keyboards make of them; each kind is printed."""
    begun = {length: {code[:length] for code in codes} for length in (*CUTS, 12)}
    missed = 0
    for name, engine in ENGINES.items():
        same = right = among = lost = 0
        started = time.perf_counter()
        for code in codes:
            text = typed(code, engine)
            if text == code:
                same += 1
                continue
            if [one for one in plainly(text) if one in begun[12]] == [code]:
                right += 1
                continue
            search = Search(text)
            for length in (*CUTS, 12):
                search.keep(search.grow(length) & begun[length])
            found = [one.code for one in search.found()]
            right += found == [code]
            among += code in found and len(found) > 1
            lost += code not in found
        missed += lost
        print(
            f"{name:>9}: {same:,} untouched, {right:,} read back, {among:,} among several, {lost:,} missed "
            f"({(time.perf_counter() - started) / len(codes) * 1e3:.2f} ms each)"
        )
    return missed


if __name__ == "__main__":
    sys.exit(run())
