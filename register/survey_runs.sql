-- name: claim
-- One examiner per check; let go when its connection ends, however it ends.
select pg_try_advisory_lock(hashtextextended(current_schema() || ' survey_run', %(run)s))

-- name: begin
-- A check that is not through begins, again maybe.
update survey_run set attempts = attempts + 1, started_at = clock_timestamp() where id = %(run)s and finished_at is null
returning survey, asked, attempts

-- name: files
-- What is to be checked.
select name, hash, bytes from survey_file where survey = %(survey)s order by n

-- name: snapshot
-- What is compared with the survey holds still from here on.
set transaction isolation level repeatable read, read only

-- name: versions
-- The versions of registered parcels as the check saw them.
select code, id from parcel_version where code = any(%(codes)s::text[]) and closed_by is null

-- name: put_report
-- One of its reports.
insert into survey_report (run, kind, content) values (%(run)s, %(kind)s, %(content)s)

-- name: put_finding
-- Its findings, in order.
copy finding (survey, run, n, rule, severity, record, text_vi, text_en, place, size, width_m, other, x, y, extent,
              repair_vi, repair_en) from stdin

-- name: put_plot
-- Its plots, in order.
copy survey_plot (run, n, record, kind, commune, sheet, number, scale, map_set, land_use, legal_area_m2, code, before,
                  shape) from stdin

-- name: finish
-- It is through.
update survey_run set finished_at = clock_timestamp(), engine = %(engine)s, outcome = %(outcome)s, refused = %(refused)s,
       error = %(error)s, epsg = %(epsg)s, counts = %(counts)s where id = %(run)s and finished_at is null

-- name: is_last
-- Whether the survey has no later check: its receipt is theirs then.
select not exists (select from survey_run r join survey_run l on l.survey = r.survey and l.n > r.n where r.id = %(run)s)

-- name: hold
-- One writer of a survey's state at a time.
select receipt from survey where id = %(survey)s for update

-- name: forgotten
-- Checks that are not through, oldest first: nothing acknowledged is left undone.
select survey, id from survey_run where finished_at is null order by id limit 1000
