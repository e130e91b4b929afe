-- The map far out, derived from the blocks of map cells (tiles/low): what lags behind its cells is told by their revisions, and
-- brought up to date by the next reader.
create table map_raster (                                         -- groups of land uses in the squares of a tile of zoom 11
    key       bigint primary key,                                 -- along the same curve as map_cell, at zoom 11
    body      bytea not null                                      -- the revision of each of its 64 cells, then the squares
);
alter table map_raster alter column body set storage external;    -- packed already
create table map_area (                                           -- the layer land_use of a tile of zoom 6 to 11, as sent
    z         smallint not null,
    key       bigint not null,
    state     text not null,                                      -- of all its cells when it was made
    body      bytea not null,
    primary key (z, key)
);
-- Groups come from the code list: tiles that show them change with it, as maps of communes do with units.
create trigger changed_map_insert after insert on land_use referencing new table as becomes
    for each statement execute function units_changed();
create trigger changed_map_update after update on land_use referencing new table as becomes
    for each statement execute function units_changed();
