-- The attempts that are kept, of all roles, without error texts. For --monitor. It runs as its owner, whom row-level security does
-- not hold up.
create or replace view net.monitor_attempts as
select
  a.id,
  a.attempt,
  a.queued_by,
  a.started,
  a.duration_ms,
  a.status_code,
  a.failure,
  a.bridge
from net.attempts a
-- A second relation: what is no plain view of one table cannot be written to.
cross join (select) one;

revoke all on net.monitor_attempts from public;
