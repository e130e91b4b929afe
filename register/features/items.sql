-- name: parcels
-- Features of versions by their numbers, in the order asked. `epsg`: the system, `flip`: latitude first, `digits`: decimals;
-- a shape asked for in its own zone is the surveyed one. `names`: the properties wanted (null: all).
select json_build_object(
           'type', 'Feature',
           'id', case when v.closed_by is null then v.code else v.code || '.' || v.id end,
           'geometry', feature_geometry(v.shape, %(epsg)s, %(flip)s, %(digits)s),
           'properties', feature_properties(json_build_object(
               'code', v.code,
               'version', v.id,
               'commune', u.code,
               'commune_name', u.name,
               'sheet', s.number,
               'scale', s.scale,
               'map_set', s.map_set,
               'epsg', s.epsg,
               'sheet_commune', su.code,
               'number', v.number,
               'land_use', v.land_use,
               'area_m2', v.area_m2,
               'legal_area_m2', v.legal_area_m2,
               'address', a.text,
               'address_code', a.code,
               'effective_on', o.effective_on,
               'ended_on', e.effective_on,
               'made_at', o.made_at), %(names)s))::text
from unnest(%(numbers)s::bigint[]) with ordinality c (id, n)
join parcel_version v on v.id = c.id
join sheet s on s.id = v.sheet
join unit u on u.id = v.commune
join unit su on su.id = s.commune
join correction o on o.id = v.opened_by
left join correction e on e.id = v.closed_by
left join parcel_address l on l.code = v.code and l.main and l.closed_by is null and v.closed_by is null
left join address a on a.id = l.address
order by c.n

-- name: sheets
-- The same of map sheets, whose outlines stand in EPSG:3857.
select json_build_object(
           'type', 'Feature',
           'id', s.id::text,
           'geometry', feature_geometry(s.outline, %(epsg)s, %(flip)s, %(digits)s),
           'properties', feature_properties(json_build_object(
               'number', s.number,
               'scale', s.scale,
               'map_set', s.map_set,
               'kind', s.kind,
               'epsg', s.epsg,
               'commune', u.code,
               'commune_name', u.name), %(names)s))::text
from unnest(%(numbers)s::bigint[]) with ordinality c (id, n)
join sheet s on s.id = c.id
join unit u on u.id = s.commune
order by c.n

-- name: communes
-- The same of communes: by their own outline, else by what the sheets of their parcels cover.
select json_build_object(
           'type', 'Feature',
           'id', case when u.valid_to is null then u.code else u.code || '.' || u.id end,
           'geometry', feature_geometry(coalesce(u.outline, (
               select st_transform(st_multi(st_union(s.outline)), 4326) from sheet s
               where s.outline is not null
                 and (s.commune = u.id
                      or s.commune in (select unit from unit_successor where successor = u.id and undone_by is null)
                         and exists (select from parcel_version v
                                     where v.sheet = s.id and v.commune = u.id and v.closed_by is null)))),
               %(epsg)s, %(flip)s, %(digits)s),
           'properties', feature_properties(json_build_object(
               'code', u.code,
               'name', u.name,
               'kind', u.kind,
               'district', u.district,
               'province', p.code,
               'province_name', p.name,
               'postcode', u.postcode,
               'valid_from', u.valid_from,
               'valid_to', u.valid_to), %(names)s))::text
from unnest(%(numbers)s::bigint[]) with ordinality c (id, n)
join unit u on u.id = c.id
left join unit p on p.id = u.parent
order by c.n

-- name: addresses
-- The same of digital addresses and their current parcels, the main one first.
select json_build_object(
           'type', 'Feature',
           'id', a.id::text,
           'geometry', feature_geometry(a.point, %(epsg)s, %(flip)s, %(digits)s),
           'properties', feature_properties(json_build_object(
               'scheme', a.scheme,
               'code', a.code,
               'text', a.text,
               'parcel', l.codes[1],
               'parcels', coalesce(array_length(l.codes, 1), 0)), %(names)s))::text
from unnest(%(numbers)s::bigint[]) with ordinality c (id, n)
join address a on a.id = c.id
cross join lateral (select array_agg(code order by main desc, code) from parcel_address
                    where address = a.id and closed_by is null) l (codes)
order by c.n

-- name: communes_of_code
-- Units with one code, today's and former ones; of the present those with parcels: mostly one, whose index gives pages in order.
select id from unit u
where code = %(code)s and level = 'commune' and undone_by is null
  and (not %(present)s or exists (select from parcel_version v where v.commune = u.id and v.closed_by is null))

-- name: extent
-- Where the register's features lie, in degrees (west, south, east, north), the first legal day, the zone most sheets are in.
select st_xmin(box), st_ymin(box), st_xmax(box), st_ymax(box),
       (select min(effective_on)::text from correction where state = 'applied'),
       (select epsg from sheet where outline is not null group by epsg order by count(*) desc, epsg limit 1)
from (select st_transform(st_setsrid(st_extent(outline)::geometry, 3857), 4326) from sheet) e (box)

-- name: a_while
-- How long the next question of this transaction may take.
set local statement_timeout = 300

-- name: own_plan
-- The next question of this transaction is planned for its own values: where they lie decides by which index to go.
set local plan_cache_mode = force_custom_plan
