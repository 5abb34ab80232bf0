-- API: helper
-- The status of a request that is still in the queue.
create or replace function net.request_status(state text, in_flight boolean, failures integer, due_at timestamptz, blocked boolean)
returns text
language sql
volatile
return case
  when state = 'parked' then 'failed'
  when in_flight then 'in_flight'
  when blocked or state = 'behind' then 'blocked'
  when failures > 0 then 'retrying'
  when due_at > pg_catalog.clock_timestamp() then 'scheduled'
  else 'queued'
end;
