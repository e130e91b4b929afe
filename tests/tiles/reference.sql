-- name: parcels
-- The layer as PostGIS makes it, one layer `parcels`: transformed before, clipped, rounded and mended by ST_AsMVTGeom; a
-- parcel too small keeps one unit square at its anchor.
with tile as materialized (
    select env, st_expand(env, 64 * unit_m) as wide, st_xmin(env) as west, st_ymax(env) as north, unit_m
    from (select st_tileenvelope(%(z)s, %(x)s, %(y)s) as env, 2 * 20037508.342789244::float8 / 4096 / (1::bigint << %(z)s) as unit_m) t
)
select st_asmvt(f, 'parcels', 4096, 'geom', 'id') from (
    select v.id, v.code, v.number, v.land_use, case when v.provisional then 'provisional' end as state,
           coalesce(st_asmvtgeom(v.web, tile.env, 4096, 64, true),
                    (select st_reverse(st_makeenvelope(px, py, px + 1, py + 1))
                     from (select floor((st_x(v.anchor) - tile.west) / tile.unit_m) as px,
                                  floor((tile.north - st_y(v.anchor)) / tile.unit_m) as py) a
                     where px between 0 and 4095 and py between 0 and 4095)) as geom
    from tile join parcel_version v on v.web && tile.wide and v.closed_by is null
) f

-- name: labels
select st_asmvt(f, 'labels', 4096, 'geom', 'id') from (
    select v.id, v.code, v.number, v.land_use, v.area_m2::double precision as area, v.room_m as room, st_makepoint(px, py) as geom
    from (select st_tileenvelope(%(z)s, %(x)s, %(y)s) as env, 2 * 20037508.342789244::float8 / 4096 / (1::bigint << %(z)s) as unit_m) tile
    join parcel_version v on v.web && tile.env and v.closed_by is null
    cross join lateral (select floor((st_x(v.anchor) - st_xmin(tile.env)) / tile.unit_m) as px,
                               floor((st_ymax(tile.env) - st_y(v.anchor)) / tile.unit_m) as py) a
    where px between 0 and 4095 and py between 0 and 4095
) f
