-- name: same
-- The scan of the same files with the same options, where it is not retired.
select key from scan where asked = %(asked)s and retired_at is null

-- name: add
-- A placed picture; nothing where another hand-in was faster.
insert into scan (key, kind, title, sheet, commune, asked, files, epsg, crs, method, transformation, proposed, fits, points,
                  rms_px, rms_m, notes, width, height, pixel_m, place, min_zoom, max_zoom, tiles, bytes, made_by)
values (%(key)s, %(kind)s, %(title)s, %(sheet)s, %(commune)s, %(asked)s, %(files)s, %(epsg)s, %(crs)s, %(method)s,
        %(transformation)s, %(proposed)s, %(fits)s, %(points)s, %(rms_px)s, %(rms_m)s, %(notes)s, %(width)s, %(height)s,
        %(pixel_m)s, st_setsrid(%(place)s::geometry, 4326), %(min_zoom)s, %(max_zoom)s, %(tiles)s, %(bytes)s, %(made_by)s)
on conflict (asked) where retired_at is null do nothing returning key

-- name: scans
-- Scans, the newest first: one by key, or all that are not retired.
select s.key, s.kind, s.title, u.code as commune, t.number as sheet, s.files, s.epsg, s.crs, s.method, s.transformation,
       s.proposed, s.fits, s.points, s.rms_px, s.rms_m, s.notes, s.width, s.height, s.pixel_m,
       st_asgeojson(s.place, 9)::jsonb as place, array[st_xmin(s.place), st_ymin(s.place), st_xmax(s.place), st_ymax(s.place)] as bounds,
       s.min_zoom, s.max_zoom, s.tiles, s.bytes, s.made_by, s.made_at, s.retired_at, s.commune as unit
from scan s left join sheet t on t.id = s.sheet left join unit u on u.id = coalesce(s.commune, t.commune)
where case when %(key)s::text is null then s.retired_at is null else s.key = %(key)s end
order by s.id desc limit %(limit)s

-- name: served
-- What is needed to serve tiles of a scan.
select tiles, retired_at is not null, min_zoom, max_zoom from scan where key = %(key)s

-- name: retire
-- A scan that is shown no more.
update scan set retired_at = clock_timestamp(), retired_by = %(by)s where key = %(key)s and retired_at is null returning key

-- name: sheet
-- A sheet of a commune by number, and what its parcels cover (EPSG:3857).
select s.id, s.commune, st_asbinary(s.outline) from sheet s join unit u on u.id = s.commune
where u.code = %(commune)s and s.number = %(number)s and s.kind = 'map' order by s.id desc limit 1

-- name: commune
-- A commune of today by code.
select id from unit where code = %(commune)s and level = 'commune' order by valid_to is null desc, id desc limit 1
