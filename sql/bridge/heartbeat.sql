-- Says that replica $1 is there: its name $2, version $3, state $4 and requests in flight $5. Returns how often a restart
-- has been asked for. Index: replicas_pkey.
with seen as (
  insert into net.replicas as r (replica, name, version, state, in_flight)
  values ($1, $2, $3, $4, $5)
  on conflict (replica) do update
  set state = excluded.state,
    in_flight = excluded.in_flight,
    seen = clock_timestamp()
)
select c.restarts
from net.bridge_control c
