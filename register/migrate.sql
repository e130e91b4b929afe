-- name: lock
-- Two starters migrate one after the other.
select pg_advisory_xact_lock(hashtext('diachinh migrate'))

-- name: postgis
-- The extension lives in public, shared by all registers of a database.
create extension if not exists postgis with schema public

-- name: migration_table
-- What has been applied to this schema.
create table if not exists migration (name text primary key, applied_at timestamptz not null default clock_timestamp())

-- name: migrations_done
-- Names applied so far.
select name from migration

-- name: migration_done
-- Remember one.
insert into migration (name) values (%(name)s)

-- name: data_loaded
-- Remember which data files were loaded last.
with others as (delete from migration where name like 'data/%%' and name <> %(name)s)
insert into migration (name) values (%(name)s) on conflict (name) do update set applied_at = clock_timestamp()

-- name: pin_zone
-- One VN-2000 zone with the official parameters; auth_name is not EPSG, or PROJ would choose the operation again.
insert into public.spatial_ref_sys (srid, auth_name, auth_srid, srtext, proj4text)
values (%(epsg)s, 'VN2000', %(epsg)s, '', %(proj4)s)
on conflict (srid) do update set auth_name = excluded.auth_name, srtext = '', proj4text = excluded.proj4text
where spatial_ref_sys.proj4text is distinct from excluded.proj4text or spatial_ref_sys.auth_name = 'EPSG'
