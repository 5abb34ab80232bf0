-- API: owner
-- Sets the rule for each host of a pattern, over all bridges together. The narrowest pattern that names a host counts; what
-- it leaves null is as the rule for '*' says, and then as net.effective_host_rule says. Every claim reads it, so it holds as soon
-- as it is committed. Granted to nobody: the owner's.
create or replace function net.set_host_rule(
  -- A host, *.example.com, or *, each with :port if wanted.
  host_pattern text,
  -- Requests in flight at most: 64.
  max_in_flight integer default null,
  -- Requests a second at most; may be less than one. 'infinity', for no limit.
  per_second double precision default null,
  -- The share of failures at which the circuit breaker opens: above 0, up to 1; 'infinity' for never. 0.5. Failures are requests without
  -- an answer; and 502, 503 and 504, once a host has given nothing else for 5 s.
  break_failure_rate double precision default null,
  -- Among how many requests at the end, 1 to 1000: 20.
  break_min_requests integer default null,
  -- Until a request goes out as a probe: 1 s; twice as long each time that one fails, up to eight times as long.
  break_for interval default null
)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  problem constant text := case
    when host_pattern is null then 'host_pattern must not be null: ''*'' means all'
    when max_in_flight < 1 then format('max_in_flight must be at least 1, not %s: use net.pause to stop sending to a host', max_in_flight)
    when max_in_flight > 1000000 then format('max_in_flight must be at most 1000000, not %s', max_in_flight)
    when per_second = 'NaN' or per_second <= 0 then
      format('per_second must be above 0, not %s: use net.pause to stop sending to a host', per_second)
    when per_second > 1000000 and per_second <> 'infinity' then
      format('per_second must be at most 1000000, or infinity, not %s', per_second)
    when per_second < 0.0001 then 'per_second must be at least 0.0001 (about nine per day)'
    when break_failure_rate = 'NaN' or break_failure_rate <= 0
      or break_failure_rate > 1 and break_failure_rate <> 'infinity'
    then format('break_failure_rate must be above 0 and up to 1, or infinity, not %s', break_failure_rate)
    when break_min_requests not between 1 and 1000 then
      format('break_min_requests must be from 1 to 1000, not %s', break_min_requests)
    when break_for not between interval '10 milliseconds' and interval '1 hour' then
      format('break_for must be from 10 ms to 1 h, not %s', break_for)
  end;
  pattern text;
begin
  if problem is not null then
    raise exception using errcode = 'invalid_parameter_value', message = problem;
  end if;
  pattern := net.host_pattern(host_pattern);
  insert into net.host_rule as r (
    host_pattern, max_in_flight, per_second, break_failure_rate, break_min_requests, break_for, set_by
  )
  values (
    pattern, max_in_flight, per_second, break_failure_rate, break_min_requests, break_for, net.caller()
  )
  on conflict on constraint host_rule_pkey do update
  set max_in_flight = excluded.max_in_flight,
    per_second = excluded.per_second,
    break_failure_rate = excluded.break_failure_rate,
    break_min_requests = excluded.break_min_requests,
    break_for = excluded.break_for,
    set_by = excluded.set_by,
    since = clock_timestamp();
  -- There may be more slots now, and the bridges know what a circuit breaker's rule says.
  perform pg_notify('pgnetty', 'control');
end
$$;
