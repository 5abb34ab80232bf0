-- API: helper
-- Whether headers have one of that name, which is given in lower case.
create or replace function net.has_header(headers jsonb, name text)
returns boolean
language sql
immutable
set search_path = pg_catalog, pg_temp
as $$
  select exists (
    select
    from jsonb_each(headers) h
    where lower(h.key collate "C") = name
      and h.value <> 'null'
  )
$$;
