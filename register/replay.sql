-- name: chain
-- The last link here, held until the transaction ends.
select hash, seq from chain for update

-- name: correction
-- A correction under its own number, not yet sealed; who made it is not told here.
insert into correction (id, kind, state, author, reason, basis, effective_on, reverts, first_version, first_link)
values (%(id)s, %(kind)s, 'applied', '', %(reason)s, %(basis)s, %(effective_on)s, %(reverts)s, %(first_version)s, %(first_link)s)

-- name: close_versions
-- Versions end; how many did.
update parcel_version v set closed_by = %(correction)s
from jsonb_to_recordset(%(rows)s) r (code text, version bigint)
where v.id = r.version and v.code = r.code and v.closed_by is null

-- name: sheets
-- Sheets named for the first time.
insert into sheet (commune, number, scale, map_set, epsg, kind)
select distinct u.id, r.number, r.scale, r.map_set, r.epsg, r.kind
from jsonb_to_recordset(%(rows)s) v (sheet jsonb)
cross join jsonb_to_record(v.sheet) r (commune text, commune_from date, number text, scale integer, map_set text, epsg integer, kind text)
join unit u on u.code = r.commune and u.valid_from is not distinct from r.commune_from and u.level = 'commune'
on conflict (commune, number, map_set, (coalesce(scale, 0))) do nothing

-- name: issue
-- Codes with their recipes.
insert into parcel (code, east_m, north_m, epsg, algorithm, issued_by)
select r.code, (r.issued -> 'point' ->> 0)::float8, (r.issued -> 'point' ->> 1)::float8, (r.issued ->> 'epsg')::integer,
       r.issued ->> 'algorithm', %(correction)s
from jsonb_to_recordset(%(rows)s) r (code text, issued jsonb) where jsonb_typeof(r.issued) = 'object'

-- name: open_versions
-- Versions begin under their own numbers; how many did: those whose units and sheet are known here.
insert into parcel_version (id, code, sheet, commune, number, land_use, area_m2, legal_area_m2, provisional, shape, web, anchor, room_m, plain_from, opened_by)
select r.version, r.code, s.id, u.id, r.number, r.land_use, r.area_m2, r.legal_area_m2, r.provisional,
       r.ewkb::geometry, r.web::geometry, r.anchor::geometry, r.room_m, r.plain_from, %(correction)s
from jsonb_to_recordset(%(rows)s) r (version bigint, code text, commune text, commune_from date, number text, land_use text, area_m2 numeric,
     legal_area_m2 numeric, provisional boolean, sheet jsonb, ewkb text, web text, anchor text, room_m real, plain_from smallint)
cross join jsonb_to_record(r.sheet) k (commune text, commune_from date, number text, scale integer, map_set text, epsg integer)
join unit u on u.code = r.commune and u.valid_from is not distinct from r.commune_from and u.level = 'commune'
join unit su on su.code = k.commune and su.valid_from is not distinct from k.commune_from and su.level = 'commune'
join sheet s on s.commune = su.id and s.number = k.number and s.map_set = k.map_set and coalesce(s.scale, 0) = coalesce(k.scale, 0) and s.epsg = k.epsg
order by r.version

-- name: close_links
-- Address links end; how many did.
update parcel_address l set closed_by = %(correction)s
from jsonb_to_recordset(%(rows)s) r (code text, link bigint)
where l.id = r.link and l.code = r.code and l.closed_by is null

-- name: addresses
-- Addresses named for the first time, under their own numbers.
insert into address (id, scheme, code, text, folded, point, made_by)
select distinct on (r.address_id) r.address_id, r.scheme, r.address, r.text, r.folded,
       st_setsrid(st_makepoint((r.point ->> 0)::float8, (r.point ->> 1)::float8), 4326), %(correction)s
from jsonb_to_recordset(%(rows)s) r (address_id bigint, scheme text, address text, text text, folded text, point jsonb)
order by r.address_id
on conflict (id) do nothing

-- name: open_links
-- Address links begin; how many did.
insert into parcel_address (id, code, address, main, opened_by)
select r.link, r.code, r.address_id, r.main, %(correction)s
from jsonb_to_recordset(%(rows)s) r (link bigint, code text, address_id bigint, main boolean)

-- name: bump_cells
-- Map cells the correction touched: tiles there are new.
with touched as (
    select web from parcel_version where id between %(first_version)s and %(last_version)s and opened_by = %(correction)s
    union all select web from parcel_version where closed_by = %(correction)s and closed_by is not null
    union all
    select v.web
    from (select code from parcel_address where opened_by = %(correction)s
          union select code from parcel_address where closed_by = %(correction)s and closed_by is not null) l
    join parcel_version v on v.code = l.code and v.closed_by is null
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

-- name: unmake
-- What an undo makes never to have been by law.
select unmake(%(correction)s)

-- name: touched_sheets
-- Sheets whose parcels the correction changed.
select sheet from parcel_version where id between %(first_version)s and %(last_version)s and opened_by = %(correction)s
union select sheet from parcel_version where closed_by = %(correction)s and closed_by is not null

-- name: seal
-- The correction as it stands at its source; followers of this register are woken.
with link as (update chain set last = %(correction)s, hash = %(hash)s, seq = %(seq)s, made_at = %(made_at)s),
touched as (
    select web from parcel_version where id between %(first_version)s and %(last_version)s and opened_by = %(correction)s
    union all select web from parcel_version where closed_by = %(correction)s and closed_by is not null)
update correction
set counts = %(counts)s, previous = %(previous)s, hash = %(hash)s, seq = %(seq)s, made_at = %(made_at)s, who = %(who)s,
    first_version = %(first_version)s, last_version = %(last_version)s, first_link = %(first_link)s, last_link = %(last_link)s,
    extent = (select st_setsrid(st_extent(web)::geometry, 3857) from touched)
where id = %(correction)s
returning pg_notify(changes_channel(), seq::text)

-- name: go_on
-- Numbers given out here later come after those taken over.
select setval(pg_get_serial_sequence('correction', 'id')::regclass, coalesce((select max(id) from correction), 0) + 1, false),
       setval(pg_get_serial_sequence('parcel_version', 'id')::regclass, coalesce((select max(id) from parcel_version), 0) + 1, false),
       setval(pg_get_serial_sequence('parcel_address', 'id')::regclass, coalesce((select max(id) from parcel_address), 0) + 1, false),
       setval(pg_get_serial_sequence('address', 'id')::regclass, coalesce((select max(id) from address), 0) + 1, false)

-- name: said_corrections
-- What a register says of its corrections, in one order wherever it is asked.
select json_build_array(c.seq, c.id, c.kind, c.reason, c.basis, c.effective_on, extract(epoch from c.made_at), r.seq, c.counts,
                        encode(c.previous, 'hex'), encode(c.hash, 'hex'))::text
from correction c left join correction r on r.id = c.reverts where c.seq is not null order by c.seq

-- name: said_versions
-- … of all versions.
select json_build_array(o.seq, e.seq, v.code, su.code, su.valid_from, s.number, s.map_set, s.scale, s.epsg, s.kind, u.code, u.valid_from, v.number,
                        v.land_use, v.area_m2, v.legal_area_m2, v.provisional, encode(sha256(st_asewkb(v.shape, 'NDR')), 'hex'))::text
from parcel_version v
join correction o on o.id = v.opened_by left join correction e on e.id = v.closed_by
join sheet s on s.id = v.sheet join unit su on su.id = s.commune join unit u on u.id = v.commune
order by o.seq, v.code

-- name: said_codes
-- … of all codes and their recipes.
select json_build_array(p.code, p.east_m, p.north_m, p.epsg, p.algorithm, c.seq)::text
from parcel p join correction c on c.id = p.issued_by order by p.code

-- name: said_links
-- … of all address links.
select json_build_array(o.seq, e.seq, l.code, l.main, a.scheme, a.code, a.text, st_asewkb(a.point)::text)::text
from parcel_address l join address a on a.id = l.address
join correction o on o.id = l.opened_by left join correction e on e.id = l.closed_by
order by o.seq, e.seq, l.code, a.scheme, a.code, a.text, l.id

-- name: digest_closed
-- The versions a correction closed, as apply.sql digests them.
select string_agg(int8send(id), '' order by id) from parcel_version where closed_by = %(correction)s
