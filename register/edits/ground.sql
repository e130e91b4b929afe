-- name: current
-- Current parcels by code, with their sheet, commune and main address.
select v.id, v.code, v.sheet, v.commune, v.number, v.land_use, v.area_m2::float8, v.legal_area_m2, v.provisional,
       s.epsg, s.number, s.scale, s.map_set, u.code,
       (select a.text from parcel_address l join address a on a.id = l.address where l.code = v.code and l.main and l.closed_by is null),
       st_asbinary(v.shape)
from parcel_version v join sheet s on s.id = v.sheet join unit u on u.id = v.commune
where v.code = any(%(codes)s) and v.closed_by is null

-- name: around
-- Current parcels of one zone that meet a box of the web map, as above.
select v.id, v.code, v.sheet, v.commune, v.number, v.land_use, v.area_m2::float8, v.legal_area_m2, v.provisional,
       s.epsg, s.number, s.scale, s.map_set, u.code, null, st_asbinary(v.shape)
from parcel_version v join sheet s on s.id = v.sheet join unit u on u.id = v.commune
where v.closed_by is null and v.web && st_makeenvelope(%(x0)s, %(y0)s, %(x1)s, %(y1)s, 3857) and s.epsg = %(epsg)s
order by v.code

-- name: near
-- Current parcels whose boxes on the web map come near those of the parcels named, themselves included; as above.
select v.id, v.code, v.sheet, v.commune, v.number, v.land_use, v.area_m2::float8, v.legal_area_m2, v.provisional,
       s.epsg, s.number, s.scale, s.map_set, u.code, null, st_asbinary(v.shape)
from parcel_version v join sheet s on s.id = v.sheet join unit u on u.id = v.commune
where v.closed_by is null and v.id in (
    select w.id from parcel_version n join parcel_version w on w.closed_by is null and w.web && st_expand(n.web, %(margin_m)s)
    where n.code = any(%(codes)s) and n.closed_by is null)
order by v.code

-- name: ended
-- What became of codes that are not current: issued at all, and the codes that the correction which ended them opened on
-- their ground.
select p.code, (select array_agg(w.code order by w.code) from (
    select distinct n.code from (select shape, web, closed_by from parcel_version where code = p.code and closed_by is not null
                                 order by id desc limit 1) e
    join parcel_version n on n.opened_by = e.closed_by and n.web && e.web and n.code <> p.code and st_srid(n.shape) = st_srid(e.shape)
    where st_area(st_intersection(n.shape, e.shape)) > 0.1) w)
from parcel p where p.code = any(%(codes)s)

-- name: lock_numbers
-- Drafts take numbers of a sheet one after the other.
select pg_advisory_xact_lock(hashtextextended(format('number %%s', %(sheet)s::integer), 0))

-- name: last_number
-- The largest number ever used on a sheet, or held by an open draft of others: official, and temporary (T…).
select coalesce(max(n::bigint) filter (where n ~ '^[0-9]{1,9}$'), 0),
       coalesce(max(substr(n, 2)::bigint) filter (where n ~ '^T[0-9]{1,9}$'), 0)
from (
    select number as n from parcel_version where sheet = %(sheet)s and closed_by is null
    union all select number from parcel_version where sheet = %(sheet)s and closed_by is not null
    union all select d.number from proposed d join proposal p on p.id = d.proposal and p.revision = d.revision
    where d.sheet = %(sheet)s and d.number is not null and p.id <> %(proposal)s and p.state in ('draft', 'submitted', 'approved')) used

-- name: sheets
-- Sheets of this key: surveyed for the commune, or for one whose ground is its own today.
select s.id, s.epsg, s.scale, s.map_set, u.code, s.commune = c.id as own
from (select id from unit where level = 'commune' and code = %(commune)s order by valid_to is null desc, valid_to desc limit 1) c
join sheet s on s.number = %(number)s and (s.commune = c.id or s.commune in (
    select o.id from unit o join units_today(array[o.id]) t on t.main and t.today = c.id
    where o.level = 'commune' and o.id in (select commune from sheet where number = %(number)s)))
join unit u on u.id = s.commune
where (%(scale)s::integer is null or s.scale = %(scale)s) and (%(map_set)s = '' or s.map_set = %(map_set)s)
order by own desc, s.id limit 20

-- name: commune_today
-- Today's commune of a sheet's ground.
select coalesce(min(t.today) filter (where t.main), s.commune) from sheet s
left join lateral units_today(array[s.commune]) t on true where s.id = %(sheet)s group by s.commune

-- name: plots
-- Plots of a survey's check, in order.
select p.record, p.code, p.before, p.commune, p.sheet, p.map_set, p.scale, p.number, p.land_use, p.legal_area_m2, st_asbinary(p.shape)
from survey_plot p where p.run = %(run)s and p.kind = 'parcel' and p.shape is not null order by p.n
