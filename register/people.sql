-- name: by_session
-- Who a session belongs to, with what its tokens are signed with; nothing where it is over or the account disabled.
select a.id, a.name, account_scopes(a.id), k.secret
from session s join account a on a.id = s.account cross join signing_key k
where s.id = %(session)s and s.ended_at is null and s.expires_at > now() and not a.disabled

-- name: by_key
-- Whose key it is, and whether it was used today already; nothing where it does not hold.
select a.id, a.name, account_scopes(a.id), k.id, k.last_used is not distinct from current_date
from api_key k join account a on a.id = k.account
where k.hash = %(hash)s and k.revoked_at is null and (k.expires_at is null or k.expires_at > now()) and not a.disabled

-- name: key_used
-- The day a key was used last.
update api_key set last_used = current_date where id = %(key)s and last_used is distinct from current_date

-- name: place
-- What people call a unit.
select kind || ' ' || name from unit where id = %(unit)s

-- name: record
-- One line of the audit.
insert into audit (account, author, what, code) values (%(account)s, %(author)s, %(what)s, %(code)s)
