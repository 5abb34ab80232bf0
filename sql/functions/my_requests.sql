-- API: public
-- The caller's own requests that are not done. The queue itself has no row-level security: COPY refuses a table with it.
create or replace view net.my_requests
with (security_barrier = true) as
select
  q.id,
  q.method,
  q.url,
  net.mask_headers(q.headers) as headers,
  q.body,
  q.timeout_milliseconds,
  q.host,
  q.queued_by,
  q.created,
  q.idempotency_key,
  q.attempt,
  net.queue_status(q.lease_until) as status,
  q.error_msg
from net.http_request_queue q
where pg_catalog.pg_has_role((select net.caller()), q.queued_by, 'member')
  or (select net.is_owner());
