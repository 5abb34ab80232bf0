-- API: helper
-- A URL with more in its query, before any fragment.
create or replace function net.with_query(url text, query text)
returns text
language sql
immutable
set search_path = pg_catalog, pg_temp
as $$
  select concat(
    base,
    case when strpos(base, '?') = 0 then '?' when right(base, 1) not in ('?', '&') then '&' end,
    query,
    substr(url, length(base) + 1))
  from split_part(url, '#', 1) base
$$;
