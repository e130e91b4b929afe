-- name: links
-- Current links with what other systems know them by, from a commune of today (null: all) and a scheme (null: all).
select l.code as ma_thua, u.code as ma_xa, s.number as so_to, v.number as so_thua, a.scheme, a.code as digital, a.text,
       d.source, d.status, coalesce(d.postcode, u.postcode) as postcode, l.main, st_y(a.point) as lat, st_x(a.point) as lon
from parcel_address l
join parcel_version v on v.code = l.code and v.closed_by is null
join sheet s on s.id = v.sheet
join unit u on u.id = v.commune
join address a on a.id = l.address
left join address_said d on d.address = a.id
where l.closed_by is null and (%(commune)s::text is null or u.code = %(commune)s) and (%(scheme)s::text is null or a.scheme = %(scheme)s)
order by l.code, l.main desc, l.id
