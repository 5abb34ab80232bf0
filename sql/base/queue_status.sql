-- API: helper
-- The status of a row that is still in the queue.
create or replace function net.queue_status(
  lease_until timestamptz,
  replica uuid default null,
  failures integer default 0,
  paused boolean default false
)
returns text
language sql
volatile
return case
  when lease_until = 'infinity' then 'failed'
  when replica is not null and lease_until > pg_catalog.clock_timestamp() then 'in_flight'
  when paused then 'blocked'
  when failures > 0 then 'retrying'
  when lease_until > pg_catalog.clock_timestamp() then 'scheduled'
  else 'queued'
end;
