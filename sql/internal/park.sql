-- API: private
-- Keeps a request out of every claim, with the reason. Where even its host is too much for an index it is cut.
create or replace function net.park(request_id bigint, reason text)
returns void
language sql
volatile
set search_path = pg_catalog, pg_temp
as $$
  update net.http_request_queue q
  set state = 'parked',
    due_at = clock_timestamp(),
    host = left(q.host, 255),
    error_msg = reason
  where q.id = request_id
$$;
