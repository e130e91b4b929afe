-- Features of the register for GIS (OGC API - Features): what the answers share, and the indexes their pages need.

create index parcel_version_commune on parcel_version (commune, code) where closed_by is null;  -- pages and downloads of a commune
create index if not exists address_point on address using gist (point) where point is not null;  -- addresses in a box

-- A shape as GeoJSON in a system: `flip` puts the latitude first. The definitions of the zones are our own
-- (spatial_ref_sys, from geo.crs), never those PROJ would choose; a shape in the system asked for stays as it is.
create function feature_geometry(shape geometry, epsg integer, flip boolean, digits integer)
returns json language sql stable parallel safe as $$
    select st_asgeojson(case when flip then st_flipcoordinates(st_transform(shape, epsg)) else st_transform(shape, epsg) end,
                        digits, 0)::json
$$;

-- The properties named, in their order; all where none is.
create function feature_properties(told json, names text[]) returns json language sql immutable parallel safe as $$
    select case when names is null then told
                else (select coalesce(json_object_agg(key, value), '{}') from json_each(told) where key = any(names)) end
$$;
