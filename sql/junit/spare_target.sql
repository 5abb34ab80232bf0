-- Keeps the circuit breaker of target $1 closed: failures of one test would hold up requests of the next. Index: host_rule_pkey.
select net.set_host_rule($1, break_failure_rate => 'infinity')::text
