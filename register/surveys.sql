-- name: add
-- A survey, if no other has the same content and options; one that is being handed in just now is waited for.
insert into survey (kind, state, dossier, content_hash, key, asked)
values ('survey', 'received', %(dossier)s, %(hash)s, %(key)s, %(asked)s)
on conflict (content_hash) where kind = 'survey' do nothing
returning id, made_at

-- name: same
-- The survey with this content and these options.
select key from survey where content_hash = %(hash)s and kind = 'survey'

-- name: put_file
-- One of its files.
insert into survey_file (survey, name, hash, bytes, n) values (%s, %s, %s, %s, %s)

-- name: put_receipt
-- What the surveyor has in hand.
update survey set receipt = %(receipt)s where id = %(survey)s

-- name: make_dossier
-- The office's file of this number, made where there is none.
insert into dossier (number, kind, received) values (%(number)s, 'survey', current_date)
on conflict (number, kind) do nothing

-- name: dossier
-- The office's file of this number.
select id from dossier where number = %(number)s and kind = 'survey'

-- name: add_run
-- The next check of a survey.
insert into survey_run (survey, n, asked)
select %(survey)s, coalesce(max(n), 0) + 1, %(asked)s from survey_run where survey = %(survey)s
returning id, n

-- name: tell
-- What happened to the last check of a survey, whose state is the survey's; whoever listens is woken. A check that has been
-- overtaken by a later one goes on in silence.
with told as (
    insert into survey_event (survey, run, state, progress, message_vi, message_en)
    select survey, id, %(state)s, %(progress)s, %(message_vi)s, %(message_en)s from survey_run r
    where id = %(run)s and not exists (select from survey_run l where l.survey = r.survey and l.n > r.n)
    returning survey, state
), moved as (
    update survey s set state = told.state from told where s.id = told.survey and s.state <> told.state
)
select pg_notify('diachinh_survey', survey::text) from told

-- name: waiting
-- How many checks are not through.
select count(*) from survey_run where finished_at is null

-- name: hold
-- A survey, held until the transaction ends.
select id, state from survey where key = %(key)s and kind = 'survey' for update

-- name: last_run
-- Its last check: what was asked for, and whether it is through.
select id, n, asked, finished_at is not null from survey_run where survey = %(survey)s order by n desc limit 1

-- name: find
-- A survey by its key.
select s.id, s.state, s.made_at, s.receipt, s.asked, d.number
from survey s left join dossier d on d.id = s.dossier where s.key = %(key)s and s.kind = 'survey'

-- name: files
-- Its files in the order of the hand-in.
select name, bytes, encode(hash, 'hex') from survey_file where survey = %(survey)s order by n

-- name: file
-- One of them.
select f.name, f.hash, f.bytes from survey_file f join survey s on s.id = f.survey
where s.key = %(key)s and s.kind = 'survey' and f.n = %(n)s

-- name: runs
-- Its checks in order, with the kinds of report each has.
select r.n, r.asked, r.asked_at, r.started_at, r.finished_at, r.engine, r.outcome, r.refused, r.epsg, r.counts, (select key from proposal p where p.id = r.proposal),
       array(select kind from survey_report p where p.run = r.id order by kind)
from survey_run r where r.survey = %(survey)s order by r.n

-- name: last_event
-- How far it is.
select id, state, progress, message_vi, message_en from survey_event where survey = %(survey)s order by id desc limit 1

-- name: states
-- When the survey came into each state; a later check overrules.
select state, max(at) from (
    select state, at, lag(state) over (order by id) is distinct from state as entered from survey_event where survey = %(survey)s
) e where entered group by state order by 2

-- name: events
-- What happened after an event.
select id, at, state, progress, message_vi, message_en from survey_event
where survey = %(survey)s and id > %(after)s order by id limit 500

-- name: report
-- A report; of the last finished check where none is named.
select p.content, r.n from survey s
join survey_run r on r.survey = s.id and r.finished_at is not null and (%(n)s::integer is null or r.n = %(n)s)
left join survey_report p on p.run = r.id and p.kind = %(kind)s
where s.key = %(key)s and s.kind = 'survey' order by r.n desc limit 1
