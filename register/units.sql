-- name: drop_rows
-- What an earlier run in the same transaction left.
drop table if exists pg_temp.unit_row, pg_temp.successor_row

-- name: unit_row
-- data/units.tsv as it is read.
create temporary table unit_row (
    code text, kind text, name text, district text, parent text, valid_from date, valid_to date, epsg integer
) on commit drop

-- name: unit_row_copy
-- An empty field is null; the columns must be the table's.
copy unit_row from stdin with (format csv, delimiter E'\t', header match)

-- name: put_units
-- Units new to the register, and those the file tells otherwise. What corrections made or ended is theirs (0009).
insert into unit (code, level, kind, name, district, valid_from, valid_to, epsg)
select code, case length(code) when 2 then 'province' else 'commune' end, kind, name, district, valid_from, valid_to, epsg
from unit_row
on conflict (code, level, (coalesce(valid_from, '-infinity'::date))) where undone_by is null do update
set kind = excluded.kind, name = excluded.name, district = excluded.district, epsg = excluded.epsg,
    valid_to = case when unit.closed_by is null then excluded.valid_to else unit.valid_to end
where unit.opened_by is null
  and (unit.kind, unit.name, unit.district, unit.epsg, case when unit.closed_by is null then unit.valid_to end)
    is distinct from (excluded.kind, excluded.name, excluded.district, excluded.epsg, case when unit.closed_by is null then excluded.valid_to end)

-- name: analyze_units
-- Facts for the planner: without them the joins below take minutes.
analyze unit, unit_row

-- name: put_parents
-- Each commune its province of the same period.
update unit u set parent = p.id
from unit_row r join unit p on p.code = r.parent and p.level = 'province' and p.valid_from is not distinct from r.valid_from
where u.code = r.code and u.level = 'commune' and u.valid_from is not distinct from r.valid_from
  and u.opened_by is null and u.parent is distinct from p.id

-- name: successor_row
-- data/unit_successors.tsv as it is read.
create temporary table successor_row (code text, successor text, relation text, main boolean) on commit drop

-- name: successor_row_copy
-- The columns must be the table's.
copy successor_row from stdin with (format csv, delimiter E'\t', header match)

-- name: analyze_successors
-- Facts for the planner.
analyze successor_row

-- name: move_mains
-- A default that moves to another successor must let go first: one per unit at any time.
update unit_successor k set main = false
from successor_row r
join unit u on u.code = r.code and u.valid_to is not null
join unit s on s.code = r.successor and s.level = u.level
where k.unit = u.id and k.successor = s.id and k.main and not r.main and k.opened_by is null

-- name: put_successors
-- A unit's successor is the one of that code on the day after the unit ended.
insert into unit_successor (unit, successor, relation, main)
select u.id, s.id, r.relation, r.main
from successor_row r
join unit u on u.code = r.code and u.valid_to is not null and u.opened_by is null and u.closed_by is null
join unit s on s.code = r.successor and s.level = u.level and s.opened_by is null
           and coalesce(s.valid_from, '-infinity') <= u.valid_to + 1 and coalesce(s.valid_to, 'infinity') > u.valid_to
on conflict (unit, successor) where undone_by is null do update set relation = excluded.relation, main = excluded.main
where (unit_successor.relation, unit_successor.main) is distinct from (excluded.relation, excluded.main)

-- name: zones
-- VN-2000 zone of each commune code, old or new; a code whose units differ is left out: the sheet must say.
select code, min(epsg) from unit where level = 'commune' and undone_by is null
group by code having count(distinct epsg) = 1 and count(epsg) = count(*)

-- name: find_communes
-- Communes by code as of today (or, where the code is closed or `before` is asked for, the last that had it), with the
-- default commune of today for their ground and in how many communes of today it lies.
select distinct on (u.code) u.code, u.id, u.kind, u.name, u.district, u.valid_to, u.epsg, t.today, t.count
from unit u
left join lateral (select min(today) filter (where main) as today, count(*) from units_today(array[u.id])) t on true
where u.level = 'commune' and u.undone_by is null and u.code = any(%(codes)s::text[])
order by u.code, (u.valid_to is null) = %(before)s, u.valid_to desc

-- name: sheet_commune
-- The commune each sheet of a hand-in was surveyed for. In: temporary table `place` with commune_code; out: its column
-- surveyed_for (null: unknown code). A code in use today means today's commune, a closed one the last that had it. But
-- a hand-in that names closed codes speaks of the last day on which one of them was in use, and then all its codes do.
-- %(before)s: true (the day before 1 July 2025), false (today), or null to let the hand-in tell.
with code as (
    select distinct commune_code as code from place
), closed as (
    select max(u.valid_to) as last from code join unit u using (code) where u.level = 'commune' and u.undone_by is null
    group by code having bool_and(u.valid_to is not null)
), speaks as (
    select case %(before)s::boolean when true then date '2025-06-30' when false then null else (select max(last) from closed) end as day
), meant as (
    select distinct on (u.code) u.code, u.id
    from code join unit u using (code), speaks where u.level = 'commune' and u.undone_by is null
    order by u.code,
             case when speaks.day is null then u.valid_to is null
                  else coalesce(u.valid_from, '-infinity') <= speaks.day and coalesce(u.valid_to, 'infinity') >= speaks.day end desc,
             u.valid_to desc nulls last
)
update place set surveyed_for = meant.id from meant where meant.code = place.commune_code

-- name: todays_commune
-- Today's commune of the parcels of each sheet. In: `place` with surveyed_for; out: its columns commune (the default
-- where the old commune was divided) and divided (the parcel's place has to tell, see todays_commune_by_place).
update place set commune = t.today, divided = t.count > 1
from (select unit, min(today) filter (where main) as today, count(*) as count
      from units_today(array(select surveyed_for from place)) group by unit) t
where t.unit = place.surveyed_for

-- name: todays_commune_by_place
-- Parcels of a divided commune answer to the successor whose outline holds their point; a point between the outlines
-- (they may be simplified) to the nearest within about 500 m where every successor has an outline. In: `place`, and
-- `change` with n, place and anchor (EPSG:3857); out: change.commune, untouched where no outline tells.
update change set commune = found.today
from (
    select distinct on (n) n, today
    from (
        select c.n, t.today, t.main, st_distance(u.outline, st_transform(c.anchor, 4326)) as off_deg,
               count(u.outline) over (partition by c.n) = count(*) over (partition by c.n) as complete
        from change c
        join place p on p.place = c.place and p.divided
        join units_today(array(select surveyed_for from place where divided)) t on t.unit = p.surveyed_for
        join unit u on u.id = t.today
        where c.anchor is not null
    ) candidate
    where off_deg = 0 or (complete and off_deg < 0.005)
    order by n, off_deg, main desc, today
) found
where found.n = change.n

-- name: left_to_default
-- Parcels of divided communes that no outline placed, by old commune and the default they were given: for the receipt.
select u.code, u.name, d.code, d.name, count(*)
from change c
join place p on p.place = c.place and p.divided
join unit u on u.id = p.surveyed_for
join unit d on d.id = p.commune
where c.commune is null
group by u.code, u.name, d.code, d.name order by u.code
