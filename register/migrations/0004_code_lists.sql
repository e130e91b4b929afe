-- Code lists with validity and source: land users, tolerances; and which successor of a divided unit is the default.

-- Exactly one successor of a unit is the one taken where a parcel's place does not tell (no outlines).
alter table unit_successor add column main boolean not null default true;
create unique index unit_successor_main on unit_successor (unit) where main;  -- one default per unit

-- Today's units the ground of the given units belongs to, followed through all rearrangements; a unit of today is its own.
create function units_today(units integer[]) returns table (unit integer, today integer, main boolean)
language sql stable parallel safe as $$
    with recursive way (unit, today, main) as (
        select distinct u, u, true from unnest(units) u
        union all
        select way.unit, s.successor, way.main and s.main from way join unit_successor s on s.unit = way.today
    )
    select way.unit, way.today, bool_or(way.main)
    from way join unit u on u.id = way.today and u.valid_to is null
    group by way.unit, way.today
$$;

-- Codes of those who use or manage land (mã đối tượng sử dụng, quản lý đất; rules §7.2).
create table land_user (
    code        text primary key,
    name_vi     text not null,
    name_en     text not null,
    role        text not null check (role in ('user', 'manager')),
    parent      text,                                  -- the wider group the code is counted in
    valid_from  date,
    valid_to    date,
    successor   text,                                  -- today's code for a legacy one
    source      text not null
);

-- How far a boundary point may lie off (rules §5.1): cm against the nearest control point.
create table tolerance_point (
    scale            integer not null,
    limit_cm         numeric not null,
    farmland_factor  numeric not null,                 -- on farmland the limit is this many times as large
    valid_from       date not null,
    valid_to         date,
    source           text not null,
    primary key (scale, valid_from)
);

-- How far two measurements of an edge may differ (rules §5.2): base_cm up to the first row's to_m, then for each metre
-- between from_m and to_m another per_m_cm.
create table tolerance_edge (
    scale            integer not null,
    from_m           numeric not null,
    to_m             numeric,                          -- null: no end
    base_cm          numeric not null,
    per_m_cm         numeric not null,
    farmland_factor  numeric not null,                 -- on farmland and unused land in one piece
    valid_from       date not null,
    valid_to         date,
    source           text not null,
    primary key (scale, from_m, valid_from)
);

-- How far two measurements of an area may differ (rules §5.3): base_m2 up to the first row's to_m2, then for each 10 m²
-- between from_m2 and to_m2 another per_10m2_m2.
create table tolerance_area (
    scale        integer not null,
    from_m2      numeric not null,
    to_m2        numeric,                              -- null: no end
    base_m2      numeric not null,
    per_10m2_m2  numeric not null,
    valid_from   date not null,
    valid_to     date,
    source       text not null,
    primary key (scale, from_m2, valid_from)
);
