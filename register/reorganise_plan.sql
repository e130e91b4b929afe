-- name: open
-- What a hand-in says (new_unit, sheet_move), what its codes mean (origin), which communes end (ending) and to whom they
-- go (heir), which sheets go where (moved, dest), and every current parcel on them (moving).
drop table if exists pg_temp.new_unit, pg_temp.sheet_move, pg_temp.origin, pg_temp.ending, pg_temp.heir, pg_temp.moved,
                     pg_temp.dest, pg_temp.moving;
create temporary table new_unit (
    n integer primary key, code text not null, kind text not null, name text not null, province text not null, postcode text,
    outline geometry, parent integer, replaces integer, unit integer
) on commit drop;
create temporary table sheet_move (
    n integer primary key, commune text not null, sheet text, scale integer, map_set text, to_commune text not null,
    to_sheet text, to_map_set text, fresh boolean, target integer
) on commit drop;
create temporary table origin (code text not null, unit integer not null, rank integer not null, today boolean not null, stays boolean) on commit drop;
create temporary table ending (unit integer primary key) on commit drop;
create temporary table heir (unit integer, to_commune text, parcels bigint, relation text, main boolean) on commit drop;
create temporary table moved (sheet integer not null, move integer not null, dest integer, pieces bigint) on commit drop;
create temporary table dest (
    dest integer primary key generated always as identity, to_commune text not null, number text not null, map_set text not null,
    scale integer, epsg integer not null, kind text not null, zones bigint not null, unit integer, sheet integer
) on commit drop;
create temporary table moving (version bigint not null, sheet integer not null, dest integer not null) on commit drop

-- name: put_unit
-- A commune that begins.
insert into new_unit (n, code, kind, name, province, postcode, outline)
values (%s, %s, %s, %s, %s, %s, st_multi(st_setsrid(st_geomfromwkb(%s), 4326)))

-- name: put_move
-- A sheet, or all of a commune, and where it goes.
insert into sheet_move (n, commune, sheet, scale, map_set, to_commune, to_sheet, to_map_set) values (%s, %s, %s, %s, %s, %s, %s, %s)

-- name: settle_units
-- Each new commune its province, and the commune of today that has its code and gives it up.
update new_unit n set
    parent = (select id from unit where level = 'province' and code = n.province and valid_to is null),
    replaces = (select id from unit where level = 'commune' and code = n.code and valid_to is null)

-- name: settle_origins
-- What the old codes mean, as for imports (units.sql, sheet_commune): today's commune; but where one of them is a closed
-- code, the hand-in speaks of the communes before. Rank 1: earlier communes of the same code whose maps today's one keeps.
with asked as (
    select distinct commune as code from sheet_move
), speaks as (
    select coalesce(%(before)s::boolean, exists (
        select from asked join unit u using (code) where u.level = 'commune' and u.undone_by is null
        group by code having bool_and(u.valid_to is not null))) as before
), meant as (
    select distinct on (u.code) u.code, u.id, u.valid_to is null as today
    from asked join unit u using (code), speaks where u.level = 'commune' and u.undone_by is null
    order by u.code, (u.valid_to is null) = speaks.before, u.valid_to desc
)
insert into origin (code, unit, rank, today)
select code, id, 0, today from meant
union all
select m.code, u.id, 1, false
from meant m join unit u on u.code = m.code and u.level = 'commune' and u.id <> m.id and u.valid_to is not null and u.undone_by is null
where m.today and exists (select from units_today(array[u.id]) t where t.today = m.id and t.main)

-- name: settle_targets
-- Where each move goes: a new commune, else the one of today with that code.
update sheet_move m set
    fresh = exists (select from new_unit n where n.code = m.to_commune),
    target = (select id from unit u where u.level = 'commune' and u.code = m.to_commune and u.valid_to is null
              and not exists (select from new_unit n where n.code = m.to_commune))

-- name: settle_stays
-- A commune that gives sheets away and is itself a target goes on.
update origin o set stays = exists (select from origin r join sheet_move m on m.target = r.unit where r.code = o.code and r.rank = 0)

-- name: settle_ending
-- Communes of today that end: those that give all away, and those whose code a new commune takes over.
insert into ending
select unit from origin where today and not stays union select replaces from new_unit where replaces is not null

-- name: named_sheets
-- The sheets that moves name, with parcels on them. A sheet whose scale is not on record answers to any scale where none
-- answers exactly.
insert into moved (sheet, move)
select sheet, n from (
    select m.n, s.id as sheet, rank() over (partition by m.n order by o.rank, m.scale is not null and s.scale is null) as rank
    from sheet_move m
    join origin o on o.code = m.commune
    join sheet s on s.commune = o.unit and s.number = m.sheet
        and (m.map_set is null or s.map_set = m.map_set) and (m.scale is null or coalesce(s.scale, m.scale) = m.scale)
    where exists (select from parcel_version v where v.sheet = s.id and v.closed_by is null)) found
where rank = 1

-- name: other_sheets
-- Moves of a whole commune take the sheets that no move names.
insert into moved (sheet, move)
select s.id, m.n
from sheet_move m
join origin o on o.code = m.commune
join sheet s on s.commune = o.unit
    and (m.map_set is null or s.map_set = m.map_set) and (m.scale is null or coalesce(s.scale, m.scale) = m.scale)
where m.sheet is null
  and exists (select from parcel_version v where v.sheet = s.id and v.closed_by is null)
  and not exists (select from moved d where d.sheet = s.id)

-- name: count_pieces
-- A sheet that goes to several communes is divided by place.
update moved set pieces = p.pieces from (select sheet, count(*) as pieces from moved group by sheet) p where p.sheet = moved.sheet

-- name: make_dests
-- The sheets there will be: each commune, number, map set and scale once.
insert into dest (to_commune, number, map_set, scale, epsg, kind, zones)
select m.to_commune, coalesce(m.to_sheet, s.number), coalesce(m.to_map_set, s.map_set), coalesce(s.scale, m.scale),
       min(s.epsg), min(s.kind), count(distinct (s.epsg, s.kind))
from moved d join sheet_move m on m.n = d.move join sheet s on s.id = d.sheet
group by 1, 2, 3, 4

-- name: find_dests
-- Each move of a sheet its destination.
update moved d set dest = t.dest
from sheet_move m, sheet s, dest t
where m.n = d.move and s.id = d.sheet and t.to_commune = m.to_commune and t.number = coalesce(m.to_sheet, s.number)
  and t.map_set = coalesce(m.to_map_set, s.map_set) and t.scale is not distinct from coalesce(s.scale, m.scale)

-- name: find_sheets
-- Destinations in communes of today, and the sheet that is there already.
update dest t set unit = m.target, sheet = (
    select s.id from sheet s
    where s.commune = m.target and s.number = t.number and s.map_set = t.map_set and coalesce(s.scale, 0) = coalesce(t.scale, 0))
from (select distinct to_commune, target from sheet_move where target is not null) m where m.to_commune = t.to_commune

-- name: move_whole
-- Parcels of sheets that stay whole.
insert into moving (version, sheet, dest)
select v.id, d.sheet, d.dest from moved d join parcel_version v on v.sheet = d.sheet and v.closed_by is null where d.pieces = 1

-- name: move_by_place
-- Parcels of divided sheets: to the commune whose outline holds their point, else to the nearest within about 500 m.
insert into moving (version, sheet, dest)
select distinct on (version) version, sheet, dest
from (
    select v.id as version, d.sheet, d.dest, st_distance(coalesce(n.outline, u.outline), st_transform(v.anchor, 4326)) as off_deg
    from moved d
    join sheet_move m on m.n = d.move
    left join new_unit n on n.code = m.to_commune
    left join unit u on u.id = m.target
    join parcel_version v on v.sheet = d.sheet and v.closed_by is null
    where d.pieces > 1) candidate
where off_deg < 0.005
order by version, off_deg, dest

-- name: analyze
-- Facts for the planner.
analyze moving, moved, dest

-- name: heirs
-- What becomes of communes that end: divided among several, merged into one made of several, else moved to another
-- province, renamed or unchanged. The main heir gets most parcels.
insert into heir
with flow as (
    select move, count(*) as parcels
    from moving g join moved d on d.sheet = g.sheet and d.dest = g.dest group by move
), way as (
    select o.unit, m.to_commune, bool_or(m.fresh) as fresh, sum(coalesce(f.parcels, 0))::bigint as parcels
    from ending e join origin o on o.unit = e.unit join sheet_move m on m.commune = o.code left join flow f on f.move = m.n
    group by 1, 2
    union all
    select n.replaces, n.code, true, 0 from new_unit n
    where n.replaces is not null and not exists (select from origin where unit = n.replaces)
)
select w.unit, w.to_commune, w.parcels,
       case when count(*) over (partition by w.unit) > 1 then 'divided'
            when count(*) over (partition by w.to_commune) > 1 or not w.fresh then 'merged'
            when n.parent is distinct from u.parent then 'moved'
            when (n.code, n.kind, n.name) is distinct from (u.code, u.kind, u.name) then 'renamed'
            else 'unchanged' end,
       row_number() over (partition by w.unit order by w.parcels desc, w.to_commune) = 1
from way w join unit u on u.id = w.unit left join new_unit n on n.code = w.to_commune

-- name: flows
-- From which commune to which: codes, names, whether the new one begins now, sheets, sheets that get another number, parcels.
select o.code, o.kind || ' ' || o.name, t.to_commune, coalesce(n.kind || ' ' || n.name, u.kind || ' ' || u.name), n.code is not null,
       count(distinct g.sheet), count(distinct g.sheet) filter (where s.number <> t.number), sum(g.parcels)::bigint
from (select sheet, dest, count(*) as parcels from moving group by 1, 2) g
join sheet s on s.id = g.sheet
join unit o on o.id = s.commune
join dest t on t.dest = g.dest
left join new_unit n on n.code = t.to_commune
left join unit u on u.id = t.unit
group by 1, 2, 3, 4, 5, o.id order by 3, 1, 2

-- name: fates
-- What becomes of the communes that end.
select u.code, u.kind || ' ' || u.name, h.relation, h.to_commune
from heir h join unit u on u.id = h.unit order by u.code, h.main desc, h.to_commune

-- name: refusals
-- What keeps the hand-in from being done before sheets are looked at: rule and what it is about.
select 'unit', code from new_unit where code !~ '^[0-9]{5}$' or name = '' or kind = '' or postcode !~ '^[0-9]{5}$'
union all select 'unit_twice', code from new_unit group by code having count(*) > 1
union all select 'unit_province', code || ' (' || province || ')' from new_unit where parent is null
union all select 'unit_unused', code || ' ' || name from new_unit n where not exists (select from sheet_move where to_commune = n.code)
union all select 'unknown_commune', commune from sheet_move m where not exists (select from origin where code = m.commune) group by m.commune
union all select 'unknown_target', to_commune from sheet_move where not fresh and target is null group by to_commune
union all select 'too_early', u.code || ' ' || u.name || ' (' || to_char(u.valid_from, 'DD/MM/YYYY') || ')'
from ending e join unit u on u.id = e.unit where u.valid_from >= %(effective_on)s
union all
(select 'unknown_sheet', concat_ws(' ', m.commune, 'tờ', m.sheet, '1:' || m.scale, m.map_set)
 from sheet_move m
 where m.sheet is not null and exists (select from origin where code = m.commune) and not exists (select from moved where move = m.n)
 order by m.n)
union all
(select 'ambiguous_sheet', concat_ws(' ', m.commune, 'tờ', m.sheet) || ': '
        || string_agg(concat_ws(' ', coalesce('1:' || s.scale, '1:?'), nullif(s.map_set, '')), ', ' order by s.scale, s.map_set)
 from moved d join sheet_move m on m.n = d.move join sheet s on s.id = d.sheet
 where m.sheet is not null group by m.n having count(*) > 1 order by m.n)
union all
(select 'sheet_twice', concat_ws(' ', u.code, 'tờ', s.number, '1:' || s.scale, nullif(s.map_set, ''))
 from moved d join sheet_move m on m.n = d.move join sheet s on s.id = d.sheet join unit u on u.id = s.commune
 group by s.id, u.id having count(*) > count(distinct m.to_commune) order by u.code, s.id)
union all
(select 'no_outline', concat_ws(' ', u.code, 'tờ', s.number, '1:' || s.scale, nullif(s.map_set, '')) || ' → '
        || string_agg(m.to_commune, ', ' order by m.to_commune)
 from moved d join sheet_move m on m.n = d.move join sheet s on s.id = d.sheet join unit u on u.id = s.commune
 left join new_unit n on n.code = m.to_commune left join unit t on t.id = m.target
 where coalesce(n.outline, t.outline) is null and d.pieces > 1 group by s.id, u.id order by u.code, s.id)

-- name: sheets_left
-- Sheets that would be left in a commune that gives all away.
select 'sheet_left', concat_ws(' ', u.code, 'tờ', s.number, '1:' || s.scale, nullif(s.map_set, ''))
from sheet s join unit u on u.id = s.commune
where not exists (select from moved where sheet = s.id)
  and (s.commune in (select unit from origin where not stays)
           and exists (select from parcel_version v where v.sheet = s.id and v.closed_by is null)
       or s.commune in (select unit from units_today(array(select distinct commune from sheet)) where today in (select unit from ending))
           and exists (select from parcel_version v join ending e on e.unit = v.commune where v.sheet = s.id and v.closed_by is null))
order by u.code, s.id

-- name: unplaced
-- Parcels of a divided sheet that lie in none of the outlines.
select 'unplaced', v.code
from moved d join parcel_version v on v.sheet = d.sheet and v.closed_by is null
where d.pieces > 1 and not exists (select from moving where version = v.id) group by v.code order by v.code

-- name: zones
-- Sheets of two zones, or a map sheet and an extract, that would be one.
select 'zone', concat_ws(' ', t.to_commune, 'tờ', t.number, '1:' || t.scale, nullif(t.map_set, ''))
from dest t left join sheet s on s.id = t.sheet
where t.zones > 1 or (s.epsg, s.kind) is distinct from (t.epsg, t.kind) and s.id is not null order by t.to_commune, t.dest

-- name: clashes
-- Parcel numbers that would come onto one sheet from two; what a sheet repeats already is for its list of defects.
with lands as (
    select g.dest, g.sheet, v.number from moving g join parcel_version v on v.id = g.version
    union all
    select t.dest, t.sheet, v.number
    from dest t join parcel_version v on v.sheet = t.sheet and v.closed_by is null
    where t.sheet is not null and not exists (select from moving g where g.version = v.id)
)
select 'number', concat_ws(' ', t.to_commune, 'tờ', t.number, '1:' || t.scale, nullif(t.map_set, '')) || ', thửa ' || c.number || ': '
       || (select string_agg(concat_ws(' ', u.code, 'tờ', s.number, '1:' || s.scale, nullif(s.map_set, '')), ', ' order by u.code, s.id)
           from sheet s join unit u on u.id = s.commune where s.id = any(c.sheets))
from (select dest, number, array_agg(distinct sheet) as sheets from lands group by 1, 2 having min(sheet) <> max(sheet)) c
join dest t using (dest)
order by t.to_commune, t.dest, length(c.number), c.number

-- name: changes
-- How many parcels change their sheet or commune, and how many communes end.
select (select count(*) from moving g join dest t using (dest)
        where t.sheet is distinct from g.sheet or t.unit is null
           or exists (select from parcel_version v where v.id = g.version and v.commune <> t.unit)),
       (select count(*) from ending)

-- name: as_today
-- Codes of communes that are today what a hand-in calls them.
select u.code from unnest(%(codes)s::text[], %(kinds)s::text[], %(names)s::text[]) as told (code, kind, name)
join unit u on u.code = told.code and u.level = 'commune' and u.valid_to is null
where lower(u.name) = lower(told.name) and (told.kind = '' or lower(u.kind) = lower(told.kind))

-- name: provinces
-- The province of communes by code: of today, else the one the former commune's province went to.
select distinct on (u.code) u.code, p.code
from unit u join unit p on p.id = (select t.today from units_today(array[u.parent]) t where t.main limit 1)
where u.level = 'commune' and u.undone_by is null and u.code = any(%(codes)s::text[])
order by u.code, u.valid_to is not null, u.valid_to desc
