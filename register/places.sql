-- name: put
-- One distinct sheet of the hand-in.
insert into place (place, commune_code, number, map_set, scale, epsg) values (%s, %s, %s, %s, %s, %s)

-- name: analyze
-- Facts for the planner.
analyze place

-- name: communes
-- The commune a sheet was surveyed for (today's where the code is in use today, else the last that had it), and today's
-- commune of its parcels: the successor where there is one, the first listed where the old commune was divided.
update place set surveyed_for = u.id, commune = coalesce(s.successor, u.id), divided = coalesce(s.successors > 1, false)
from (select distinct on (code) id, code from unit where level = 'commune'
      order by code, valid_to is null desc, valid_to desc) u
left join lateral (select min(successor) as successor, count(*) as successors from unit_successor where unit = u.id) s on true
where u.code = place.commune_code

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

-- name: communes_by_place
-- Parcels of a divided commune answer to the successor whose outline they lie in.
update change c set commune = u.id
from place p
join unit_successor s on s.unit = p.surveyed_for
join unit u on u.id = s.successor and u.outline is not null
where p.place = c.place and p.divided and st_covers(u.outline, st_transform(c.anchor, 4326))
