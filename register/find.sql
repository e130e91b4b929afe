-- name: feature
-- What is said of a parcel, as a GeoJSON feature; the head of the questions below, which say which version, which
-- correction had ended it (`ended`; null: it was current) and which addresses it had.
-- epsg 4326: longitude and latitude (9 decimals, 0.1 mm); 0: east and north of the sheet's own zone (millimetres).
select c.code,
       t.ended is null as current,
       s.epsg,
       json_build_object(
           'type', 'Feature',
           'id', v.code,
           'geometry', case when %(epsg)s = 4326 then st_asgeojson(st_transform(v.shape, 4326), 9)
                            else st_asgeojson(v.shape, 3, 0) end::json,
           'properties', json_build_object(
               'code', v.code,
               'status', case when t.ended is null then 'current' else 'retired' end,
               'version', v.id,
               'commune', (select json_build_object('code', u.code, 'name', u.name, 'kind', u.kind,
                                                    'province', (select p.name from unit p where p.id = u.parent))
                           from unit u where u.id = v.commune),
               'sheet', json_build_object('number', s.number, 'scale', s.scale, 'map_set', s.map_set, 'epsg', s.epsg,
                                          'commune', (select json_build_object('code', u.code, 'name', u.name, 'kind', u.kind)
                                                      from unit u where u.id = s.commune)),
               'number', v.number,
               'land_use', v.land_use,
               'land_uses', case when strpos(v.land_use, '+') = 0 then coalesce(
                                (select json_build_array(json_build_object('code', l.code, 'name_vi', l.name_vi,
                                                                           'name_en', l.name_en, 'family', l.family))
                                 from land_use l where l.code = v.land_use), '[]')
                            else (select coalesce(json_agg(json_build_object('code', l.code, 'name_vi', l.name_vi,
                                                                             'name_en', l.name_en, 'family', l.family)
                                                           order by part.n), '[]')
                                  from unnest(string_to_array(v.land_use, '+')) with ordinality part (code, n)
                                  join land_use l on l.code = part.code) end,
               'area_m2', v.area_m2,
               'legal_area_m2', v.legal_area_m2,
               'point', (select json_build_array(round(st_x(g)::numeric, 8), round(st_y(g)::numeric, 8))
                         from st_transform(st_setsrid(st_makepoint(p.east_m, p.north_m), p.epsg), 4326) g),
               'recipe', json_build_object('algorithm', p.algorithm, 'epsg', p.epsg, 'east_m', p.east_m, 'north_m', p.north_m),
               'addresses', t.addresses,
               'since', (select json_build_object('correction', o.id, 'kind', o.kind, 'effective_on', o.effective_on,
                                                  'made_at', o.made_at)
                         from correction o where o.id = v.opened_by),

-- name: retired
-- The end of `feature` where the parcel may be retired.
               -- successors: what the closing correction opened on the same ground (a split's parts, a merger's whole)
               'retired', (select json_build_object('correction', e.id, 'kind', e.kind, 'effective_on', e.effective_on,
                                                    'made_at', e.made_at, 'successors',
                                                    (select coalesce(json_agg(n.code order by n.code), '[]')
                                                     from (select code, opened_by, web, anchor from parcel_version
                                                           where closed_by is null and web && v.web
                                                           union all
                                                           select code, opened_by, web, anchor from parcel_version
                                                           where closed_by is not null and web && v.web) n
                                                     where n.opened_by = e.id and n.code <> v.code
                                                       and (st_contains(v.web, n.anchor) or st_contains(n.web, v.anchor))))
                           from correction e where e.id = t.ended)))::text as feature

-- name: current
-- The end of `feature`, and where it is found, for current parcels alone, in the order asked: the question asked most.
               'retired', null))::text as feature
from unnest(%(codes)s::text[]) with ordinality c (code, n)
join parcel_version v on v.code = c.code and v.closed_by is null
cross join lateral (
    select v.closed_by as ended,
           array_to_json(array(select json_build_object('scheme', a.scheme, 'code', a.code, 'text', a.text, 'main', l.main)
                               from parcel_address l join address a on a.id = l.address
                               where l.code = v.code and l.closed_by is null order by l.main desc, a.id)) as addresses) t
join sheet s on s.id = v.sheet
join parcel p on p.code = v.code
order by c.n

-- name: present
-- Parcels by code in the order asked: the current version, else the last one of a retired parcel.
from unnest(%(codes)s::text[]) with ordinality c (code, n)
join parcel_version v on v.id = coalesce(
    (select id from parcel_version where code = c.code and closed_by is null),
    (select max(id) from parcel_version where code = c.code and closed_by is not null))
cross join lateral (
    select v.closed_by as ended,
           array_to_json(array(
               select json_build_object('scheme', a.scheme, 'code', a.code, 'text', a.text, 'main', l.main)
            from parcel_address l join address a on a.id = l.address
            where l.code = v.code and l.closed_by is null
            order by l.main desc, a.id)) as addresses) t
join sheet s on s.id = v.sheet
join parcel p on p.code = v.code
order by c.n

-- name: past
-- The same at a moment (seq, day): the version that was alive, else the last one that had begun; none before the first.
from unnest(%(codes)s::text[]) with ordinality c (code, n)
cross join lateral (
    select w.id, case when not lives then w.closed_by end as ended
    from (select id, opened_by, closed_by from parcel_version where code = c.code and closed_by is null
          union all
          select id, opened_by, closed_by from parcel_version where code = c.code and closed_by is not null) w
    join correction o on o.id = w.opened_by
    left join correction e on e.id = w.closed_by
    cross join lateral (
        select alive(o.seq, o.effective_on, e.seq, e.effective_on, %(seq)s, %(day)s)
               and not exists (select from unmade_version m join correction u on u.id = m.by and u.seq <= %(seq)s
                               where m.version = w.id)) l (lives)
    where o.seq <= %(seq)s and o.effective_on <= %(day)s
    order by lives desc, o.seq desc limit 1) w
cross join lateral (
    select w.ended,
           array_to_json(array(
               select json_build_object('scheme', a.scheme, 'code', a.code, 'text', a.text, 'main', l.main)
            from (select * from parcel_address where code = c.code and closed_by is null
                  union all select * from parcel_address where code = c.code and closed_by is not null) l
            join address a on a.id = l.address
            join correction o on o.id = l.opened_by
            left join correction e on e.id = l.closed_by
            where alive(o.seq, o.effective_on, e.seq, e.effective_on, %(seq)s, %(day)s)
              and not exists (select from unmade_link m join correction u on u.id = m.by and u.seq <= %(seq)s
                              where m.link = l.id)
            order by l.main desc, a.id)) as addresses) t
join parcel_version v on v.id = w.id
join sheet s on s.id = v.sheet
join parcel p on p.code = v.code
order by c.n

-- name: addresses
-- Addresses by their number, in the order asked, with the current parcels they belong to.
select json_build_object(
           'scheme', a.scheme,
           'code', a.code,
           'text', a.text,
           'point', case when a.point is not null then json_build_array(round(st_x(a.point)::numeric, 8),
                                                                        round(st_y(a.point)::numeric, 8)) end,
           'parts', (select json_build_object('house', p.house, 'alleys', p.alleys, 'street', p.street, 'hamlet', p.hamlet,
                                              'commune', p.commune, 'district', p.district, 'province', p.province)
                     from address_part p where p.address = a.id),
           'said', (select json_build_object('source', d.source, 'status', d.status, 'postcode', d.postcode)
                    from address_said d where d.address = a.id),
           'commune', (select json_build_object('code', u.code, 'name', u.name, 'kind', u.kind, 'province', q.name)
                       from parcel_address l
                       join parcel_version v on v.code = l.code and v.closed_by is null
                       cross join lateral (select today from units_today(array[v.commune]) t where t.main limit 1) t
                       join unit u on u.id = t.today
                       left join unit q on q.id = u.parent
                       where l.address = a.id and l.closed_by is null order by l.main desc, l.code limit 1),
           'parcels', (select coalesce(json_agg(json_build_object('code', v.code, 'main', l.main, 'number', v.number,
                                                                  'sheet', s.number, 'land_use', v.land_use)
                                                order by l.main desc, v.code), '[]')
                       from parcel_address l
                       join parcel_version v on v.code = l.code and v.closed_by is null
                       join sheet s on s.id = v.sheet
                       where l.address = a.id and l.closed_by is null))::text as address
from unnest(%(ids)s::bigint[]) with ordinality c (id, n)
join address a using (id)
order by c.n

-- name: address_ids_by_code
-- Addresses with one digital code that some current parcel bears.
select a.id from address a
where a.code = %(code)s
  and exists (select from parcel_address l where l.address = a.id and l.closed_by is null)
order by a.scheme, a.id limit 100

-- name: communes
-- Communes with parcels here: today's communes of the sheets, with the number of sheets.
select u.code, u.name, u.kind, p.name as province, u.postcode, count(distinct s.id) as sheets
from sheet s
cross join lateral (select s.commune as id union select today from units_today(array[s.commune])) c
join unit u on u.id = c.id
left join unit p on p.id = u.parent
where exists (select from parcel_version v where v.sheet = s.id and v.commune = u.id and v.closed_by is null)
group by u.id, p.name
order by u.code

-- name: summary
-- What is in the register, for the page's first view: counts and the extent in degrees (west, south, east, north).
select (select count(*) from parcel_version where closed_by is null) as parcels,
       (select count(*) from sheet where outline is not null) as sheets,
       (select count(*) from address) as addresses,
       (select count(*) from defect where closed_by is null) as defects,
       (select json_build_object('id', id, 'made_at', made_at)::text from correction where state = 'applied'
        order by id desc limit 1) as last_correction,
       (select case when box is not null then array[st_xmin(box), st_ymin(box), st_xmax(box), st_ymax(box)] end
        from (select st_transform(st_setsrid(st_extent(web)::geometry, 3857), 4326) from parcel_version
              where closed_by is null) e (box)) as bbox

-- name: units
-- Units by folded name or code, for the search box (few thousand rows: read once, folded by the caller).
select u.code, u.name, u.kind, u.level, u.district, p.name as province, u.valid_to::text as valid_to
from unit u left join unit p on p.id = u.parent
where u.undone_by is null
order by u.valid_to is not null, u.level desc, u.code

-- name: last_applied
-- The last correction: what was taken from the register after it is still true.
select coalesce(max(id), 0) as id from correction where state = 'applied'

-- name: alive
-- The database answers.
select 1
