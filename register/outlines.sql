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
-- What the sheet covers now.
update sheet set outline = st_multi(st_setsrid(st_geomfromwkb(%(outline)s), 3857)) where id = %(sheet)s
