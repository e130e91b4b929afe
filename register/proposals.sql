-- name: dossier
-- The office's file of this number; made where it is new.
with found as (select id from dossier where number = %(number)s order by kind = 'correction' desc, id limit 1),
made as (insert into dossier (number, kind) select %(number)s, 'correction' where not exists (select from found)
         on conflict (number, kind) do update set number = excluded.number returning id)
select id from found union all select id from made

-- name: make
-- A new draft, not yet worked out.
insert into proposal (key, kind, intent, author, reason, basis, dossier, effective_on, survey_run, once)
values (%(key)s, %(kind)s, %(intent)s, %(author)s, %(reason)s, %(basis)s, %(dossier)s, %(effective_on)s, %(survey_run)s, %(once)s)
on conflict (author, once) where once is not null do nothing returning id

-- name: made_once
-- The draft its author made with the same key of theirs.
select key from proposal where author = %(author)s and once = %(once)s

-- name: find
-- A draft by its key.
select p.id, p.key, p.kind, p.state, p.intent, p.author, p.approver, p.reason, p.basis, d.number, p.effective_on, p.made_at,
       p.revision, p.hash, p.preview, p.stops, p.communes, p.survey_run, p.correction
from proposal p left join dossier d on d.id = p.dossier where p.key = %(key)s

-- name: hold
-- The same, held until the transaction ends.
select p.id, p.key, p.kind, p.state, p.intent, p.author, p.approver, p.reason, p.basis, d.number, p.effective_on, p.made_at,
       p.revision, p.hash, p.preview, p.stops, p.communes, p.survey_run, p.correction
from proposal p left join dossier d on d.id = p.dossier where p.key = %(key)s for update of p

-- name: say
-- What is said about a draft besides its intent.
update proposal set intent = %(intent)s, reason = %(reason)s, basis = %(basis)s, dossier = %(dossier)s, effective_on = %(effective_on)s
where id = %(id)s

-- name: worked_out
-- A draft worked out anew is to be submitted anew.
update proposal set state = 'draft', approver = null, revision = %(revision)s, hash = %(hash)s, preview = %(preview)s,
                    stops = %(stops)s, communes = %(communes)s where id = %(id)s

-- name: put_row
-- One row of what it will do.
insert into proposed (proposal, revision, n, role, before, opens, code, issues, sheet, commune, number, land_use, legal_area_m2,
                      provisional, address, shape)
values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, st_setsrid(st_geomfromwkb(%s), %s))

-- name: rows
-- What it will do, in order.
select d.n, d.role, d.before, d.opens, d.code, d.issues, d.sheet, d.commune, d.number, d.land_use, d.legal_area_m2, d.provisional,
       d.address, s.epsg, st_asbinary(d.shape)
from proposed d join sheet s on s.id = d.sheet where d.proposal = %(id)s and d.revision = %(revision)s order by d.n

-- name: move
-- The next state.
update proposal set state = %(state)s, approver = coalesce(%(approver)s, approver), correction = coalesce(%(correction)s, correction)
where id = %(id)s

-- name: event
-- Who did what, and why.
insert into proposal_event (proposal, state, who, comment, place, hash)
values (%(id)s, %(state)s, %(who)s, %(comment)s, st_setsrid(st_makepoint(%(lon)s, %(lat)s), 4326), %(hash)s)

-- name: events
-- What became of it, in order.
select at, state, who, comment, st_x(place), st_y(place), hash from proposal_event where proposal = %(id)s order by id

-- name: others
-- Open drafts of others that change the same parcels.
select distinct p.key, p.kind, p.state, p.author, d.code
from proposed mine
join proposed d on d.code = mine.code and d.proposal <> mine.proposal
join proposal p on p.id = d.proposal and p.revision = d.revision and p.state in ('draft', 'submitted', 'approved')
where mine.proposal = %(id)s and mine.revision = %(revision)s and not mine.issues order by p.key limit 100

-- name: list
-- Drafts by state, the last first, whose communes are among those asked for (null: all).
select p.key, p.kind, p.state, p.author, p.approver, p.reason, p.effective_on, p.made_at, p.stops, p.communes, p.correction
from proposal p
where (%(state)s::text is null or p.state = %(state)s) and (%(communes)s::integer[] is null or p.author = %(name)s or p.communes <@ %(communes)s::integer[])
  and (%(before)s::bigint is null or p.id < %(before)s) and (%(author)s::text is null or p.author = %(author)s)
order by p.id desc limit %(limit)s

-- name: number_of
-- The cursor of a key.
select id from proposal where key = %(key)s

-- name: stale
-- Versions it was made from that others have closed: base, and what stands there now under the same code.
select d.n, d.code, v.closed_by, v.id, now.id,
       v.number, v.land_use, v.legal_area_m2, v.sheet, v.provisional, st_asbinary(v.shape),
       now.number, now.land_use, now.legal_area_m2, now.sheet, now.provisional, st_asbinary(now.shape),
       d.opens, d.number, d.land_use, d.legal_area_m2, d.sheet, d.provisional, st_asbinary(coalesce(d.shape, v.shape)), s.epsg
from proposed d
join parcel_version v on v.id = d.before and v.closed_by is not null
join sheet s on s.id = v.sheet
left join parcel_version now on now.code = v.code and now.closed_by is null
where d.proposal = %(id)s and d.revision = %(revision)s order by d.n

-- name: became
-- What the correction that closed a version opened on its ground.
select distinct n.code from parcel_version v join parcel_version n on n.opened_by = v.closed_by and n.web && v.web and n.code <> v.code
where v.id = %(version)s and st_srid(n.shape) = st_srid(v.shape) and st_area(st_intersection(n.shape, v.shape)) > 0.1 order by 1

-- name: reverted
-- What undoing these corrections closes and opens, by code: what stands of what they opened, and what they closed.
with way as materialized (select s.* from unnest(%(ids)s::bigint[]) id, standing(id) s)
select coalesce(a.code, b.code), a.version, b.id is not null, b.sheet, b.commune, b.number, b.land_use, b.legal_area_m2, b.provisional,
       st_srid(b.shape), st_asbinary(b.shape)
from (select distinct code, version from way where closed_by is null) a
full join (select * from parcel_version v where v.closed_by = any(%(ids)s) and not exists (select from way where way.version = v.id)) b
    on b.code = a.code
order by 1 limit %(limit)s

-- name: reverted_count
-- How many there are.
with way as materialized (select s.* from unnest(%(ids)s::bigint[]) id, standing(id) s)
select count(*) from (
    select code from way where closed_by is null
    union select code from parcel_version v where v.closed_by = any(%(ids)s) and not exists (select from way where way.version = v.id)) c

-- name: reverted_communes
-- Communes whose parcels they touch.
select distinct commune from parcel_version where opened_by = any(%(ids)s) or closed_by = any(%(ids)s)
union
select distinct v.commune from parcel_address l join parcel_version v on v.code = l.code and v.closed_by is null
where l.opened_by = any(%(ids)s) or l.closed_by = any(%(ids)s)

-- name: reverted_by
-- The applied undo of a correction.
select id from correction where reverts = %(id)s and state = 'applied'
