-- name: touched_sheets
-- Sheets in which this correction opened or closed a shape.
select coalesce(c.sheet, p.sheet) as sheet from change c left join place p using (place) where c.opens
union select v.sheet from change c join parcel_version v on v.id = c.before order by sheet

-- name: changed_ground
-- The ground a small correction takes from each sheet, and what it gives back.
select coalesce(c.sheet, p.sheet), true, st_asbinary(c.web) from change c left join place p using (place) where c.opens
union all
select v.sheet, false, st_asbinary(v.web) from change c join parcel_version v on v.id = c.before

-- name: shapes_of_sheet
-- Web shapes of a sheet's current parcels.
select st_asbinary(web) from parcel_version where sheet = %(sheet)s and closed_by is null

-- name: put_outline
-- What the sheet covers now. Where its number stands somewhere else than before, this correction changed the map at both places,
-- whatever lies there; where a commune with an outline of its own comes on the map with it, or leaves, wherever that is drawn.
with before as (
    select id, outline from sheet where id = %(sheet)s
), after as (
    update sheet set outline = st_multi(st_setsrid(st_geomfromwkb(%(outline)s), 3857)) where id = %(sheet)s returning id, outline
), stands as (
    select st_pointonsurface(b.outline) as was, st_pointonsurface(a.outline) as is_now, b.outline as from_, a.outline as to_
    from before b join after a using (id)
), other_map as (
    insert into map_units
    select from stands, lateral (select id, outline from unit
                                 where outline && st_transform(st_envelope(coalesce(to_, from_)), 4326)
                                   and level = 'commune' and valid_to is null) u,
                lateral (select st_transform(st_envelope(u.outline), 3857) as box) w
    where (from_ is null or to_ is null)
      and not exists (select from sheet s where s.outline && w.box and s.id <> %(sheet)s)
)
insert into map_change (key, correction)
select distinct m.key, %(correction)s::bigint
from stands cross join lateral (values (was), (is_now)) p (at)
join map_cell m on m.key = cell_key(cell_column(st_x(at)), cell_row(st_y(at)))
where was is distinct from is_now and %(correction)s::bigint is not null
on conflict do nothing
