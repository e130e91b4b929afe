-- name: same
-- Versions that end, and those opened anew on the same shape.
insert into change (n, before, opens, issues, given, provisional, code, epsg, sheet, commune, record, number, land_use, area_m2, legal_area_m2, room_m, plain_from, cell, shape, web, anchor)
select e.n, e.before, e.opens, false, false, e.provisional, v.code, st_srid(v.shape), e.sheet, e.commune, v.record, e.number, e.land_use,
       v.area_m2, e.legal_area_m2, v.room_m, v.plain_from,
       case when e.opens then coalesce(cell_key(cell_column(st_x(v.anchor)), cell_row(st_y(v.anchor))), 0) else 0 end,
       case when e.opens then v.shape end, case when e.opens then v.web end, case when e.opens then v.anchor end
from jsonb_to_recordset(%(rows)s) as e(n bigint, before bigint, opens boolean, sheet integer, commune integer, number text,
                                       land_use text, legal_area_m2 numeric, provisional boolean)
left join parcel_version v on v.id = e.before

-- name: copy_drawn
-- Versions with shapes of their own, binary; register.edits.staged gives these columns in this order.
copy change (n, before, opens, issues, given, promised, provisional, code, east_m, north_m, epsg, sheet, commune, number, land_use,
             area_m2, legal_area_m2, room_m, plain_from, address, folded, olc, cell, shape, web, anchor, point) from stdin (format binary)

-- name: closed
-- Those of these versions that are closed, by code, with the correction that did it.
select code, closed_by from parcel_version where id = any(%(versions)s) and closed_by is not null
