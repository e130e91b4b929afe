-- name: kept
-- Blocks as they are kept: the revision of each cell now, the place of the last correction of all, the revision its block shows.
select key, c.revision, (select seq from chain), b.revision, b.body
from map_block b join map_cell c using (key) where key = any(%(keys)s)

-- name: present
-- The parcels that stand in and near some cells now (ids of versions), the revision of each cell, and the place of the last
-- correction of all.
select c.key, c.revision, (select seq from chain),
       array(select v.id from parcel_version v
             where v.web && st_makeenvelope(b.west, b.south, b.east, b.north, 3857) and v.closed_by is null)
from unnest(%(keys)s::bigint[], %(west)s::float8[], %(south)s::float8[], %(east)s::float8[], %(north)s::float8[])
     b (key, west, south, east, north)
join map_cell c on c.key = b.key

-- name: since
-- What changed in and near some cells since a correction (its place, one for each cell): the revision of each cell now, the
-- place of the last correction of all, ids of versions that came and stand, ids of versions that are closed now. Of cells where
-- more than `most` corrections or versions would have to be looked at, nothing.
select c.key, c.revision, (select seq from chain), come.ids, gone.ids
from unnest(%(keys)s::bigint[], %(seqs)s::bigint[], %(west)s::float8[], %(south)s::float8[], %(east)s::float8[], %(north)s::float8[])
     b (key, seq, west, south, east, north)
join map_cell c on c.key = b.key
cross join lateral (select count(*) as n, array_agg(o.id) as ids
                    from (select id from correction where seq > b.seq order by seq limit %(most)s + 1) o) later
cross join lateral (select array_agg(o.id) as ids, array_agg(o.first_version) as firsts, array_agg(o.last_version) as lasts,
                           coalesce(sum(o.last_version - o.first_version + 1), 0) as n
                    from unnest(later.ids) l join correction o on o.id = l join map_change h on h.correction = o.id and h.key = b.key) t
cross join lateral (select count(*) as n, array_agg(v.id) as ids
                    from (select p.id from unnest(t.ids) by cross join lateral (
                              select id from parcel_version where closed_by = by order by closed_by, id limit %(most)s + 1) p limit %(most)s + 1) v) gone
cross join lateral (select array_agg(v.id) as ids
                    from unnest(t.ids, t.firsts, t.lasts) o (id, first, last)
                    cross join lateral (select id, web, closed_by from parcel_version
                                        where id between o.first and o.last and opened_by = o.id offset 0) v
                    where t.n <= %(most)s and v.closed_by is null
                      and v.web && st_makeenvelope(b.west, b.south, b.east, b.north, 3857)) come
where later.n <= %(most)s and t.n <= %(most)s and gone.n <= %(most)s

-- name: lagging
-- Cells whose kept block shows another state than theirs, or none, in order.
select c.key from map_cell c left join map_block b using (key) where b.revision is distinct from c.revision order by c.key

-- name: rows
-- What blocks hold of some versions, column after column, in the order of ids. Versions never change: no snapshot is needed.
-- The last is what a parcel's ground is, by the first of its land uses: 1 road, 2 water, 0 other; 4 more where it is provisional.
select coalesce(string_agg(int8send(id), ''::bytea), ''::bytea),
       coalesce(string_agg(convert_to(code, 'UTF8'), ''::bytea), ''::bytea),
       coalesce(string_agg(convert_to(number, 'UTF8'), ''::bytea), ''::bytea),
       coalesce(string_agg(int4send(octet_length(number)), ''::bytea), ''::bytea),
       coalesce(string_agg(convert_to(land_use, 'UTF8'), ''::bytea), ''::bytea),
       coalesce(string_agg(int4send(octet_length(land_use)), ''::bytea), ''::bytea),
       coalesce(string_agg(float8send(area_m2::float8), ''::bytea), ''::bytea),
       coalesce(string_agg(float4send(room_m), ''::bytea), ''::bytea),
       coalesce(string_agg(float8send(st_x(anchor)) || float8send(st_y(anchor)), ''::bytea), ''::bytea),
       coalesce(string_agg(st_asbinary(web, 'NDR'), ''::bytea), ''::bytea),
       coalesce(string_agg(st_asbinary(shape, 'NDR'), ''::bytea), ''::bytea),
       coalesce(string_agg(int4send(sheet), ''::bytea), ''::bytea),
       coalesce(string_agg(int4send(commune), ''::bytea), ''::bytea),
       coalesce(string_agg(ground, ''::bytea), ''::bytea)
from (select v.*, set_byte('\x00'::bytea, 0, case when u.family = 'transport' then 1 when u.family in ('water', 'irrigation') then 2
                                              else 0 end + case when v.provisional then 4 else 0 end) as ground
      from parcel_version v left join land_use u on u.code = split_part(v.land_use, '+', 1)
      where v.id = any(%(ids)s::bigint[]) order by v.id offset 0) v

-- name: keep
-- Keep a block, unless a newer one is kept already.
insert into map_block (key, revision, body) values (%(key)s, %(revision)s, %(body)s)
on conflict (key) do update set revision = excluded.revision, body = excluded.body
where map_block.revision < excluded.revision

-- name: news
-- What corrections after `seq` changed, in one snapshot: what `since` of revisions.sql tells; whether the rest is told: not where
-- more than `most` corrections or versions would have to be looked at; ids of versions that are closed now; of those that came and
-- stand the cells they are in or near (within `margin`) and their ids, in pairs; what `rows` tells of these. `since` and `rows` are
-- put in by tiles/news.py.
select c.seq, c.units, c.keys, c.revisions, c.seqs,
       later.n <= %(most)s and later.versions <= %(most)s and gone.n <= %(most)s, gone.ids, near.keys, near.ids, new.*
from (since) c
cross join lateral (select count(*) as n, coalesce(sum(o.last_version - o.first_version + 1), 0) as versions, array_agg(o.id) as ids,
                           array_agg(o.first_version) as firsts, array_agg(o.last_version) as lasts
                    from (select id, first_version, last_version from correction
                          where seq > %(seq)s order by seq limit %(most)s + 1) o) later
cross join lateral (select count(*) as n, array_agg(v.id) as ids
                    from (select p.id from unnest(later.ids) by cross join lateral (
                              select id from parcel_version where closed_by = by order by closed_by, id limit %(most)s + 1) p limit %(most)s + 1) v) gone
cross join lateral (select array_agg(b.key) as keys, array_agg(v.id) as ids
                    from unnest(later.ids, later.firsts, later.lasts) o (id, first, last)
                    cross join lateral (select id, web, closed_by from parcel_version
                                        where id between o.first and o.last and opened_by = o.id offset 0) v
                    cross join (
                        select k as key, x * %(cell)s - %(half)s as west, %(half)s - y * %(cell)s as north
                        from unnest(c.keys) k cross join lateral (
                            select sum((k >> 2 * i & 1) << i)::float8 as x, sum((k >> 2 * i + 1 & 1) << i)::float8 as y
                            from generate_series(0, 13) i) at) b
                    where later.n <= %(most)s and later.versions <= %(most)s and v.closed_by is null
                      and v.web && st_makeenvelope(b.west - %(margin)s, b.north - %(cell)s - %(margin)s,
                                                   b.west + %(cell)s + %(margin)s, b.north + %(margin)s, 3857)) near
cross join lateral (rows) new
