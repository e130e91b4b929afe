-- name: password
-- The account of a name, to sign in.
select id, name, password from account where key = %(key)s and not disabled

-- name: set_password
-- The same password, kept by today's parameters; not where it was changed meanwhile.
update account set password = %(password)s where id = %(account)s and password = %(was)s

-- name: open
-- A session of an account that may sign in; not where it was disabled or its password changed while that was looked at.
insert into session (account, expires_at)
select id, clock_timestamp() + %(hours)s * interval '1 hour' from account where id = %(account)s and not disabled and password = %(was)s for no key update
returning id

-- name: add_token
-- A refresh token, which does not outlive its session.
insert into token (hash, session, expires_at)
select %(hash)s, id, least(expires_at, clock_timestamp() + %(hours)s * interval '1 hour') from session where id = %(session)s
returning expires_at

-- name: find_token
-- A refresh token, its session held until the transaction ends: two who use it at once are one after the other.
select t.session, s.account, t.used_at is not null, t.expires_at <= clock_timestamp()
from token t join session s on s.id = t.session join account a on a.id = s.account
where t.hash = %(hash)s and s.ended_at is null and s.expires_at > clock_timestamp() and not a.disabled
for no key update of s

-- name: is_used
-- Whether it was used while its session was waited for.
select used_at is not null from token where hash = %(hash)s

-- name: use_token
-- It is used up.
update token set used_at = clock_timestamp() where hash = %(hash)s

-- name: end
-- A session is over.
update session set ended_at = clock_timestamp() where id = %(session)s and ended_at is null

-- name: end_all
-- Every session is over.
update session set ended_at = clock_timestamp() where ended_at is null

-- name: clear
-- Sessions that were over long ago, and their tokens.
delete from session where expires_at < now() - interval '30 days'

-- name: make_secret
-- What tokens are signed with, when it is needed for the first time.
insert into signing_key (secret) values (%(secret)s) on conflict (single) do nothing

-- name: new_secret
-- What tokens are signed with from now on.
insert into signing_key (secret) values (%(secret)s)
on conflict (single) do update set secret = excluded.secret, made_at = clock_timestamp()

-- name: secret
-- What tokens are signed with.
select secret from signing_key
