-- Gives back what leases of bridge $1 hold and the bridge does not (it holds the ids $2): claims whose answer was lost with a
-- connection, and sends that were given up.
-- Index: none; net.lease is as large as what is in flight. Locks: the leases by number; locked ones are skipped.
with mine as materialized (
  select l.number, l.ids
  from net.lease l
  where l.bridge = $1
  order by l.number
  for update skip locked
),
left_over as materialized (
  select
    m.number,
    array(
      select i.id
      from unnest(m.ids) i (id)
      where i.id = any ($2::bigint[])
    ) as ids,
    array(
      select i.id
      from unnest(m.ids) i (id)
      where i.id <> all ($2::bigint[])
    ) as orphans
  from mine m
),
shortened as (
  update net.lease l
  set ids = r.ids
  from left_over r
  where l.number = r.number
    and r.ids <> '{}'
    and r.orphans <> '{}'
),
over as (
  delete from net.lease l
  using left_over r
  where l.number = r.number
    and r.ids = '{}'
),
orphaned as materialized (
  select unnest(r.orphans) as id
  from left_over r
),
left_hosts as (
  delete from net.hop_slot s
  using orphaned o
  where s.id = o.id
)
select o.id
from orphaned o
