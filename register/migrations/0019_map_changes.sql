-- Which map cells each correction touched: readers learn from it which tiles are new, and when what they look at changed.
create table map_change (
    key         bigint not null,                                  -- as in map_cell
    correction  bigint not null references correction (id),
    primary key (key, correction)                                 -- as of a date: when the cells of a tile changed
);
create index map_change_correction on map_change (correction);    -- what is new since a correction
insert into map_change (key, correction)
select distinct cell_key(x, y), r.by
from (select distinct t.by, cell_column(st_xmin(web) - 40) as x0, cell_column(st_xmax(web) + 40) as x1,
                      cell_row(st_ymax(web) + 40) as y0, cell_row(st_ymin(web) - 40) as y1
      from (select opened_by as by, web from parcel_version
            union all select closed_by, web from parcel_version where closed_by is not null) t) r
cross join lateral generate_series(x0, x1) x
cross join lateral generate_series(y0, y1) y;

-- One row each time units change, communes' outlines above all, which are not changed by corrections alone: how many rows
-- there are tells maps of communes apart. Rows and not a counter, so that nobody waits for anybody.
create table map_units (id bigint primary key generated always as identity);
create function units_changed() returns trigger language plpgsql as $$
begin
    if exists (select from becomes) then
        insert into map_units default values;
    end if;
    return null;
end $$;
create trigger changed_map_insert after insert on unit referencing new table as becomes
    for each statement execute function units_changed();
create trigger changed_map_update after update on unit referencing new table as becomes
    for each statement execute function units_changed();

do $$
declare t text; what text;
begin
    foreach t in array array['map_change', 'map_units'] loop
        foreach what in array array['delete', 'truncate', 'update'] loop
            execute format('create trigger no_%2$s before %2$s on %1$I for each statement execute function refuse_loss()', t, what);
        end loop;
    end loop;
end $$;
