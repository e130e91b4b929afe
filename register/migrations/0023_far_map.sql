-- The map far out shows sheets and communes as areas too: of each layer its own rasters and tiles (tiles/low).
alter table map_raster drop constraint map_raster_pkey;
alter table map_raster add column layer text not null default 'land_use', add primary key (layer, key);
alter table map_raster alter column layer drop default;
alter table map_area drop constraint map_area_pkey;
alter table map_area
    add column layer text not null default 'land_use',
    add column made_of bytea,                                     -- hash of the squares it was made of: another state may have the same
    add primary key (layer, z, key);
alter table map_area alter column layer drop default;

-- Open maps hear of it when units, or groups of land uses, change: where followers of the feed listen.
create or replace function units_changed() returns trigger language plpgsql as $$
begin
    if exists (select from becomes) then
        insert into map_units default values;
        perform pg_notify(changes_channel(), 'units');
    end if;
    return null;
end $$;
