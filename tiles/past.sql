-- name: snapped
-- Of the corrections that touched some cells and were known at `seq` (where units are shown, also those that changed units):
-- the place of the last, and the last legal day up to `day` on which one of them took effect; both tell one state of these
-- cells from another.
select coalesce(max(c.seq), 0), greatest(max(c.effective_on) filter (where c.effective_on <= %(day)s), (
           select max(d) from unit, lateral (values (valid_from), (valid_to + 1)) v (d)
           where %(units)s and level = 'commune' and outline is not null and d <= %(day)s))
from correction c
where c.seq <= %(seq)s and c.id in (
    select h.correction from unnest(%(firsts)s::bigint[], %(lasts)s::bigint[]) r (first, last)
    join map_change h on h.key between r.first and r.last
    union select x from unit, lateral (values (opened_by), (closed_by), (undone_by)) v (x) where %(units)s and x is not null)

-- name: standing
-- The versions that stood in and near some cells at a moment (ids of versions, 8 bytes each).
select b.key, coalesce((
    select string_agg(int8send(v.id), ''::bytea)
    from (select id, opened_by, closed_by from parcel_version
          where web && st_makeenvelope(b.west, b.south, b.east, b.north, 3857) and closed_by is null
          union all
          select id, opened_by, closed_by from parcel_version
          where web && st_makeenvelope(b.west, b.south, b.east, b.north, 3857) and closed_by is not null) v
    join correction o on o.id = v.opened_by
    left join correction e on e.id = v.closed_by
    where alive(o.seq, o.effective_on, e.seq, e.effective_on, %(seq)s, %(day)s)
      and not exists (select from unmade_version m join correction u on u.id = m.by and u.seq <= %(seq)s
                      where m.version = v.id)), ''::bytea)
from unnest(%(keys)s::bigint[], %(west)s::float8[], %(south)s::float8[], %(east)s::float8[], %(north)s::float8[])
     b (key, west, south, east, north)

-- name: sheets
-- The sheets that had parcels then and come near a tile: the communes of their parcels, and whether other parcels stand on
-- them now than then.
with tile as materialized (
    select st_expand(env, 64 * 2 * 20037508.342789244::float8 / 4096 / (1::bigint << %(z)s)) as wide
    from st_tileenvelope(%(z)s, %(x)s, %(y)s) env
), near as (
    select s.id from sheet s, tile where s.outline && tile.wide
    union
    select v.sheet from parcel_version v, tile where v.web && tile.wide and v.closed_by is not null
)
select v.sheet, array_agg(distinct v.commune) filter (where t.lives), bool_or(t.lives is distinct from (v.closed_by is null))
from near
join parcel_version v on v.sheet = near.id
join correction o on o.id = v.opened_by
left join correction e on e.id = v.closed_by
cross join lateral (
    select alive(o.seq, o.effective_on, e.seq, e.effective_on, %(seq)s, %(day)s)
           and not exists (select from unmade_version m join correction u on u.id = m.by and u.seq <= %(seq)s
                           where m.version = v.id)) t (lives)
group by v.sheet
having bool_or(t.lives)
order by v.sheet

-- name: ground
-- Web shapes of the parcels that stood on a sheet then.
select st_asbinary(v.web)
from parcel_version v
join correction o on o.id = v.opened_by
left join correction e on e.id = v.closed_by
where v.sheet = %(sheet)s and alive(o.seq, o.effective_on, e.seq, e.effective_on, %(seq)s, %(day)s)
  and not exists (select from unmade_version m join correction u on u.id = m.by and u.seq <= %(seq)s where m.version = v.id)

-- name: tile
-- Sheets, communes and addresses of a tile as they were, as `tile` of tile.sql makes them of today: `outlines` (EPSG:3857, WKB) are of
-- the sheets that cover other ground now, null for the others; `of_sheet`, `of_commune`: which communes had parcels on which.
with tile as materialized (
    select env, st_expand(env, 64 * unit_m) as wide, st_xmin(env) as west, st_ymax(env) as north, unit_m
    from (select st_tileenvelope(%(z)s, %(x)s, %(y)s) as env, 2 * 20037508.342789244::float8 / 4096 / (1::bigint << %(z)s) as unit_m) t
), sheet_then as materialized (
    select s.id, s.number, s.scale, s.commune, coalesce(st_multi(st_setsrid(st_geomfromwkb(t.outline), 3857)), s.outline) as outline
    from unnest(%(sheets)s::integer[], %(outlines)s::bytea[]) t (id, outline) join sheet s on s.id = t.id
), holds as materialized (
    select * from unnest(%(of_sheet)s::integer[], %(of_commune)s::integer[]) h (sheet, commune)
)
select coalesce(case when %(communes)s then (
           select st_asmvt(f, 'communes', 4096, 'geom', 'id') from (
               select u.id, u.code, u.name, u.kind, st_asmvtgeom(o.outline, tile.env, 4096, 64, true) as geom
               from tile
               cross join lateral (
                   select u.id, st_transform(u.outline, 3857) as outline
                   from unit u left join correction b on b.id = u.opened_by left join correction e on e.id = u.closed_by
                   where u.outline is not null and u.level = 'commune' and u.outline && st_transform(tile.wide, 4326)
                     and coalesce(b.seq <= %(seq)s, true) and coalesce(u.valid_from <= %(day)s, true)
                     and (u.valid_to is null or u.valid_to >= %(day)s or coalesce(e.seq > %(seq)s, false))
                     and exists (select from sheet s where s.outline && st_transform(u.outline, 3857))
                   union all
                   select h.commune, case when %(z)s < 15 then st_collect(s.outline)
                                          else st_buffer(st_buffer(st_collect(st_clipbybox2d(s.outline, st_expand(tile.wide, 10))),
                                                                   1, 'join=mitre'), -1, 'join=mitre') end
                   from holds h join sheet_then s on s.id = h.sheet
                   where s.outline && tile.wide
                     and exists (select from unit u where u.id = h.commune and u.outline is null)
                   group by h.commune) o
               join unit u on u.id = o.id
           ) f) end, '')
    || coalesce(case when %(sheets_too)s then (
           select st_asmvt(f, 'sheets', 4096, 'geom', 'id') from (
               select s.id, s.number, s.scale, u.code as commune, g.geom
               from tile join sheet_then s on s.outline && tile.wide join unit u on u.id = s.commune
               cross join lateral (
                   select st_asmvtgeom(s.outline, tile.env, 4096, 64, true) as geom
                   union all
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
                     from tile
                     cross join lateral (
                         select id, code, web, anchor, opened_by, closed_by from parcel_version
                         where web && tile.wide and closed_by is null
                         union all
                         select id, code, web, anchor, opened_by, closed_by from parcel_version
                         where web && tile.wide and closed_by is not null) v
                     join correction vo on vo.id = v.opened_by
                     left join correction ve on ve.id = v.closed_by
                     cross join lateral (
                         select * from parcel_address where code = v.code and closed_by is null
                         union all
                         select * from parcel_address where code = v.code and closed_by is not null) l
                     join correction lo on lo.id = l.opened_by
                     left join correction le on le.id = l.closed_by
                     cross join lateral (select id, text, code, point from address where id = l.address offset 0) a
                     cross join lateral (select st_transform(a.point, 3857) as point) w
                     cross join lateral (select case when st_intersects(v.web, w.point) then w.point else v.anchor end as at) g
                     where a.text is not null
                       and alive(vo.seq, vo.effective_on, ve.seq, ve.effective_on, %(seq)s, %(day)s)
                       and not exists (select from unmade_version m join correction u on u.id = m.by and u.seq <= %(seq)s
                                       where m.version = v.id)
                       and alive(lo.seq, lo.effective_on, le.seq, le.effective_on, %(seq)s, %(day)s)
                       and not exists (select from unmade_link m join correction u on u.id = m.by and u.seq <= %(seq)s
                                       where m.link = l.id)) s
               where px between 0 and 4095 and py between 0 and 4095
               order by id
           ) f) end, '') as mvt

-- name: moments
-- The corrections that changed the map in a box (web metres), the last first: place, instant, legal day, kind.
select c.seq, c.made_at, c.effective_on, c.kind
from correction c
where c.seq is not null and c.extent && st_makeenvelope(%(west)s, %(south)s, %(east)s, %(north)s, 3857)
  and (%(keys)s::bigint[] is null or exists (select from map_change h where h.correction = c.id and h.key = any(%(keys)s::bigint[])))
order by c.seq desc limit %(limit)s
