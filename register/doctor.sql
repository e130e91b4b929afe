-- name: pieces
-- Pieces of the map (column, row) that current parcels of an area reach into, from the north-west.
select distinct y, x from (
    select distinct floor((st_xmin(v.web) - %(west)s) / %(size)s)::integer as x0, floor((st_xmax(v.web) - %(west)s) / %(size)s)::integer as x1,
                    floor((%(north)s - st_ymax(v.web)) / %(size)s)::integer as y0, floor((%(north)s - st_ymin(v.web)) / %(size)s)::integer as y1
    from parcel_version v
    where v.closed_by is null
      and (%(unit)s::integer is null or v.sheet in (
          select s.id from sheet s where s.commune = %(unit)s
          or s.commune in (select unit from unit_successor where successor = %(unit)s and undone_by is null))
          and (v.commune = %(unit)s or v.sheet in (select id from sheet where commune = %(unit)s)))
      and (%(sheet)s::text is null or v.sheet in (select id from sheet where number = %(sheet)s))
      and (%(bbox)s::float8[] is null or v.web && st_transform(st_makeenvelope(
          (%(bbox)s::float8[])[1], (%(bbox)s::float8[])[2], (%(bbox)s::float8[])[3], (%(bbox)s::float8[])[4], 4326), 3857))
      and (%(communes)s::integer[] is null or v.commune = any(%(communes)s))) r,
    generate_series(x0, x1) x, generate_series(y0, y1) y order by y, x

-- name: parcels
-- Current parcels that meet a box of the web map: whether they are of the area (the box in degrees apart).
select v.code,
       (%(unit)s::integer is null or v.sheet in (
          select s.id from sheet s where s.commune = %(unit)s
          or s.commune in (select unit from unit_successor where successor = %(unit)s and undone_by is null))
          and (v.commune = %(unit)s or v.sheet in (select id from sheet where commune = %(unit)s)))
       and (%(sheet)s::text is null or v.sheet in (select id from sheet where number = %(sheet)s))
       and (%(communes)s::integer[] is null or v.commune = any(%(communes)s)),
       st_srid(v.shape), st_asbinary(v.shape)
from parcel_version v
where v.closed_by is null and v.web && st_makeenvelope(%(x0)s, %(y0)s, %(x1)s, %(y1)s, 3857)
order by v.code

-- name: drafted
-- Which of these parcels an open draft of this kind names or changes: code, key of the draft.
select d.code, p.key from proposed d join proposal p on p.id = d.proposal and p.revision = d.revision
where d.code = any(%(codes)s) and p.kind = 'slivers' and p.state in ('draft', 'submitted', 'approved', 'returned')
union
select c.code, p.key from proposal p, jsonb_array_elements_text(p.intent -> 'parcels') c (code)
where p.kind = 'slivers' and p.state in ('draft', 'submitted', 'approved', 'returned') and c.code = any(%(codes)s)
order by 1, 2

-- name: one_doctor
-- Rounds of drafts are made one after the other, so that none makes those of another again: whether it is one's turn.
select pg_try_advisory_xact_lock(hashtextextended('sliver doctor', 0))
