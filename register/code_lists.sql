-- name: drop_rows
-- What an earlier run in the same transaction left.
drop table if exists pg_temp.land_use_row, pg_temp.land_user_row, pg_temp.tolerance_point_row, pg_temp.tolerance_edge_row,
    pg_temp.tolerance_area_row

-- name: land_use_row
-- data/land_use.tsv as it is read.
create temporary table land_use_row (like land_use) on commit drop

-- name: land_use_copy
-- An empty field is null; the columns must be the table's.
copy land_use_row from stdin with (format csv, delimiter E'\t', header match)

-- name: land_use_put
-- Codes new to the register, and those the file tells otherwise.
insert into land_use as k select * from land_use_row r
on conflict (code) do update set
    name_vi = excluded.name_vi, name_en = excluded.name_en, family = excluded.family, valid_from = excluded.valid_from,
    valid_to = excluded.valid_to, successor = excluded.successor, source = excluded.source
where k is distinct from excluded

-- name: land_user_row
-- data/land_user.tsv as it is read.
create temporary table land_user_row (like land_user) on commit drop

-- name: land_user_copy
-- An empty field is null; the columns must be the table's.
copy land_user_row from stdin with (format csv, delimiter E'\t', header match)

-- name: land_user_put
-- Codes new to the register, and those the file tells otherwise.
insert into land_user as k select * from land_user_row r
on conflict (code) do update set
    name_vi = excluded.name_vi, name_en = excluded.name_en, role = excluded.role, parent = excluded.parent,
    valid_from = excluded.valid_from, valid_to = excluded.valid_to, successor = excluded.successor, source = excluded.source
where k is distinct from excluded

-- name: tolerance_point_row
-- data/tolerance_point.tsv as it is read.
create temporary table tolerance_point_row (like tolerance_point) on commit drop

-- name: tolerance_point_copy
-- An empty field is null; the columns must be the table's.
copy tolerance_point_row from stdin with (format csv, delimiter E'\t', header match)

-- name: tolerance_point_put
-- Steps new to the register, and those the file tells otherwise.
insert into tolerance_point as k select * from tolerance_point_row r
on conflict (scale, valid_from) do update set
    limit_cm = excluded.limit_cm, farmland_factor = excluded.farmland_factor, valid_to = excluded.valid_to,
    source = excluded.source
where k is distinct from excluded

-- name: tolerance_edge_row
-- data/tolerance_edge.tsv as it is read.
create temporary table tolerance_edge_row (like tolerance_edge) on commit drop

-- name: tolerance_edge_copy
-- An empty field is null; the columns must be the table's.
copy tolerance_edge_row from stdin with (format csv, delimiter E'\t', header match)

-- name: tolerance_edge_put
-- Steps new to the register, and those the file tells otherwise.
insert into tolerance_edge as k select * from tolerance_edge_row r
on conflict (scale, from_m, valid_from) do update set
    to_m = excluded.to_m, base_cm = excluded.base_cm, per_m_cm = excluded.per_m_cm,
    farmland_factor = excluded.farmland_factor, valid_to = excluded.valid_to, source = excluded.source
where k is distinct from excluded

-- name: tolerance_area_row
-- data/tolerance_area.tsv as it is read.
create temporary table tolerance_area_row (like tolerance_area) on commit drop

-- name: tolerance_area_copy
-- An empty field is null; the columns must be the table's.
copy tolerance_area_row from stdin with (format csv, delimiter E'\t', header match)

-- name: tolerance_area_put
-- Steps new to the register, and those the file tells otherwise.
insert into tolerance_area as k select * from tolerance_area_row r
on conflict (scale, from_m2, valid_from) do update set
    to_m2 = excluded.to_m2, base_m2 = excluded.base_m2, per_10m2_m2 = excluded.per_10m2_m2,
    valid_to = excluded.valid_to, source = excluded.source
where k is distinct from excluded
