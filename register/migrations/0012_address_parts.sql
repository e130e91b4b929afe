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

-- Addresses as objects: the parts as given, the commune of today by its parcel, where it comes from, whether it stands.
create view address_object as
select a.id, a.scheme, a.code, a.text, a.point,
       p.house, p.alleys, p.street, p.hamlet, p.commune as commune_given, p.district as district_given, p.province as province_given,
       u.id as unit, u.code as commune_code, u.name as commune, u.postcode,
       c.kind as source, c.effective_on as since,
       case when l.code is null then 'retired' else 'current' end as status
from address a
left join address_part p on p.address = a.id
join correction c on c.id = a.made_by
left join lateral (select code from parcel_address where address = a.id and closed_by is null order by main desc, id limit 1) l on true
left join parcel_version v on v.code = l.code and v.closed_by is null
left join lateral (select today from units_today(array[v.commune]) t where t.main limit 1) t on true
left join unit u on u.id = t.today;
