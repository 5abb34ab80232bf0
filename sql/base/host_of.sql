-- API: private
-- The host of a URL as it is counted, shown and ruled: lower case, with its port unless that is the scheme's own.
create or replace function net.host_of(url text)
returns text
language sql
immutable
parallel safe
return pg_catalog.regexp_replace(
  pg_catalog.lower(
    pg_catalog.split_part(
      pg_catalog.split_part(
        pg_catalog.split_part(pg_catalog.split_part(url, '://', 2), '/', 1),
        '?', 1),
      '#', 1) collate "C"
  ),
  case when pg_catalog.left(url, 5) operator(pg_catalog.~~*) 'https' then ':(443)?$' else ':(80)?$' end,
  ''
);
