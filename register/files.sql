-- name: is_kept
-- Whether a content is kept already.
select exists (select from file where hash = %(hash)s)

-- name: keep
-- A content under its hash; nothing where another hand-in was faster (it is waited for).
insert into file (hash, bytes, store) values (%(hash)s, %(bytes)s, coalesce(%(store)s, nextval('file_store')))
on conflict (hash) do nothing returning store

-- name: part
-- One part of a content.
insert into file_part (store, n, content) values (%(store)s, %(n)s, %(content)s)

-- name: forget_parts
-- The parts of an upload that is not kept.
delete from file_part where store = %(store)s

-- name: read_part
-- One part of a kept content.
select content from file_part join file using (store) where hash = %(hash)s and n = %(n)s

-- name: read_upload_part
-- One part of an upload.
select content from file_part where store = %(store)s and n = %(n)s

-- name: new_upload
-- An upload with nothing received yet.
insert into upload (key, name, bytes, expires_at) values (%(key)s, %(name)s, %(bytes)s, now() + %(days)s * interval '1 day')
returning expires_at

-- name: waiting_bytes
-- What unfinished uploads may yet grow to; each counts for something, so that their number is bounded too.
select coalesce(sum(greatest(bytes, %(least)s)), 0)::bigint from upload where hash is null and not ended and expires_at > now()

-- name: upload
-- How far an upload is.
select name, bytes, received, expires_at, ended or (expires_at <= now() and hash is null) as gone, hash, store
from upload where key = %(key)s

-- name: take_upload
-- The same, held until the transaction ends.
select name, bytes, received, expires_at, ended or (expires_at <= now() and hash is null) as gone, hash, store
from upload where key = %(key)s for update

-- name: append
-- The next bytes of an upload, if it is exactly as far as the sender believes and there is room; both or neither.
-- A piece of a file costs a row: crumbs are taken only for a while.
with moved as (
    update upload set received = received + length(%(content)s::bytea), parts = parts + 1
    where key = %(key)s and received = %(offset)s and received + length(%(content)s::bytea) <= bytes
      and not ended and expires_at > now() and hash is null and parts < 1000 + bytes / 1024
    returning store, parts, received
), put as (
    insert into file_part (store, n, content) select store, parts - 1, %(content)s::bytea from moved
)
select received from moved

-- name: taken
-- A survey has the upload's content.
update upload set hash = %(hash)s where key = %(key)s

-- name: end_upload
-- Withdrawn, if no survey has it.
update upload set ended = true where key = %(key)s and not ended and hash is null returning store

-- name: end_expired
-- Uploads whose time is over; nobody is at them, or they are passed over.
update upload set ended = true, name = ''
where id in (select id from upload where not ended and hash is null and expires_at <= now() for update skip locked)
returning store

-- name: drop_old
-- Uploads that ended, or were taken, long ago.
delete from upload where expires_at < now() - interval '90 days' and (ended or hash is not null)
