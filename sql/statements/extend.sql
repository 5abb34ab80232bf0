-- Extends by $2 (interval) from now those of the leases $1 that bridge $3 still has. Returns their numbers; of the others, what
-- they held is lost.
-- Index: lease_pkey. Locks: the leases by number; one that is locked is being written back, and is extended a moment later.
with mine as materialized (
  select l.number
  from net.lease l
  where l.number = any ($1::bigint[])
    and l.bridge = $3
  order by l.number
  for no key update skip locked
)
update net.lease l
set until = clock_timestamp() + $2::interval
from mine m
where l.number = m.number
returning l.number
