-- Closes the circuit breaker of host $1, whose probe was answered, and notifies: its requests may be sent again. Index: hosts_pkey. Locks: the
-- row.
with closed as (
  update net.hosts h
  set breaker_open_until = null,
    openings = 0
  where h.host = $1
    and h.breaker_open_until is not null
  returning h.host
)
select c.host, pg_notify('pgnetty', '') as rung
from closed c
