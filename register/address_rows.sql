-- name: open_rows
-- Addresses handed in as a list: each names its parcel by commune, sheet and number.
create temporary table address_row (
    n bigint not null, record text, commune text, sheet text, number text, address text, folded text, postcode text,
    code text collate "C", matches integer, new boolean not null default false
) on commit drop

-- name: copy
-- The rows, binary.
copy address_row (n, record, commune, sheet, number, address, folded, postcode) from stdin (format binary)

-- name: match_new
-- Rows of parcels that come in with the same hand-in: the parcel takes address and postcode over.
with row as (
    select distinct on (p.place, r.number) r.n, p.place, r.number, r.address, r.folded, r.postcode
    from address_row r join place p on p.commune_code = r.commune and p.number = r.sheet
    order by p.place, r.number, r.n
), taken as (
    update change c set address = coalesce(c.address, row.address), folded = coalesce(c.folded, row.folded),
                        postcode = coalesce(c.postcode, row.postcode)
    from row where c.place = row.place and c.number = row.number and c.opens
    returning row.n
)
update address_row set new = true, matches = 1 where n in (select n from taken)

-- name: match_current
-- The other rows: the parcel that stands in the register under that commune (today's or a former one), sheet and number.
update address_row r set code = m.code, matches = m.matches
from (
    select r.n, min(v.code) as code, count(*) as matches
    from address_row r
    join unit u on u.code = r.commune and u.level = 'commune'
    join sheet s on s.commune = u.id and s.number = r.sheet
    join parcel_version v on v.sheet = s.id and v.number = r.number and v.closed_by is null
    where not r.new group by r.n) m
where m.n = r.n

-- name: unmatched
-- Rows that name no parcel, or several.
select record, sheet, number, coalesce(matches, 0) from address_row where not new and coalesce(matches, 0) <> 1 order by n

-- name: linked_before
-- Rows whose parcel has that text already.
select count(*) from address_row r
where r.matches = 1 and not r.new
  and exists (select from parcel_address l join address a on a.id = l.address
              where l.code = r.code and l.closed_by is null and a.text is not distinct from r.address)

-- name: close_bare
-- Main links that had no text yet end where a row brings the text.
update parcel_address l set closed_by = %(correction)s
from address_row r, address a
where r.matches = 1 and not r.new and r.address is not null and l.code = r.code and l.main and l.closed_by is null
  and a.id = l.address and a.text is null and l.opened_by < %(correction)s

-- name: make
-- The address with its text, under the code the parcel's point has; main where the parcel has no other main one.
with row as (
    select distinct on (r.code, r.address) r.code, r.address, r.folded, o.code as digital, o.point
    from address_row r
    join lateral (select a.code, a.point from parcel_address l join address a on a.id = l.address
                  where l.code = r.code and a.scheme = 'olc' order by l.id desc limit 1) o on true
    where r.matches = 1 and not r.new and r.address is not null
      and not exists (select from parcel_address l join address a on a.id = l.address
                      where l.code = r.code and l.closed_by is null and a.text = r.address)
    order by r.code, r.address, r.n
), made as (
    insert into address (scheme, code, text, folded, point, made_by)
    select distinct on (digital, address) 'olc', digital, address, folded, point, %(correction)s from row
    returning id, code, text
)
insert into parcel_address (code, address, main, opened_by)
select row.code, made.id,
       row_number() over (partition by row.code order by made.id) = 1
       and not exists (select from parcel_address l where l.code = row.code and l.main and l.closed_by is null),
       %(correction)s
from row join made on made.code = row.digital and made.text = row.address

-- name: done
-- The rows are done with.
drop table address_row
