-- name: last
-- The last place in the feed.
select coalesce(max(seq), 0) from correction where seq is not null

-- name: all_rows
-- Every text address of a current parcel: id, text, commune its parcel was opened in, longitude, latitude.
select distinct on (a.id) a.id, a.text, v.commune, coalesce(st_x(a.point), 0), coalesce(st_y(a.point), 0)
from address a
join parcel_address l on l.address = a.id and l.closed_by is null
join parcel_version v on v.code = l.code and v.closed_by is null
where a.text is not null

-- name: some_rows
-- The same of some addresses.
select distinct on (a.id) a.id, a.text, v.commune, coalesce(st_x(a.point), 0), coalesce(st_y(a.point), 0)
from address a
join parcel_address l on l.address = a.id and l.closed_by is null
join parcel_version v on v.code = l.code and v.closed_by is null
where a.text is not null and a.id = any(%(ids)s)

-- name: after
-- Corrections after a place in the feed: their numbers in order, whether one rearranged units.
select coalesce(array_agg(c.id), '{}'), coalesce(max(c.seq), %(seq)s),
       coalesce(bool_or(c.kind = 'reorganise' or r.kind = 'reorganise'), false),
       coalesce(sum(c.last_link - c.first_link + 1), 0)
from correction c left join correction r on r.id = c.reverts
where c.seq > %(seq)s

-- name: touched
-- Addresses whose links these corrections opened or closed.
select l.address from correction c join parcel_address l on l.id between c.first_link and c.last_link and l.opened_by = c.id
where c.id = any(%(ids)s)
union
select address from parcel_address where closed_by = any(%(ids)s) and closed_by is not null

-- name: unit_names
-- For each commune of today its names: its own, those of the communes its ground was in, their districts and provinces.
with old as (select id from unit where level = 'commune' and undone_by is null),
way as (select t.unit, t.today from units_today(array(select id from old)) t)
select way.today, o.kind, o.name, o.district, o.id <> way.today, p.kind, p.name, p.valid_to is not null
from way
join unit o on o.id = way.unit
left join unit p on p.id = o.parent

-- name: todays
-- Today's default commune of each commune.
select unit, today from units_today(array(select id from unit where level = 'commune' and undone_by is null)) where main

-- name: unread
-- Texts not yet taken apart.
select a.id, a.text from address a where a.text is not null and a.id > %(after)s
and not exists (select from address_part p where p.address = a.id) order by a.id limit %(limit)s

-- name: put_parts
-- Their parts; another server may have been quicker.
insert into address_part (address, house, alleys, street, hamlet, commune, district, province)
select r.address, r.house, coalesce(r.alleys, '{}'), r.street, r.hamlet, r.commune, r.district, r.province
from jsonb_to_recordset(%(rows)s) r (address bigint, house text, alleys text[], street text, hamlet text, commune text, district text, province text)
on conflict do nothing

-- name: reader
-- One server takes texts apart at a time.
select pg_try_advisory_xact_lock(hashtext('address_part ' || current_schema()))
