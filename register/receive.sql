-- name: one_at_a_time
-- Two hand-ins of the same content wait for each other; the second finds the first.
select pg_advisory_xact_lock(hashtextextended(encode(%(hash)s, 'hex'), 0))

-- name: seen
-- The last upload with this content that is in the register, its correction, whether that was undone, and by which.
select s.id, s.correction, s.receipt, (select id from correction r where r.reverts = s.correction and r.state = 'applied')
from survey s where s.content_hash = %(hash)s and s.correction is not null order by s.id desc limit 1

-- name: undone_again
-- The undo that is itself undone last in a chain of undo and redo of a correction; the last live link.
with recursive chain as (
    select id, 0 as depth from correction where id = %(id)s
    union all
    select r.id, depth + 1 from correction r join chain on r.reverts = chain.id and r.state = 'applied')
select id, depth from chain order by depth desc limit 1

-- name: unchanged
-- Parcels that stand in the register exactly so: same sheet, number and shape.
delete from change c using place p, parcel_version v
where p.place = c.place and v.sheet = p.sheet and v.number = c.number and v.closed_by is null and v.shape = c.shape

-- name: doubled
-- Records that say again what an earlier one of the same hand-in says, to the corner and the letter; each counts once.
delete from change c using change o
where (c.place, c.number) in (select place, number from change group by 1, 2 having count(*) > 1)
  and o.place = c.place and o.number = c.number and o.n < c.n and o.shape = c.shape and c.code is not distinct from o.code
  and (c.land_use, c.legal_area_m2, c.given, c.address, c.postcode) is not distinct from (o.land_use, o.legal_area_m2, o.given, o.address, o.postcode)
returning c.record

-- name: replaced
-- Parcels that are in the register under the same sheet and number with another shape on the same ground: not for an
-- import to change.
delete from change c using place p, parcel_version v
where p.place = c.place and v.sheet = p.sheet and v.number = c.number and v.closed_by is null and v.web && c.web
  and st_srid(v.shape) = st_srid(c.shape)
  and st_area(st_intersection(v.shape, c.shape)) > 0.5 * least(v.area_m2, c.area_m2)
returning c.record, p.number, c.number, v.code, st_x(st_transform(c.anchor, 4326)), st_y(st_transform(c.anchor, 4326))

-- name: survey
-- The upload.
insert into survey (kind, state, correction, content_hash, receipt) values ('import', %(state)s, %(correction)s, %(hash)s, %(receipt)s)
returning id

-- name: file
-- One of its files.
insert into survey_file (survey, name, hash, bytes) values (%s, %s, %s, %s) on conflict do nothing

-- name: finding
-- One of its findings.
copy finding (survey, rule, severity, record, text_vi, text_en, place, size, other) from stdin

-- name: inherited
-- Defects this correction put on the list, in the words of the files.
select d.kind, v.record, s.number, v.number, d.code, w.record, d.other, d.size, d.width_m,
       st_x(st_transform(d.place, 4326)), st_y(st_transform(d.place, 4326))
from defect d
join parcel_version v on v.code = d.code and v.closed_by is null
join sheet s on s.id = v.sheet
left join parcel_version w on w.code = d.other and w.closed_by is null
where d.opened_by = %(correction)s order by d.id
