-- API: helper
-- What a request must have in common with another that has its key: method, URL and body.
create or replace function net.fingerprint(method text, url text, body bytea)
returns bytea
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select sha256(
    convert_to(concat(method, ' ', url, chr(10)), getdatabaseencoding())
      || coalesce(decode('01', 'hex') || body, decode('00', 'hex'))
  )
$$;
