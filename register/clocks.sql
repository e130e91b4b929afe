-- name: moment
-- The last correction the office knew of at an instant (0: none), and whether later ones are known: then none that was
-- made before can still come, as instants are given under the lock of the chain.
select coalesce((select seq from correction where seq is not null and made_at <= %(known_at)s
                 order by made_at desc, seq desc limit 1), 0),
       exists (select from correction where seq is not null and made_at > %(known_at)s)
