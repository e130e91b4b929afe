-- name: open
-- The rows of a file (importers.address_files.rows), the parcels each way leads to, and what comes of it.
drop table if exists pg_temp.address_in, pg_temp.address_named, pg_temp.address_way, pg_temp.address_found, pg_temp.address_link;
create temporary table address_in (
    n bigint primary key, record text not null, code text collate "C", commune text, sheet text, number text, text text, house text,
    street text, hamlet text, ward text, district text, province text, postcode text, scheme text, digital text collate "C",
    known text collate "C", source text, status text, scale integer, main boolean, lon_deg double precision, lat_deg double precision,
    folded text, beginning text, at geometry
) on commit drop;
create temporary table address_named (n bigint not null, kind text not null, code text collate "C" not null) on commit drop;
create temporary table address_way (n bigint not null, kind text not null, way text not null, code text collate "C" not null) on commit drop;
create temporary table address_found (
    n bigint primary key, outcome text not null, rule text not null, says jsonb not null, parcels text[] collate "C" not null,
    nearest text collate "C", distance_m double precision
) on commit drop;
create temporary table address_link (
    n bigint not null, parcel text collate "C" not null, scheme text not null, code text collate "C" not null, text text, folded text,
    lon_deg double precision, lat_deg double precision, source text, status text, postcode text,
    main boolean not null, closes bigint[] not null
) on commit drop

-- name: copy
-- The rows, binary.
copy address_in (n, record, code, commune, sheet, number, text, house, street, hamlet, ward, district, province, postcode, scheme,
                 digital, known, source, status, scale, main, lon_deg, lat_deg, folded, beginning, at) from stdin (format binary)

-- name: settle
-- Bulk work sorts and joins in memory.
select set_config('work_mem', '128MB', true), set_config('jit', 'off', true)

-- name: analyze_rows
-- Facts for the planner.
analyze address_in

-- name: by_code
-- Parcels named by their code, in force or not.
insert into address_named (n, kind, code)
select r.n, 'code', p.code from address_in r join parcel p on p.code = r.code

-- name: by_number
-- Parcels under a commune's sheet and number: today's commune or a former one; where none stands there, those that once did.
-- What was undone was never there.
with key as materialized (
    select distinct commune, sheet, number, scale from address_in where commune is not null and sheet is not null and number is not null
), named as materialized (
    select k.commune, u.id from (select distinct commune from key) k
    join unit u on u.code = k.commune and u.level = 'commune' and u.undone_by is null
), before as materialized (
    select t.unit, t.today from units_today(array(select distinct commune from sheet)) t where t.unit <> t.today
), place as materialized (
    select k.commune, k.sheet, k.number, k.scale, s.id, null::integer as today from key k join named n using (commune)
    join sheet s on s.commune = n.id and s.number = k.sheet and (k.scale is null or s.scale = k.scale)
    union
    select k.commune, k.sheet, k.number, k.scale, s.id, n.id from key k join named n using (commune) join before b on b.today = n.id
    join sheet s on s.commune = b.unit and s.number = k.sheet and (k.scale is null or s.scale = k.scale)
), now as materialized (
    select p.commune, p.sheet, p.number, p.scale, v.code from place p
    join parcel_version v on v.sheet = p.id and v.number = p.number and v.closed_by is null and (p.today is null or v.commune = p.today)
), once as (
    select distinct p.commune, p.sheet, p.number, p.scale, v.code from place p
    join parcel_version v on v.sheet = p.id and v.number = p.number and v.closed_by is not null and p.today is null
    where not exists (select from now where (now.commune, now.sheet, now.number) = (p.commune, p.sheet, p.number)
                      and now.scale is not distinct from p.scale)
      and not exists (select from correction undo where undo.id = v.closed_by and undo.reverts = v.opened_by)
)
insert into address_named (n, kind, code)
select r.n, 'number', f.code from address_in r
join (select * from now union select * from once) f
  on (f.commune, f.sheet, f.number) = (r.commune, r.sheet, r.number) and f.scale is not distinct from r.scale

-- name: followed
-- The parcels in force that the named ones are, or have become: followed through all that ended them, on their ground.
with recursive way (start, code) as (
    select distinct code, code from address_named
    union
    select way.start, n.code from way
    cross join lateral (select v.shape, v.web, v.closed_by from parcel_version v where v.code = way.code and v.closed_by is not null
                        order by v.id desc limit 1) e
    join parcel_version n on n.opened_by = e.closed_by and n.web && e.web and n.code <> way.code and st_srid(n.shape) = st_srid(e.shape)
    where not exists (select from parcel_version v where v.code = way.code and v.closed_by is null)
      and st_area(st_intersection(n.shape, e.shape)) > 0.1
)
insert into address_way (n, kind, way, code)
select distinct a.n, a.kind, case when way.code = a.code then a.kind else a.kind || '_successor' end, way.code
from address_named a join way on way.start = a.code
join parcel_version v on v.code = way.code and v.closed_by is null

-- name: by_digital
-- Parcels that bear a digital address of the row: the one it is known by, or the one it brings, if it is there already.
insert into address_way (n, kind, way, code)
select distinct r.n, 'digital', 'digital', l.code from address_in r
join address a on a.code = r.known join parcel_address l on l.address = a.id and l.closed_by is null where r.known is not null
union
select distinct r.n, 'digital', 'digital', l.code from address_in r
join address a on a.code = r.digital and a.scheme = r.scheme join parcel_address l on l.address = a.id and l.closed_by is null
where r.digital is not null

-- name: by_place
-- Parcels in which the point lies, or on whose border.
insert into address_way (n, kind, way, code)
select r.n, 'place', 'place', v.code from address_in r
join parcel_version v on v.closed_by is null and st_dwithin(v.web, r.at, %(border_m)s) where r.at is not null

-- name: by_text
-- For rows that nothing else leads to a parcel: those whose address says the same, in the commune where one is said.
insert into address_way (n, kind, way, code)
select distinct r.n, 'text', 'text', l.code
from address_in r
join address a on a.folded = r.folded
join parcel_address l on l.address = a.id and l.closed_by is null
join parcel_version v on v.code = l.code and v.closed_by is null
where r.folded is not null and r.code is null and r.number is null
  and not exists (select from address_way w where w.n = r.n)
  and (r.commune is null or exists (
      select from unit u, units_today(array[u.id]) t where u.code = r.commune and u.level = 'commune' and u.undone_by is null
      and t.today = v.commune))

-- name: by_house
-- The same by house number and street, where what follows them (hamlet, ward) is written otherwise; within the commune.
insert into address_way (n, kind, way, code)
select distinct r.n, 'text', 'house', l.code
from address_in r
join unit u on u.code = r.commune and u.level = 'commune' and u.undone_by is null
cross join lateral units_today(array[u.id]) t
join address a on a.folded = r.beginning or a.folded like replace(replace(replace(r.beginning, '\', '\\'), '%', '\%'), '_', '\_') || ' %'
join parcel_address l on l.address = a.id and l.closed_by is null
join parcel_version v on v.code = l.code and v.closed_by is null and v.commune = t.today
where r.beginning is not null and r.code is null and r.number is null
  and not exists (select from address_way w where w.n = r.n)

-- name: analyze_ways
-- Facts for the planner.
analyze address_way

-- name: judge
-- What each row comes to. A parcel is found where all ways that lead anywhere lead to it; what a row names must be there.
with per as (
    select n, code, count(distinct kind) as kinds from address_way group by n, code
), total as materialized (
    select n, count(distinct kind) as kinds, bool_or(kind = 'code') as coded, bool_or(kind = 'number') as numbered,
           bool_or(kind = 'place') as placed, bool_and(kind = 'text') as texted, bool_and(kind = 'digital') as known
    from address_way group by n
), common as materialized (
    select per.n, array_agg(per.code order by per.code) as codes from per join total using (n) where per.kinds = total.kinds group by per.n
), says as materialized (
    select n, jsonb_object_agg(way, codes) as says from (
        select n, way, jsonb_agg(distinct code) as codes from address_way group by n, way) w group by n
), near as materialized (
    select r.n, c.code, c.distance_m from address_in r left join total t using (n)
    cross join lateral (
        select v.code, st_distance(st_transform(v.web, 4326)::geography, st_transform(r.at, 4326)::geography) as distance_m
        from parcel_version v
        where v.closed_by is null and v.web && st_expand(r.at, %(near_m)s / cos(radians(r.lat_deg)))
        order by st_distance(v.web, r.at), v.code limit 1) c
    where r.at is not null and not coalesce(t.placed, false)
), away as materialized (
    select r.n, st_distance(st_transform(v.web, 4326)::geography, st_transform(r.at, 4326)::geography) as distance_m
    from address_in r join common c using (n) join total t using (n)
    join parcel_version v on v.code = c.codes[1] and v.closed_by is null
    where r.at is not null and not t.placed and cardinality(c.codes) = 1
), row as (
    select r.n, r.at is not null as pointed,
           case
           when r.code is not null and not exists (select from address_named a where a.n = r.n and a.kind = 'code') then 'refused unknown_code'
           when r.code is not null and not coalesce(t.coded, false) then 'refused ended'
           when r.sheet is not null and r.number is not null and r.commune is not null and not coalesce(t.numbered, false)
               then case when exists (select from address_named a where a.n = r.n and a.kind = 'number') then 'refused ended'
                         else 'refused unknown_number' end
           when r.sheet is not null and r.number is not null and r.commune is null and t.n is null and r.at is null then 'refused no_commune'
           when t.n is null and r.at is not null and near.distance_m <= %(near_m)s then 'outside nearest'
           when t.n is null and r.at is not null then 'outside far'
           when t.n is null and r.known is not null then 'refused unknown_digital'
           when t.n is null then 'refused unknown_text'
           when c.n is null then 'conflicting disagree'
           when t.known and r.digital is not null and r.known is null then 'linked digital'
           when cardinality(c.codes) > 1 then 'ambiguous several'
           when t.texted and r.commune is null and not coalesce(away.distance_m <= %(near_m)s, false) then 'ambiguous text_alone'
           when away.distance_m > %(near_m)s then 'outside far_from_named'
           when away.distance_m is not null then 'linked beside'
           else 'linked found' end as verdict,
           coalesce(s.says, '{}') as says, coalesce(c.codes, '{}') as codes,
           case when near.distance_m <= %(near_m)s then near.code end as nearest, coalesce(away.distance_m, near.distance_m) as distance_m
    from address_in r
    left join total t using (n) left join common c using (n) left join says s using (n) left join near using (n) left join away using (n)
)
insert into address_found (n, outcome, rule, says, parcels, nearest, distance_m)
select n, split_part(verdict, ' ', 1), split_part(verdict, ' ', 2), says,
       case when verdict like 'linked%%' then codes else '{}' end, nearest, round(distance_m::numeric, 3) from row

-- name: want
-- The links of the rows that found a parcel: which address, which links end for it, and who is main. A parcel's first row
-- that asks for it is; else the first with a text, where the main one has none.
with wanted as materialized (
    select f.n, p.code as parcel, r.main as asked, r.lon_deg, r.lat_deg, r.source, r.status, r.postcode,
           case when r.digital is not null then r.scheme when r.text is not null then 'text' else k.scheme end as scheme,
           case when r.digital is not null then r.digital when r.text is not null then '' else k.code end as code,
           case when r.digital is not null or r.text is not null then r.text else k.text end as text,
           case when r.digital is not null or r.text is not null then r.folded else k.folded end as folded
    from address_found f join address_in r using (n) cross join unnest(f.parcels) p(code)
    left join lateral (select a.* from address a where a.code = r.known and r.digital is null and r.text is null order by a.id limit 1) k on true
    where f.outcome = 'linked'
), turn as (
    select *, row_number() over (partition by parcel, scheme, code, coalesce(text, '') order by n) as turn from wanted
), has as (
    select w.n, w.parcel,
           bool_or(same and (l.main or w.asked is not true)) as same,
           coalesce(array_agg(l.id order by l.id) filter (where same or other), '{}') as closes,
           coalesce(bool_or(l.main and (same or other)), false) as main,
           coalesce(bool_or(l.main and a.text is not null), false) as spoken, coalesce(bool_or(l.main), false) as any_main
    from turn w
    left join parcel_address l on l.code = w.parcel and l.closed_by is null
    left join address a on a.id = l.address
    left join lateral (
        select case when w.scheme = 'text' then a.text = w.text
                    else a.scheme = w.scheme and a.code = w.code and (w.text is null or a.text = w.text) end as same,
               w.scheme <> 'text' and a.scheme = w.scheme and a.code = w.code and w.text is not null
               and a.text is distinct from w.text as other) e on true
    group by w.n, w.parcel
), made as (
    select w.*, h.closes,
           case when w.asked or h.main then 2 when not h.any_main then 1
                when w.asked is null and w.text is not null and not h.spoken then 1 else 0 end as claim,
           h.any_main
    from turn w join has h using (n, parcel) where w.turn = 1 and not coalesce(h.same, false)
)
insert into address_link (n, parcel, scheme, code, text, folded, lon_deg, lat_deg, source, status, postcode, main, closes)
select n, parcel, scheme, code, text, folded, lon_deg, lat_deg, source, status, postcode,
       row_number() over (partition by parcel order by claim desc, n) = 1 and claim > 0, closes
from made

-- name: rest
-- Rows whose parcels have their address already, or by an earlier row of the file.
update address_found f set outcome = 'unchanged',
    rule = case when exists (select from address_link l join address_in a on a.n = l.n join address_in b on b.n = f.n
                             where l.parcel = any(f.parcels) and a.text is not distinct from b.text
                               and a.digital is not distinct from b.digital) then 'repeated' else 'same' end
where f.outcome = 'linked' and not exists (select from address_link l where l.n = f.n)

-- name: analyze_found
-- Facts for the planner.
analyze address_found

-- name: counts
-- How many rows came to what, and how many links they make.
select f.outcome, f.rule, count(distinct f.n), count(l.n) from address_found f left join address_link l using (n) group by 1, 2 order by 1, 2

-- name: communes
-- Today's communes whose parcels get addresses.
select distinct v.commune from address_link l join parcel_version v on v.code = l.parcel and v.closed_by is null order by 1

-- name: report
-- Each row with what it came to.
select f.n, r.record, f.outcome, f.rule, f.says, f.parcels, f.nearest, f.distance_m, r.scheme, r.digital, r.text
from address_found f join address_in r using (n) order by f.n
