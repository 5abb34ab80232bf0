-- API: helper
-- The content type that headers name, whatever the case of the name; null where there is none. An array of one counts.
create or replace function net.content_type(headers jsonb)
returns text
language sql
immutable
set search_path = pg_catalog, pg_temp
as $$
  select coalesce(h.value ->> 0, h.value #>> '{}')
  from jsonb_each(case jsonb_typeof(headers) when 'object' then headers else '{}' end) h
  where lower(h.key collate "C") = 'content-type'
    and h.value <> 'null'
  limit 1
$$;
