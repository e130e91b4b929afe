-- What must never happen is refused here, by statement (one row or a million: one check).
-- Names of the raised conditions (constraint) are turned into errors in register/errors.py.

create function refuse_loss() returns trigger language plpgsql as $$
begin
    raise exception using errcode = 'DC001', constraint = 'append_only',
        message = format('%s is append-only: %s is refused', tg_table_name, lower(tg_op));
end $$;

-- Closing is the one update of a row with a life: closed_by may go from null to a value, nothing else may change.
-- One function a table, written out over its columns: comparing them one by one costs nothing beside the update.
create procedure only_closing(t text) language plpgsql as $p$
declare columns_o text; columns_n text;
begin
    select string_agg(format('o.%I', attname), ', '), string_agg(format('n.%I', attname), ', ') into columns_o, columns_n
    from pg_attribute where attrelid = t::regclass and attnum > 0 and not attisdropped and attname not in ('id', 'closed_by');
    execute format($f$
        create or replace function only_closing_%1$s() returns trigger language plpgsql as $b$
        begin
            if exists (select from was o full join becomes n using (id)
                       where o.closed_by is not null or n.closed_by is null or (%2$s) is distinct from (%3$s)) then
                raise exception using errcode = 'DC001', constraint = 'append_only',
                    message = '%1$s is append-only: only closing a current row is allowed';
            end if;
            return null;
        end $b$ $f$, t, columns_o, columns_n);
    execute format('create trigger only_closing after update on %1$I referencing old table as was new table as becomes
                    for each statement execute function only_closing_%1$s()', t);
end $p$;

do $$
declare t text;
begin
    foreach t in array array['parcel', 'parcel_version', 'address', 'parcel_address', 'defect', 'correction', 'audit'] loop
        execute format('create trigger no_delete before delete on %I for each statement execute function refuse_loss()', t);
        execute format('create trigger no_truncate before truncate on %I for each statement execute function refuse_loss()', t);
    end loop;
    foreach t in array array['parcel', 'address', 'audit'] loop
        execute format('create trigger no_update before update on %I for each statement execute function refuse_loss()', t);
    end loop;
    foreach t in array array['parcel_version', 'parcel_address', 'defect'] loop
        call only_closing(t);
    end loop;
end $$;

-- An applied correction is sealed once: after that nothing of it changes.
create function refuse_resealing() returns trigger language plpgsql as $$
begin
    if old.hash is not null or (new.id, new.kind, new.author, new.made_at) is distinct from (old.id, old.kind, old.author, old.made_at) then
        raise exception using errcode = 'DC001', constraint = 'append_only', message = 'a sealed correction does not change';
    end if;
    return new;
end $$;
create trigger sealed before update on correction for each row execute function refuse_resealing();

-- Foreign keys by statement: nothing is ever deleted, so a check when rows come in is a foreign key, and it costs a join
-- instead of a look-up per row.
create function parcel_has_correction() returns trigger language plpgsql as $$
begin
    if exists (select from (select distinct issued_by from becomes) b where not exists (select from correction c where c.id = b.issued_by)) then
        raise exception using errcode = '23503', constraint = 'parcel_issued_by', message = 'a parcel needs its correction';
    end if;
    return null;
end $$;
create trigger has_correction after insert on parcel referencing new table as becomes
    for each statement execute function parcel_has_correction();

-- One pass over the new rows; every join is to a key.
create function version_has_all() returns trigger language plpgsql as $$
declare missing text;
begin
    select case when p.code is null then 'version_code' when s.id is null then 'version_sheet'
                when u.id is null then 'version_commune' else 'version_opened_by' end into missing
    from becomes b
    left join parcel p on p.code = b.code
    left join sheet s on s.id = b.sheet
    left join unit u on u.id = b.commune
    left join correction c on c.id = b.opened_by
    where p.code is null or s.id is null or u.id is null or c.id is null limit 1;
    if missing is not null then
        raise exception using errcode = '23503', constraint = missing,
            message = 'a version needs its parcel, sheet, commune and correction: ' || missing;
    end if;
    if exists (select from becomes b where not st_isvalid(b.shape)) then
        raise exception using errcode = '23514', constraint = 'version_shape_valid', message = 'a shape is not valid';
    end if;
    return null;
end $$;
create trigger has_all after insert on parcel_version referencing new table as becomes
    for each statement execute function version_has_all();

create function link_has_all() returns trigger language plpgsql as $$
declare missing text;
begin
    select case when p.code is null then 'link_code' when a.id is null then 'link_address' else 'link_opened_by' end into missing
    from becomes b
    left join parcel p on p.code = b.code
    left join address a on a.id = b.address
    left join correction c on c.id = b.opened_by
    where p.code is null or a.id is null or c.id is null limit 1;
    if missing is not null then
        raise exception using errcode = '23503', constraint = missing,
            message = 'a link needs its parcel, address and correction: ' || missing;
    end if;
    return null;
end $$;
create trigger has_all after insert on parcel_address referencing new table as becomes
    for each statement execute function link_has_all();

-- Key of a map cell: bits of x on even, of y on odd places (the same as geo/cells.py).
create function cell_key(x integer, y integer) returns bigint language sql immutable parallel safe as $$
    with s1 as (select (x::bigint | (x::bigint << 16)) & x'0000FFFF0000FFFF'::bigint as a, (y::bigint | (y::bigint << 16)) & x'0000FFFF0000FFFF'::bigint as b),
         s2 as (select (a | (a << 8)) & x'00FF00FF00FF00FF'::bigint as a, (b | (b << 8)) & x'00FF00FF00FF00FF'::bigint as b from s1),
         s3 as (select (a | (a << 4)) & x'0F0F0F0F0F0F0F0F'::bigint as a, (b | (b << 4)) & x'0F0F0F0F0F0F0F0F'::bigint as b from s2),
         s4 as (select (a | (a << 2)) & x'3333333333333333'::bigint as a, (b | (b << 2)) & x'3333333333333333'::bigint as b from s3),
         s5 as (select (a | (a << 1)) & x'5555555555555555'::bigint as a, (b | (b << 1)) & x'5555555555555555'::bigint as b from s4)
    select a | (b << 1) from s5
$$;

-- Column and row of the map cell a web coordinate (EPSG:3857) lies in; off the map: at its edge.
create function cell_column(x_m double precision) returns integer language sql immutable parallel safe as $$
    select greatest(least(floor((x_m + 20037508.342789244) / (2 * 20037508.342789244 / 16384)), 16383), 0)::integer
$$;
create function cell_row(y_m double precision) returns integer language sql immutable parallel safe as $$
    select greatest(least(floor((20037508.342789244 - y_m) / (2 * 20037508.342789244 / 16384)), 16383), 0)::integer
$$;
