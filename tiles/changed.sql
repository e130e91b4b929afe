-- name: changed
-- How often units changed, the place of the last correction; and the corrections after `seq` in order, at most `limit`, with the map
-- cells each touched: one row at least, without a correction where there is none.
select (select count(*) from map_units), (select coalesce(max(seq), 0) from correction where seq is not null), c.seq, c.keys
from (select 1) always left join lateral (
    select o.seq, array(select key from map_change where correction = o.id) as keys
    from (select id, seq from correction where seq > %(seq)s order by seq limit %(limit)s) o) c on true
order by c.seq

-- name: since
-- All map cells the corrections after `seq` touched, up to the last one, whose place comes first.
select (select seq from chain), coalesce((
    select array_agg(distinct h.key) from correction c join map_change h on h.correction = c.id
    where c.seq is not null and c.seq > %(seq)s), '{}')

-- name: units
-- How often units, or groups of land uses, changed.
select count(*) from map_units
