-- API: private
-- The rule of a host, of which net.hosts has the patterns, the narrowest first: one row. Written so that PostgreSQL takes it
-- into the statement that calls it; that one has the search_path.
-- Index: host_rule_pkey.
create or replace function net.rule_of(patterns text[])
returns table (max_in_flight integer, per_second double precision)
language sql
stable
parallel safe
as $$
  select r.max_in_flight, r.per_second
  from net.effective_host_rule r
  where r.host_pattern operator(pg_catalog.=) any (patterns)
  order by pg_catalog.array_position(patterns, r.host_pattern)
  limit 1
$$;
