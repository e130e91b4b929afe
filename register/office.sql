-- name: counts
-- What an office did from the first of a month to the first of another (Vietnam's days), by month and by commune as it was
-- then, with totals over communes, over months, over all: grouped false says by what a row is counted. What touches two
-- communes is one in each, and one in the totals. units null: all communes. Only what lies between the first and the last
-- correction of the time is read (BRIN on opened_by).
with span as materialized (
    select min(id) as first, max(id) as last from correction
    where seq is not null and made_at >= %(first)s::timestamp at time zone 'Asia/Ho_Chi_Minh'
      and made_at < %(last)s::timestamp at time zone 'Asia/Ho_Chi_Minh'
), done as materialized (
    select c.id, case c.kind when 'import' then 'import' when 'revert' then 'revert' else 'correction' end as what,
           date_trunc('month', c.made_at at time zone 'Asia/Ho_Chi_Minh')::date as month
    from correction c
    where c.seq is not null and c.made_at >= %(first)s::timestamp at time zone 'Asia/Ho_Chi_Minh'
      and c.made_at < %(last)s::timestamp at time zone 'Asia/Ho_Chi_Minh'
), opened as materialized (
    select v.opened_by as id, v.commune, count(*) as parcels, sum(v.area_m2) as area_m2
    from parcel_version v
    where v.opened_by between (select first from span) and (select last from span)
    group by 1, 2
), closed as materialized (
    select distinct v.closed_by as id, v.commune from parcel_version v
    where v.closed_by between (select first from span) and (select last from span)
), cases as materialized (
    -- each correction somebody asked for: its term is the file's, or what the law gives (NĐ 101/2024 art. 22, rules §6.3:
    -- split and merger 15 working days, all else 10; Monday to Friday, no holidays), from the day it came
    select p.id, p.correction, p.communes, p.state,
           coalesce(d.due, came - greatest(extract(isodow from came)::int - 5, 0)
                           + case when p.kind in ('split', 'merge') then 21 else 14 end) as due,
           coalesce(d.returned, (c.made_at at time zone 'Asia/Ho_Chi_Minh')::date) as ended
    from proposal p
    left join dossier d on d.id = p.dossier
    left join correction c on c.id = p.correction
    cross join lateral (select coalesce(d.received, (p.made_at at time zone 'Asia/Ho_Chi_Minh')::date)) t (came)
    where p.state in ('submitted', 'approved', 'returned')
       or p.correction between (select first from span) and (select last from span)
), handed_in as materialized (
    select s.id, s.state, date_trunc('month', s.made_at at time zone 'Asia/Ho_Chi_Minh')::date as month,
           coalesce(s.asked ->> 'commune',
                    (select p.commune from survey_plot p
                     where p.run = (select max(r.id) from survey_run r where r.survey = s.id and r.finished_at is not null)
                       and p.commune is not null order by p.n limit 1)) as code
    from survey s
    where s.kind = 'survey' and s.made_at >= %(first)s::timestamp at time zone 'Asia/Ho_Chi_Minh'
      and s.made_at < %(last)s::timestamp at time zone 'Asia/Ho_Chi_Minh'
), fact as (
    select 'survey' as what, h.id, h.state, h.month, u.id as commune, null::bigint as parcels, null::numeric as area_m2
    from handed_in h
    left join lateral (select id from unit where code = h.code and level = 'commune' and undone_by is null
                       order by valid_to is not null, valid_to desc limit 1) u on true
    union all
    select d.what, d.id, '', d.month, t.commune, o.parcels, o.area_m2
    from done d
    left join lateral (
        select commune from opened where id = d.id
        union select commune from closed where id = d.id
        union select unnest(communes) from cases where correction = d.id) t on true
    left join opened o on o.id = d.id and o.commune = t.commune
    union all
    select case when p.ended > p.due then 'late' else 'on_time' end, p.id, '', d.month, t.commune, null, null
    from cases p join done d on d.id = p.correction left join lateral unnest(p.communes) t (commune) on true
    union all
    select 'overdue', p.id, '', date_trunc('month', p.due)::date, t.commune, null, null
    from cases p left join lateral unnest(p.communes) t (commune) on true
    where p.state in ('submitted', 'approved', 'returned') and p.due < (now() at time zone 'Asia/Ho_Chi_Minh')::date
      and p.due >= %(first)s::date and p.due < %(last)s::date
)
select grouping(f.month) = 0 as by_month, grouping(u.id) = 0 as by_commune, to_char(f.month, 'YYYY-MM') as month,
       u.code, u.kind || ' ' || u.name as name,
       count(distinct f.id) filter (where what = 'survey') as surveys,
       count(distinct f.id) filter (where what = 'survey' and f.state = 'accepted') as accepted,
       count(distinct f.id) filter (where what = 'survey' and f.state = 'returned') as returned,
       count(distinct f.id) filter (where what = 'correction') as corrections,
       coalesce(sum(parcels) filter (where what = 'correction'), 0)::bigint as parcels,
       coalesce(sum(area_m2) filter (where what = 'correction'), 0)::float8 as area_m2,
       count(distinct f.id) filter (where what = 'on_time') as on_time,
       count(distinct f.id) filter (where what = 'late') as late,
       count(distinct f.id) filter (where what = 'overdue') as overdue,
       count(distinct f.id) filter (where what = 'revert') as reverts,
       count(distinct f.id) filter (where what = 'import') as imports,
       coalesce(sum(parcels) filter (where what = 'import'), 0)::bigint as imported,
       coalesce(sum(area_m2) filter (where what = 'import'), 0)::float8 as imported_m2
from fact f left join unit u on u.id = f.commune
where %(units)s::integer[] is null or f.commune = any(%(units)s::integer[])
group by grouping sets ((f.month, u.id, u.code, u.kind, u.name), (f.month), (u.id, u.code, u.kind, u.name), ())
order by by_month, by_commune, f.month desc, u.code nulls last

-- name: imports
-- Files brought into the register, the last first, with their receipts; of an office of some communes those that opened
-- parcels there.
select s.id, s.state, s.made_at, s.correction, c.author, c.reason,
       (select id from correction r where r.reverts = s.correction and r.state = 'applied') as undone_by,
       s.receipt,
       (select coalesce(json_agg(json_build_object('name', f.name, 'bytes', f.bytes) order by f.name), '[]')
        from survey_file f where f.survey = s.id) as files
from survey s left join correction c on c.id = s.correction
where s.kind = 'import' and (%(before)s::bigint is null or s.id < %(before)s) and (%(id)s::bigint is null or s.id = %(id)s)
  and (%(units)s::integer[] is null or exists (
      select from parcel_version v where v.opened_by = s.correction and v.commune = any(%(units)s::integer[])))
order by s.id desc limit %(limit)s

-- name: findings
-- What was found in an import, the gravest first: so many of each rule, and their number.
select rule, severity, record, text_vi, text_en, lon_deg, lat_deg, n from (
    select rule, severity, record, text_vi, text_en, st_x(place) as lon_deg, st_y(place) as lat_deg, id,
           row_number() over (partition by severity, rule order by id) as i, count(*) over (partition by severity, rule) as n
    from finding where survey = %(id)s and run is null) f
where i <= %(each)s
order by array_position(array['stops', 'explain', 'note'], severity), n desc, rule, id

-- name: communes
-- Communes with parcels, and how many; degrees (west, south, east, north).
select u.code, u.kind || ' ' || u.name as name, count(distinct v.sheet) as sheets, count(*) as parcels,
       sum(v.area_m2)::float8 as area_m2, count(*) filter (where v.provisional) as provisional,
       (select array[st_xmin(b), st_ymin(b), st_xmax(b), st_ymax(b)]
        from st_transform(st_setsrid(st_extent(v.web)::geometry, 3857), 4326) b) as bbox
from parcel_version v join unit u on u.id = v.commune
where v.closed_by is null and (%(units)s::integer[] is null or v.commune = any(%(units)s::integer[]))
group by u.id order by u.code

-- name: sheets
-- Sheets of a commune with their current parcels; numbers as people order them.
select s.number, s.scale, s.map_set, s.epsg, s.kind, count(*) as parcels, sum(v.area_m2)::float8 as area_m2,
       (select array[st_xmin(b), st_ymin(b), st_xmax(b), st_ymax(b)]
        from st_transform(st_setsrid(st_extent(v.web)::geometry, 3857), 4326) b) as bbox
from sheet s join parcel_version v on v.sheet = s.id and v.closed_by is null
where v.commune = %(unit)s
group by s.id order by nullif(substring(s.number from '^[0-9]{1,9}'), '')::int nulls last, s.number, s.map_set, s.scale

-- name: condition
-- How the database and the register are, in one row.
select current_setting('server_version') as postgresql, postgis_lib_version() as postgis,
       pg_database_size(current_database()) as bytes,
       (select count(*) from pg_stat_activity where datname = current_database()) as connections,
       current_setting('max_connections')::int as most_connections,
       (select max(name) from migration where name ~ '^[0-9]{4}_') as migration,
       (select seq from chain) as corrections,
       (select max(made_at) from correction where seq is not null) as last_correction,
       (select count(*) from survey_run where finished_at is null) as checks_waiting,
       (select min(asked_at) from survey_run where finished_at is null) as oldest_check,
       (select count(*) from survey_run where error is not null and asked_at > now() - interval '30 days') as checks_broken,
       (select count(*) from proposal where state = 'submitted') as to_approve,
       (select min(made_at) from proposal where state = 'submitted') as oldest_to_approve,
       (select count(*) from defect where closed_by is null) as defects,
       (select count(*) from webhook where state = 'disabled' or failures > 0) as webhooks_failing,
       (select count(*) from webhook) as webhooks,
       (select count(distinct account) from session where ended_at is null and expires_at > now()) as signed_in
