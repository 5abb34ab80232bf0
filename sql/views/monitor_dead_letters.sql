-- The dead letters, of all roles, without what they would send: no URL, header, body or error text. For --monitor and for status.
-- It runs as its owner, whom row-level security does not hold up.
create or replace view net.monitor_dead_letters as
select
  d.id,
  d.method,
  d.host,
  d.queued_by,
  d.created,
  d.died,
  d.status_code,
  d.failures,
  d.max_attempts,
  octet_length(d.body) as body_bytes
from net.dead_letter d
-- A second relation: what is no plain view of one table cannot be written to.
cross join (select) one;

revoke all on net.monitor_dead_letters from public;
