-- The house number an address text begins with, as written: what the map shows of it.
create function house_of(text text) returns text language sql immutable strict parallel safe as
$$ select substring(text from '^(?:[Ss]ố(?: nhà)? )?([0-9]+[A-Za-z]?(?:/[0-9]+[A-Za-z]?)*)\M') $$;
