-- name: area
-- The state of a tile's cells now, with that of the land-use groups, and the layer of it as kept, null where it is of another.
select s.state, a.body
from (select count(*) || '.' || coalesce(sum(revision), 0) || '.' ||
             (select coalesce(md5(string_agg(code || ' ' || family, ',' order by code)), '') from land_use) as state
      from map_cell where key between %(first)s and %(last)s) s
left join map_area a on a.z = %(z)s and a.key = %(key)s and a.state = %(format)s || s.state

-- name: groups
-- Each land-use code and its group.
select code, family from land_use order by code

-- name: cells
-- Cells and their revisions, in order.
select key, revision from map_cell where key between %(first)s and %(last)s order by key

-- name: changed
-- Cells that corrections touched which were not known at `seq`, or not in force on `day`.
select distinct h.key from map_change h join correction c on c.id = h.correction
where h.key between %(first)s and %(last)s and (c.seq > %(seq)s or c.effective_on > %(day)s) order by 1

-- name: raster
-- A raster as kept.
select body from map_raster where key = %(key)s

-- name: keep_raster
-- Keep a raster: the last one kept is good enough, its own revisions say what it lacks.
insert into map_raster (key, body) values (%(key)s, %(body)s) on conflict (key) do update set body = excluded.body

-- name: keep_area
-- Keep the layer of a tile.
insert into map_area (z, key, state, body) values (%(z)s, %(key)s, %(state)s, %(body)s)
on conflict (z, key) do update set state = excluded.state, body = excluded.body
