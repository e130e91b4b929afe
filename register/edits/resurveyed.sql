-- name: named_sheets
-- Sheets that the plots of a later state name: commune, number, map set, scale; what the plot does not say, the survey says.
select distinct coalesce(p.commune, %(commune)s), coalesce(p.sheet, %(sheet)s), coalesce(p.map_set, ''), coalesce(p.scale, %(scale)s)
from survey_plot p where p.run = %(run)s and p.kind = 'parcel' and p.shape is not null
and (p.before is null or coalesce(p.sheet, %(sheet)s) is not null)

-- name: plots
-- The plots in order: record, sheet, number, registered code the check gave them, land use, legal area, shape.
select p.record, coalesce(t.id, v.sheet), nullif(trim(p.number), ''), p.code, p.land_use, p.legal_area_m2::numeric(14, 2),
       st_asbinary(p.shape)
from survey_plot p
left join parcel_version v on v.id = p.before
left join plot_sheet t on t.commune is not distinct from coalesce(p.commune, %(commune)s)
     and t.number is not distinct from coalesce(p.sheet, %(sheet)s) and t.map_set = coalesce(p.map_set, '')
     and t.scale is not distinct from coalesce(p.scale, %(scale)s)
where p.run = %(run)s and p.kind = 'parcel' and p.shape is not null order by p.n

-- name: sheets
-- Number, scale and zone of sheets.
select id, number, scale, epsg from sheet where id = any(%(sheets)s)

-- name: on_sheets
-- Current parcels of sheets, with their sheet, commune and main address.
select v.id, v.code, v.sheet, v.commune, v.number, v.land_use, v.area_m2::float8, v.legal_area_m2, v.provisional,
       s.epsg, s.number, s.scale, s.map_set, u.code,
       (select a.text from parcel_address l join address a on a.id = l.address where l.code = v.code and l.main and l.closed_by is null),
       st_asbinary(v.shape)
from parcel_version v join sheet s on s.id = v.sheet join unit u on u.id = v.commune
where v.sheet = any(%(sheets)s) and v.closed_by is null order by v.sheet, v.id
