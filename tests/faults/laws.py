"""What must hold whatever was killed: acknowledged corrections are whole, no other leaves a trace, and the laws."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx
import psycopg
import shapely

from geo import coverage
from register.connect import connect
from register.edits.preview import digest
from register.proposal import find, rows
from register.replay import fingerprint, replay
from tests.faults.clerks import PLOTS, STATES, Noted

# Rows of applied previews that are not in the register as they were seen.
_NOT_AS_SEEN = """
select p.key, d.n from proposal p
join proposed d on d.proposal = p.id and d.revision = p.revision
left join parcel_version b on b.id = d.before
left join parcel_version v on v.opened_by = p.correction and v.code = coalesce(d.code, b.code)
where p.state = 'applied' and p.key = any(%s) and (
    d.before is not null and b.closed_by is distinct from p.correction
    or d.opens and (v.id is null or v.number is distinct from d.number or v.land_use <> coalesce(d.land_use, '')
                    or v.sheet is distinct from d.sheet
                    or st_asewkb(v.shape) <> st_asewkb(coalesce(d.shape, b.shape))))"""
# Corrections that opened or closed another number of versions than they say, or are not sealed.
_NOT_COUNTED = """
select c.id from correction c
where c.state = 'applied' and c.id > %s and (
    c.seq is null or c.hash is null or c.previous is null or c.counts is null
    or (c.counts ->> 'opened')::bigint <> (select count(*) from parcel_version v where v.opened_by = c.id)
    or (c.counts ->> 'closed')::bigint <> (select count(*) from parcel_version v where v.closed_by = c.id)
    or (c.counts ->> 'issued')::bigint <> (select count(*) from parcel p where p.issued_by = c.id))"""
# Corrections nobody drafted.
_ALONE = """
select c.id from correction c left join proposal p on p.correction = c.id
where c.kind <> 'import' and c.id > %s and (p.id is null or p.kind <> c.kind)"""
# Undos after which a parcel is not as before what they undo. What that opened may have been closed and opened again since,
# by a correction and its undo.
_NOT_UNDONE = """
select c.id, v.code from correction c join parcel_version v on v.closed_by = c.reverts
where c.kind = 'revert' and c.id > %s and not exists (
    select from parcel_version w where w.opened_by = c.id and w.code = v.code and w.number = v.number
    and w.land_use = v.land_use and w.sheet = v.sheet and st_asewkb(w.shape) = st_asewkb(v.shape))
union all select c.id, v.code from correction c join parcel_version v on v.opened_by = c.reverts
where c.kind = 'revert' and c.id > %s and not exists (
    select from parcel_version w where w.closed_by = c.id and w.code = v.code)"""
# What is left of corrections that are not there.
_TRACES = """
with sealed as (select id from correction where seq is not null)
select 'version ' || id from parcel_version
where opened_by not in (select id from sealed) or closed_by is not null and closed_by not in (select id from sealed)
union all select 'link ' || id from parcel_address
where opened_by not in (select id from sealed) or closed_by is not null and closed_by not in (select id from sealed)
union all select 'code ' || code from parcel
where issued_by not in (select id from sealed) or code not in (select code from parcel_version)"""
_LAWS = {
    "two current versions of one code": "select code from parcel_version where closed_by is null "
    "group by 1 having count(*) > 1",
    "a code issued twice": "select code from parcel group by 1 having count(*) > 1",
    "the feed has a gap": "select count(*), max(seq), (select seq from chain) from correction where seq is not null "
    "having count(*) <> max(seq) or max(seq) <> (select seq from chain)",
    "the chain is broken": "select seq from (select seq, previous, lag(hash, 1, '\\x00') over (order by seq) as before "
    "from correction where seq is not null) t where previous <> before",
    "not one main address": "select v.code from parcel_version v left join parcel_address l "
    "on l.code = v.code and l.closed_by is null and l.main where v.closed_by is null group by 1 having count(l.id) <> 1",
    "an address of a parcel that is gone": "select l.id from parcel_address l where l.closed_by is null "
    "and not exists (select from parcel_version v where v.code = l.code and v.closed_by is null)",
    "an invalid shape": "select code from parcel_version where closed_by is null and not st_isvalid(shape)",
    "a number twice that is not listed": "select a.code from parcel_version a join parcel_version b using (sheet, number) "
    "where a.code < b.code and a.closed_by is null and b.closed_by is null "
    "and not exists (select from defect d where d.kind = 'number' and d.code in (a.code, b.code))",
}  # fmt: skip
_SURVEYS = """
select s.key,
       (select count(*) from survey_run r where r.survey = s.id),
       (select count(*) from survey_run r where r.survey = s.id and r.finished_at is not null and r.refused is null),
       (select count(*) from survey_event e where e.survey = s.id and e.state in ('accepted', 'returned')),
       (select count(*) from survey_report p join survey_run r on r.id = p.run where r.survey = s.id),
       (select count(*) from survey_plot p join survey_run r on r.id = p.run where r.survey = s.id),
       (select max(attempts) from survey_run r where r.survey = s.id)
from survey s where s.kind = 'survey'"""


@dataclass(slots=True)
class Auditor:
    """Follows the feed over HTTP, and compares what was noted with the register; `items`: all of the feed it was given.

    `lost`: corrections that were acknowledged and are not there; `half`: those of which only a part is; `broken`: other
    laws that do not hold.
    """

    url: str
    conninfo: str
    items: list[dict[str, Any]] = field(default_factory=list)
    place: str = "0"
    proved: set[str] = field(default_factory=set)
    last: int = 0
    lost: set[str] = field(default_factory=set)
    half: set[str] = field(default_factory=set)
    broken: set[str] = field(default_factory=set)

    def look(self, noted: Sequence[Noted], *, every: bool = False) -> None:
        """Check what was noted since the last look; `every`: all from the beginning. `noted` was copied before."""
        self.follow()
        said = [one for one in noted if every or one.key not in self.proved]
        after = 0 if every else self.last
        in_feed = {item["correction"]: item for item in self.items}
        with connect(self.conninfo) as conn:
            conn.execute("set transaction isolation level repeatable read, read only")
            kept = {
                key: (state, hash_, sha, correction, seq, link)
                for key, state, hash_, sha, correction, seq, link in conn.execute(
                    "select p.key, p.state, p.hash, sha256(convert_to(p.preview, 'UTF8')), p.correction, c.seq, c.hash "
                    "from proposal p left join correction c on c.id = p.correction where p.key = any(%s)",
                    [[one.key for one in said]],
                )
            }
            for one in said:
                self._compare(one, kept.get(one.key), in_feed)
            applied = [key for key, row in kept.items() if row[0] == "applied"]
            for key, n in conn.execute(_NOT_AS_SEEN, [applied]):
                self.half.add(f"{key}: row {n} is not in the register as it was seen")
            for (id,) in conn.execute(_NOT_COUNTED, [after]):
                self.half.add(f"correction {id}: not sealed, or its counts are not true")
            for (id,) in conn.execute(_ALONE, [after]):
                self.half.add(f"correction {id}: nobody drafted it")
            for id, code in conn.execute(_NOT_UNDONE, [after, after]):
                self.half.add(f"correction {id}: {code} is not as before what it undoes")
            for (trace,) in conn.execute(_TRACES):
                self.half.add(f"{trace}: of a correction that is not there")
            row = conn.execute("select coalesce(max(id), 0) from correction").fetchone()
            assert row is not None
            self.last = row[0]
        self.proved |= {one.key for one in said if one.state == "applied"}

    def _compare(self, one: Noted, row: Any, in_feed: dict[int, dict[str, Any]]) -> None:
        if row is None:
            self.lost.add(f"{one.key}: a {one.kind} that was acknowledged as {one.state} is not there")
            return
        state, hash_, sha, correction, seq, link = row
        if STATES.index(state) < STATES.index(one.state):
            self.lost.add(f"{one.key}: acknowledged as {one.state}, and is {state}")
        if hash_.hex() != one.hash or sha != hash_:
            self.half.add(f"{one.key}: is not what was seen")
        if (state == "applied") != (seq is not None and link is not None):
            self.half.add(f"{one.key}: {state}, correction {correction}, place {seq} in the feed")
        if one.applied is not None:
            item = in_feed.get(one.applied)
            if one.applied != correction:
                self.lost.add(f"{one.key}: acknowledged as correction {one.applied}, and is {correction}")
            elif item is None or item["seq"] != seq or item["hash"] != link.hex():
                self.lost.add(f"{one.key}: correction {correction} is not in the feed as in the register")

    def follow(self) -> None:
        """The rest of the feed, as a mirror takes it over."""
        while True:
            answer = httpx.get(
                f"{self.url}/api/v1/changes",
                params={"since": self.place, "shapes": "wkb", "limit": "1000"},
                timeout=90,
            )
            if answer.status_code != 200:
                self.broken.add(f"the feed after {self.place}: {answer.text}")
                return
            page = answer.json()
            self.items += page["changes"]
            self.place = page["next"]
            if page["complete"]:
                return

    def laws(self, mirror: str) -> None:
        """All laws over the whole register, by its tables and not by their indexes; `mirror`: an empty register."""
        with connect(self.conninfo) as conn, connect(mirror) as other:
            conn.execute(
                "set local enable_indexscan = off; set local enable_indexonlyscan = off; set local enable_bitmapscan = off"
            )
            for law, statement in _LAWS.items():
                for row in conn.execute(statement.encode()).fetchall()[:5]:
                    self.broken.add(f"{law}: {row}")
            for key, revision, preview in conn.execute(
                "select key, revision, preview from proposal where state = 'applied'"
            ):
                one = find(conn, key)
                if digest(rows(conn, one)).hex() != json.loads(preview)["rows"]:
                    self.half.add(f"{key}: revision {revision} has other rows than were seen")
            self._overlaps(conn)
            replay(self.items, other)
            if fingerprint(other) != fingerprint(conn):
                self.broken.add("the replay of the feed is another register")
        self._indexes()

    def _overlaps(self, conn: psycopg.Connection) -> None:
        found = conn.execute(
            "select code, st_asbinary(shape) from parcel_version where closed_by is null"
        ).fetchall()
        shapes = shapely.from_wkb([bytes(shape) for _, shape in found])
        listed = {
            frozenset(pair)
            for pair in conn.execute(
                "select code, other from defect where kind = 'overlap' and closed_by is null"
            )
        }
        pairs = coverage.overlaps(shapes)
        for i, j in zip(pairs.i.tolist(), pairs.j.tolist(), strict=True):
            if frozenset((found[i][0], found[j][0])) not in listed:
                self.broken.add(f"{found[i][0]} and {found[j][0]} overlap and are not listed")

    def _indexes(self) -> None:
        """Every index of the register holds exactly what its table does."""
        with connect(self.conninfo, autocommit=True) as conn:
            conn.execute("create extension if not exists amcheck schema public")
            names = conn.execute(
                "select c.oid::regclass::text from pg_index i join pg_class c on c.oid = i.indexrelid "
                "join pg_am a on a.oid = c.relam where a.amname = 'btree' and c.relnamespace = 'register'::regnamespace"
            ).fetchall()
            for (name,) in names:
                try:
                    conn.execute("select bt_index_check(%s::regclass, true)", [name])
                except psycopg.Error as error:
                    self.broken.add(f"index {name}: {error}")

    def waiting(self) -> int:
        """How many checks of surveys are not through."""
        with connect(self.conninfo) as conn:
            row = conn.execute("select count(*) from survey_run where finished_at is null").fetchone()
        assert row is not None
        return int(row[0])

    def surveys(self, keys: Sequence[str]) -> list[int]:
        """How often each check was begun, once all are through; each that was acknowledged was checked exactly once."""
        with connect(self.conninfo) as conn:
            found = {row[0]: row[1:] for row in conn.execute(_SURVEYS)}
        for key in {*keys} - {*found}:
            self.broken.add(f"survey {key} was acknowledged and is not there")
        for key, (runs, read, ends, reports, plots, _) in found.items():
            if (runs, read, ends, reports > 0, plots) != (1, 1, 1, True, PLOTS):
                self.broken.add(
                    f"survey {key}: {runs} checks, {read} read, {ends} ends, {reports} reports, {plots} plots"
                )
        return [row[-1] for row in found.values()]

    def failures(self) -> list[str]:
        """All that is wrong."""
        return [*(f"LOST {t}" for t in sorted(self.lost)), *(f"HALF {t}" for t in sorted(self.half)),
                *(f"BROKEN {t}" for t in sorted(self.broken))]  # fmt: skip
