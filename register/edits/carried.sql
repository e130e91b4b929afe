-- name: links
-- Addresses of parcels that do not follow from the parcel's point: link, parcel, scheme, code, text, main, position.
select l.id, l.code, a.scheme, a.code, a.text, l.main, st_x(a.point), st_y(a.point)
from parcel_address l join address a on a.id = l.address
where l.code = any(%(codes)s) and l.closed_by is null and (a.text is not null or a.scheme not in ('olc', 'vpostcode'))
order by l.code, l.main desc, l.id

-- name: open
-- Addresses that go from a parcel to one that a row of the correction opens.
create temporary table if not exists carried (n bigint not null, link bigint not null) on commit preserve rows

-- name: empty
-- What an earlier correction of this connection left.
delete from carried

-- name: fill
-- Rows by their numbers, links by theirs.
insert into carried (n, link) select n, link from jsonb_to_recordset(%(moved)s) as m(n bigint, link bigint)

-- name: end
-- Those of parcels that stay end here; the others do with their parcel.
update parcel_address l set closed_by = %(correction)s from carried c where l.id = c.link and l.closed_by is null
  and not exists (select from change e join parcel_version v on v.id = e.before where not e.opens and v.code = l.code)

-- name: begin
-- They begin at their new parcel, beside what it has.
insert into parcel_address (code, address, main, opened_by)
select distinct e.code, l.address, false, %(correction)s
from carried c join change e using (n) join parcel_address l on l.id = c.link
where not exists (select from parcel_address o where o.code = e.code and o.address = l.address and o.closed_by is null)

-- name: left
-- An address that would end with its parcel, though others take its ground, and that nobody was told of.
select l.code from parcel_address l join address a on a.id = l.address
where l.closed_by = %(correction)s and (a.text is not null or a.scheme not in ('olc', 'vpostcode'))
  and not exists (select from carried c where c.link = l.id) and not (l.id = any(%(kept)s)) order by 1 limit 1
