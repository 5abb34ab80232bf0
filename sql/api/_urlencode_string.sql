-- API: public
-- As pg_net has it.
create or replace function net._urlencode_string(string varchar)
returns text
language sql
immutable
set search_path = pg_catalog, pg_temp
as $$
  select net.url_encode(string)
$$;
