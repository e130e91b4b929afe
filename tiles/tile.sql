-- name: tile
-- The layers of a tile that are not made from blocks (Mapbox Vector Tile 2.1, 4096 units, buffer 64), each where its flag
-- is set. Shapes are clipped, rounded and mended by ST_AsMVTGeom.
with tile as materialized (
    select env, st_expand(env, 64 * unit_m) as wide, st_xmin(env) as west, st_ymax(env) as north, unit_m
    from (select st_tileenvelope(%(z)s, %(x)s, %(y)s) as env, 2 * 20037508.342789244::float8 / 4096 / (1::bigint << %(z)s) as unit_m) t
)
select coalesce(case when %(communes)s then (
           select st_asmvt(f, 'communes', 4096, 'geom', 'id') from (
               select u.id, u.code, u.name, u.kind, st_asmvtgeom(o.outline, tile.env, 4096, 64, true) as geom
               from tile
               cross join lateral (
                   select id, st_transform(outline, 3857) as outline from unit
                   where outline is not null and valid_to is null and level = 'commune'
                     and outline && st_transform(tile.wide, 4326)
                     and exists (select from sheet s where s.outline && st_transform(unit.outline, 3857))
                   union all  -- no outline given: what the sheets of its parcels cover (ST_AsMVTGeom dissolves the
                              -- collection); from zoom 15 on slits between sheets would be seen, and are closed
                   select c.id, case when %(z)s < 15 then st_collect(s.outline)
                                     else st_buffer(st_buffer(st_collect(st_clipbybox2d(s.outline, st_expand(tile.wide, 10))),
                                                              1, 'join=mitre'), -1, 'join=mitre') end
                   from sheet s
                   cross join lateral (select s.commune as id
                                       union select successor from unit_successor where unit = s.commune and undone_by is null) c
                   where s.outline && tile.wide
                     and exists (select from unit u where u.id = c.id and u.outline is null and u.valid_to is null)
                     and exists (select from parcel_version v
                                 where v.sheet = s.id and v.commune = c.id and v.closed_by is null)
                   group by c.id) o
               join unit u on u.id = o.id
           ) f) end, '')
    || coalesce(case when %(sheets)s then (
           select st_asmvt(f, 'sheets', 4096, 'geom', 'id') from (
               select s.id, s.number, s.scale, u.code as commune, g.geom
               from tile join sheet s on s.outline && tile.wide join unit u on u.id = s.commune
               cross join lateral (
                   select st_asmvtgeom(s.outline, tile.env, 4096, 64, true) as geom
                   union all  -- the point its number stands at, in one tile only
                   select st_makepoint(px, py)
                   from (select floor((st_x(p) - tile.west) / tile.unit_m) as px, floor((tile.north - st_y(p)) / tile.unit_m) as py
                         from st_pointonsurface(s.outline) p) a
                   where px between 0 and 4095 and py between 0 and 4095) g
           ) f) end, '')
    || coalesce(case when %(addresses)s then (
           select st_asmvt(f, 'addresses', 4096, 'geom', 'id') from (
               select id, house, address, digital, parcel, st_makepoint(px, py) as geom
               from (select a.id, a.text as address, a.code as digital, v.code as parcel,
                            house_of(a.text) as house,
                            floor((st_x(g.at) - tile.west) / tile.unit_m) as px, floor((tile.north - st_y(g.at)) / tile.unit_m) as py
                     from tile join parcel_version v on v.web && tile.wide and v.closed_by is null
                     join parcel_address l on l.code = v.code and l.closed_by is null
                     -- one by one: however many addresses there are, a tile has few
                     cross join lateral (select id, text, code, point from address where id = l.address offset 0) a
                     -- where a digital address says, if that is in the parcel; else where the parcel's number stands
                     cross join lateral (select st_transform(a.point, 3857) as point) w
                     cross join lateral (select case when st_intersects(v.web, w.point) then w.point else v.anchor end as at) g
                     where a.text is not null) s
               where px between 0 and 4095 and py between 0 and 4095
               order by id
           ) f) end, '')
    || coalesce(case when %(drafts)s then (
           with way as materialized (
               select id, key, kind, state, revision from proposal where state in ('draft', 'submitted', 'approved', 'returned')
           ), row as (
               select w.*, d.n, d.role, d.opens, d.code, d.number, d.land_use, st_transform(d.shape, 3857) as web
               from tile join proposed d on st_transform(d.shape, 3857) && tile.wide and d.shape is not null
               join way w on w.id = d.proposal and w.revision = d.revision
               union all  -- the shape stays as it is, or ends
               select w.*, d.n, d.role, d.opens, d.code, d.number, d.land_use, v.web
               from tile join parcel_version v on v.web && tile.wide and v.closed_by is null
               join proposed d on d.code = v.code and d.before = v.id and d.shape is null
               join way w on w.id = d.proposal and w.revision = d.revision
           )
           select st_asmvt(f, 'drafts', 4096, 'geom', 'id') from (
               select r.id * 1000000 + r.n as id, r.key as draft, r.kind, r.state, r.role, r.opens, r.code, r.number, r.land_use,
                      st_asmvtgeom(r.web, tile.env, 4096, 64, true) as geom
               from tile, row r
               order by 1
           ) f) end, '') as mvt

-- name: drafts
-- Differs whenever a draft came, was worked out anew or went on its way.
select count(*) || '.' || coalesce(sum(revision), 0) || '.' || (select coalesce(max(id), 0) from proposal_event)
from proposal where state in ('draft', 'submitted', 'approved', 'returned')

-- name: extent
-- What the map covers, in degrees: west, south, east, north; null while there is no sheet.
select case when box is not null then array[st_xmin(box), st_ymin(box), st_xmax(box), st_ymax(box)] end
from (select st_transform(st_setsrid(st_extent(outline)::geometry, 3857), 4326) from sheet) e (box)
