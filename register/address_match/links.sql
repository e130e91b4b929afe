-- name: hold
-- Parcels that get addresses and stand, held until the transaction ends, in one order.
select count(*) from (
    select v.code from parcel_version v where v.code in (select parcel from address_link) and v.closed_by is null
    order by v.code for no key update) held

-- name: asked
-- How many parcels get addresses.
select count(distinct parcel) from address_link

-- name: gone
-- One of them that ended meanwhile.
select parcel from address_link l where not exists (select from parcel_version v where v.code = l.parcel and v.closed_by is null)
order by 1 limit 1

-- name: close
-- Links that give way to others of the same address; how many did.
update parcel_address l set closed_by = %(correction)s
where l.id in (select unnest(closes) from address_link) and l.closed_by is null

-- name: closing
-- How many that are.
select count(distinct id) from address_link, unnest(closes) id

-- name: make_addresses
-- Addresses that are new to the register.
with made as (
    insert into address (scheme, code, text, folded, point, made_by)
    select distinct on (w.scheme, w.code, coalesce(w.text, '')) w.scheme, w.code, w.text, w.folded,
           coalesce(st_setsrid(st_makepoint(w.lon_deg, w.lat_deg), 4326), st_transform(v.anchor, 4326)), %(correction)s
    from address_link w join parcel_version v on v.code = w.parcel and v.closed_by is null
    where not exists (select from address a where a.code = w.code and hashtextextended(coalesce(a.text, ''), 0) = hashtextextended(coalesce(w.text, ''), 0) and a.scheme = w.scheme
                      and a.text is not distinct from w.text)
    order by w.scheme, w.code, coalesce(w.text, ''), w.n
    returning id, scheme, code, text
)
insert into address_said (address, source, status, postcode)
select distinct on (m.id) m.id, w.source, w.status, w.postcode
from made m join address_link w on w.scheme = m.scheme and w.code = m.code and w.text is not distinct from m.text
where w.source is not null or w.status is not null or w.postcode is not null
order by m.id, w.n

-- name: step_aside
-- The main address of a parcel that gets another: opened anew as one of many.
with old as (
    update parcel_address l set closed_by = %(correction)s from address_link w
    where w.main and l.code = w.parcel and l.main and l.closed_by is null returning l.code, l.address
)
insert into parcel_address (code, address, main, opened_by) select code, address, false, %(correction)s from old

-- name: make
-- Links that begin; one address of that scheme, code and text, the oldest. Whoever has no main address gets one.
insert into parcel_address (code, address, main, opened_by)
select w.parcel, w.address,
       w.main or w.turn = 1 and not w.led and not exists (
           select from parcel_address l where l.code = w.parcel and l.main and l.closed_by is null), %(correction)s
from (select l.parcel, l.main, a.address, row_number() over (partition by l.parcel order by l.n) as turn,
             bool_or(l.main) over (partition by l.parcel) as led
      from address_link l
      cross join lateral (select min(a.id) as address from address a where a.code = l.code and hashtextextended(coalesce(a.text, ''), 0) = hashtextextended(coalesce(l.text, ''), 0) and a.scheme = l.scheme
                          and a.text is not distinct from l.text) a) w

-- name: analyze
-- Facts for the planner: whoever undoes many links at once looks them up by these.
analyze parcel_address, address
