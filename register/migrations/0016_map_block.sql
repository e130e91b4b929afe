-- The map's own store: a block per map cell, all a tile there shows of its parcels as columns of integers (tiles/block.py).
-- Derived: a block may lag behind its cell; `revision` says which state it shows, readers bring it up to date.
create table map_block (
    key       bigint primary key,                                 -- as in map_cell
    revision  bigint not null,                                    -- that of the cell when it was built
    body      bytea not null
);
alter table map_block alter column body set storage external;     -- packed already
