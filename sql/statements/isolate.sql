-- Gives request $1, of lease $2 of bridge $3, a lease of its own, so that its write-back, which may be held up, holds up nobody's extension
-- and write-back. Returns the number; nothing where it is the only one of its lease, or its lease is lost.
-- Index: lease_pkey. Locks: the lease.
with fence as materialized (
  select l.number, l.bridge, l.host, l.role, l.until, array_remove(l.ids, $1::bigint) as ids
  from net.lease l
  where l.number = $2::bigint
    and l.bridge = $3::uuid
    and $1::bigint = any (l.ids)
    and cardinality(l.ids) > 1
  for update
),
shortened as (
  update net.lease l
  set ids = f.ids
  from fence f
  where l.number = f.number
)
insert into net.lease (bridge, host, role, until, ids)
select f.bridge, f.host, f.role, f.until, array[$1::bigint]
from fence f
returning number
