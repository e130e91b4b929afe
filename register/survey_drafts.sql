-- name: hold
-- The survey and its last check, held until the transaction ends.
select s.state, (select number from dossier d where d.id = s.dossier), r.id, r.n, (select key from proposal p where p.id = r.proposal)
from survey s join survey_run r on r.survey = s.id
where s.key = %(key)s and s.kind = 'survey' order by r.n desc limit 1 for update of s, r

-- name: stale
-- Parcels measured anew that others have changed since the check.
select p.code, coalesce(v.closed_by, 0) from survey_plot p left join parcel_version v on v.id = p.before
where p.run = %(run)s and p.code is not null and (v.id is null or v.closed_by is not null) order by p.n limit 100

-- name: twice
-- Two plots for one registered parcel.
select code, array_agg(record order by n) from survey_plot
where run = %(run)s and kind = 'parcel' and shape is not null and code is not null
group by code having count(*) > 1 order by code limit 1

-- name: unnamed_sheets
-- Sheets that new plots name: commune, number, map set, scale; what the plot does not say, the survey says.
select distinct coalesce(p.commune, %(commune)s), coalesce(p.sheet, %(sheet)s), coalesce(p.map_set, ''), coalesce(p.scale, %(scale)s)
from survey_plot p where p.run = %(run)s and p.kind = 'parcel' and p.shape is not null and p.before is null

-- name: commune
-- The commune of a code: today's, else the last that had it.
select id from unit where level = 'commune' and code = %(code)s and undone_by is null order by valid_to is null desc, valid_to desc limit 1

-- name: sheet
-- The sheet of this number on the commune's ground, surveyed for it or for a commune it was made of; the nearest to what
-- is asked for first.
select s.id, s.epsg from sheet s
where s.number = %(number)s and s.kind = 'map'
  and (s.commune = %(commune)s or exists (
      select from units_today(array[s.commune]) a join units_today(array[%(commune)s::integer]) b on b.today = a.today where a.main))
  and (%(scale)s::integer is null or coalesce(s.scale, %(scale)s::integer) = %(scale)s::integer)
  and (%(map_set)s::text = '' or s.map_set = %(map_set)s::text)
order by s.epsg = %(epsg)s desc, s.commune = %(commune)s desc, s.map_set = %(map_set)s desc,
         coalesce(s.scale, 0) = coalesce(%(scale)s::integer, 0) desc, s.id limit 1

-- name: make_sheet
-- A sheet that is not in the register yet.
insert into sheet (commune, number, scale, map_set, epsg) values (%(commune)s, %(number)s, %(scale)s, %(map_set)s, %(epsg)s)
on conflict (commune, number, map_set, coalesce(scale, 0)) do update set number = excluded.number
returning id, epsg

-- name: link
-- Where it came from, so that the same again is the same.
update survey_run set proposal = %(proposal)s where id = %(run)s

-- name: said
-- What the surveyor said about the files, and what was asked of the check.
select s.asked || r.asked, r.epsg from survey_run r join survey s on s.id = r.survey where r.id = %(run)s

-- name: put_sheet
-- A sheet that was found or made for new plots.
insert into plot_sheet values (%(commune)s, %(number)s, %(map_set)s, %(scale)s, %(id)s)

-- name: open_sheets
-- Sheets of new plots. What an earlier draft of the same transaction left goes.
drop table if exists pg_temp.plot_sheet, pg_temp.becomes;
create temporary table plot_sheet (commune text, number text, map_set text, scale integer, id integer) on commit drop

-- name: becomes
-- What each plot would do: after its check, beside the version it measures anew. A plot says nothing by leaving out.
create temporary table becomes on commit drop as
select p.n, p.record, p.before, p.code, coalesce(v.sheet, t.id) as sheet,
       coalesce(p.number, v.number) as number, coalesce(p.land_use, v.land_use, '') as land_use,
       coalesce(p.legal_area_m2::numeric(14, 2), v.legal_area_m2) as legal_area_m2, p.shape,
       case when v.id is null then 'new'
            when st_srid(p.shape) <> st_srid(v.shape) then 'zone'
            when not (p.shape ~= v.shape and st_equals(p.shape, v.shape)) then 'reshaped'
            when (coalesce(p.number, v.number), coalesce(p.land_use, v.land_use),
                  coalesce(p.legal_area_m2::numeric(14, 2), v.legal_area_m2))
                 is distinct from (v.number, v.land_use, v.legal_area_m2) then 'attributes'
            else 'unchanged' end as does
from survey_plot p
left join parcel_version v on v.id = p.before
left join plot_sheet t on v.id is null and t.commune is not distinct from coalesce(p.commune, %(commune)s)
     and t.number is not distinct from coalesce(p.sheet, %(sheet)s) and t.map_set = coalesce(p.map_set, '')
     and t.scale is not distinct from coalesce(p.scale, %(scale)s)
where p.run = %(run)s and p.kind = 'parcel' and p.shape is not null

-- name: zone
-- A parcel measured in another zone than its sheet has.
select s.number, st_srid(v.shape), st_srid(b.shape) from becomes b join parcel_version v on v.id = b.before
join sheet s on s.id = v.sheet where b.does = 'zone' limit 1

-- name: plots
-- What each plot does, in order.
select b.record, b.code, s.number, b.number, b.does from becomes b left join sheet s on s.id = b.sheet order by b.n

-- name: rows
-- What changes something: the registered parcel by code, or a new one on its sheet.
select b.code, b.does, b.sheet, s.epsg, b.number, b.land_use, b.legal_area_m2, st_asbinary(b.shape)
from becomes b join sheet s on s.id = b.sheet where b.does <> 'unchanged' order by b.n
