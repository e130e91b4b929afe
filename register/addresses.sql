-- name: wanted
-- The digital addresses of this chunk's new parcels: scheme olc always (with the text address, as the main one), scheme
-- vpostcode where the postcode is known (of the row, or of its commune).
create temporary table if not exists wanted (
    code text collate "C", scheme text, digital text collate "C", text text, folded text, main boolean,
    point geometry(Point, 4326), address bigint
) on commit preserve rows

-- name: empty
-- For the next chunk.
truncate wanted

-- name: empty_few
-- The same where it holds a few rows: a truncated table is a new file.
delete from wanted

-- name: fill
-- Rows for one chunk.
insert into wanted (code, scheme, digital, text, folded, main, point)
select c.code, 'olc', c.olc, c.address, c.folded, true, c.point
from change c
where c.issues and c.opens and c.cell between %(first)s and %(last)s
union all
select c.code, 'vpostcode', p5.postcode || right(replace(c.olc, '+', ''), 7), null, null, false, c.point
from change c left join place p using (place) left join unit u on u.id = coalesce(c.commune, p.commune)
cross join lateral (select coalesce(substring(c.postcode from '^[0-9]{5}$'), u.postcode) as postcode) p5
where c.issues and c.opens and c.cell between %(first)s and %(last)s and p5.postcode is not null

-- name: find
-- One address serves many parcels: the same code and text is the same address.
update wanted w set address = a.id from address a
where a.code = w.digital and a.scheme = w.scheme and a.text is not distinct from w.text

-- name: make
-- Addresses not yet there.
with made as (
    insert into address (scheme, code, text, folded, point, made_by)
    select distinct on (scheme, digital, text) scheme, digital, text, folded, point, %(correction)s
    from wanted where address is null order by scheme, digital, text
    returning id, scheme, code, text)
insert into parcel_address (code, address, main, opened_by)
select w.code, m.id, w.main, %(correction)s
from wanted w join made m on m.code = w.digital and m.scheme = w.scheme and m.text is not distinct from w.text
where w.address is null
union all
select w.code, w.address, w.main, %(correction)s from wanted w where w.address is not null

-- name: analyze
-- Facts for the planner: it must look addresses up, not read them all.
analyze wanted (digital)
