-- API: private
-- Keeps a request out of every claim, with the reason. Where even its host is too much for an index it is cut.
create or replace function net.park(request_id bigint, reason text)
returns void
language sql
volatile
set search_path = pg_catalog, pg_temp
as $$
  update net.http_request_queue q
  set lease_until = 'infinity',
    replica = null,
    -- Since when it is parked, from here on.
    rank = clock_timestamp(),
    host = left(coalesce(q.home_host, q.host), 255),
    home_host = null,
    error_msg = reason
  where q.id = request_id
$$;
