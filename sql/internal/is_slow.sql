-- API: private
-- Whether a request may run for long, by its time-out: not all slots are given to such requests (net.open_lines).
create or replace function net.is_slow(timeout_milliseconds integer)
returns boolean
language sql
immutable
parallel safe
return timeout_milliseconds operator(pg_catalog.>) 10000;
