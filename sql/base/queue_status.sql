-- API: private
-- The status of a row that is still in the queue.
create or replace function net.queue_status(lease_until timestamptz)
returns text
language sql
volatile
return case
  when lease_until = 'infinity' then 'failed'
  when lease_until > pg_catalog.clock_timestamp() then 'in_flight'
  else 'queued'
end;
