-- The ids alone of the caller's requests that wait or are being sent: for net.requests, which looks at each one only as far as it is asked for.
-- A request's own columns are in net.my_requests. Index: http_request_queue_pkey.
create or replace view net.my_request_ids
with (security_barrier = true) as
select
  q.id,
  q.queued_by
from net.http_request_queue q
where q.queued_by::oid between (select v[1]::oid from net.visible_roles() v) and (select v[cardinality(v)]::oid from net.visible_roles() v)
  and q.queued_by = any ((select net.visible_roles())::regrole[]);

revoke all on net.my_request_ids from public;
