-- name: installed
-- Whether the queue's tables stand in this schema.
select exists (select from pg_class where relname = 'procrastinate_jobs'
               and relnamespace = (select oid from pg_namespace where nspname = current_schema()))

-- name: known
-- Changes of the queue's tables that this schema has.
select name from migration where name like 'procrastinate/%%'

-- name: remember
-- One more.
insert into migration (name) values (%(name)s) on conflict do nothing

-- name: lock
-- Two starters install one after the other.
select pg_advisory_xact_lock(hashtext('diachinh migrate'))

-- name: jobless
-- Which of these checks no waiting or running job is for.
select u.survey, u.run from unnest(%(surveys)s::bigint[], %(runs)s::bigint[]) as u (survey, run)
where not exists (select from procrastinate_jobs j where j.task_name = 'check_survey' and j.status in ('todo', 'doing')
                  and j.args ->> 'run' = u.run::text)
