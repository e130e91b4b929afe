-- The peer: a parcel halved by a line through its middle, with the rows a split writes and nothing looked for.
create sequence if not exists bare_code;
create or replace function bare_split() returns bigint language plpgsql as $$
#variable_conflict use_variable
declare
    old parcel_version; number bigint; cell bigint; half geometry; west geometry; east geometry; part geometry; code text;
    x float8; made bigint; link bytea; at_seq bigint;
begin
    select * into old from parcel_version v where v.closed_by is null and v.web && st_expand(st_transform(st_setsrid(
        st_makepoint(548000 + random() * 800, 1777000 + random() * 800), 5899), 3857), 0.1) limit 1 for update skip locked;
    if old.id is null then return 0; end if;
    x := round(((st_xmin(old.shape) + st_xmax(old.shape)) / 2)::numeric, 3);
    half := st_makeenvelope(st_xmin(old.shape) - 1, st_ymin(old.shape) - 1, x, st_ymax(old.shape) + 1, st_srid(old.shape));
    west := st_intersection(old.shape, half);
    east := st_difference(old.shape, half);
    cell := cell_key(cell_column(st_x(old.anchor)), cell_row(st_y(old.anchor)));
    insert into correction (kind, state, author, effective_on) values ('split', 'applied', 'bare', date '2026-06-01') returning id into number;
    insert into map_cell (key, revision) values (cell, 1) on conflict (key) do update set revision = map_cell.revision + 1;
    perform id from sheet where id = old.sheet for no key update;
    update parcel_address l set closed_by = number where l.code = old.code and l.closed_by is null;
    update parcel_version set closed_by = number where id = old.id;
    foreach part in array array[west, east] loop
        code := translate(lpad(to_hex(nextval('bare_code')), 12, '0'), 'a', 'g');
        insert into parcel (code, east_m, north_m, epsg, algorithm, issued_by)
        values (code, st_x(st_centroid(part)), st_y(st_centroid(part)), st_srid(part), 'bare', number);
        insert into parcel_version (code, sheet, commune, number, land_use, area_m2, shape, web, anchor, room_m, opened_by)
        values (code, old.sheet, old.commune, 'b' || currval('bare_code'), old.land_use, st_area(part), part, st_transform(part, 3857),
                st_transform(st_centroid(part), 3857), 1, number);
        insert into address (scheme, code, point, made_by)
        values ('olc', code, st_transform(st_centroid(part), 4326), number) returning id into made;
        insert into parcel_address (code, address, main, opened_by) values (code, made, true, number);
    end loop;
    select hash, seq + 1 into link, at_seq from chain for update;
    link := sha256(link || int8send(number));
    update chain set last = number, hash = link, seq = at_seq, made_at = clock_timestamp();
    update correction set hash = link, seq = at_seq, made_at = clock_timestamp() where id = number;
    return number;
end $$;
