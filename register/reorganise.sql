-- name: alone
-- One reorganisation, or undo of one, after the other: they change the communes everyone reads.
select pg_advisory_xact_lock(hashtext('diachinh reorganise'))

-- name: end_units
-- Communes end the day before.
update unit u set valid_to = %(effective_on)s::date - 1, closed_by = %(correction)s from ending e where e.unit = u.id

-- name: begin_units
-- Communes begin. Zone: that of the communes they are made of where these share one; outline: as handed in, else of the
-- same communes where all of them have one and go over whole.
with made_of as (
    select h.to_commune, case when count(distinct u.epsg) = 1 and count(u.epsg) = count(*) then min(u.epsg) end as epsg,
           case when count(u.outline) = count(*) and bool_and(h.relation <> 'divided') then st_multi(st_union(u.outline)) end as outline
    from heir h join unit u on u.id = h.unit group by h.to_commune
), begun as (
    insert into unit (code, level, kind, name, parent, valid_from, epsg, postcode, outline, opened_by)
    select n.code, 'commune', n.kind, n.name, n.parent, %(effective_on)s, m.epsg, n.postcode, coalesce(n.outline, m.outline), %(correction)s
    from new_unit n left join made_of m on m.to_commune = n.code
    order by n.code
    returning id, code
), known as (
    update new_unit n set unit = b.id from begun b where b.code = n.code
)
update dest t set unit = b.id from begun b where b.code = t.to_commune

-- name: put_heirs
-- Who took over from whom.
insert into unit_successor (unit, successor, relation, main, opened_by)
select h.unit, coalesce(n.unit, u.id), h.relation, h.main, %(correction)s
from heir h
left join new_unit n on n.code = h.to_commune
left join unit u on u.code = h.to_commune and u.level = 'commune' and u.valid_to is null and n.code is null
order by 1, 2

-- name: make_sheets
-- The sheets that are not there yet.
insert into sheet (commune, number, map_set, scale, epsg, kind)
select unit, number, map_set, scale, epsg, kind from dest where sheet is null order by dest

-- name: find_sheets
-- Each destination its sheet.
update dest t set sheet = s.id
from sheet s
where t.sheet is null and s.commune = t.unit and s.number = t.number and s.map_set = t.map_set and coalesce(s.scale, 0) = coalesce(t.scale, 0)

-- name: stage
-- Parcels that change sheet or commune; all else is copied as it is. Keys of cells are worked out once a cell.
with cell as materialized (
    select x, y, cell_key(x, y) as key
    from (select distinct cell_column(st_x(v.anchor)) as x, cell_row(st_y(v.anchor)) as y
          from moving g join parcel_version v on v.id = g.version) c
)
insert into change (n, before, opens, issues, given, provisional, code, epsg, sheet, commune, record, number, land_use, area_m2,
                    legal_area_m2, room_m, plain_from, cell, shape, web, anchor)
select v.id, v.id, true, false, false, v.provisional, v.code, t.epsg, t.sheet, t.unit, v.record, v.number, v.land_use, v.area_m2,
       v.legal_area_m2, v.room_m, v.plain_from, cell.key, v.shape, v.web, v.anchor
from moving g
join dest t using (dest)
join parcel_version v on v.id = g.version
join cell on cell.x = cell_column(st_x(v.anchor)) and cell.y = cell_row(st_y(v.anchor))
where (v.sheet, v.commune) is distinct from (t.sheet, t.unit)

-- name: newcomers
-- Parcels that came onto the sheets since they were looked at.
select v.code from moved d join parcel_version v on v.sheet = d.sheet and v.closed_by is null
where not exists (select from moving where version = v.id) limit 100

-- name: root
-- The correction that a chain of undo and redo goes back to, its kind and legal date, and how many undos there are in it.
with recursive chain (id, kind, effective_on, reverts, depth) as (
    select id, kind, effective_on, reverts, 0 from correction where id = %(id)s
    union all
    select c.id, c.kind, c.effective_on, c.reverts, depth + 1 from correction c join chain on chain.reverts = c.id)
select id, kind, effective_on, depth from chain order by depth desc limit 1

-- name: undo_units
-- Communes that began were never there; those that ended go on; nobody took over.
with begun as (
    update unit set undone_by = %(correction)s, valid_to = valid_from - 1 where opened_by = %(root)s
), ended as (
    update unit set valid_to = null, closed_by = null where closed_by = %(root)s
)
update unit_successor set undone_by = %(correction)s where opened_by = %(root)s

-- name: redo_end
-- Communes end again.
update unit u set valid_to = %(effective_on)s::date - 1, closed_by = %(root)s
from unit_successor s where s.opened_by = %(root)s and s.unit = u.id

-- name: redo_begin
-- Communes begin again, under the numbers they had.
update unit set undone_by = null, valid_to = null where opened_by = %(root)s

-- name: redo_heirs
-- They take over again.
update unit_successor set undone_by = null where opened_by = %(root)s

-- name: stands_on
-- Corrections that keep a reorganisation from being undone or done again (`begins`): their parcels stand in communes that
-- would go, or they have ended or replaced those communes. 0: the data files did.
with gone as (
    select id from unit where opened_by = %(root)s and not %(begins)s
    union
    select unit from unit_successor where opened_by = %(root)s and %(begins)s
)
select distinct v.opened_by
from sheet s
join parcel_version v on v.sheet = s.id and v.closed_by is null and v.opened_by <> %(id)s
join gone on gone.id = v.commune
where s.commune in (select unit from units_today(array(select distinct commune from sheet)) join gone on gone.id = today)
union
select coalesce(u.closed_by, 0) from gone join unit u using (id) where u.valid_to is not null
union
select coalesce(o.opened_by, 0) from unit u
join unit o on o.code = u.code and o.level = u.level and o.id <> u.id and o.undone_by is null
           and coalesce(o.valid_from, '-infinity') = u.valid_from
where u.opened_by = %(root)s and %(begins)s
union
select coalesce(o.closed_by, 0) from unit_successor s join unit o on o.id = s.successor
where s.opened_by = %(root)s and %(begins)s and o.valid_to is not null and o.opened_by is distinct from %(root)s
order by 1 limit 100

-- name: carry_outlines
-- A sheet that went over whole takes its outline along; one without parcels has none. Gives those to be drawn anew.
with flow as (
    select v.sheet as source, c.sheet as target, count(*) as parcels
    from change c join parcel_version v on v.id = c.before group by 1, 2
), touched as (
    select source as sheet from flow union select target from flow where target is not null
), holding as (
    select t.sheet, count(v.id) as parcels
    from touched t left join parcel_version v on v.sheet = t.sheet and v.closed_by is null group by t.sheet
), whole as (
    select f.source, f.target
    from flow f join holding h on h.sheet = f.target and h.parcels = f.parcels
    where (select count(*) from flow o where o.source = f.source) = 1
      and (select coalesce(sum(i.parcels), 0) from flow i where i.target = f.source)
          = (select parcels from holding where sheet = f.source)
), carried as (
    update sheet s set outline = o.outline
    from whole w join sheet o on o.id = w.source where s.id = w.target and w.source <> w.target
), emptied as (
    update sheet s set outline = null from holding h where h.sheet = s.id and h.parcels = 0
)
select sheet from holding where parcels > 0 and sheet not in (select target from whole) order by sheet
