-- name: tile
-- A tile of a VN-2000 zone's own grid (Mapbox Vector Tile 2.1, 4096 units, buffer 64), each layer where its flag is set.
-- Shapes surveyed in the zone go in as they are; others, and what is kept for the web map alone, are brought over.
with tile as materialized (
    select st_makeenvelope(%(west)s, %(south)s, %(east)s, %(north)s, %(epsg)s::integer) as env, %(epsg)s::integer as epsg,
           st_makeenvelope(%(web_west)s, %(web_south)s, %(web_east)s, %(web_north)s, 3857) as web,
           (%(east)s::float8 - %(west)s) / 4096 as unit_m
)
select coalesce(case when %(sheets)s then (
           select st_asmvt(f, 'sheets', 4096, 'geom', 'id') from (
               select s.id, s.number, s.scale, u.code as commune, st_asmvtgeom(st_transform(s.outline, tile.epsg), tile.env, 4096, 64, true) as geom
               from tile join sheet s on s.outline && tile.web join unit u on u.id = s.commune
           ) f) end, '')
    || coalesce(case when %(parcels)s then (
           select st_asmvt(f, 'parcels', 4096, 'geom', 'id') from (
               select v.id, v.code, v.number, v.land_use, case when v.provisional then 'provisional' end as state,
                      st_asmvtgeom(case when st_srid(v.shape) = tile.epsg then v.shape else st_transform(v.shape, tile.epsg) end,
                                   tile.env, 4096, 64, true) as geom
               from tile join parcel_version v on v.web && tile.web and v.closed_by is null
               order by v.id
           ) f) end, '')
    || coalesce(case when %(labels)s then (
           select st_asmvt(f, 'labels', 4096, 'geom', 'id') from (
               select id, code, number, land_use, area_m2::float8 as area, room_m as room, st_makepoint(px, py) as geom
               from (select v.*, floor((st_x(p.at) - st_xmin(tile.env)) / tile.unit_m) as px,
                            floor((st_ymax(tile.env) - st_y(p.at)) / tile.unit_m) as py
                     from tile join parcel_version v on v.web && tile.web and v.closed_by is null
                     cross join lateral (select st_transform(v.anchor, tile.epsg) as at) p) v
               where px between 0 and 4095 and py between 0 and 4095
               order by id
           ) f) end, '') as mvt

-- name: zones
-- The zones sheets of this register are surveyed in.
select distinct epsg from sheet order by epsg
