-- name: heads
-- Corrections in the order they became visible, without who made them, from `seq` on. The second column is where to find
-- what they opened.
select seq, id, coalesce(first_version, 0), coalesce(last_version, -1), coalesce(first_link, 0), coalesce(last_link, -1),
       json_build_object(
           'seq', seq, 'correction', id, 'kind', kind, 'reason', reason, 'effective_on', effective_on, 'made_at', made_at,
           'basis', basis, 'reverts', reverts, 'counts', counts,
           'hash', encode(hash, 'hex'), 'previous', encode(previous, 'hex'), 'who', encode(who, 'hex'),
           'bbox', (select json_build_array(round(st_xmin(g)::numeric, 7), round(st_ymin(g)::numeric, 7),
                                            round(st_xmax(g)::numeric, 7), round(st_ymax(g)::numeric, 7))
                    from st_transform(extent, 4326) g where g is not null))::text
from correction where seq is not null and seq >= %(seq)s order by seq limit %(limit)s

-- name: rows
-- What one correction did, after (part, key), in that order, at most `limit` of each part: 1 versions closed, 2 opened,
-- 3 address links closed, 4 opened. Each part is a range of an index.
(select 1 as part, v.id as key, json_build_object('code', v.code, 'version', v.id)::text as row
 from parcel_version v
 where v.closed_by = %(id)s and v.closed_by is not null and %(part)s <= 1 and v.id > case when %(part)s = 1 then %(key)s else 0 end
 order by v.id limit %(limit)s)
union all
(select 2, v.id,
        '{' || case %(shapes)s when 'wkb' then '"shape":"' || encode(st_asbinary(v.shape, 'NDR'), 'hex') || '",'
                               when 'geojson' then '"shape":' || st_asgeojson(v.shape, 3, 0) || ',' else '' end
            || substr(json_build_object(
            'code', v.code, 'version', v.id,
            'sheet', json_build_object('commune', su.code, 'commune_from', su.valid_from, 'number', s.number, 'scale', s.scale,
                                       'map_set', s.map_set, 'epsg', s.epsg, 'kind', s.kind),
            'commune', u.code, 'commune_from', u.valid_from,
            'number', v.number, 'land_use', v.land_use, 'area_m2', v.area_m2, 'legal_area_m2', v.legal_area_m2,
            'provisional', v.provisional,
            'issued', case when p.issued_by = v.opened_by then
                      json_build_object('point', json_build_array(p.east_m, p.north_m), 'epsg', p.epsg, 'algorithm', p.algorithm) end)::text, 2)
 from parcel_version v
 join parcel p on p.code = v.code
 join sheet s on s.id = v.sheet
 join unit su on su.id = s.commune
 join unit u on u.id = v.commune
 where v.id between greatest(%(first_version)s, case when %(part)s = 2 then %(key)s + 1 else 0 end) and %(last_version)s
   and v.opened_by = %(id)s and %(part)s <= 2
 order by v.id limit %(limit)s)
union all
(select 3, l.id, json_build_object('code', l.code, 'link', l.id, 'scheme', a.scheme, 'address', a.code, 'text', a.text)::text
 from parcel_address l join address a on a.id = l.address
 where l.closed_by = %(id)s and l.closed_by is not null and %(part)s <= 3 and l.id > case when %(part)s = 3 then %(key)s else 0 end
 order by l.id limit %(limit)s)
union all
(select 4, l.id,
        json_build_object('code', l.code, 'link', l.id, 'main', l.main, 'address_id', a.id, 'scheme', a.scheme, 'address', a.code,
                          'text', a.text, 'point', case when a.point is not null then json_build_array(st_x(a.point), st_y(a.point)) end)::text
 from parcel_address l join address a on a.id = l.address
 where l.id between greatest(%(first_link)s, case when %(part)s = 4 then %(key)s + 1 else 0 end) and %(last_link)s
   and l.opened_by = %(id)s and %(part)s <= 4
 order by l.id limit %(limit)s)
order by part, key

-- name: last
-- The last place in the feed.
select coalesce(max(seq), 0) from correction where seq is not null

-- name: channel
-- Where the register says that a correction was made.
select changes_channel()
