-- API: public
-- The version of pgnetty that installed schema net.
create or replace function net.version()
returns text
language sql
stable
parallel safe
set search_path = pg_catalog, pg_temp
return '{version}'::text;
