-- name: correction
-- What is to be undone.
select kind, state, effective_on, (select id from correction r where r.reverts = c.id and r.state = 'applied') from correction c where id = %(id)s

-- name: later
-- Corrections that stand on it: they closed what it opened, or opened anew what it closed, or changed links of the same
-- parcels. A correction and its undo, both later, make nothing; of an undo's undo, the last counts.
with mine as materialized (select * from standing(%(id)s) where last),
linked as materialized (select distinct code from parcel_address where opened_by = %(id)s or closed_by = %(id)s and closed_by is not null),
link_changers as materialized (
    select c.id, c.reverts from correction c where c.state = 'applied' and c.id in (
        select m.opened_by from linked join parcel_address m using (code) where m.opened_by > %(id)s and m.closed_by is null
        union select m.opened_by from linked join parcel_address m using (code) where m.opened_by > %(id)s and m.closed_by is not null
        union select m.closed_by from linked join parcel_address m using (code) where m.closed_by is not null and m.closed_by > %(id)s))
select closed_by from mine where closed_by is not null
union
select v.opened_by from parcel_version b join parcel_version v on v.code = b.code and v.closed_by is null
where b.closed_by = %(id)s and not exists (select from mine where mine.version = v.id)
union
select max(way.id) from (
    with recursive way (id, reverts, root) as (
        select k.id, k.reverts, k.id from link_changers k
        union all
        select way.id, c.reverts, c.id from way join correction c on c.id = way.reverts)
    select id, root from way where reverts is null) way
group by way.root having count(*) %% 2 = 1
order by 1 limit 100

-- name: stage
-- The inverse: what it opened is closed, what it closed is opened again as it was, under the same codes. Keys of cells are
-- worked out once a cell.
with cell as materialized (
    select x, y, cell_key(x, y) as key
    from (select distinct cell_column(st_x(anchor)) as x, cell_row(st_y(anchor)) as y from parcel_version where closed_by = %(id)s) c
)
insert into change (n, before, opens, issues, given, provisional, code, epsg, sheet, commune, record, number, land_use, area_m2, legal_area_m2, room_m, plain_from, cell, shape, web, anchor)
select row_number() over (order by coalesce(a.id, b.id)), a.id, b.id is not null, false, false, coalesce(b.provisional, false), coalesce(b.code, a.code), st_srid(b.shape),
       b.sheet, b.commune, b.record, b.number, b.land_use, b.area_m2, b.legal_area_m2, b.room_m, b.plain_from,
       coalesce(cell.key, 0),
       b.shape, b.web, b.anchor
from (select version as id, code from standing(%(id)s) where last) a
full join (select * from parcel_version where closed_by = %(id)s) b on b.code = a.code
left join cell on cell.x = cell_column(st_x(b.anchor)) and cell.y = cell_row(st_y(b.anchor))

-- name: close_links
-- Address links it opened end, also where they were restored meanwhile.
update parcel_address l set closed_by = %(correction)s from parcel_address o
where o.opened_by = %(id)s and l.code = o.code and l.address = o.address and l.closed_by is null

-- name: open_links
-- Address links it closed begin again.
insert into parcel_address (code, address, main, opened_by)
select o.code, o.address, o.main, %(correction)s from parcel_address o where o.closed_by = %(id)s
and not exists (select from parcel_address l where l.code = o.code and l.address = o.address and l.closed_by is null)
