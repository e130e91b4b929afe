-- name: put
-- One distinct sheet of the hand-in.
insert into place (place, commune_code, number, map_set, scale, epsg) values (%s, %s, %s, %s, %s, %s)

-- name: analyze
-- Facts for the planner.
analyze place

-- name: unknown
-- A commune code nobody knows.
select commune_code from place where surveyed_for is null order by 1 limit 1

-- name: make_sheets
-- Sheets not yet in the register.
insert into sheet (commune, number, map_set, scale, epsg)
select distinct on (surveyed_for, number, map_set, scale) surveyed_for, number, map_set, scale, epsg
from place order by surveyed_for, number, map_set, scale, epsg
on conflict do nothing

-- name: find_sheets
-- Each place its sheet.
update place set sheet = s.id from sheet s
where s.commune = place.surveyed_for and s.number = place.number and s.map_set = place.map_set
  and coalesce(s.scale, 0) = coalesce(place.scale, 0)

-- name: follow_sheets
-- A sheet of a commune that ended, with no parcel left on it, whose parcels went to one other sheet: that one, and so on.
with recursive way (place, sheet, steps) as (
    select p.place, p.sheet, 0 from place p join unit u on u.id = p.surveyed_for where u.valid_to is not null
    union all
    select way.place, gone.sheet, way.steps + 1
    from way
    cross join lateral (
        select min(n.sheet) as sheet
        from (select distinct on (code) code, closed_by from parcel_version
              where sheet = way.sheet and closed_by is not null order by code, id desc) o
        join parcel_version n on n.code = o.code and n.opened_by = o.closed_by and n.sheet <> way.sheet
        having count(distinct n.sheet) = 1) gone
    where way.steps < 20 and not exists (select from parcel_version v where v.sheet = way.sheet and v.closed_by is null)
)
update place p set sheet = w.sheet
from (select distinct on (place) place, sheet from way order by place, steps desc) w
where w.place = p.place and w.sheet <> p.sheet

-- name: wrong_zone
-- A sheet is in one zone only.
select p.number, s.epsg, p.epsg from place p join sheet s on s.id = p.sheet where s.epsg <> p.epsg limit 1
