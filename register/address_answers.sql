-- name: parcel_at
-- The current parcel at a point (EPSG:4326) and its addresses, the main one first.
select a.id
from (select st_transform(st_setsrid(st_makepoint(%(lon)s, %(lat)s), 4326), 3857) as at) p
join parcel_version v on v.closed_by is null and v.web && p.at and st_intersects(v.web, p.at)
join parcel_address l on l.code = v.code and l.closed_by is null
join address a on a.id = l.address
order by l.main desc, a.scheme, a.id limit %(limit)s

-- name: address_ids_by_start
-- Addresses of current parcels whose digital code begins so; %(beyond)s is the first code after all of those.
select a.id from address a
where a.code >= %(start)s and a.code < %(beyond)s
  and exists (select from parcel_address l where l.address = a.id and l.closed_by is null)
order by a.code, a.scheme, a.id limit %(limit)s

-- name: nearest
-- Addresses of the nearest parcels to a point (EPSG:4326) within about a kilometre, the main one of each first; how far in m.
select a.id, p.off_m
from (select v.code, v.web <-> q.at as off, st_distance(st_transform(v.web, 4326)::geography, q.place) as off_m
      from (select st_transform(g, 3857) as at, g::geography as place
            from st_setsrid(st_makepoint(%(lon)s, %(lat)s), 4326) g) q
      join parcel_version v on v.closed_by is null and v.web && st_expand(q.at, 1000)
      where exists (select from parcel_address l join address a on a.id = l.address
                    where l.code = v.code and l.closed_by is null and a.text is not null)
      order by v.web <-> q.at limit 5) p
join parcel_address l on l.code = p.code and l.closed_by is null
join address a on a.id = l.address and a.text is not null
order by p.off, l.main desc, a.id limit %(limit)s

-- name: located
-- What a batch is told of addresses: text, digital code, main current parcel, longitude, latitude.
select a.id, a.text, a.code, (select l.code from parcel_address l where l.address = a.id and l.closed_by is null
                              order by l.main desc, l.code limit 1), st_x(a.point), st_y(a.point)
from address a where a.id = any(%(ids)s)
