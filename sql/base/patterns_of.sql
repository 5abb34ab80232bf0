-- API: private
-- The patterns that name a host (net.host_matches), the narrowest first: itself, *.example.com for what is above it, and *, each
-- with its port first. A name of more than 16 labels, or longer than any name there is, is found by fewer.
create or replace function net.patterns_of(host text)
returns text[]
language sql
immutable
parallel safe
return (
  select pg_catalog.array_agg(n.name || p.port order by n.place, p.place)
  from (
    select
      pg_catalog.rtrim(pg_catalog.regexp_replace(host, ':[0-9]+$', ''), '.') as name,
      pg_catalog.substring(host, ':[0-9]+$') as port
  ) h
  cross join lateral (
    select h.name, 0 as place
    union all
    select '*.' || pg_catalog.array_to_string(l.labels[i:], '.'), i
    from (
      select pg_catalog.string_to_array(h.name, '.') as labels
    ) l,
      pg_catalog.generate_series(2, pg_catalog.cardinality(l.labels)) i
    where pg_catalog.length(h.name) <= 255
      and i > pg_catalog.cardinality(l.labels) - 16
    union all
    select '*', 1000
  ) n
  cross join lateral pg_catalog.unnest(
    case when h.port is null then array[':80', ':443', ''] else array[h.port, ''] end
  ) with ordinality p (port, place)
);
