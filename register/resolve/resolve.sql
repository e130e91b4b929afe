-- name: summary
-- What is said of a parcel in an answer; the head of `present` and `past`, which say which version and what had ended it.
-- Out: code, correction that ended it (null: current), JSON.
select v.code, t.ended, json_build_object(
           'code', v.code,
           'commune', json_build_object('code', u.code, 'name', u.name, 'kind', u.kind),
           'sheet', json_build_object('commune', su.code, 'commune_name', su.name, 'number', s.number, 'scale', s.scale,
                                      'map_set', s.map_set, 'epsg', s.epsg),
           'number', v.number,
           'land_use', v.land_use,
           'area_m2', v.area_m2,
           'legal_area_m2', v.legal_area_m2,
           'provisional', v.provisional,
           'since', json_build_object('correction', o.id, 'kind', o.kind, 'effective_on', o.effective_on, 'made_at', o.made_at),
           'until', case when e.id is not null then
                    json_build_object('correction', e.id, 'kind', e.kind, 'effective_on', e.effective_on, 'made_at', e.made_at) end)::text

-- name: present
-- The current version, else the last one of a retired parcel.
from unnest(string_to_array(%(codes)s, ',')) c (code)
join parcel_version v on v.id = coalesce(
    (select id from parcel_version where code = c.code and closed_by is null),
    (select max(id) from parcel_version where code = c.code and closed_by is not null))
cross join lateral (select v.closed_by as ended) t
join sheet s on s.id = v.sheet
join unit su on su.id = s.commune
join unit u on u.id = v.commune
join correction o on o.id = v.opened_by
left join correction e on e.id = t.ended

-- name: past
-- The same at a moment (seq, day): the version that was alive, else the last one that had begun; none before the first.
from unnest(string_to_array(%(codes)s, ',')) c (code)
cross join lateral (
    select w.id, case when not lives then w.closed_by end as ended
    from (select id, opened_by, closed_by from parcel_version where code = c.code and closed_by is null
          union all
          select id, opened_by, closed_by from parcel_version where code = c.code and closed_by is not null) w
    join correction b on b.id = w.opened_by
    left join correction a on a.id = w.closed_by
    cross join lateral (
        select alive(b.seq, b.effective_on, a.seq, a.effective_on, %(seq)s, %(day)s)
               and not exists (select from unmade_version m join correction x on x.id = m.by and x.seq <= %(seq)s
                               where m.version = w.id)) l (lives)
    where b.seq <= %(seq)s and b.effective_on <= %(day)s
    order by lives desc, b.seq desc limit 1) t
join parcel_version v on v.id = t.id
join sheet s on s.id = v.sheet
join unit su on su.id = s.commune
join unit u on u.id = v.commune
join correction o on o.id = v.opened_by
left join correction e on e.id = t.ended

-- name: communes_mark
-- Tells whether the names of communes are those that were read before.
select count(*), max(id), count(undone_by) from unit

-- name: commune_names
-- All communes by name, to be folded by the caller (some ten thousand rows).
select u.id, u.name from unit u where u.level = 'commune' and u.undone_by is null

-- name: places
-- The sheets that a key may mean: those surveyed for a commune of that code (own), and those of the communes that today's
-- commune of that code was made of. `#17` is the commune of that number. The head of `standing`, `once` and `stood`.
with recursive key as (
    select * from unnest(%(n)s::int[], %(commune)s::text[], %(sheet)s::text[], %(number)s::text[], %(scale)s::int[],
                         %(map_set)s::text[]) k (n, commune, sheet, number, scale, map_set)
), named as materialized (
    select k.code, u.id from (select distinct commune as code from key) k
    join unit u on u.code = k.code and u.level = 'commune' and u.undone_by is null
    union all
    select code, substr(code, 2)::int from (select distinct commune as code from key where commune like '#%%') k
), of_code (code, id, own) as (
    select code, id, true from named
    union
    select o.code, s.unit, false from of_code o join unit_successor s on s.successor = o.id and s.undone_by is null
), of_commune as materialized (
    select code, id, bool_or(own) as own from of_code group by 1, 2
), place as materialized (
    select k.n, k.commune, k.number, s.id as sheet, c.own
    from (select code, id, own from of_commune) c
    join sheet s on s.commune = c.id
    join key k on k.commune = c.code and k.sheet = s.number
              and (k.scale is null or k.scale = s.scale) and (k.map_set is null or k.map_set = s.map_set)
)

-- name: standing
-- Parcels that stand there today; on a former commune's sheet only those in the commune of the code. Out: key, code, own, sheet.
select p.n, v.code, p.own, p.sheet
from place p
join parcel_version v on v.sheet = p.sheet and v.number = p.number and v.closed_by is null
where p.own or v.commune in (select id from named where named.code = p.commune)

-- name: once
-- Parcels that stood there before, the last of them on each sheet. What was undone never stood there. `offset 0`: by index,
-- whatever the planner believes of the past right after it grew.
select n, code, own, sheet from (
    select p.n, v.code, p.own, p.sheet, rank() over (partition by p.n, p.sheet order by e.seq desc) as latest
    from place p
    cross join lateral (
        select code, opened_by, closed_by, commune from parcel_version
        where sheet = p.sheet and number = p.number and closed_by is not null offset 0) v
    join correction e on e.id = v.closed_by
    where e.reverts is distinct from v.opened_by
      and (p.own or v.commune in (select id from named where named.code = p.commune))) found
where latest = 1

-- name: stood
-- Parcels that stood there at a moment (seq, day), else the last that did before it (`lives` false).
select n, code, own, sheet, lives from (
    select p.n, v.code, p.own, p.sheet, l.lives, rank() over (partition by p.n, p.sheet order by l.lives desc, b.seq desc) as latest
    from place p
    cross join lateral (
        select id, code, opened_by, closed_by, commune from parcel_version
        where sheet = p.sheet and number = p.number and closed_by is null
        union all
        select id, code, opened_by, closed_by, commune from parcel_version
        where sheet = p.sheet and number = p.number and closed_by is not null) v
    join correction b on b.id = v.opened_by
    left join correction e on e.id = v.closed_by
    cross join lateral (
        select alive(b.seq, b.effective_on, e.seq, e.effective_on, %(seq)s, %(day)s)
               and not exists (select from unmade_version m join correction x on x.id = m.by and x.seq <= %(seq)s
                               where m.version = v.id)) l (lives)
    where b.seq <= %(seq)s and b.effective_on <= %(day)s and (e.reverts is distinct from v.opened_by or l.lives)
      and (p.own or v.commune in (select id from named where named.code = p.commune))) found
where latest = 1

-- name: digital
-- Parcels that bear a digital address (`bears`), and those that bore it.
select k.n, l.code, l.closed_by is null as bears
from unnest(%(n)s::int[], %(code)s::text[]) k (n, code)
join address a on a.code = k.code
join parcel_address l on l.address = a.id

-- name: digital_then
-- The same at a moment (seq, day).
select k.n, l.code, alive(b.seq, b.effective_on, e.seq, e.effective_on, %(seq)s, %(day)s)
       and not exists (select from unmade_link m join correction x on x.id = m.by and x.seq <= %(seq)s where m.link = l.id) as bears
from unnest(%(n)s::int[], %(code)s::text[]) k (n, code)
join address a on a.code = k.code
join parcel_address l on l.address = a.id
join correction b on b.id = l.opened_by
left join correction e on e.id = l.closed_by
where b.seq <= %(seq)s and b.effective_on <= %(day)s

-- name: at_points
-- Current parcels at points of the web map (metres, EPSG:3857); `epsg`: only on sheets of that zone.
select k.n, v.code
from unnest(%(n)s::int[], %(x)s::float8[], %(y)s::float8[], %(epsg)s::int[]) k (n, x, y, epsg)
cross join lateral (select st_setsrid(st_makepoint(k.x, k.y), 3857) as g) p
join parcel_version v on v.closed_by is null and v.web && p.g and st_intersects(v.web, p.g)
where k.epsg is null or k.epsg = (select epsg from sheet s where s.id = v.sheet)

-- name: at_points_then
-- The same at a moment (seq, day).
select k.n, v.code
from unnest(%(n)s::int[], %(x)s::float8[], %(y)s::float8[], %(epsg)s::int[]) k (n, x, y, epsg)
cross join lateral (select st_setsrid(st_makepoint(k.x, k.y), 3857) as g) p
cross join lateral (
    select id, code, sheet, opened_by, closed_by from parcel_version
    where closed_by is null and web && p.g and st_intersects(web, p.g)
    union all
    select id, code, sheet, opened_by, closed_by from parcel_version
    where closed_by is not null and web && p.g and st_intersects(web, p.g)) v
join correction b on b.id = v.opened_by
left join correction e on e.id = v.closed_by
where (k.epsg is null or k.epsg = (select epsg from sheet s where s.id = v.sheet))
  and alive(b.seq, b.effective_on, e.seq, e.effective_on, %(seq)s, %(day)s)
  and not exists (select from unmade_version m join correction x on x.id = m.by and x.seq <= %(seq)s where m.version = v.id)

-- name: zones
-- VN-2000 zones of the sheets here.
select distinct epsg from sheet order by 1

-- name: of_addresses
-- Current parcels of addresses.
select l.address, l.code from parcel_address l where l.address = any(%(ids)s) and l.closed_by is null order by l.main desc, l.code

-- name: cells
-- All beginnings of five characters that codes have, each found by the index from the one before.
with recursive cell (begins) as (
    (select left(code, 5) from parcel order by code limit 1)
    union all
    select (select left(p.code, 5) from parcel p where p.code > cell.begins || '~' order by p.code limit 1)
    from cell where cell.begins is not null
)
select begins from cell where begins is not null

-- name: begun
-- Those of the beginnings that some code has.
select k.prefix from unnest(string_to_array(%(listed)s, ',')) k (prefix)
where exists (select from parcel p where p.code >= k.prefix and p.code < k.prefix || '~')

-- name: issued
-- Those of the codes that were issued.
select p.code from unnest(string_to_array(%(listed)s, ',')) k (code) join parcel p on p.code = k.code

-- name: beginning
-- The codes with each of the beginnings.
select k.prefix, p.code from unnest(string_to_array(%(listed)s, ',')) k (prefix)
cross join lateral (select code from parcel where code >= k.prefix and code < k.prefix || '~' order by code limit 5000) p
