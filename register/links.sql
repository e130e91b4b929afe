-- name: hold
-- Parcels that stand, held until the transaction ends: nobody ends them, or links others to them, meanwhile.
select code from parcel_version where code = any(%(parcels)s) and closed_by is null order by code for no key update

-- name: lock_cells
-- The map cells of parcels whose addresses change, locked before the parcels are, as every correction does.
select from map_cell
where key in (select cell_key(x, y) from parcel_version v,
                     generate_series(cell_column(st_xmin(web) - 40), cell_column(st_xmax(web) + 40)) x,
                     generate_series(cell_row(st_ymax(web) + 40), cell_row(st_ymin(web) - 40)) y
              where v.code = any(%(parcels)s) and v.closed_by is null)
order by key for update

-- name: end
-- Links that end; gives the places in the list of those that were there.
with asked as (
    select o.n - 1 as n, e.* from jsonb_array_elements(%(unlink)s::jsonb) with ordinality o(value, n),
           jsonb_to_record(o.value) as e(parcel text, scheme text, code text, text text)
), found as (
    select distinct on (asked.n) asked.n, l.id from asked
    join parcel_address l on l.code = asked.parcel and l.closed_by is null
    join address a on a.id = l.address and (asked.code = '' or a.code = asked.code) and (asked.text is null or a.text = asked.text)
                  and (asked.scheme = 'text' or a.scheme = asked.scheme)
    order by asked.n, l.main, l.id
), ended as (update parcel_address l set closed_by = %(correction)s from found where found.id = l.id)
select n from found

-- name: make_addresses
-- Addresses that are new to the register.
insert into address (scheme, code, text, folded, point, made_by)
select distinct on (e.scheme, e.code, e.text) e.scheme, e.code, e.text, e.folded,
       (select st_transform(anchor, 4326) from parcel_version v where v.code = e.parcel and v.closed_by is null), %(correction)s
from jsonb_to_recordset(%(link)s) as e(parcel text, scheme text, code text, text text, folded text)
where not exists (select from address a where a.code = e.code and a.scheme = e.scheme
                  and hashtextextended(coalesce(a.text, ''), 0) = hashtextextended(coalesce(e.text, ''), 0)
                  and a.text is not distinct from e.text)

-- name: step_aside
-- The main address of a parcel that gets another: opened anew as one of many.
with asked as (
    select distinct e.parcel from jsonb_to_recordset(%(link)s) as e(parcel text, main boolean) where e.main
), old as (
    update parcel_address l set closed_by = %(correction)s from asked
    where l.code = asked.parcel and l.main and l.closed_by is null returning l.code, l.address
)
insert into parcel_address (code, address, main, opened_by) select code, address, false, %(correction)s from old

-- name: make
-- Links that begin; gives the places in the list.
with asked as (
    select o.n - 1 as n, e.* from jsonb_array_elements(%(link)s::jsonb) with ordinality o(value, n),
           jsonb_to_record(o.value) as e(parcel text, scheme text, code text, text text, main boolean)
), found as (
    select asked.n, asked.parcel, min(a.id) as address, asked.main from asked
    join address a on a.code = asked.code and a.scheme = asked.scheme
              and hashtextextended(coalesce(a.text, ''), 0) = hashtextextended(coalesce(asked.text, ''), 0)
              and a.text is not distinct from asked.text
    where not exists (select from parcel_address l where l.code = asked.parcel and l.address = a.id and l.closed_by is null)
    group by asked.n, asked.parcel, asked.main
), made as (insert into parcel_address (code, address, main, opened_by) select parcel, address, main, %(correction)s from found)
select n from found

-- name: without_main
-- Current parcels without a main address.
select p from unnest(%(parcels)s::text[]) p
where not exists (select from parcel_address l where l.code = p and l.main and l.closed_by is null)
  and exists (select from parcel_version v where v.code = p and v.closed_by is null) limit 1
