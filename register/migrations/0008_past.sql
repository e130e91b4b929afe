-- The past and the feed: what a correction did is found by its own numbers, never by reading the register.

-- Whether a version lived: its opener known (`seq`) and effective (`day`), its closer, if any, not yet both. The one law
-- of both clocks; opened_* and closed_* are of the corrections that opened and closed it.
create function alive(opened_seq bigint, opened_on date, closed_seq bigint, closed_on date, seq bigint, day date)
returns boolean language sql immutable parallel safe as $$
    select opened_seq <= seq and opened_on <= day and (closed_seq is null or closed_seq > seq or closed_on > day)
$$;

-- Where followers of the feed listen: one channel for each schema, within the 63 bytes of a name.
create function changes_channel() returns text language sql stable as $$
    select 'diachinh_changes_' || left(md5(current_schema()), 16)
$$;

-- Bounds of the numbers given out while a correction was made (others' may lie between), and the ground it changed. The
-- chain holds a digest of who made it, so that others can verify it who are not told.
alter table correction
    add column first_version bigint,
    add column last_version bigint,
    add column first_link bigint,
    add column last_link bigint,
    add column extent geometry(Polygon, 3857),
    add column nonce bytea,                                      -- hides who made it behind `who`, never given away
    add column who bytea;                                        -- digest of nonce, author and approver: what the chain holds
alter table correction disable trigger sealed;
update correction c set first_version = v.low, last_version = v.high
from (select opened_by, min(id) as low, max(id) as high from parcel_version group by 1) v where v.opened_by = c.id;
update correction c set first_link = l.low, last_link = l.high
from (select opened_by, min(id) as low, max(id) as high from parcel_address group by 1) l where l.opened_by = c.id;
update correction c set extent = st_setsrid(w.box::geometry, 3857)
from (select by, st_extent(web) as box
      from (select opened_by as by, web from parcel_version
            union all select closed_by, web from parcel_version where closed_by is not null) t
      group by 1) w where w.by = c.id;
alter table correction enable trigger sealed;

drop index parcel_version_closed;
create index parcel_version_closed on parcel_version (closed_by, id) where closed_by is not null;  -- undo; feed, in order
drop index parcel_address_closed;
create index parcel_address_closed on parcel_address (closed_by, id) where closed_by is not null;
create index parcel_address_past on parcel_address (code) where closed_by is not null;             -- addresses as of a date
