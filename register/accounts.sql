-- name: add
-- A new account; nothing where the name is taken.
insert into account (name, key, full_name, password) values (%(name)s, %(key)s, %(full_name)s, %(password)s)
on conflict (key) do nothing returning id

-- name: accounts
-- Accounts by name after `after`: one by `key`, else those of which `units` (null: any) covers every grant.
select a.id, a.name, a.full_name, a.disabled, a.password is not null, a.made_at
from account a
where a.key > %(after)s and (%(key)s::text is null or a.key = %(key)s)
  and (%(units)s::integer[] is null or not exists (
      select from access_grant g where g.account = a.id and g.revoked_at is null
      and (g.commune is null or g.commune <> all(%(units)s::integer[]))))
order by a.key limit %(limit)s

-- name: hold
-- The account is not changed by others until the transaction ends.
select from account where id = %(account)s for no key update

-- name: grants
-- What accounts were granted, as it was at a time (null: as it is).
select g.account, g.id, g.role, u.id, u.code, u.kind || ' ' || u.name, g.made_at, g.made_by
from access_grant g left join unit u on u.id = g.commune
where g.account = any(%(accounts)s)
  and case when %(at)s::timestamptz is null then g.revoked_at is null
           else g.made_at <= %(at)s and coalesce(g.revoked_at > %(at)s, true) end
order by g.account, g.role, u.code nulls first, g.id

-- name: is_commune
-- Whether there is a commune of this number.
select from unit where id = %(unit)s and level = 'commune'

-- name: grant
-- A new grant; nothing where it holds already.
insert into access_grant (account, role, commune, made_by) values (%(account)s, %(role)s, %(commune)s, %(by)s)
on conflict (account, role, coalesce(commune, 0)) where revoked_at is null do nothing returning id

-- name: revoke
-- A grant holds no more.
update access_grant set revoked_at = clock_timestamp(), revoked_by = %(by)s
where id = %(grant)s and account = %(account)s and revoked_at is null
returning role, commune

-- name: set_disabled
-- An account may sign in no more, or again.
update account set disabled = %(disabled)s where id = %(account)s and disabled <> %(disabled)s returning id

-- name: password
-- What is kept of an account's password.
select password from account where id = %(account)s

-- name: set_password
-- A new password.
update account set password = %(password)s where id = %(account)s

-- name: end_sessions
-- All sessions of an account end, but one.
update session set ended_at = clock_timestamp()
where account = %(account)s and ended_at is null and id is distinct from %(but)s

-- name: keys
-- Keys of accounts; those revoked are history.
select account, id, label, made_at, made_by, expires_at, last_used from api_key
where account = any(%(accounts)s) and revoked_at is null order by account, id

-- name: add_key
-- A key by its hash.
insert into api_key (account, label, hash, made_by, expires_at)
values (%(account)s, %(label)s, %(hash)s, %(by)s, %(expires_at)s) returning id

-- name: revoke_key
-- A key holds no more.
update api_key set revoked_at = clock_timestamp() where id = %(key)s and account = %(account)s and revoked_at is null
returning id

-- name: full_name
-- What people call an account.
select full_name from account where id = %(account)s

-- name: communes_today
-- Communes of today among units.
select id, code, kind || ' ' || name from unit where id = any(%(units)s) and valid_to is null order by code
