-- name: since
-- Place of the last correction, how often units changed, and of the map cells that corrections after `seq` touched (all of
-- them for seq -1): keys, revisions, and which correction (its place) was the last there. One snapshot.
-- Written so that it costs what is new, whatever the planner believes of tables that were empty when it planned.
select c.seq, (select count(*) from map_units) as units, t.keys, t.revisions, t.seqs
from chain c
cross join lateral (
    select array_agg(l.key), array_agg(m.revision), array_agg(l.seq)
    from (select h.key, max(o.seq) as seq
          from (select id, seq from correction where seq > %(seq)s order by seq offset 0) o
          cross join lateral (select key from map_change where correction = o.id offset 0) h
          group by h.key) l
    cross join lateral (select revision from map_cell where key = l.key offset 0) m) t (keys, revisions, seqs)
