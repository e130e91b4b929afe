-- name: versions
-- All a parcel ever was, in order: with the corrections that opened and closed it (not who made them: personal data), and
-- whether its shape is another than before. Past and present each by an index of its own.
select json_build_object(
           'version', v.id,
           'commune', u.code,
           'sheet', json_build_object('commune', su.code, 'number', s.number, 'scale', s.scale, 'map_set', s.map_set, 'epsg', s.epsg),
           'number', v.number,
           'land_use', v.land_use,
           'area_m2', v.area_m2,
           'legal_area_m2', v.legal_area_m2,
           'provisional', v.provisional,
           'opened', json_build_object('correction', o.id, 'seq', o.seq, 'kind', o.kind, 'effective_on', o.effective_on,
                                       'made_at', o.made_at, 'reason', o.reason, 'reverts', o.reverts),
           'closed', case when e.id is not null then
                     json_build_object('correction', e.id, 'seq', e.seq, 'kind', e.kind, 'effective_on', e.effective_on,
                                       'made_at', e.made_at, 'reason', e.reason, 'reverts', e.reverts) end),
       st_asbinary(v.shape) is distinct from lag(st_asbinary(v.shape)) over (order by o.seq, v.id)
from (select * from parcel_version where code = %(code)s and closed_by is null
      union all select * from parcel_version where code = %(code)s and closed_by is not null) v
join unit u on u.id = v.commune
join sheet s on s.id = v.sheet
join unit su on su.id = s.commune
join correction o on o.id = v.opened_by
left join correction e on e.id = v.closed_by
order by o.seq desc, v.id desc limit %(limit)s

-- name: children
-- What stands on the ground of `codes` by the corrections that ended them; the head of `related`. Imports take over what
-- others measured, and undos bring back what was: neither makes lineage.
with pair as (
    select c.id as correction, c.kind, p.code as elder, b.code as younger, p.shape as old, b.shape as new,
           p.web as old_web, b.web as new_web
    from unnest(%(codes)s::text[]) k (code)
    join parcel_version p on p.code = k.code and p.closed_by is not null
    join correction c on c.id = p.closed_by and c.kind not in ('import', 'revert')
    cross join lateral (
        select code, shape, web from parcel_version where closed_by is null and web && p.web and opened_by = c.id
        union all
        select code, shape, web from parcel_version where closed_by is not null and web && p.web and opened_by = c.id) b
    where b.code <> p.code
)

-- name: parents
-- The same upwards: what the corrections that began `codes` ended on their ground.
with pair as (
    select c.id as correction, c.kind, p.code as elder, b.code as younger, p.shape as old, b.shape as new,
           p.web as old_web, b.web as new_web
    from unnest(%(codes)s::text[]) k (code)
    cross join lateral (
        select code, shape, web, opened_by from parcel_version where code = k.code and closed_by is null
        union all
        select code, shape, web, opened_by from parcel_version where code = k.code and closed_by is not null) b
    join correction c on c.id = b.opened_by and c.kind not in ('import', 'revert')
    join parcel_version p on p.closed_by = c.id and p.closed_by is not null and p.web && b.web
    where p.code <> b.code
)

-- name: related
-- Elder and younger parcel, the correction between them, and the undo that holds against it. Kin are a code that ended and
-- one that began, on the same ground (0.05 m2, what areas are rounded to). Who keeps its code is a neighbour, but for the
-- remainder of a split and the heir of a merger: most of the other's ground came from it, or went to it.
, judged as (
    select pair.*,
           exists (select from parcel_version r where r.code = elder and r.closed_by is null and r.opened_by = correction)
           or exists (select from parcel_version r where r.code = elder and r.closed_by is not null and r.opened_by = correction) as goes_on,
           exists (select from parcel_version r where r.code = younger and r.closed_by is not null and r.closed_by = correction) as was_there,
           st_area(st_intersection(old, st_transform(new, st_srid(old)))) as shared_m2
    from pair where st_intersects(old_web, new_web)
)
select j.elder, j.younger,
       json_build_object('correction', c.id, 'seq', c.seq, 'kind', c.kind, 'effective_on', c.effective_on,
                         'made_at', c.made_at, 'reason', c.reason, 'reverts', c.reverts),
       (with recursive undo (id, n) as (
            select id, 1 from correction where reverts = c.id and state = 'applied'
            union all
            select r.id, n + 1 from undo join correction r on r.reverts = undo.id and r.state = 'applied')
        select case when n & 1 = 1 then id end from undo order by n desc limit 1)
from judged j join correction c on c.id = j.correction
where j.shared_m2 >= 0.05 and not (j.goes_on and j.was_there)
  and (not (j.goes_on or j.was_there)
       or j.kind in ('split', 'merge') and j.shared_m2 > 0.5 * least(st_area(j.old), st_area(j.new)))
order by c.seq, j.elder, j.younger limit %(limit)s

-- name: shared
-- What pairs of parcels have of one another's ground: the elder's as it was last, the younger's as it began.
select p.elder, p.younger, g.shared_m2, g.shared_m2 / nullif(st_area(o.shape), 0), g.shared_m2 / nullif(st_area(y.shape), 0)
from unnest(%(elder)s::text[], %(younger)s::text[]) p (elder, younger)
cross join lateral (
    select shape from (
        select id, shape from parcel_version where code = p.elder and closed_by is null
        union all select id, shape from parcel_version where code = p.elder and closed_by is not null) v
    order by id desc limit 1) o
cross join lateral (
    select shape from (
        select id, shape from parcel_version where code = p.younger and closed_by is null
        union all select id, shape from parcel_version where code = p.younger and closed_by is not null) v
    order by id limit 1) y
cross join lateral (select st_area(st_intersection(o.shape, st_transform(y.shape, st_srid(o.shape)))) as shared_m2) g

-- name: neighbours
-- Current parcels with an edge in common with a current one, the longest first. An edge with the neighbour's corner in its
-- middle runs beside it to the millimetre, not exactly on it: what lies within 2 mm is shared.
select json_build_object(
           'code', n.code, 'shared_m', round(e.shared_m::numeric, 2), 'number', n.number, 'land_use', n.land_use,
           'area_m2', n.area_m2, 'provisional', n.provisional,
           'sheet', json_build_object('commune', u.code, 'number', s.number, 'scale', s.scale, 'map_set', s.map_set, 'epsg', s.epsg))
from parcel_version v
join parcel_version n on n.closed_by is null and n.code <> v.code and n.web && st_expand(v.web, 0.05)
cross join lateral (select st_boundary(v.shape) as mine, st_boundary(st_transform(n.shape, st_srid(v.shape))) as theirs) b
cross join lateral (
    select st_length(st_intersection(b.mine, b.theirs)) as exact_m,
           st_length(st_intersection(b.mine, st_buffer(b.theirs, 0.002))) as near_m) l
cross join lateral (select case when l.near_m - l.exact_m < 0.01 then l.exact_m else l.near_m end as shared_m) e
join sheet s on s.id = n.sheet
join unit u on u.id = s.commune
where v.code = %(code)s and v.closed_by is null and e.shared_m > 0.01
order by e.shared_m desc, n.code limit %(limit)s

-- name: known
-- Whether a parcel is current; nothing where its code was never issued.
select exists (select from parcel_version v where v.code = p.code and v.closed_by is null) from parcel p where p.code = %(code)s
