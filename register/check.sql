-- name: opened
-- How many shapes this correction opens.
select count(*) from change where opens

-- name: touched_boxes
-- Column and row of all map cells the opened shapes reach into.
select distinct x, y from (
    select distinct cell_column(st_xmin(web)) as x0, cell_column(st_xmax(web)) as x1,
                    cell_row(st_ymax(web)) as y0, cell_row(st_ymin(web)) as y1
    from change where opens) r, generate_series(x0, x1) x, generate_series(y0, y1) y order by x, y

-- name: parcels_in_box
-- Current parcels in one map cell, new ones marked.
select code, opened_by = %(correction)s, st_srid(shape), st_asbinary(shape)
from parcel_version
where closed_by is null and web && st_makeenvelope(%(x0)s, %(y0)s, %(x1)s, %(y1)s, 3857)

-- name: neighbourhood
-- The new parcels of a small correction and their neighbours.
with near as materialized (
    select v.code, v.opened_by = %(correction)s as new, st_srid(v.shape) as srid, st_asbinary(v.shape) as shape
    from change c join parcel_version v on v.closed_by is null and v.web && c.web where c.opens
)
select distinct on (code) code, new, srid, shape from near order by code

-- name: put_overlap
-- On the list of inherited defects.
insert into defect (kind, code, other, size, width_m, place, opened_by)
values ('overlap', %(code)s, %(other)s, %(size)s, %(width_m)s, st_transform(st_setsrid(st_makepoint(%(x)s, %(y)s), %(epsg)s), 3857), %(correction)s)

-- name: known_overlap
-- The size a pair of parcels is listed with as an inherited defect; for a revert, was ever listed with.
select max(size) from defect where kind = 'overlap' and (code, other) in ((%(code)s, %(other)s), (%(other)s, %(code)s))
and (closed_by is null or %(ever)s)

-- name: listed_overlaps
-- Open overlaps of the parcels that this correction shapes anew.
select d.id, d.code, d.other, d.size from change c join defect d on d.code = c.code
where c.opens and c.before is not null and d.closed_by is null and d.kind = 'overlap' and d.opened_by < %(correction)s
union
select d.id, d.code, d.other, d.size from change c join defect d on d.other = c.code
where c.opens and c.before is not null and d.closed_by is null and d.kind = 'overlap' and d.opened_by < %(correction)s

-- name: close_overlap
-- An overlap that is gone, or smaller by now.
update defect set closed_by = %(correction)s where id = any(%(ids)s)

-- name: is_listed
-- Whether a pair is on the list now.
select exists (select from defect where closed_by is null and kind = 'overlap'
               and (code, other) in ((%(code)s, %(other)s), (%(other)s, %(code)s)))

-- name: put_numbers
-- Repeated sheet and number: on the list, each with the first that has it.
insert into defect (kind, code, other, place, opened_by)
select 'number', v.code, d.first, v.anchor, %(correction)s
from parcel_version v
join (select sheet, number, min(code) as first from parcel_version
      where closed_by is null and sheet in (select distinct coalesce(c.sheet, p.sheet) from change c left join place p using (place) where c.opens)
      group by sheet, number having count(*) > 1) d using (sheet, number)
where v.opened_by = %(correction)s and v.closed_by is null and v.code <> d.first
  and not exists (select from defect l where l.kind = 'number' and l.code = v.code and l.other = d.first and l.closed_by is null)

-- name: put_legal_areas
-- Zero or negative areas on paper: on the list.
insert into defect (kind, code, size, place, opened_by)
select 'legal_area', v.code, v.area_m2, v.anchor, %(correction)s
from change c join parcel_version v on v.code = c.code and v.opened_by = %(correction)s
where c.opens and c.legal_area_m2 <= 0
  and not exists (select from defect l where l.kind = 'legal_area' and l.code = v.code and l.closed_by is null)

-- name: known_numbers
-- New repetitions of a number by a correction that may not add any: those never listed for this parcel.
select s.number, c.number, w.code
from change c left join place p using (place)
join parcel_version w on w.sheet = coalesce(c.sheet, p.sheet) and w.number = c.number and w.closed_by is null and w.code <> c.code
join sheet s on s.id = w.sheet
where c.opens and not exists (select from defect where kind = 'number' and (defect.code = c.code or defect.other = c.code))
order by s.number, c.number, w.code limit 100

-- name: used_numbers
-- Numbers this correction gives anew on a sheet where other parcels had them once: a number is never used again (rules §4.3).
select s.number, c.number, w.code
from change c left join place p using (place)
join parcel_version w on w.sheet = coalesce(c.sheet, p.sheet) and w.number = c.number and w.closed_by is not null
left join parcel_version b on b.id = c.before
join sheet s on s.id = w.sheet
where c.opens and (b.sheet, b.number) is distinct from (w.sheet, c.number)
order by s.number, c.number, w.code limit 100

-- name: temporary_numbers
-- Parcels that are not provisional and would get a temporary number (T…).
select s.number, c.number, c.code
from change c left join place p using (place)
left join parcel_version b on b.id = c.before
join sheet s on s.id = coalesce(c.sheet, p.sheet)
where c.opens and not c.provisional and c.number ~ '^T[0-9]+$' and (b.number, b.provisional) is distinct from (c.number, c.provisional)
order by s.number, c.number limit 100

-- name: close_defects
-- Defects that are gone: their parcel is no longer current, or its number or area was put right.
update defect d set closed_by = %(correction)s
where d.closed_by is null and d.opened_by < %(correction)s
  and (d.code in (select v.code from change c join parcel_version v on v.id = c.before)
       or d.other in (select v.code from change c join parcel_version v on v.id = c.before))
  and case d.kind
      when 'overlap' then not exists (select from parcel_version where code = d.code and closed_by is null)
                          or not exists (select from parcel_version where code = d.other and closed_by is null)
      when 'legal_area' then not exists (select from parcel_version where code = d.code and closed_by is null and legal_area_m2 <= 0)
      else not exists (select from parcel_version a join parcel_version b using (sheet, number)
                       where a.code = d.code and b.code <> d.code and a.closed_by is null and b.closed_by is null)
      end
