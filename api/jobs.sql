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

-- name: load
-- The queue in numbers, and whether a worker is alive.
select count(*) filter (where status = 'todo') as waiting, count(*) filter (where status = 'doing') as running,
       count(*) filter (where status = 'failed') as failed,
       (select min(e.at) from procrastinate_events e join procrastinate_jobs w on w.id = e.job_id
        where w.status = 'todo' and e.type = 'deferred') as oldest,
       (select count(*) from procrastinate_workers where last_heartbeat > now() - interval '30 seconds') as workers,
       (select max(last_heartbeat) from procrastinate_workers) as last_heartbeat
from procrastinate_jobs

-- name: failures
-- Jobs that were given up, the last first.
select j.id, j.task_name as task, j.attempts,
       (select max(at) from procrastinate_events e where e.job_id = j.id and e.type = 'failed') as at
from procrastinate_jobs j where j.status = 'failed' order by j.id desc limit 20
