-- name: open_changes
-- One row per version to close (`before`), to open (`opens`) or both; `place` numbers the distinct sheets of the hand-in.
-- `promised`: the code a new parcel was approved with. Made once a connection: small corrections come by the thousand.
create temporary table if not exists change (
    n bigint not null, before bigint, opens boolean not null, issues boolean not null, given boolean not null,
    provisional boolean not null default false, promised text collate "C",
    code text collate "C", east_m double precision, north_m double precision, epsg integer,
    place integer, sheet integer, commune integer, record text, number text, land_use text,
    area_m2 double precision, legal_area_m2 double precision, room_m real, plain_from smallint,
    address text, folded text, postcode text, olc text, cell bigint not null,
    shape geometry, web geometry, anchor geometry, point geometry
) on commit preserve rows

-- name: open_places
-- Distinct commune, sheet, map set, scale and zone of the hand-in; sheet and commune are found or made.
create temporary table if not exists place (
    place integer primary key, commune_code text not null, number text not null, map_set text not null, scale integer,
    epsg integer not null, surveyed_for integer, sheet integer, commune integer, divided boolean not null default false
) on commit preserve rows

-- name: copy_changes
-- New parcels, binary; register.stage gives these columns in this order.
copy change (n, opens, issues, given, code, east_m, north_m, epsg, place, record, number, land_use, area_m2, legal_area_m2,
             room_m, plain_from, address, folded, postcode, olc, cell, shape, web, anchor, point) from stdin (format binary)

-- name: empty_changes
-- What the last correction of this connection left. Emptying by truncation, at each commit or here, would make every
-- statement be planned anew.
delete from change

-- name: empty_places
-- The same of its sheets.
delete from place

-- name: worn
-- Whether so many rows came and went that their places are worth clearing.
select pg_relation_size('pg_temp.change') > 1000000

-- name: clear
-- All of it, with the room it took.
truncate change, place

-- name: staged
-- How many rows there are to change. For few of them, and few address links, plans are kept as they were made, and look rows
-- up by index: what a temporary table holds is never known when they are made.
select count, set_config('plan_cache_mode', case when few then 'force_generic_plan' else 'auto' end, true),
       set_config('enable_hashjoin', bulk, true), set_config('enable_mergejoin', bulk, true)
from (select count, few, case when few then 'off' else 'on' end as bulk
      from (select count(*), count(*) <= %(small)s and (
                select count(*) from (select from parcel_address where id >= (select first_link from correction where id = %(correction)s)
                                      limit %(small)s + 1) l) <= %(small)s as few from change) c) d

-- name: settle
-- Bulk work sorts and joins in memory; compiling statements that run for milliseconds would cost seconds.
select set_config('work_mem', '128MB', true), set_config('jit', 'off', true)

-- name: analyze_changes
-- Facts for the planner.
analyze change (n, before, opens, issues, place, cell, code)

-- name: index_changes
-- Chunks are cut by map cell.
create index change_cell on change (cell)

-- name: drop_index
-- A connection's next corrections may be small.
drop index if exists pg_temp.change_cell

-- name: cells
-- How many rows each map cell has, in order of the cells: what the chunks are cut from.
select cell, count(*) from change group by 1 order by 1

-- name: correction
-- The correction row, not yet sealed.
insert into correction (kind, state, author, approver, reason, basis, dossier, effective_on, content_hash, reverts, first_version, first_link)
values (%(kind)s, 'applied', %(author)s, %(approver)s, %(reason)s, %(basis)s, %(dossier)s, %(effective_on)s, %(content_hash)s, %(reverts)s,
        coalesce(pg_sequence_last_value(pg_get_serial_sequence('parcel_version', 'id')::regclass), 0) + 1,
        coalesce(pg_sequence_last_value(pg_get_serial_sequence('parcel_address', 'id')::regclass), 0) + 1)
returning id

-- name: bump_cells
-- Map cells (z14) the changed shapes touch, tile buffer included, and (`linked`) the parcels whose addresses change: revision
-- up, rows locked in key order. Two corrections at one place wait for each other here, before either checks its neighbours.
with touched as (
    select web from change where web is not null
    union all
    select v.web from change c join parcel_version v on v.id = c.before where c.web is null
    union all
    select v.web
    from (select code from parcel_address where opened_by = %(correction)s
          union select code from parcel_address where closed_by = %(correction)s and closed_by is not null) l
    join parcel_version v on v.code = l.code and v.closed_by is null
    where %(linked)s
), range as (
    select distinct
        cell_column(st_xmin(web) - 40) as x0, cell_column(st_xmax(web) + 40) as x1,
        cell_row(st_ymax(web) + 40) as y0, cell_row(st_ymin(web) - 40) as y1
    from touched
), key as (
    select distinct cell_key(x, y) as key from range, generate_series(x0, x1) x, generate_series(y0, y1) y
), bumped as (
    insert into map_cell (key, revision) select key, 1 from key order by key
    on conflict (key) do update set revision = map_cell.revision + 1
    returning key
)
insert into map_change (key, correction) select key, %(correction)s from bumped

-- name: lock_sheets
-- Sheets whose numbers or outlines change, in the order of their keys, after the cells: two corrections cannot both find
-- a number free, or draw an outline without the other.
select id from sheet where id in (
    select coalesce(c.sheet, p.sheet) from change c left join place p using (place) where c.opens
    union select v.sheet from change c join parcel_version v on v.id = c.before)
order by id for no key update

-- name: early
-- Versions and links that by law begin after this correction would end them: the legal clock of a parcel runs forward.
select v.code, o.effective_on from change c join parcel_version v on v.id = c.before join correction o on o.id = v.opened_by
where o.effective_on > %(effective_on)s
union all
select l.code, o.effective_on from parcel_address l join correction o on o.id = l.opened_by
where l.closed_by = %(correction)s and o.effective_on > %(effective_on)s
union all
select l.code, o.effective_on from change c join parcel_version v on v.id = c.before
join parcel_address l on l.code = v.code and l.closed_by is null
join correction o on o.id = l.opened_by
where not c.opens and o.effective_on > %(effective_on)s
order by 2 desc, 1 limit 100

-- name: stale
-- Versions this correction was made from that are closed or unknown by now.
select coalesce(v.code, c.code, '?'), coalesce(v.closed_by, 0)
from change c left join parcel_version v on v.id = c.before
where c.before is not null and (v.id is null or v.closed_by is not null) limit 100

-- name: issue
-- Codes into the list of all codes ever issued; a code that is taken stays with its first owner.
insert into parcel (code, east_m, north_m, epsg, algorithm, issued_by)
select code, east_m, north_m, epsg, case when given then 'given' else %(algorithm)s end, %(correction)s
from change where issues order by given desc, cell, n
on conflict (code) do nothing

-- name: codes
-- The code of each row that opens a version, and the digital address of those that are new.
select n, code, olc from change where opens

-- name: wanted
-- How many codes are to be issued.
select count(*) from change where issues

-- name: clashes
-- Rows whose code went to another parcel: earlier in the register, or before them in this hand-in.
select n, epsg, st_asbinary(shape) from (
    select c.n, c.epsg, c.shape, p.issued_by, row_number() over (partition by c.code order by c.given desc, c.cell, c.n) as turn
    from change c join parcel p using (code) where c.issues) t
where issued_by <> %(correction)s or turn > 1 order by n

-- name: is_issued
-- Whether a code was ever issued.
select exists (select from parcel where code = %(code)s)

-- name: issue_other
-- The next interior candidate for one row whose first code was taken.
with taken as (
    update change set code = %(code)s, east_m = %(east_m)s, north_m = %(north_m)s, given = false where n = %(n)s
    returning epsg)
insert into parcel (code, east_m, north_m, epsg, algorithm, issued_by)
select %(code)s, %(east_m)s, %(north_m)s, epsg, %(algorithm)s, %(correction)s from taken

-- name: broken
-- A new parcel that was approved under another code than it got.
select promised, code from change where issues and promised <> code limit 1

-- name: close_links
-- Address links of parcels that end here.
update parcel_address l set closed_by = %(correction)s
from change c join parcel_version v on v.id = c.before
where not c.opens and l.code = v.code and l.closed_by is null

-- name: close
-- Versions end here.
update parcel_version v set closed_by = %(correction)s from change c where v.id = c.before and v.closed_by is null

-- name: open
-- Versions begin here, one chunk of neighbouring map cells at a time, so that neighbours on the ground are neighbours on
-- disk. Gives the bounds of their numbers.
with opened as (
    insert into parcel_version (code, sheet, commune, number, land_use, area_m2, legal_area_m2, shape, web, anchor, room_m, plain_from, record, provisional, opened_by)
    select c.code, coalesce(c.sheet, p.sheet), coalesce(c.commune, p.commune), c.number, coalesce(c.land_use, ''), c.area_m2, c.legal_area_m2,
           c.shape, c.web, c.anchor, c.room_m, c.plain_from, c.record, c.provisional, %(correction)s
    from change c left join place p using (place)
    where c.opens and c.cell between %(first)s and %(last)s
    order by c.cell, c.n
    returning id)
select min(id), max(id), count(*) from opened

-- name: unmake
-- What an undo makes never to have been by law.
select unmake(%(correction)s)

-- name: digest_opened
-- Versions opened, each digested in canonical bytes: numbers of units and sheets are ours, their keys are everybody's.
select string_agg(sha256(convert_to(row(v.id, v.code, su.code, s.number, s.map_set, s.scale, u.code, v.number, v.land_use,
                                        v.area_m2, v.legal_area_m2, v.provisional)::text, 'UTF8')
                         || st_asewkb(v.shape, 'NDR')), '' order by v.id)
from parcel_version v
join sheet s on s.id = v.sheet
join unit su on su.id = s.commune
join unit u on u.id = v.commune
where v.id between %(first)s and %(last)s and v.opened_by = %(correction)s

-- name: digest_closed
-- The versions closed: what was before.
with closed as materialized (select v.id from change c join parcel_version v on v.id = c.before)
select string_agg(int8send(id), '' order by id) from closed

-- name: chain
-- The last link, locked until commit: corrections are chained in the order they become visible.
select coalesce(hash, '\x00'), seq + 1, greatest(clock_timestamp(), made_at + interval '1 microsecond') from chain for update

-- name: seal
-- Place in the feed, instant, counts and hash of the correction, and where to find what it did; after this it does not
-- change. Followers of the feed are woken when it commits.
with link as (update chain set last = %(correction)s, hash = %(hash)s, seq = %(seq)s, made_at = %(made_at)s),
touched as (
    select web from change where web is not null
    union all
    select v.web from change c join parcel_version v on v.id = c.before)
update correction
set counts = %(counts)s, previous = %(previous)s, hash = %(hash)s, seq = %(seq)s, made_at = %(made_at)s,
    nonce = %(nonce)s, who = %(who)s,
    last_version = coalesce(pg_sequence_last_value(pg_get_serial_sequence('parcel_version', 'id')::regclass), 0),
    last_link = coalesce(pg_sequence_last_value(pg_get_serial_sequence('parcel_address', 'id')::regclass), 0),
    extent = (select st_setsrid(st_extent(web)::geometry, 3857) from touched)
where id = %(correction)s
returning pg_notify(changes_channel(), seq::text)
