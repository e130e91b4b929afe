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

-- name: wrong_zone
-- A sheet is in one zone only.
select p.number, s.epsg, p.epsg from place p join sheet s on s.id = p.sheet where s.epsg <> p.epsg limit 1
