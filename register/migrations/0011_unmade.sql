-- An undo says that something never was so by law. What was closed before the undo by a later correction, itself undone
-- since, would else go on living from its legal day to that of the later one, beside what the undo brings back.
-- Derived from corrections: `by` is the undo from which on (as the office knew it) the version or link was on no day.
create table unmade_version (
    version  bigint primary key,                                  -- as of a legal day
    by       bigint not null references correction (id)
);
create table unmade_link (
    link     bigint primary key,                                  -- addresses as of a legal day
    by       bigint not null references correction (id)
);

-- What the correction `undo`, once it has closed and opened its rows, makes never to have been by law. All that came
-- after what it undoes on the same parcels, or their links, is undone by then.
create function unmake(undo bigint) returns void language sql as $$
    insert into unmade_version (version, by)
    select v.id, c.id from correction c
    join parcel_version t on t.closed_by = c.id and t.closed_by is not null or t.opened_by = c.id
    join parcel_version v on v.code = t.code and v.closed_by is not null and v.closed_by < c.id and v.opened_by >= c.reverts
    where c.id = undo
    on conflict do nothing;
    insert into unmade_link (link, by)
    select l.id, c.id from correction c
    join parcel_address t on t.closed_by = c.id and t.closed_by is not null or t.opened_by = c.id
    join parcel_address l on l.code = t.code and l.closed_by is not null and l.closed_by < c.id and l.opened_by >= c.reverts
    where c.id = undo
    on conflict do nothing;
$$;
select unmake(id) from correction where reverts is not null and hash is not null order by id;

do $$
declare t text; what text;
begin
    foreach t in array array['unmade_version', 'unmade_link'] loop
        foreach what in array array['delete', 'truncate', 'update'] loop
            execute format('create trigger no_%2$s before %2$s on %1$I for each statement execute function refuse_loss()', t, what);
        end loop;
    end loop;
end $$;
