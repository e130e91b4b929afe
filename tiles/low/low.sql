-- name: area
-- Of layers of a tile: the state of its cells now, what else they are drawn from, and the layer as kept, null where it is of
-- another state; the last: what the squares of the one kept are told by.
with cells as (
    select count(*) || '.' || coalesce(sum(revision), 0) as state from map_cell where key between %(first)s and %(last)s
), now_there as (
    select l.layer, l.n, cells.state, case l.layer
        when 'land_use' then (select coalesce(md5(string_agg(code || ' ' || family, ',' order by code)), '') from land_use)
        when 'communes' then (select count(*)::text from map_units)
        else '' end as rest
    from cells, unnest(%(layers)s::text[]) with ordinality l (layer, n)
)
select t.layer, t.state || '.' || t.rest, t.rest, case when a.state = %(format)s || t.state || '.' || t.rest then a.body end, a.made_of
from now_there t left join map_area a on a.layer = t.layer and a.z = %(z)s and a.key = %(key)s
order by t.n

-- name: same
-- The layer of a tile as kept, if it was made of these squares.
select body from map_area where layer = %(layer)s and z = %(z)s and key = %(key)s and made_of = %(made_of)s

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

-- name: rasters
-- Rasters of some layers as kept.
select layer, body from map_raster where key = %(key)s and layer = any(%(layers)s)

-- name: keep_raster
-- Keep a raster: the last one kept is good enough, its own revisions say what it lacks.
insert into map_raster (layer, key, body) values (%(layer)s, %(key)s, %(body)s)
on conflict (layer, key) do update set body = excluded.body

-- name: keep_area
-- Keep the layer of a tile.
insert into map_area (layer, z, key, state, made_of, body) values (%(layer)s, %(z)s, %(key)s, %(state)s, %(made_of)s, %(body)s)
on conflict (layer, z, key) do update set state = excluded.state, made_of = excluded.made_of, body = excluded.body

-- name: sheets
-- What sheets are told as.
select s.id, s.number, s.scale, u.code from sheet s join unit u on u.id = s.commune where s.id = any(%(ids)s)

-- name: communes
-- What communes of a tile are told as: those without an outline that have parcels there (`ids`), and those whose outline
-- (EPSG:3857) reaches it; as of today where `seq` is null.
select id, code, name, kind, null from unit where id = any(%(ids)s) and outline is null and (%(seq)s::bigint is not null or valid_to is null)
union all
(select u.id, u.code, u.name, u.kind, st_asbinary(o.web)
 from unit u
 left join correction b on b.id = u.opened_by
 left join correction e on e.id = u.closed_by
 cross join lateral (select st_transform(u.outline, 3857) as web) o
 where u.outline is not null and u.level = 'commune'
   and u.outline && st_transform(st_expand(st_tileenvelope(%(z)s, %(x)s, %(y)s), 40000000.0 / (1::bigint << %(z)s) / 64), 4326)
   and case when %(seq)s::bigint is null then u.valid_to is null
            else coalesce(b.seq <= %(seq)s, true) and coalesce(u.valid_from <= %(day)s::date, true)
                 and (u.valid_to is null or u.valid_to >= %(day)s::date or coalesce(e.seq > %(seq)s, false)) end
   and exists (select from sheet s where s.outline && o.web)
 order by u.id)
