-- What each rule of net.host_rule comes to: what it leaves null is as the rule for '*' says, and what that leaves null is the
-- default, which is defined here alone. The rule of a host is the one of its narrowest pattern: net.rule_of.
create or replace view net.effective_host_rule as
select
  r.host_pattern,
  coalesce(r.max_in_flight, a.max_in_flight, d.max_in_flight) as max_in_flight,
  coalesce(r.per_second, a.per_second, d.per_second) as per_second,
  coalesce(r.break_failure_rate, a.break_failure_rate, d.break_failure_rate) as break_failure_rate,
  coalesce(r.break_min_requests, a.break_min_requests, d.break_min_requests) as break_min_requests,
  coalesce(r.break_for, a.break_for, d.break_for) as break_for
from net.host_rule r
join net.host_rule a on a.host_pattern = '*'
cross join (
  values (64, double precision 'infinity', double precision '0.5', 20, interval '1 second')
) d (max_in_flight, per_second, break_failure_rate, break_min_requests, break_for);

revoke all on net.effective_host_rule from public;
