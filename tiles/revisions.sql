-- name: since
-- Place of the last correction, how often units changed, and of the map cells that corrections after `seq` touched (all of
-- them for seq -1): keys, revisions, and which correction (its place) was the last there. One snapshot.
select c.seq, (select count(*) from map_units), t.keys, t.revisions, t.seqs
from chain c
cross join lateral (
    select array_agg(m.key), array_agg(m.revision), array_agg(l.seq)
    from (select h.key, max(o.seq) as seq from correction o join map_change h on h.correction = o.id
          where o.seq > %(seq)s and o.seq is not null group by h.key) l
    join map_cell m on m.key = l.key) t (keys, revisions, seqs)
