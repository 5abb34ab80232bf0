-- The requests that wait, of all roles, without what they send: no URL, header, body or error text. For --monitor and for status. It
-- runs as its owner, whom row-level security does not hold up.
create or replace view net.monitor_queue as
select
  q.id,
  q.method,
  q.host,
  q.queued_by,
  q.created,
  q.state,
  q.due_at,
  q.priority,
  q.rank,
  q.attempt,
  q.failures,
  q.max_attempts,
  q.timeout_milliseconds,
  octet_length(q.body) as body_bytes
from net.http_request_queue q
-- A second relation: what is no plain view of one table cannot be written to.
cross join (select) one;

revoke all on net.monitor_queue from public;
