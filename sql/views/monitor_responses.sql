-- The responses that are kept, of all roles, without headers, bodies and error texts. For --monitor and for status. It runs as its
-- owner, whom row-level security does not hold up.
create or replace view net.monitor_responses as
select
  r.id,
  r.queued_by,
  r.created,
  r.status_code,
  r.timed_out,
  r.cancelled,
  r.failed,
  r.same_as,
  coalesce(octet_length(r.content), octet_length(r.content_bytes)) as body_bytes
from net._http_response r
-- A second relation: what is no plain view of one table cannot be written to.
cross join (select) one;

revoke all on net.monitor_responses from public;
