-- API: private
-- The time up to which a rate limit, of a host or a role, is used up after this many requests, which began at `started`. Null without
-- a limit.
create or replace function net.rate_limited_until(before timestamptz, started timestamptz, per_second double precision, requests numeric)
returns timestamptz
language sql
stable
parallel safe
return greatest(
    before,
    started operator(pg_catalog.-) greatest(0.1, 1 / per_second) * interval '1 second'
  ) operator(pg_catalog.+) requests::double precision / per_second * interval '1 second';
