-- name: drop_rows
-- What an earlier run in the same transaction left.
drop table if exists pg_temp.outline_row, pg_temp.outline_new

-- name: outline_row
-- What a file says, row by row (n as the user counts them); unit and problem are found out below.
create temporary table outline_row (
    n integer primary key, code text not null, postcode text, shape geometry, unit integer, mended boolean not null default false,
    problem text
) on commit drop

-- name: outline_row_copy
-- WKB in hexadecimal digits, degrees of WGS84.
copy outline_row (n, code, postcode, shape) from stdin

-- name: find_units
-- Today's commune of a code, else the last that had it.
update outline_row r set unit = u.id
from (select distinct on (code) code, id from unit where level = 'commune' and undone_by is null order by code, valid_to is not null, valid_to desc) u
where u.code = r.code

-- name: mend
-- Invalid outlines are mended; what is not an area is dropped.
update outline_row set mended = not st_isvalid(shape), shape = st_collectionextract(st_makevalid(shape), 3)
where shape is not null and not (st_isvalid(shape) and st_dimension(shape) = 2)

-- name: judge
-- What cannot be stored, and why (Vietnam with its seas: 101 to 118 degrees east, 6 to 24 north).
update outline_row set problem = case
    when unit is null then 'unknown_commune'
    when postcode !~ '^[0-9]{5}$' then 'postcode'
    when postcode is null and shape is null then 'nothing'
    when st_isempty(shape) then 'no_area'
    when not st_coveredby(st_envelope(shape), st_makeenvelope(101, 6, 118, 24)) then 'outside'
end

-- name: problems
-- Rows that are refused, with a point of theirs.
select n, code, postcode, problem, st_x(p.at), st_y(p.at)
from outline_row left join lateral (select st_pointonsurface(shape) as at where problem <> 'outside' and not st_isempty(shape)) p on true
where problem is not null order by n

-- name: mended
-- Rows whose outline was mended and kept.
select n, r.code, u.name, st_x(p.at), st_y(p.at)
from outline_row r join unit u on u.id = r.unit, lateral (select st_pointonsurface(shape) as at) p
where mended and problem is null order by n

-- name: outline_new
-- One outline and postcode per commune; several rows of one commune are its parts.
create temporary table outline_new on commit drop as
select unit, (array_agg(postcode order by n) filter (where postcode is not null))[1] as postcode,
       st_setsrid(st_multi(case count(shape) when 1 then (array_agg(shape) filter (where shape is not null))[1]
                                             else st_unaryunion(st_collect(shape)) end), 4326) as outline
from outline_row where problem is null group by unit

-- name: put
-- Stored only where it differs; what the file does not tell stays.
update unit u set outline = coalesce(n.outline, u.outline), postcode = coalesce(n.postcode, u.postcode)
from outline_new n
where n.unit = u.id
  and (u.outline is distinct from coalesce(n.outline, u.outline) or u.postcode is distinct from coalesce(n.postcode, u.postcode))

-- name: counts
-- Rows, refused rows, communes with an outline and with a postcode from this file.
select (select count(*) from outline_row), (select count(*) from outline_row where problem is not null),
       (select count(outline) from outline_new), (select count(postcode) from outline_new)

-- name: overlaps
-- Communes of today that share more than 1 m², at least one of them from this file: codes, names, m², a point.
select a.code, a.name, b.code, b.name, o.area_m2, st_x(o.at), st_y(o.at)
from unit a
join unit b on b.outline && a.outline and b.id > a.id and b.valid_to is null
cross join lateral (
    select st_area(part::geography) as area_m2, st_pointonsurface(part) as at
    from (select st_collectionextract(st_intersection(a.outline, b.outline), 3) as part
          where st_intersects(a.outline, b.outline) and not st_touches(a.outline, b.outline)) i
) o
where a.valid_to is null and o.area_m2 > 1
  and exists (select from outline_new n where n.unit in (a.id, b.id) and n.outline is not null)
order by o.area_m2 desc, a.code, b.code
