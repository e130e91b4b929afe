-- Texts are searched in memory; the register itself looks them up whole, and by their beginning (files of addresses).
drop index address_folded;
create index address_folded on address (left(folded, 200) text_pattern_ops) where folded is not null;

-- What each address text says, taken apart (geo.addresses.parts). Derived from address.text, outside of the corrections: a
-- row is the mark that the text was read; bulk is read after the import, in the background. Made anew where rules change.
create table address_part (
    address   bigint primary key references address (id),
    house     text,                                              -- house number (số nhà), last of its way
    alleys    text[] not null default '{}',                      -- ngõ, ngách, hẻm, kiệt: from the street inwards
    street    text,
    hamlet    text,                                              -- tổ, khu phố, thôn, ấp …; several with commas
    commune   text,                                              -- as the text has it, then or now
    district  text,                                              -- former (before 1 July 2025)
    province  text
);
