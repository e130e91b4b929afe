-- name: stage
-- New values on old shapes; what is not named stays as it is.
insert into change (n, before, opens, issues, given, provisional, code, epsg, sheet, commune, record, number, land_use, area_m2, legal_area_m2, room_m, plain_from, cell, shape, web, anchor)
select e.n, e.version, true, false, false, coalesce(v.provisional, false), v.code, st_srid(v.shape), v.sheet, v.commune, v.record,
       coalesce(e.number, v.number), coalesce(e.land_use, v.land_use), v.area_m2,
       case when e.keeps_legal_area then v.legal_area_m2 else e.legal_area_m2 end,
       v.room_m, v.plain_from, 0, v.shape, v.web, v.anchor
from jsonb_to_recordset(%(edits)s) as e(n bigint, version bigint, number text, land_use text, legal_area_m2 numeric, keeps_legal_area boolean)
left join parcel_version v on v.id = e.version

-- name: current
-- The current version of a parcel.
select id from parcel_version where code = %(code)s and closed_by is null
