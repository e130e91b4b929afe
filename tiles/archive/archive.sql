-- name: now
-- The last correction, and when it was made.
select seq, made_at from correction where seq is not null order by seq desc limit 1

-- name: made_at
-- When a correction was made.
select made_at from correction where seq = %(seq)s

-- name: cells
-- All cells that ever held a parcel, or lay near one.
select key from map_cell order by key

-- name: commune
-- The boxes (EPSG:3857) of the parcels of a commune as of a moment.
select st_xmin(web), st_ymin(web), st_xmax(web), st_ymax(web)
from (select id, web, opened_by, closed_by from parcel_version
      where commune = any(%(units)s) and closed_by is null
      union all
      select id, web, opened_by, closed_by from parcel_version
      where commune = any(%(units)s) and closed_by is not null) v
join correction o on o.id = v.opened_by
left join correction e on e.id = v.closed_by
where alive(o.seq, o.effective_on, e.seq, e.effective_on, %(seq)s, %(day)s)
  and not exists (select from unmade_version m join correction u on u.id = m.by and u.seq <= %(seq)s where m.version = v.id)

-- name: units
-- The units that have or had a code.
select id from unit where code = %(code)s and level = 'commune'

-- name: outlines
-- The boxes (EPSG:3857) of what the layers sheets and communes show; of the past, communes that are over too.
select st_xmin(b), st_ymin(b), st_xmax(b), st_ymax(b)
from (select outline as b from sheet where outline is not null
      union all
      select st_transform(outline, 3857) from unit u
      where outline is not null and (valid_to is null or %(past)s) and level = 'commune'
        and exists (select from sheet s where s.outline && st_transform(u.outline, 3857))) o
