-- API: private
-- The row of net.key_slot under which a role's key is looked for and taken. Two keys that share one only wait for each other.
create or replace function net.slot_of(key text)
returns integer
language sql
immutable
return pg_catalog.hashtext(key) & 255;
