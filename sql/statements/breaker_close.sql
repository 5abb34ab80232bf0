-- Closes the breaker of host $1, whose probe was answered, and rings: all may be sent again. Index: hosts_pkey. Locks: the
-- row.
with closed as (
  update net.hosts h
  set broken_until = null,
    openings = 0
  where h.host = $1
    and h.broken_until is not null
  returning h.host
)
select c.host, pg_notify('pgnetty', '') as rung
from closed c
