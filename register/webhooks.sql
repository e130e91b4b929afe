-- name: add
-- A subscription.
insert into webhook (account, url, secret, communes, shapes, at, made_by)
values (%(account)s, %(url)s, %(secret)s, %(communes)s, %(shapes)s, %(at)s, %(by)s) returning id

-- name: count
-- How many an account has.
select count(*) from webhook where account = %(account)s

-- name: listed
-- Subscriptions of an account, or of all (null), without secrets.
select w.id, a.name, w.url, (select array_agg(u.code order by u.code) from unit u where u.id = any(w.communes)) as communes, w.shapes,
       w.at, w.state, w.made_at, w.made_by, w.delivered_at, w.failures, w.failing_since,
       case when w.state = 'active' and w.failures > 0 then w.next_try end as next_try, w.problem
from webhook w join account a on a.id = w.account
where (%(account)s::integer is null or w.account = %(account)s) and (%(id)s::bigint is null or w.id = %(id)s)
order by w.id

-- name: remove
-- A subscription ends.
delete from webhook where id = %(id)s

-- name: set_state
-- Pause, or go on (from `at`, where it is given), with a clean slate. Whoever delivers at this moment has lost its lease.
update webhook set state = %(state)s, at = coalesce(%(at)s, at), failures = 0, failing_since = null, problem = null,
                   next_try = clock_timestamp(), lease = lease + 1, leased_until = null
where id = %(id)s

-- name: lease
-- Take a subscription whose time has come; nobody else delivers to it meanwhile. Disabled accounts are told nothing.
update webhook w set lease = lease + 1, leased_until = clock_timestamp() + make_interval(secs => %(seconds)s)
where id = (
    select w.id from webhook w join account a on a.id = w.account and not a.disabled
    where w.state = 'active' and w.next_try <= clock_timestamp() and (w.leased_until is null or w.leased_until < clock_timestamp())
      and split_part(w.at, '.', 1)::bigint - (position('.' in w.at) > 0)::int < (select coalesce(max(seq), 0) from correction where seq is not null)
    order by w.next_try limit 1 for update of w skip locked)
returning id, url, secret, communes, shapes, at, lease

-- name: delivered
-- It was taken, up to `at`.
update webhook set at = %(at)s, failures = 0, failing_since = null, problem = null, leased_until = null,
                   delivered_at = case when %(sent)s then clock_timestamp() else delivered_at end, next_try = clock_timestamp()
where id = %(id)s and lease = %(lease)s

-- name: failed
-- It was not taken: again after a while; after a long time, or where the receiver wants no more, never.
update webhook set failures = failures + 1, failing_since = coalesce(failing_since, clock_timestamp()), problem = %(problem)s,
                   leased_until = null, next_try = clock_timestamp() + make_interval(secs => %(wait_s)s * (0.75 + random() / 2)),
                   state = case when %(gone)s or coalesce(failing_since, clock_timestamp())
                                     < clock_timestamp() - make_interval(secs => %(give_up_s)s) then 'disabled' else state end
where id = %(id)s and lease = %(lease)s returning state

-- name: failures
-- How often in a row it failed.
select failures from webhook where id = %(id)s

-- name: touching
-- Those of the corrections that changed parcels in the communes, or in what these were made of or became.
select c.seq from correction c, lateral (select units_covered(%(communes)s)) u (units)
where c.seq = any(%(seqs)s::bigint[])
  and (exists (select from parcel_version v where v.id between c.first_version and c.last_version and v.opened_by = c.id
               and v.commune = any(u.units))
       or exists (select from parcel_version v where v.closed_by = c.id and v.closed_by is not null and v.commune = any(u.units))
       or exists (select from parcel_address l join parcel_version v on v.code = l.code and v.closed_by is null
                  where l.id between c.first_link and c.last_link and l.opened_by = c.id and v.commune = any(u.units))
       or exists (select from parcel_address l join parcel_version v on v.code = l.code and v.closed_by is null
                  where l.closed_by = c.id and l.closed_by is not null and v.commune = any(u.units)))

-- name: last
-- The last place in the feed.
select coalesce(max(seq), 0) from correction where seq is not null
