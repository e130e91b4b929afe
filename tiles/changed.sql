-- name: changed
-- The corrections after `seq` in order, at most `limit`, and the map cells each touched.
select c.seq, coalesce(array_agg(h.key) filter (where h.key is not null), '{}')
from (select id, seq from correction where seq is not null and seq > %(seq)s order by seq limit %(limit)s) c
left join map_change h on h.correction = c.id
group by c.seq order by c.seq

-- name: since
-- All map cells the corrections after `seq` touched, up to the last one, whose place comes first.
select (select seq from chain), coalesce((
    select array_agg(distinct h.key) from correction c join map_change h on h.correction = c.id
    where c.seq is not null and c.seq > %(seq)s), '{}')

-- name: units
-- How often units, or groups of land uses, changed.
select count(*) from map_units
