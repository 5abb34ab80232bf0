-- When the circuit breakers of hosts open, for each pattern that has a rule. net.host_rule has one row per rule, and is read whole.
select
  r.host_pattern,
  r.break_failure_rate,
  r.break_min_requests,
  extract(epoch from r.break_for)::double precision as break_seconds
from net.effective_host_rule r
