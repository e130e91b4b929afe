-- name: open
-- The rows of a file (importers.address_files.rows), the parcels each way leads to, and what comes of it.
drop table if exists pg_temp.address_in, pg_temp.address_named, pg_temp.address_way, pg_temp.address_sum, pg_temp.address_near, pg_temp.address_found,
    pg_temp.address_want, pg_temp.address_link;
create temporary table address_in (
    n bigint primary key, record text not null, code text collate "C", commune text, sheet text, number text, text text, house text,
    street text, hamlet text, ward text, district text, province text, postcode text, scheme text, digital text collate "C",
    known text collate "C", source text, status text, scale integer, main boolean, lon_deg double precision, lat_deg double precision,
    folded text, beginning text, at geometry
) on commit drop;
create temporary table address_named (n bigint not null, kind text not null, code text collate "C" not null) on commit drop;
create temporary table address_way (n bigint not null, kind text not null, way text not null, code text collate "C" not null) on commit drop;
create temporary table address_sum (
    n bigint primary key, kinds integer not null, coded boolean not null, numbered boolean not null, placed boolean not null,
    texted boolean not null, known boolean not null, codes text[] collate "C" not null, says jsonb not null
) on commit drop;
create temporary table address_near (
    n bigint primary key, named boolean not null, code text collate "C" not null, distance_m double precision not null
) on commit drop;
create temporary table address_found (
    n bigint primary key, outcome text not null, rule text not null, says jsonb not null, parcels text[] collate "C" not null,
    nearest text collate "C", distance_m double precision
) on commit drop;
create temporary table address_want (
    n bigint not null, parcel text collate "C" not null, scheme text not null, code text collate "C" not null, text text, folded text,
    lon_deg double precision, lat_deg double precision, source text, status text, postcode text, asked boolean, turn bigint not null,
    same boolean not null, claim integer not null, closes bigint[] not null
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
with lost as materialized (
    select r.n, r.folded, r.commune from address_in r
    where r.folded is not null and r.code is null and r.number is null and not exists (select from address_way w where w.n = r.n)
), scope as materialized (
    select l.commune, t.today from (select distinct commune from lost where commune is not null) l
    join unit u on u.code = l.commune and u.level = 'commune' and u.undone_by is null
    cross join lateral units_today(array[u.id]) t
)
insert into address_way (n, kind, way, code)
select distinct r.n, 'text', 'text', l.code
from lost r
join address a on left(a.folded, 200) = left(r.folded, 200) and a.folded = r.folded
join parcel_address l on l.address = a.id and l.closed_by is null
join parcel_version v on v.code = l.code and v.closed_by is null
where r.commune is null or exists (select from scope where scope.commune = r.commune and scope.today = v.commune)

-- name: by_house
-- The same by house number and street, where what follows them (hamlet, ward) is written otherwise; within the commune.
with lost as materialized (
    select r.commune, r.beginning, array_agg(r.n) as rows from address_in r
    where r.beginning is not null and r.commune is not null and r.code is null and r.number is null
      and not exists (select from address_way w where w.n = r.n)
    group by r.commune, r.beginning
), scope as materialized (
    select l.commune, t.today from (select distinct commune from lost) l
    join unit u on u.code = l.commune and u.level = 'commune' and u.undone_by is null
    cross join lateral units_today(array[u.id]) t
)
insert into address_way (n, kind, way, code)
select distinct n, 'text', 'house', l.code
from lost r
join scope using (commune)
join address a on left(a.folded, 200) ~>=~ left(r.beginning, 199) and left(a.folded, 200) ~<~ (left(r.beginning, 199) || '!')
              and (a.folded = r.beginning or starts_with(a.folded, r.beginning || ' '))
join parcel_address l on l.address = a.id and l.closed_by is null
join parcel_version v on v.code = l.code and v.closed_by is null and v.commune = scope.today
cross join unnest(r.rows) n

-- name: analyze_ways
-- Facts for the planner.
analyze address_way

-- name: sum_up
-- The ways of each row together: parcels to which all of them lead, and to which each does.
insert into address_sum (n, kinds, coded, numbered, placed, texted, known, codes, says)
select n, max(total), bool_or(kinds && '{code}'), bool_or(kinds && '{number}'), bool_or(kinds && '{place}'), bool_and(kinds = '{text}'),
       bool_and(kinds = '{digital}'), coalesce(array_agg(code order by code) filter (where cardinality(kinds) = total), '{}'), '{}'
from (select n, code, array_agg(distinct kind) as kinds from address_way group by n, code) c
join (select n, count(distinct kind) as total from address_way group by n) t using (n)
group by n

-- name: tell
-- Which way leads where, for the report.
update address_sum s set says = w.says
from (select n, jsonb_object_agg(way, codes) as says
      from (select n, way, jsonb_agg(distinct code) as codes from address_way group by n, way) w group by n) w
where w.n = s.n

-- name: analyze_sum
-- Facts for the planner.
analyze address_sum

-- name: measure
-- Points in no parcel: how far from the one parcel the row names, else the nearest there is.
insert into address_near (n, named, code, distance_m)
select r.n, true, v.code, st_distance(st_transform(v.web, 4326)::geography, st_transform(r.at, 4326)::geography)
from address_in r join address_sum s using (n)
join parcel_version v on v.code = s.codes[1] and v.closed_by is null
where r.at is not null and not s.placed and cardinality(s.codes) = 1
union all
select r.n, false, c.code, c.distance_m
from (select r.n, r.at, r.lat_deg from address_in r left join address_sum s using (n)
      where r.at is not null and not coalesce(s.placed, false) and cardinality(coalesce(s.codes, '{}')) <> 1) r
cross join lateral (
    select v.code, st_distance(st_transform(v.web, 4326)::geography, st_transform(r.at, 4326)::geography) as distance_m
    from parcel_version v where v.closed_by is null and v.web && st_expand(r.at, %(near_m)s / cos(radians(r.lat_deg)))
    order by st_distance(v.web, r.at), v.code limit 1) c

-- name: analyze_near
-- Facts for the planner.
analyze address_near

-- name: judge
-- What each row comes to. A parcel is found where all ways that lead anywhere lead to it; what a row names must be there.
insert into address_found (n, outcome, rule, says, parcels, nearest, distance_m)
select n, split_part(verdict, ' ', 1), split_part(verdict, ' ', 2), says,
       case when verdict = 'linked kept' then array[named] when verdict like 'linked%%' then codes else '{}' end, case when distance_m <= %(near_m)s then nearest end,
       round(distance_m::numeric, 3)
from (
    select r.n, r.code as named, coalesce(s.says, '{}') as says, coalesce(s.codes, '{}') as codes, near.code as nearest, near.distance_m,
           case
           when r.code is not null and not coalesce(s.coded, false)
               then case when exists (select from parcel p where p.code = r.code) then 'refused ended' else 'refused unknown_code' end
           when r.sheet is not null and r.number is not null and r.commune is not null and not coalesce(s.numbered, false)
               then case when named.n is not null then 'refused ended' else 'refused unknown_number' end
           when r.sheet is not null and r.number is not null and r.commune is null and s.n is null and r.at is null then 'refused no_commune'
           when s.n is null and r.at is not null and near.distance_m <= %(near_m)s then 'outside nearest'
           when s.n is null and r.at is not null then 'outside far'
           when s.n is null and r.known is not null then 'refused unknown_digital'
           when s.n is null then 'refused unknown_text'
           when (s.codes = '{}' or near.named and near.distance_m > %(near_m)s) and s.coded and exists (
               select from parcel_address l join address a on a.id = l.address
               where l.code = r.code and l.closed_by is null and a.text is not distinct from r.text
                 and (r.digital is null or a.scheme = r.scheme and a.code = r.digital)) then 'linked kept'
           when s.codes = '{}' then 'conflicting disagree'
           when s.known and r.digital is not null and r.known is null then 'linked digital'
           when cardinality(s.codes) > 1 then 'ambiguous several'
           when s.texted and r.commune is null and not coalesce(near.named and near.distance_m <= %(near_m)s, false) then 'ambiguous text_alone'
           when near.named and near.distance_m > %(near_m)s then 'outside far_from_named'
           when near.named then 'linked beside'
           else 'linked found' end as verdict
    from address_in r left join address_sum s using (n) left join address_near near using (n)
    left join (select distinct n from address_named where kind = 'number') named using (n)) row

-- name: want
-- Which address the parcels of a row get, whether they have it, which of their links end for it, and whether it may be main:
-- 2 by what is asked, 1 where there is none that says anything.
insert into address_want (n, parcel, scheme, code, text, folded, lon_deg, lat_deg, source, status, postcode, asked, turn, same, claim, closes)
select w.n, w.parcel, w.scheme, w.code, w.text, w.folded, w.lon_deg, w.lat_deg, w.source, w.status, w.postcode, w.asked, w.turn, h.same,
       case when w.asked or h.main then 2 when not h.any_main then 1
            when w.asked is null and w.text is not null and not h.spoken then 1 else 0 end,
       h.closes
from (
    select *, row_number() over (partition by parcel, scheme, code, coalesce(text, '') order by n) as turn
    from (
        select f.n, p.code as parcel, r.main as asked, r.lon_deg, r.lat_deg, r.source, r.status, r.postcode,
               case when r.digital is not null then r.scheme when r.text is not null then 'text' else k.scheme end as scheme,
               case when r.digital is not null then r.digital when r.text is not null then '' else k.code end as code,
               case when r.digital is not null or r.text is not null then r.text else k.text end as text,
               case when r.digital is not null or r.text is not null then r.folded else k.folded end as folded
        from address_found f join address_in r using (n) cross join unnest(f.parcels) p(code)
        left join lateral (select a.* from address a where a.code = r.known and r.digital is null and r.text is null
                           order by a.id limit 1) k on true
        where f.outcome = 'linked') t) w
cross join lateral (
    select coalesce(bool_or(e.same and (l.main or w.asked is not true)), false) as same,
           coalesce(array_agg(l.id order by l.id) filter (where e.same or e.other), '{}') as closes,
           coalesce(bool_or(l.main and (e.same or e.other)), false) as main,
           coalesce(bool_or(l.main and a.text is not null), false) as spoken, coalesce(bool_or(l.main), false) as any_main
    from parcel_address l join address a on a.id = l.address
    cross join lateral (
        select case when w.scheme = 'text' then coalesce(a.text = w.text, false)
                    else a.scheme = w.scheme and a.code = w.code and (w.text is null or coalesce(a.text = w.text, false)) end as same,
               w.scheme <> 'text' and a.scheme = w.scheme and a.code = w.code and w.text is not null
               and a.text is distinct from w.text as other) e
    where l.code = w.parcel and l.closed_by is null) h

-- name: link
-- The links that are made. A parcel's first row that asks to be main is; else the first with a text, where the main one has none.
insert into address_link (n, parcel, scheme, code, text, folded, lon_deg, lat_deg, source, status, postcode, main, closes)
select n, parcel, scheme, code, text, folded, lon_deg, lat_deg, source, status, postcode,
       row_number() over (partition by parcel order by claim desc, n) = 1 and claim > 0, closes
from address_want where turn = 1 and not same

-- name: rest
-- Rows whose parcels have their address already, or by an earlier row of the file.
update address_found f set outcome = 'unchanged', rule = case when w.repeated then 'repeated' else 'same' end
from (select n, bool_or(turn > 1 and not same) as repeated from address_want group by n having bool_and(turn > 1 or same)) w
where w.n = f.n

-- name: analyze_links
-- Facts for the planner.
analyze address_link

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

-- name: keep_file
-- A file as it was read.
insert into address_file (key, name, content_hash, author, near_m, findings)
values (%(key)s, %(name)s, %(hash)s, %(author)s, %(near_m)s, %(findings)s) returning id

-- name: keep_rows
-- Its rows.
insert into address_file_row (file, n, record, code, commune, sheet, number, text, house, street, hamlet, ward, district, province,
                              postcode, scheme, digital, known, source, status, scale, main, lon_deg, lat_deg, folded, beginning)
select %(file)s, n, record, code, commune, sheet, number, text, house, street, hamlet, ward, district, province,
       postcode, scheme, digital, known, source, status, scale, main, lon_deg, lat_deg, folded, beginning from address_in

-- name: file
-- A file by its key.
select id, near_m, findings from address_file where key = %(key)s

-- name: rows_of
-- The rows of a kept file, to be matched.
insert into address_in (n, record, code, commune, sheet, number, text, house, street, hamlet, ward, district, province, postcode, scheme,
                        digital, known, source, status, scale, main, lon_deg, lat_deg, folded, beginning, at)
select n, record, code, commune, sheet, number, text, house, street, hamlet, ward, district, province, postcode, scheme, digital, known,
       source, status, scale, main, lon_deg, lat_deg, folded, beginning,
       st_transform(st_setsrid(st_makepoint(lon_deg, lat_deg), 4326), 3857)
from address_file_row where file = %(file)s

-- name: shown
-- The first links, for the preview.
select parcel, scheme, code, text, main from address_link order by n, parcel limit %(limit)s

-- name: digest_here
-- SHA-256 over the links to be made: what is applied is what was seen.
select encode(sha256(convert_to(coalesce(string_agg(l::text, E'\n' order by n, parcel), ''), 'UTF8')), 'hex') from address_link l

-- name: keep_found
-- What the rows came to, of one working out of a draft.
insert into address_matched (proposal, revision, n, record, outcome, rule, says, parcels, nearest, distance_m)
select %(proposal)s, %(revision)s, f.n, r.record, f.outcome, f.rule, f.says, f.parcels, f.nearest, f.distance_m
from address_found f join address_in r using (n)

-- name: keep_links
-- The links it will make.
insert into address_matched_link (proposal, revision, n, parcel, scheme, code, text, folded, lon_deg, lat_deg, source, status, postcode, main, closes)
select %(proposal)s, %(revision)s, n, parcel, scheme, code, text, folded, lon_deg, lat_deg, source, status, postcode, main, closes
from address_link

-- name: links_of
-- The links a draft will make, as kept.
insert into address_link (n, parcel, scheme, code, text, folded, lon_deg, lat_deg, source, status, postcode, main, closes)
select n, parcel, scheme, code, text, folded, lon_deg, lat_deg, source, status, postcode, main, closes
from address_matched_link where proposal = %(proposal)s and revision = %(revision)s

-- name: reported
-- The draft of a file by its key.
select p.id, p.revision, f.id, f.findings from proposal p join address_file f on f.key = p.intent ->> 'file'
where p.key = %(key)s and p.kind = 'address'

-- name: report_of
-- Each row of a draft's file with what it came to.
select m.n, m.record, m.outcome, m.rule, m.says, m.parcels, m.nearest, m.distance_m, r.scheme, r.digital, r.text
from address_matched m join address_file_row r on r.file = %(file)s and r.n = m.n
where m.proposal = %(proposal)s and m.revision = %(revision)s order by m.n
