-- name: commune_at
-- Today's commune at a place: the one whose outline holds it, else the one of the nearest parcel within about 500 m.
select code from (
    select code, 0 as rank, 0::float8 as off from unit
    where valid_to is null and level = 'commune' and outline is not null
      and st_intersects(outline, st_setsrid(st_makepoint(%(lon)s, %(lat)s), 4326))
    union all
    (select u.code, 1, v.web <-> p.at
     from (select st_transform(st_setsrid(st_makepoint(%(lon)s, %(lat)s), 4326), 3857) as at) p
     join parcel_version v on v.closed_by is null and v.web && st_expand(p.at, 500)
     join unit u on u.id = v.commune
     order by v.web <-> p.at limit 1)
) found order by rank, off limit 1

-- name: maps
-- The sheets a survey of this commune may speak of: of an old commune its own, of today's all its ground was surveyed on.
-- Out: sheet ids, the VN-2000 zone most of them are in, what they cover (EPSG:3857, convex).
with meant as (
    select %(unit)s::integer as unit
    union
    select unit from unit_successor where successor = %(unit)s and undone_by is null and %(today)s
), sheets as (
    select s.* from sheet s join meant on meant.unit = s.commune  -- not those whose parcels went to other sheets
    where exists (select from parcel_version v where v.sheet = s.id and v.closed_by is null)
)
select array(select id from sheets),
       (select epsg from sheets group by epsg order by count(*) desc, epsg limit 1),
       (select st_asbinary(st_transform(st_buffer(st_convexhull(st_collect(outline)), 300), 4326)) from sheets)

-- name: outline
-- The commune's outline as brought by the office; null where none was.
select st_asbinary(outline) from unit where id = %(unit)s

-- name: last_numbers
-- The largest parcel number ever used on each of these sheets of the commune.
select s.number, max(v.number::integer)
from sheet s join parcel_version v on v.sheet = s.id
where s.id = any(%(maps)s) and s.number = any(%(sheets)s) and v.number ~ '^[0-9]{1,6}$'
group by s.number

-- name: all_last_numbers
-- The same of all sheets of the commune.
select s.number, max(v.number::integer)
from sheet s join parcel_version v on v.sheet = s.id where s.id = any(%(maps)s) and v.number ~ '^[0-9]{1,6}$'
group by s.number

-- name: package
-- Codes of the communes these sheets were made for, the last correction, the hour.
select array(select distinct u.code from sheet s join unit u on u.id = s.commune where s.id = any(%(maps)s)),
       (select coalesce(max(id), 0) from correction where state = 'applied'), now()

-- name: land_uses
-- The list of land-use codes, today's and former.
select code, name_vi, name_en, family, successor, valid_to::text from land_use

-- name: parcels
-- Current parcels that meet a box of the web map; one more than the limit tells that there are more.
select v.code, s.number, v.number, v.land_use, v.area_m2::float8, v.legal_area_m2::float8, s.scale, s.epsg, st_asbinary(v.shape)
from parcel_version v join sheet s on s.id = v.sheet
where v.closed_by is null and v.web && st_makeenvelope(%(west)s, %(south)s, %(east)s, %(north)s, 3857)
limit %(limit)s

-- name: numbered
-- Current parcels by sheet and number among the commune's sheets.
select v.code, s.number, v.number, v.land_use, v.area_m2::float8, v.legal_area_m2::float8, s.scale, s.epsg, st_asbinary(v.shape)
from unnest(%(sheets)s::text[], %(numbers)s::text[]) as asked (sheet, number)
join sheet s on s.id = any(%(maps)s) and s.number = asked.sheet
join parcel_version v on v.sheet = s.id and v.number = asked.number and v.closed_by is null

-- name: all_of_commune
-- Every current parcel of the commune's sheets: its package for a desk without a network.
select v.code, s.number, v.number, v.land_use, v.area_m2::float8, v.legal_area_m2::float8, s.scale, s.epsg, st_asbinary(v.shape)
from parcel_version v join sheet s on s.id = v.sheet
where v.closed_by is null and v.sheet = any(%(maps)s)
